"""Finds values assigned to something with a telling name, in any syntax that assigns values.

The name decides how much the value itself must show. A *password* may have what a person chose; a
*token* or an *api key* has something random; what is only a *key* must have something that can be
nothing else. Knows nothing of files and languages: `name = "…"`, `"name": "…"`, `f("name", "…")`,
and `name: NAME` with `value: …` in the next line are all treated alike.
"""

import re
from collections.abc import Iterator

from lsp_server.guard.pattern_search import Folded
from lsp_server.guard.telling_names import ANCHORS, Trust, trust_in_code
from lsp_server.guard.value_shapes import (
    is_slug,
    looks_chosen,
    looks_drawn,
    looks_keyed,
    looks_lettered,
    looks_random,
)
from lsp_server.text.span import Span

_STRING = (
    r"[bBrRuUfFL@$]{0,2}(?:[\"'](?P<s0>[\w+/=.-]{600,20000}+)[\"']|\"{3}"
    r"(?P<s1>[^\"\r\n]{4,600}+)\"{3}|'{3}(?P<s2>[^'\r\n]{4,600}+)'{3}"
    r"|\\{1,3}[\"'](?P<s3>[^\"'\\\r\n]{4,600}+)\\{1,3}[\"']|\"(?P<s4>(?:[^\"\\\r\n]"
    r"|\\[^\r\n]){4,600}+)\""
    r"|'(?P<s5>(?:[^'\\\r\n]|\\[^\r\n]){4,600}+)'|`(?P<s6>[^`\\\r\n]{4,600}+)`)"
)
"""A string of most languages, on one line. Its text is the last group that matches."""
_BARE = (
    r"(?P<bare>[^\s\"'`;&,(){}\[\]<>$#|][^\s\"'`;&,(){}\[\]<>$]{3,2000}+)"
    r"(?=[\"'`;&,)}<\s]|\Z|\\[nr\"'])"
)
_ENDED = re.compile(r"[\"'`;&,)}<]|[ \t]*(?:[\r\n]|\Z)|[ \t]{1,9}#|[ \t]\w{2,20}=|\\[nr\"']")
"""What ends a value without quotes where the line goes on in code."""
_LINE = r"(?P<line>[^\s\"'`=<>$\[{(][^\s]{3,2000}+)(?=[ \t]*(?:[\r\n]|\Z)|[ \t]{1,9}[#;])"
_WRAPPER = re.compile(
    r"(?i)(?:\A|[\w.: ]*?(?:\b|_|::|\.|new ))(?:secret(?:str|string|box|value)?|securestring"
    r"|sensitivestring|password|from"
    r"|(?:url_?safe_)?b(?:ase)?64_?decode|decode_?(?:base64|string|hex)?|unhexlify|fromhex|some"
    r"|ok|of|qstring|_t|text"
    r"|nsstring|string(?:_view)?|bytes|bytearray|str|cstring|encode|new|from_str|to_string"
    r"|\[\](?:byte|rune)|utf8|sha256"
    r"|getbytes|chararrayof|secretkey|key|literal|raw)\Z"
)
"""Calls that turn a literal into a value. The literal is then the value of the name."""
_VALUE = re.compile(
    rf"\s{{0,20}}(?:\(\s{{1,40}}(?=[bru]?[\"'])|\\\r?\n[ \t]{{0,40}}(?=[bru]?[\"']))?(?:"
    rf"(?P<call>(?:new\s{{1,5}})?[\w.:\[\]]{{1,60}}+)\s{{0,5}}\(\s{{0,20}}"
    rf"(?=[bBrRuUfFL@$]{{0,2}}[\"'`]))?"
    rf"(?:[\w.$?]{{1,60}}+(?:[(\[][\w.\"']{{0,60}}[)\]])?\s{{0,5}}(?:\|\||\?\?|\?:|or\b)\s{{0,5}})?"
    rf"(?:{_STRING}|{_BARE})"
)
_CLOSES = r"(?P<closer>\\{0,3}[\"'`]{1,3})?[\])}]{0,2}(?:\[[\w\"']{0,30}\])?"
_TYPED = (
    r"(?::\s{0,5}[&'A-Za-z_][\w.:&<>|' \[\]?]{0,60}?(?==[^=>])"
    r"|(?i:as[ \t]{1,5})?[A-Za-z*][A-Za-z0-9.*]{1,30}[ \t]{1,5}(?==[^=>]))?"
)
_SIGN = re.compile(
    rf"(?P<tail>[\w-]{{0,48}}+){_CLOSES}(?:[ \t]\d{{1,2}}(?=:))?[ \t]{{0,20}}+{_TYPED}(?P<sign>=>"
    rf"|:=|={{1,3}}|!={{1,2}}|\?\?=?|\|\|=?|\?:|:-"
    r"|,\s{0,40}(?:\\{0,3}[\"'])?(?i:parameter_?)?[vV](?i:alue)(?:\\{0,3}[\"'])?\s{0,5}(?:=>"
    r"|[:=])|,\s{0,20}default(?:_value)?\s{0,3}[=:]"
    r"|\s{0,20}(?:\\{0,3}[\"'])?(?i:parameter_?)?[vV](?i:alue)(?:\\{0,3}[\"'])?\s{0,5}(?:=>|[:=])"
    r"|/?>\s{0,20}(?:<value>)?|</\w{1,20}>\s{0,40}<(?:string|value|data)>|->|<-|<<<|[:,(]"
    r"|\|(?=\s)|(?<=[ \t])\w[\w:-]{0,30}=[^<>\r\n]{1,120}>"
    r"|\{\s?get;[^{}\"]{0,60}\}\s{0,5}="
    r"|\{[^{}]{0,600}?\bdefault\s{0,20}="
    r"|(?:\.\w{2,20}\([\w|{}() ]{0,20}\)){0,2}\.(?:assign|put|set|value|send_?[kK]eys|fill|type"
    r"|set_?[vV]alue|unwrap_or|unwrap_or_else|orElse|getOrElse|or_else)\((?:\|_?\|\s?)?"
    r"|(?:or|default|to|is)(?=\s)|(?=[\"'])"
    r"|(?<=[ \t])(?=[^\s=:.,(][^\s=:]{4,99}[ \t]*(?:[\r\n]|\Z)))"
)
_LINED = re.compile(
    rf"(?P<tail>[\w.-]{{0,48}}+)[ \t]{{0,20}}(?P<sign>=|:(?=[ \t]))[ \t]{{0,20}}{_LINE}"
)
_PAIR = re.compile(r"\w=[^\s,;]{1,100}[ \t]{1,3}\Z")
"""Pairs separated by spaces, as libpq reads them."""
_CONFIGURED = re.compile(
    r"(?:\A|--?[\w-]{2,30}[= ][\"']?|[\r\n;?&\"'`{(]|(?<![\w-])--?D?)[ \t]{0,40}(?:(?:export|set"
    r"|ENV|ARG|-|-[eD])[ \t]+|\$env:|\$)?[\w.\[-]*\Z"
)
"""What comes before the name of a value without quotes, as in .env, YAML or a connection string."""
_AT_START = re.compile(
    r"(?:\A|[\r\n])[ \t]{0,80}(?:(?:export|set|-|readonly|local|declare)[ \t]+)?[\w.-]*\Z"
)
_DECLARED = re.compile(
    r"(?:\A|[\r\n;{(])[ \t]{0,80}(?:(?:#[ \t]{0,4}define|[#:-]|//|export|set|const|let|var|my"
    r"|our)[ \t]{0,9})?\Z"
)
"""What comes before a name that a space separates from its value."""
_IN_PROSE = re.compile(r"(?:\A|\s)[\w.:-]*\Z")
"""After a colon, also in prose: `log in with password: …`."""
_OPTION = re.compile(
    r"--?(?P<name>[\w.-]{2,60}+)(?:=|[ \t]{1,3})(?:[\w.-]{1,40}=)?\\{0,3}[\"']?(?!(?:pass|env"
    r"|file|fd):)(?P<secret>[^\s\"'`$<\[({;|&\\-][^\s\"'`;|&\\]{4,300})"
)
_CHAINED = re.compile(r"(?P<name>[\w.-]{1,60}+)=(?=[^\s=\"'`;&,])")
_ENTRY = re.compile(r"(?m)^[ \t]{0,40}\[[\w. :\"-]{1,60}\][ \t]{0,40}\r?$")
_IN_FILE = re.compile(r"[ \t]*(?:[#;].*|[\w.-]+[ \t]*=.*|)\Z")
_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-$"
_MOST_BEFORE = 100
_LEAST = {Trust.KEY: 20, Trust.PIN: 4, Trust.TOKEN: 8, Trust.SECRET: 6, Trust.PASSWORD: 4}
_MOST_JUDGED = 400
"""Code points of a value that are examined. A secret is random from its first ones on."""
_LEAST_BARE = 16
_LEAST_TIGHT = 6
"""Code points of a value after an equals sign without spaces, anywhere."""
_NEEDS_QUOTES = frozenset(
    ["", "(", ",", "|", "or", "is", "to", "default", "!=", "!==", "==", "==="]
)
"""Signs that assign or compare a value only in code, where a value without quotes is a name."""
_SIGNS = re.compile(r"[^\w ]|_")
_ESCAPE = re.compile(r"\\[nrt]")
_SETS = re.compile(
    r"(?i)(?:\b(?:put|set_?property|set_?env|put_?env|get_?env|env|environ\.get|fetch"
    r"|define|set_?default)\(\s{0,20}"
    r"|\{)[\"'`]?\Z"
)
"""Calls whose second argument is the value of the name in the first."""
_DEFINES = re.compile(r"(?i)\bdefine\(\s{0,20}[\"'`]\Z")
"""The only one of them with no other meaning: PHP's."""
_ENCODING = re.compile(
    r"(?i)(?:x-)?(?:utf[-_]?(?:8|16|32)(?:[-_]?(?:sig|mb4|[bl]e))?|latin[-_]?\d{1,2}|"
    r"(?:us-)?ascii|ansi"
    r"|iso[-_]?8859[-_]?\d{1,2}|(?:windows|cp|ibm)[-_]?\d{3,4}|ucs[-_]?[24]|big5"
    r"|gbk?\d{0,5}|euc[-_]\w{2}"
    r"|shift[-_]?jis|koi8[-_]\w|base64(?:url)?|binary|unicode)"
)
"""Names of encodings, which methods of a password take: `password.encode("utf-8")`."""
_FOLDERS = re.compile(r"(?i)(?:\A|[_.])(?:old)?pwd\Z")
_FOLDER = re.compile(r"[/~.]|[A-Za-z]:[\\/]")
_CLOSES_TAG = re.compile(r"(?<![=-])>\Z")
_OPENS_TAG = re.compile(r"<(?:[\w-]{1,20}:)?\Z")
_SIGN_OF_CODE = re.compile(r"[&,()\[\]{}<>$#|;\"'`]")


def by_name(text: str, folded: Folded) -> Iterator[Span]:
    """Values with telling names. `folded` is the result of `fold(text)`."""
    done = 0
    for place, end in _anchors(folded):
        if place < done:
            continue
        sign = _SIGN.match(text, end)
        tail = sign["tail"] if sign else ""
        start = _start_of_name(text, place)
        done = end + len(tail)
        trust = trust_in_code(text[start:end] + tail)
        if trust is Trust.NONE:
            continue
        before = text[max(0, start - _MOST_BEFORE) : start]
        if sign and _is_chained(text, sign.end(), trust):
            continue  # `auth=auth=…`: the value belongs to the last one.
        span = _settings_line(text, end, before, trust)
        if span is None and sign and (value := _VALUE.match(text, sign.end())):
            span = _value(text, sign, value, before, trust)
        if span is None and text[start : start + 1] == "-":
            span = _option_value(text, start, trust)
        if span is not None and not _is_folder(text, start, end, tail, span):
            done = max(done, span.end)
            yield span


def _is_chained(text: str, place: int, trust: Trust) -> bool:
    """Whether a name of at least the same trust follows that is assigned a value itself."""
    match = _CHAINED.match(text, place)
    return match is not None and trust_in_code(match["name"]) >= trust


def _is_folder(text: str, start: int, end: int, tail: str, span: Span) -> bool:
    """Whether it is the working folder, which shells and Node call `PWD`."""
    return bool(_FOLDERS.search(text[start:end] + tail) and _FOLDER.match(text, span.start))


def _anchors(folded: Folded) -> list[tuple[int, int]]:
    """The start and end of each anchor in the text, in order."""
    return sorted(
        (place, place + len(anchor)) for anchor in ANCHORS for place in folded.places(anchor)
    )


def _start_of_name(text: str, place: int) -> int:
    before = text[max(0, place - 60) : place]
    return place - (len(before) - len(before.rstrip(_NAME)))


def _value(
    text: str, sign: re.Match[str], match: re.Match[str], before: str, trust: Trust
) -> Span | None:
    group = match.lastgroup or "bare"
    value = match[group][:_MOST_JUDGED]
    if len(value) < _LEAST[trust] or (match["call"] and not _WRAPPER.match(match["call"])):
        return None
    if group == "bare":
        is_secret = _is_given_bare(text, sign, match, before, trust)
    else:
        is_secret = _is_given_quoted(sign, value, before, trust)
    return Span(*match.span(group)) if is_secret else None


def _is_given_quoted(sign: re.Match[str], value: str, before: str, trust: Trust) -> bool:
    sign_text = sign["sign"]
    if sign_text == "" and not _DECLARED.search(before):
        return trust is Trust.PASSWORD and looks_random(value)
    if sign_text == ",":
        if not (sign["closer"] or before.endswith(("{", "(:", " :"))):
            return False  # After a variable, the next argument is an option and not a value of it.
        if not _SETS.search(before):
            return (
                not is_slug(value)
                and looks_random(value)
                and _fits(value, trust, quoted=True, letters=False)
            )
    letters = sign_text not in (",", "") or _DEFINES.search(before) is not None
    return _fits(value, trust, quoted=True, letters=letters)


def _is_given_bare(
    text: str, sign: re.Match[str], match: re.Match[str], before: str, trust: Trust
) -> bool:
    sign_text, end = sign["sign"], match.end("bare")
    value = _ESCAPE.split(match["bare"][:_MOST_JUDGED])[0]
    if sign_text == "" and trust is Trust.PASSWORD and _DECLARED.search(before):
        return looks_random(value)
    tight = sign_text == "=" and trust >= Trust.SECRET and text[sign.end() - 2] != " "
    if tight and looks_random(value) and len(value) >= _LEAST_TIGHT:
        return True
    if before.endswith("://") or sign_text in _NEEDS_QUOTES or not _ENDED.match(text, end):
        return False
    if _CLOSES_TAG.search(sign_text) and not (
        text[end : end + 1] == "<" and (sign_text[0] in "/<>" or _OPENS_TAG.search(before))
    ):
        return False
    is_secret = (
        _CONFIGURED.search(before) is not None
        or sign_text.endswith((">", ":-"))
        or "alue" in sign_text
        or (sign_text == "=" and _PAIR.search(before) is not None)
        or (sign_text == ":" and _IN_PROSE.search(before) is not None)
        or (sign_text != ":" and len(value) >= _LEAST_BARE and trust <= Trust.TOKEN)
    )
    return is_secret and _fits(
        value, trust, quoted=False, letters=_is_config(text, sign, match, before)
    )


def _settings_line(text: str, end: int, before: str, trust: Trust) -> Span | None:
    """The rest of a line of settings, whatever signs it contains."""
    if not _AT_START.search(before):
        return None
    match = _LINED.match(text, end)
    if match is None or match["line"][-1] in ",;{(\\" or "://" in match["line"]:
        return None
    value = match["line"][:_MOST_JUDGED]
    if not _SIGN_OF_CODE.search(value) or re.search(r"\A[bBrRuUfFL@$]{0,2}[\"'`]|[&;]\w+=", value):
        return None
    if re.match(r"[\w.]+\(", value):
        return None
    if re.search(r"\w[(\[]|[\])]\Z", value) and not (
        re.search(r"[@#!^~%$]", value) and re.search(r"\d", value)
    ):
        return None
    return Span(*match.span("line")) if _fits(value, trust, quoted=False, letters=False) else None


def _option_value(text: str, start: int, trust: Trust) -> Span | None:
    """The value of an option on a command line."""
    match = _OPTION.match(text, start)
    if match is None or match["secret"].isupper():
        return None
    if _fits(match["secret"], trust, quoted=False, letters=False):
        return Span(*match.span("secret"))
    return None


def _is_config(text: str, name: re.Match[str], match: re.Match[str], before: str) -> bool:
    """Whether letters without quotes can be a value here, and not the name of something."""
    sign = name["sign"]
    if sign.endswith((">", ":-")) or "alue" in sign:
        return True
    if not _AT_START.search(before):
        return sign == "=" and before[-1:] in ("?", "&", ";")
    if text[match.end() : match.end() + 80].lstrip()[:1] in (")", "]", "}", ","):
        return False
    between = text[name.end() : match.start("bare")]
    if sign == ":":
        return match["bare"].islower() and " " in between
    spaced = " " in between or text[name.start("sign") - 1] == " "
    above = text[max(0, name.start() - 2000) : name.start()]
    return sign == "=" and (not spaced or _in_settings(above))


def _in_settings(before: str) -> bool:
    """Whether a text ends in a file of `name = value` under `[headings]`."""
    headings = [*_ENTRY.finditer(before)]
    return bool(headings) and all(
        _IN_FILE.match(line) for line in before[headings[-1].end() :].splitlines()[:-1]
    )


def _fits(value: str, trust: Trust, *, quoted: bool, letters: bool) -> bool:
    if _ENCODING.fullmatch(value):
        return False
    if _is_salt(value):
        return True
    if trust is Trust.PIN:
        return quoted and value.isdigit() and len(value) <= 8
    if trust is Trust.PASSWORD:
        return looks_chosen(value, quoted=quoted, letters=letters)
    if trust is Trust.SECRET:
        slug = is_slug(value) and not value.isalnum() and _is_of_one_case(value)
        return not slug and looks_chosen(value, quoted=quoted, letters=letters and quoted)
    if " " in value:
        return False
    if trust is Trust.TOKEN and quoted and looks_lettered(value):
        return True
    return looks_random(value) if trust is Trust.TOKEN else looks_keyed(value)


def _is_of_one_case(value: str) -> bool:
    """Whether all words start in the same case, as in the name of something."""
    begins = [word[0] for word in re.findall("[A-Za-z]+", value)]
    return all(map(str.islower, begins)) or all(map(str.isupper, begins))


def _is_salt(value: str) -> bool:
    """Whether it mixes all printable characters, as in the keys that WordPress generates."""
    if len(value) < 32:
        return False
    signs = len(_SIGNS.findall(value))
    return (
        not value.startswith("-----")
        and signs * 8 >= len(value)
        and value.count(" ") * 12 <= len(value)
        and looks_drawn("".join(filter(str.isalnum, value)))
    )
