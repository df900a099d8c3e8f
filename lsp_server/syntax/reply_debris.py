"""What no grammar need know to see that it is none: what is left of a reply, or broken off.

Words to the reader, marks of Markdown and of diffs, an operator without its second half, marks that
a language never has. Goes by lines; asked only of lines that an answer changed.
"""

import re

__all__ = ["WORDY", "is_debris"]

_NEVER = {
    "c": rb"[@`]",
    "cpp": rb"[@`]",
    "csharp": rb"`",
    "go": rb"[@#$?]",
    "java": rb"[`#]",
    "rust": rb"`",
    "python": rb"[$`]",
    "lua": rb"[@`$!?]",
    "json": rb"[@`$#%^&*()=|\\;<>?~]",
    "toml": rb"[`$%^&*()|\\;<>?~@!]",
}
"""Marks that the language has nowhere but in texts and comments."""

_QUOTED = re.compile(
    rb"\"\"\".*?\"\"\"|'''.*?'''|`[^`]*`(?=[^`])|/\*.*?\*/"
    rb"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'",
    re.DOTALL,
)
_LINE_COMMENT = {
    **dict.fromkeys(("python", "ruby", "shellscript", "yaml", "toml", "hcl"), rb"#[^\n]*"),
    **dict.fromkeys(
        ("javascript", "typescript", "typescriptreact", "go", "rust", "java", "c", "cpp"),
        rb"//[^\n]*",
    ),
    **dict.fromkeys(("csharp", "json", "kotlin", "scala"), rb"//[^\n]*"),
    "php": rb"(?://|#(?!\[))[^\n]*",
    "lua": rb"--[^\n]*",
}
_MARKUP = frozenset({"html", "markdown", "xml", "vue", "svelte"})
_ANGLED = frozenset({"html", "xml", "vue", "svelte"})
_TAGGED = _MARKUP | {"php", "javascript", "typescriptreact", "typescript"}
_LOOSE = _MARKUP | {"yaml", "shellscript"}
"""Languages in which words stand without marks between them, and marks without words."""

WORDY = frozenset({"python", "ruby", "lua", "shellscript"})
"""Languages whose words do what brackets do in others."""

_BEGINNING = re.compile(
    rb"\s*(?:(?:else|elif|elsif|elseif|except|finally|catch|rescue|ensure|then|end|fi|done|esac|until"
    rb"|and|or)\b|&&|\|\||[=,)\]}]|\.(?![\w.]*\s*[{,:])|[*/%+](?![*/+\w]))"
)
"""How a text begins that goes on with what stands before it. In CSS a dot begins a rule."""
_DECORATED = re.compile(rb"(?:\A|\n)[ \t]*@[\w.]+(?:\([^()]*\))?\s*\Z")
_GROUPED = frozenset({"c", "cpp", "csharp"})
_GROUP = re.compile(rb"^[ \t]*#[ \t]*(if|endif)", re.MULTILINE)
_OPEN = {
    **dict.fromkeys(("python", "toml"), rb"\"\"\"|'''"),
    **dict.fromkeys(
        ("javascript", "typescript", "typescriptreact", "go", "rust", "java", "c", "cpp"), rb"/\*"
    ),
    **dict.fromkeys(("csharp", "php", "css", "kotlin", "scala"), rb"/\*"),
}
"""What opens a text or a comment of several lines."""
_QUOTES_PAIR = frozenset(
    {"python", "toml", "json", "c", "cpp", "csharp", "go", "java", "rust", "css"}
)
_QUOTES_PAIR |= {"javascript", "typescript", "typescriptreact", "lua", "kotlin", "scala"}
"""Languages in which a double quote is half of a text, wherever it stands."""
_BLOCKS = {
    "shellscript": (
        (rb"\bif\b", rb"\bfi\b"),
        (rb"\bcase\b", rb"\besac\b"),
        (rb"\bdo\b", rb"\bdone\b"),
    ),
    "lua": ((rb"\b(?:function|if|do)\b", rb"\bend\b"), (rb"\brepeat\b", rb"\buntil\b")),
    "ruby": (
        (
            rb"(?m)^\s*(?:def(?![^\n]*\)? = )|class|module|if|unless|while|until|for)\b"
            rb"|\b(?:case|begin)\b|\bdo\b(?=[ \t]*(?:\|[^|\n]*\|)?[ \t]*\r?$)",
            rb"\bend\b",
        ),
    ),
}
"""Words that open blocks, and those that close them."""

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


def is_debris(language: str, text: bytes, lines: list[tuple[int, int]]) -> bool:
    """Whether one of `lines` (start and end in `text`) is no line of that language at all."""
    bare = _bare(language, text)
    if _stays_open(language, bare):
        return True
    never = _NEVER.get(language)
    for start, end in lines:
        line = bare[start:end]
        if _MARKS.match(line) or _reads_like_words(language, line):
            return True
        if language not in _TAGGED and (_TAG_ALONE.match(line) or _QUOTE_MARK.match(line)):
            return True
        if never is not None and re.search(never, line):
            return True
        if language not in _LOOSE and _HALF.search(line):
            return True
    return False


def _stays_open(language: str, bare: bytes) -> bool:
    """Whether it goes on with what stands before it, or asks for more behind it."""
    if language not in _MARKUP and (_DANGLING.search(bare) or _DECORATED.search(bare)):
        return True
    if language not in _MARKUP and language != "css" and _BEGINNING.match(bare):
        return True
    if language in _ANGLED and bare.rfind(b"<") > bare.rfind(b">"):
        return True
    if language == "lua" and bare.rstrip().endswith(b".."):
        return True
    if language in _QUOTES_PAIR and bare.count(b'"') % 2:
        return True
    if language in _OPEN and re.search(_OPEN[language], bare):
        return True
    if language in _GROUPED:
        words = _GROUP.findall(bare)
        steps = [1 if word == b"if" else -1 for word in words]
        if sum(steps) or any(sum(steps[:n]) < 0 for n in range(len(steps))):
            return True
    pairs = _BLOCKS.get(language, ())
    return any(len(re.findall(a, bare)) != len(re.findall(b, bare)) for a, b in pairs)


def _bare(language: str, text: bytes) -> bytes:
    """The text with what stands in quotes and comments blanked, each in its length."""
    if language in _MARKUP:
        return text
    comment = _LINE_COMMENT.get(language)
    quoted = _QUOTED.sub(lambda m: m[0][:1] + b" " * (len(m[0]) - 2) + m[0][-1:], text)
    if comment is None:
        return quoted
    return re.sub(comment, lambda m: b" " * len(m[0]), quoted)


def _reads_like_words(language: str, line: bytes) -> bool:
    """Whether the line is a sentence: words, and an end or a beginning as sentences have."""
    words = line.split()
    if language in _LOOSE or len(words) < _FEWEST_WORDS or line.strip()[-1:] in b";{}(),":
        return False
    plain = sum(_WORD.match(word) is not None for word in words)
    begins = words[0][:1].isupper() and not words[0].isupper()
    return plain >= 0.8 * len(words) and (begins or _SENTENCE_END.search(line) is not None)
