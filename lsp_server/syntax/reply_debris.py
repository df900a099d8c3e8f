"""Recognises lines that are no code in any version of a language: debris of a reply.

Words to the reader, marks of Markdown and of diffs, an operator without its second operand, marks
that the language never has. Only for lines that an answer changed.
"""

import re

from lsp_server.syntax.language import Language

__all__ = ["is_debris"]

_QUOTED = re.compile(
    rb"\"\"\".*?\"\"\"|'''.*?'''|`[^`]*`(?=[^`])|/\*.*?\*/"
    rb"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'",
    re.DOTALL,
)
_BEGINNING = re.compile(
    rb"\s*(?:(?:else|elif|elsif|elseif|except|finally|catch|rescue|ensure|then|end|fi|done|esac|until"
    rb"|and|or)\b|&&|\|\||[=,)\]}]|\.(?![\w.]*\s*[{,:])|[*/%+](?![*/+\w]))"
)
"""How a text begins that continues the text before it. In CSS a dot begins a rule."""
_DECORATED = re.compile(rb"(?:\A|\n)[ \t]*@[\w.]+(?:\([^()]*\))?\s*\Z")
_GROUP = re.compile(rb"^[ \t]*#[ \t]*(if|endif)", re.MULTILINE)
_C_COMMENT = ("/*", "*/")
_TRIPLE_QUOTE = re.compile(rb"\"\"\"|'''")

_MARKS = re.compile(rb"\s*(?:```|~~~|\*\*\w|<<<<<<< |=======$|>>>>>>> |@@ |\d+ ?\| )")
_TAG_ALONE = re.compile(rb"\s*</?[A-Za-z][\w-]*>\s*\Z")
_QUOTE_MARK = re.compile(rb"\s*> ?\S")

_BINARY = rb"(?:&&|\|\||==|!=|<=|[-+/%^|]=|(?<![=!<>\[-])=(?![=>])|\|(?!\|))"
_HALF = re.compile(
    _BINARY + rb"[ \t]*[)\];,]"  # Nothing behind it …
    rb"|[(\[][ \t]*(?:==|!=|<=|[-+/%^|]=)"  # … or in front of it.
    rb"|[(\[,=&|][ \t]*[!~][ \t]*[)\];,]"
    rb"|,[ \t]*,|=[ \t]+=|===[ \t]*=="
)
_DANGLING = re.compile(
    rb"(?:&&|(?<!\+)\+|(?<!-)-|(?<!\.)\.|[*%^|&=<,(\[{]|\b(?:and|or|not|new|in))\s*\Z"
)

_WORD = re.compile(rb"[A-Za-z\x80-\xff][A-Za-z'\x80-\xff-]*[.,:!?]*\Z")
_SENTENCE_END = re.compile(rb"[a-z\x80-\xff]{2}[.!?]\s*\Z")
_FEWEST_WORDS = 3


def is_debris(language: Language, text: bytes, lines: list[tuple[int, int]]) -> bool:
    """Whether one of `lines` (start and end in `text`, in bytes) is no line of that language."""
    rules = language.text
    bare = _bare(language, text)
    if _stays_open(language, bare):
        return True
    for start, end in lines:
        line = bare[start:end]
        if _MARKS.match(line) or (not rules.free_words and _reads_like_words(line)):
            return True
        if not rules.lone_tags and (_TAG_ALONE.match(line) or _QUOTE_MARK.match(line)):
            return True
        if rules.never and re.search(rules.never, line):
            return True
        if not rules.free_words and _HALF.search(line):
            return True
    return False


def _stays_open(language: Language, bare: bytes) -> bool:
    """Whether the text continues the text before it, or needs more after it."""
    rules = language.text
    if not rules.markup:
        if _DANGLING.search(bare) or _DECORATED.search(bare):
            return True
        if not rules.leading_mark and _BEGINNING.match(bare):
            return True
    if rules.angled and bare.rfind(b"<") > bare.rfind(b">"):
        return True
    if rules.dangling and bare.rstrip().endswith(rules.dangling):
        return True
    if rules.quotes_pair and bare.count(b'"') % 2:
        return True
    if _C_COMMENT in language.block_comments and b"/*" in bare:
        return True
    if rules.triple_quotes and _TRIPLE_QUOTE.search(bare):
        return True
    if rules.conditional_groups and _splits_a_group(bare):
        return True
    return any(len(re.findall(a, bare)) != len(re.findall(b, bare)) for a, b in rules.blocks)


def _splits_a_group(bare: bytes) -> bool:
    """Whether an `#if` has no `#endif` here, or the other way round."""
    open_groups = 0
    for word in _GROUP.findall(bare):
        open_groups += 1 if word == b"if" else -1
        if open_groups < 0:
            return True
    return open_groups > 0


def _bare(language: Language, text: bytes) -> bytes:
    """The text with quotes and comments blanked, in the same length."""
    if language.text.markup:
        return text
    quoted = _QUOTED.sub(lambda m: m[0][:1] + b" " * (len(m[0]) - 2) + m[0][-1:], text)
    comment = language.text.comment or b"|".join(
        re.escape(mark.encode()) + rb"[^\n]*" for mark in language.line_comments
    )
    return re.sub(comment, lambda m: b" " * len(m[0]), quoted) if comment else quoted


def _reads_like_words(line: bytes) -> bool:
    """Whether the line is a sentence: words, and an end or a beginning as sentences have."""
    words = line.split()
    if len(words) < _FEWEST_WORDS or line.strip()[-1:] in b";{}(),":
        return False
    plain = sum(_WORD.match(word) is not None for word in words)
    begins = words[0][:1].isupper() and not words[0].isupper()
    return plain >= 0.8 * len(words) and (begins or _SENTENCE_END.search(line) is not None)
