"""Tells whether a line is a placeholder: does it stand for code that the model did not repeat?

A placeholder takes up a complete line: a comment in any style, or bare dots. People write comments
with the same words, so there are three degrees:

- The line *says* so if its words leave no doubt: dots first and a word for omitted code
  (`# ... rest of the code ...`), or a subject and its state (`# rest of the function unchanged`).
- The line *hints* at it if it could also be a comment: `// ...`, `// no change`,
  `# other cases...`. Its neighbours then have to prove it.
- The line *may* be a placeholder if it is a comment in an unknown natural language, or with other
  words. Only its position tells.

A comment that contains anything but words is an ordinary one. So is an English sentence with
another beginning. Knows the line only, not the original.
"""

import re
from collections.abc import Sequence
from enum import Enum, auto
from unicodedata import combining

from lsp_server.edit.reply.omission_words import hints_at_left_out, says_left_out

# The longest line that is taken for a placeholder, in code points.
LONGEST_PLACEHOLDER = 160
_MOST_WORDS = 14

# What opens a comment, longer before shorter, and what may close it.
_COMMENTS = (
    ("{/*", "*/}"),
    ("<!--", "-->"),
    ("<%--", "--%>"),
    ("/**", "*/"),
    ("/*", "*/"),
    ("//", ""),
    ("--[[", "]]"),
    ("--", ""),
    ("(*", "*)"),
    ("{-", "-}"),
    ("{#", "#}"),
    ("#", ""),
    (";", ""),
    ("%", ""),
    ('"', ""),
    ("'", ""),
    ("rem ", ""),
)
_CLOSING = "".join(sorted(set("".join(closer for _, closer in _COMMENTS))))
_DOTS = ("...", "…")
_BRACKETS = {"(": ")", "[": "]", "<": ">"}
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_PUNCTUATION = frozenset(" \t.,:;!…()[]<>/'’-–—&，。、；：！（）【】「」～~·《》")
# The beginning of a string or of documentation, which is no comment of any words.
_NO_COMMENTS = ('"', "'", "///", "//!", "/**", "##", "#!", "rem ")

# After leading dots, one of these says that code was omitted.
_SURE_HINTS = frozenset(
    {
        *("rest", "remaining", "remainder", "existing", "unchanged", "omitted", "elided"),
        *("truncated", "snip", "snipped", "skipped", "untouched", "unmodified", "identical"),
        "as-is",
    }
)
# With dots at either end, one of these hints at it.
_HINTS = _SURE_HINTS | {
    *("same", "previous", "original", "other", "others", "before", "above", "below", "code"),
    *("implementation", "continue", "continues", "keep", "kept"),
}
_SUBJECTS = frozenset(
    {"rest", "remaining", "remainder", "existing", "other", "previous", "original", "code"}
)
# Without dots, one of these at the end says it, if a subject comes first.
_STATE = re.compile(
    r"\b(unchanged|unmodified|untouched|omitted|elided|as-is"
    r"|(remains?|stays?|is|are|kept) (exactly )?(the )?(same|identical)( as (before|above))?"
    r"|(remains?|stays?|kept) (as is|as before|here))$"
)
_HERE = re.compile(r"\b(code|implementation|logic|methods?|functions?|body|content) (goes )?here$")
# Without dots and other words, these hint at it.
_PHRASES = frozenset(
    {
        "unchanged",
        "no change",
        "no changes",
        "same as before",
        "same as above",
        "existing code",
        "existing implementation",
        "rest of code",
        "rest of the code",
        "rest of file",
        "rest of the file",
        "rest of function",
        "rest of the function",
        "rest of the class",
        "rest of the method",
        "remaining code",
        "snip",
        "omitted",
    }
)
_ARTICLES = frozenset({"the", "all", "your", "and"})

# Most English sentences have one of these, and few other languages have such a word.
_ENGLISH = frozenset(
    {
        *("the", "this", "that", "these", "those", "are", "were", "been", "have", "had", "with"),
        *("when", "from", "not", "and", "it", "its", "only", "should", "must", "now", "here"),
        *("there", "already", "each", "every", "because", "for", "of", "longer", "need", "needs"),
        *("needed", "don't", "doesn't", "removed", "moved", "added", "new", "used", "uses", "use"),
        *("using", "instead", "always", "never", "you", "they", "them", "their", "what", "which"),
        *("where", "while", "whether", "would", "could", "can", "might", "will", "does", "did"),
        *("up", "out", "into", "over", "than", "just", "still", "once", "after", "between"),
        *("without", "within", "until", "since", "some", "any", "both", "one", "two", "three"),
        *("more", "most", "many", "first", "get", "check", "return", "call", "handle", "load"),
        *("read", "write", "make", "find", "wait", "run", "create", "delete", "skip", "ignore"),
        *("build", "parse", "convert", "ensure", "avoid", "if", "value", "values", "way"),
    }
)
_FIRST_WORDS = _SUBJECTS | _ARTICLES | _HINTS | {phrase.split()[0] for phrase in _PHRASES}
# A sentence in an unknown language has at least this many words, or letters outside of ASCII.
_SENTENCE = 3


class Degree(Enum):
    """How clearly a line stands for other lines."""

    MAY = auto()
    HINTS = auto()
    SAYS = auto()


def degree_of(line: str) -> Degree | None:
    """How clearly the complete line stands for omitted lines; None if not. Bare dots say so."""
    text = line.strip()
    if not text or len(line) > LONGEST_PLACEHOLDER:
        return None
    content = _comment_content(text)
    if content is not None:
        degree = _degree(_unwrap(content))
        return degree or (Degree.MAY if _may_stand(text, _unwrap(content)) else None)
    # Outside of a comment the dots have to come first: `... rest unchanged ...`.
    content = _unwrap(text)
    if content in _DOTS:
        return Degree.SAYS
    return _degree(content) if content.startswith(tuple(f"{dots} " for dots in _DOTS)) else None


def is_placeholder(line: str) -> bool:
    """Whether the words of the complete line say, or hint, that it stands for omitted lines."""
    return degree_of(line) in (Degree.HINTS, Degree.SAYS)


def is_marked(line: str) -> bool:
    """Whether dots or brackets mark the line as more than a sentence."""
    content = comment_of(line)
    return any(dots in line for dots in _DOTS) or _unwrap(content) != content


def comment_of(line: str) -> str:
    """The text of the line's comment, else the line; without white space at its ends."""
    return _comment_content(line.strip()) or line.strip()


def is_foreign(line: str) -> bool:
    """Whether the line is marked as a placeholder, or is a sentence that is not English."""
    words = _WORD.findall(comment_of(line))
    long = len(words) >= _SENTENCE or not line.isascii()
    return is_marked(line) or (long and _ENGLISH.isdisjoint(map(str.lower, words)))


def is_bare_dots(line: str) -> bool:
    """Whether the line has nothing but dots, which are code in some languages."""
    return _unwrap(line.strip()) in _DOTS


def may_be_placeholder(beginning: str) -> bool:
    """Whether a line with this beginning could still become a placeholder."""
    if len(beginning) > LONGEST_PLACEHOLDER:
        return False
    text = beginning.strip()
    if not text:
        return True
    lowered = text.lower()
    if any(opener.startswith(lowered) for opener, _ in _COMMENTS):
        return True
    content = _after_opener(text)
    if content is None:
        return _may_be_dots(text.lstrip("([<"))
    # More of the same opener may come: `##`, `;;`, `///`.
    content = content.lstrip("([<").lstrip()
    if not content or _may_be_dots(content):
        return True
    if _is_odd(content.rstrip(_CLOSING)):
        return False
    words = _WORD.findall(content)
    may_go_on = not beginning[-1].isspace() and (content[-1].isalnum() or content[-1] in "'’-")
    return not _is_english(words[:-1] if may_go_on else words)


def may_be_comment(beginning: str) -> bool:
    """Whether a line with this beginning could become a comment of words."""
    content = _after_opener(beginning)
    short = len(beginning) <= LONGEST_PLACEHOLDER
    return short and content is not None and not _is_odd(content.rstrip(_CLOSING))


def _may_be_dots(text: str) -> bool:
    return any(dots.startswith(text) or text.startswith(dots) for dots in _DOTS)


def _after_opener(text: str) -> str | None:
    """The text after the comment's opener; None if the line is no comment."""
    lowered = text.lower()
    for opener, _ in _COMMENTS:
        if lowered.startswith(opener):
            return text[len(opener) :].lstrip(opener[-1]).strip()
    return None


def _comment_content(text: str) -> str | None:
    """The text of a comment that takes up all of `text`; None if there is no such comment."""
    content = _after_opener(text)
    if content is None:
        return None
    lowered = text.lower()
    closer = next(closer for opener, closer in _COMMENTS if lowered.startswith(opener))
    if closer and not content.endswith(closer):
        return None
    # A quote opens a comment in Vim script and Basic. Elsewhere another quote closes the string.
    if text[0] in "\"'" and text[0] in content:
        return None
    return content.removesuffix(closer).rstrip()


def _unwrap(text: str) -> str:
    """`text` without one pair of brackets around all of it."""
    closing = _BRACKETS.get(text[:1])
    return text[1:-1].strip() if closing and text.endswith(closing) and len(text) > 1 else text


def _degree(content: str) -> Degree | None:
    """How clearly a comment's text says that code was omitted."""
    words = [word.lower() for word in _WORD.findall(content)]
    leads = content.startswith(_DOTS)
    dotted = leads or content.endswith(_DOTS)
    if not words:
        return Degree.HINTS if dotted and not content.strip(". …") else None
    if _is_odd(content) or "()" in content or len(words) > _MOST_WORDS:
        return None
    if not leads and _is_english(words):
        return None
    if says_left_out(content, dotted=dotted):
        return Degree.SAYS
    if leads and not _SURE_HINTS.isdisjoint(words):
        return Degree.SAYS
    while words and words[0] in _ARTICLES:
        words = words[1:]
    sentence = " ".join(words)
    if words and words[0] in _SUBJECTS:
        if _STATE.search(sentence) or (dotted and words[0] in _SURE_HINTS):
            return Degree.SAYS
        if _HERE.search(sentence):
            return Degree.HINTS
    hints = sentence in _PHRASES or (dotted and not _HINTS.isdisjoint(words))
    return Degree.HINTS if hints or hints_at_left_out(content) else None


def _is_english(words: Sequence[str]) -> bool:
    """Whether these words are an English sentence that does not begin like a placeholder."""
    lowered = [word.lower() for word in words]
    return lowered[:1] != [] and lowered[0] not in _FIRST_WORDS and not _ENGLISH.isdisjoint(lowered)


def _is_odd(content: str) -> bool:
    """Whether the text contains anything but words."""
    return any(not (c.isalnum() or c in _PUNCTUATION or combining(c)) for c in content)


def _may_stand(text: str, content: str) -> bool:
    """Whether a comment of any words could stand for lines, judged by its own line."""
    if text.startswith(_NO_COMMENTS) or _is_odd(content) or "()" in content:
        return False
    words = _WORD.findall(content)
    letters = sum(c.isalpha() for c in content)
    asks = any(word.upper() == word for word in words[:1] if word.isascii())
    return letters > 1 and not asks and len(words) <= _MOST_WORDS and not content.endswith(":")
