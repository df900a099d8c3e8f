"""Tells whether a line stands for code that the model did not repeat.

A placeholder is a whole line: a comment in any style, or bare dots. With dots at an end
(`# ... rest of the code ...`, `// ...`) one word about repetition is enough; without dots the
words themselves have to say it (`# rest of the function unchanged`). A comment with anything in
it but words is an ordinary one. Knows the line only, not the original.
"""

import re

# The longest line that is taken for a placeholder, in code points.
LONGEST_PLACEHOLDER = 160
_MOST_WORDS = 14

# What a comment opens with, longer before shorter, and what may close it.
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
_DOTS = ("...", "…")
_BRACKETS = {"(": ")", "[": "]", "<": ">"}
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_PUNCTUATION = frozenset(" \t.,:;!…()[]<>/'’-–—&")

# With dots: one of these is enough.
_HINTS = frozenset(
    {
        "rest",
        "remaining",
        "remainder",
        "existing",
        "unchanged",
        "same",
        "previous",
        "original",
        "other",
        "others",
        "omitted",
        "elided",
        "truncated",
        "snip",
        "snipped",
        "skipped",
        "untouched",
        "unmodified",
        "before",
        "above",
        "below",
        "code",
        "implementation",
        "continue",
        "continues",
        "identical",
        "keep",
        "kept",
        "as-is",
    }
)
# Without dots: one of the first, and one of the second.
_SUBJECTS = frozenset(
    {"rest", "remaining", "remainder", "existing", "other", "previous", "original", "code"}
)
_STATES = frozenset(
    {
        "unchanged",
        "same",
        "identical",
        "unmodified",
        "untouched",
        "omitted",
        "elided",
        "remains",
        "remain",
        "stays",
        "stay",
        "kept",
        "as-is",
        "here",
        "before",
    }
)
# Without dots and alone: these are enough as they stand.
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
_FIRST_WORDS = _SUBJECTS | _ARTICLES | _STATES | _HINTS | {phrase.split()[0] for phrase in _PHRASES}


def is_placeholder(line: str) -> bool:
    """Whether the complete line stands for lines left out; bare dots count."""
    text = line.strip()
    if not text or len(line) > LONGEST_PLACEHOLDER:
        return False
    content = _comment_content(text)
    if content is None:
        # Without a comment around them the dots have to lead: `... rest unchanged ...`.
        content = _unwrap(text)
        return content in _DOTS or (
            content.startswith(tuple(f"{dots} " for dots in _DOTS)) and _says_so(content)
        )
    return _says_so(_unwrap(content))


def is_bare_dots(line: str) -> bool:
    """Whether the line is nothing but dots, which some languages hold as code."""
    return _unwrap(line.strip()) in _DOTS


def may_be_placeholder(beginning: str) -> bool:
    """Whether a line that begins so could still become a placeholder."""
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
    first = _WORD.match(content)
    if first is None:
        return False
    word = first.group().lower()
    if first.end() < len(content):
        return word in _FIRST_WORDS
    return any(known.startswith(word) for known in _FIRST_WORDS)


def _may_be_dots(text: str) -> bool:
    return any(dots.startswith(text) or text.startswith(dots) for dots in _DOTS)


def _after_opener(text: str) -> str | None:
    """What follows the comment's opener; None if the line is no comment."""
    lowered = text.lower()
    for opener, _ in _COMMENTS:
        if lowered.startswith(opener):
            return text[len(opener) :].lstrip(opener[-1]).strip()
    return None


def _comment_content(text: str) -> str | None:
    """The text of the comment that `text` is; None if it is no comment, or not only one."""
    content = _after_opener(text)
    if content is None:
        return None
    lowered = text.lower()
    closer = next(closer for opener, closer in _COMMENTS if lowered.startswith(opener))
    if closer and not content.endswith(closer):
        return None
    # A quote opens a comment in Vim script and Basic; elsewhere another one closes the string.
    if text[0] in "\"'" and text[0] in content:
        return None
    return content.removesuffix(closer).rstrip()


def _unwrap(text: str) -> str:
    """`text` without one pair of brackets around all of it."""
    closing = _BRACKETS.get(text[:1])
    return text[1:-1].strip() if closing and text.endswith(closing) and len(text) > 1 else text


def _says_so(content: str) -> bool:
    """Whether a comment's text says that something is left out."""
    words = [word.lower() for word in _WORD.findall(content)]
    dotted = content.startswith(_DOTS) or content.endswith(_DOTS)
    if not words:
        return dotted and not content.strip(". …")
    odd = any(not (c.isalnum() or c in _PUNCTUATION) for c in content)
    if odd or "()" in content or len(words) > _MOST_WORDS:
        return False
    if dotted:
        return not _HINTS.isdisjoint(words)
    while words and words[0] in _ARTICLES:
        words = words[1:]
    if " ".join(words) in _PHRASES:
        return True
    return (
        bool(words)
        and words[0] in _FIRST_WORDS
        and not (_SUBJECTS.isdisjoint(words) or _STATES.isdisjoint(words))
    )
