"""Decides what a value looks like: random, chosen by a person, or neither.

Knows nothing of names and places; callers decide how much those already show.
"""

import base64
import binascii
import math
import re
from collections import Counter
from itertools import pairwise

_SIGNS = frozenset("!@#%^&*+?~")
_LEAST_SHARE = 0.72
"""The share of the most bits that a value of this length can have. Words and paths in snake case
have less."""
_ENOUGH_BITS = 3.2
"""Bits per character, over the characters of the literal itself. Words and paths in snake case have
2.5 to 3.3 and seldom a digit; random values of 16 characters have 3.5 and more."""
_LEAST_CHANGES = 0.38
"""The share of neighbouring characters that differ in kind (lower case, upper case, digit). Random
values have 0.6, names of many words 0.3."""
_LEAST_HEX = 32
_LEAST_MIXED = 24
_LEAST_UNNAMED = 20
_NO_WORD = 16
"""So many lower-case letters are not a word. With upper-case letters among them it is probably a
name."""

_PATH = re.compile(r"[A-Za-z_$@][\w$]*(?:\[[\w\"']{0,40}\])?(?:(?:\.|\?\.|->|::)[A-Za-z_$]\w*)+")
_EXPRESSION = re.compile(
    r"\A-----BEGIN|\$\{|\$\(|\{\{|\{%|%\(|%[sdv]\b|<%|^[<{(\[&]|^\$[A-Za-z_]|^%\w+%$|://|\(\)"
    r"|^arn:|^@\w+@$"
    r"|[\w\])]\((?!.*[^\w\s\"'(),.=\[\]-])|\{\w*\}|^\\|^(?:0x)?0*$"
)
"""What stands for a value instead of being one: a reference, a template, a call, a URL."""
_NULLABLE = re.compile(r"[A-Z][A-Za-z]*[!?]")
"""A type that may be null, or must not be."""
_PARTS = re.compile(r"[^A-Za-z0-9]+")
_SLUG = re.compile(r"[A-Za-z0-9 ._/:#|,?&=-]+")
_SETTING = re.compile(r"[|=&?].*[|=&?]|^[a-z]+(?:\.[a-z]\w*){2,}$")
_TYPED_ID = re.compile(r"[a-z]{2,8}_[A-Za-z0-9]{14,32}")
"""Identifiers of services that begin with what they identify. Keys that begin like this are in
`prefixes`."""
_MANY = 3
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PLAIN = re.compile(
    r"[A-Za-z]?|[A-Z]?[a-z]{2,24}|[A-Z]{2,24}|\d{1,4}|[A-Z]?[a-z]{3,20}\d{1,3}|[A-Z]{3,20}\d{1,3}"
    r"|[vV]\d{1,3}|\d{1,3}(?:px|em|ms|s|m|h|d|x|k|gb|mb|st|nd|rd|th)"
)
_ALGORITHM = re.compile(
    r"(?i)(?:pbkdf2|(?:hmac|with|and|rsa|ecdsa|pss)?sha-?\d{0,3}(?:with\w{2,8})?|md[245]|b?crypt"
    r"|scrypt|argon2(?:id?|d)?|[hrep]s(?:256|384|512)|aes\d{0,3}|rsa\d{0,4}|ed25519|x25519|x509"
    r"|p(?:256|384|521)|utf\d{1,2}|base\d\d|oauth\d?|pkcs\d{1,2}|ripemd\d{0,3}|blake\d\w?|chacha20"
    r"|poly1305|secp\d{3}\w\d|s3|ec2|k8s|i18n|l10n|h2|ip[vV]?[46]|http[23]?|saml2?|ssha\d{0,3})"
)
_PLACEHOLDER = re.compile(
    r"(?i)(?:^|[^a-z0-9])(?:your|example|placeholder|change[-_ ]?(?:me|it|this)|replace|redacted"
    r"|dummy"
    r"|insert|todo|fixme|masked|hidden|removed|omitted|enter|sample|not[-_ ]?set|undefined|unset"
    r"|xxx+)"
    r"(?:$|[^a-z0-9])|^(?:n/?a|none|null|nil|true|false|foo|bar|fill|here)$"
    r"|\.\.\.|\*{3}|•{3}|_{4}|[xX]{6}|(?:^|[^a-z0-9])(.)\1{7,}(?:$|[^a-z0-9])|^<.*>$|^\[.*\]$"
    r"|^(.)\2*$"
)
_NO_VALUE = frozenset(
    re.findall(
        r"\w+",
        """
        string str text number integer boolean object buffer bytes bytearray char varchar any
        unknown optional required secure securestring invalid missing empty default value values
        field input incorrect wrong expired revoked bearer basic digest plain plaintext hash
        hashed hasher encoded encrypted encryption ldap local oauth never always undefined
        identifier literal keyword symbol visible hidden remember forgot reset confirm
        confirmation current update create delete change password passwords passwd secret
        secrets token tokens username email label title message error function return const
        static final public private protected internal void self this request response session
        cookie header headers query body params config settings environ charset vault keyring
        prompt random generated generate disabled enabled credential credentials given other
        else none null true false admin user
        """,
    )
)
"""Words that programs write in place of a password."""
_TELLING = re.compile(r"(?i)passw|passphrase|pwd|secret|token|credential|api.?key|private.?key")
_STOPS = frozenset(
    re.findall(
        r"\w+",
        """
        the a an your is are must be enter please for to of and or not no in on at with again
        new old this that it its has have was can cannot too least most than use using do does
        did will should password passphrase secret token key click forgot here
        """,
    )
)


def looks_random(value: str) -> bool:
    """Whether it has digits and letters and no visible order.

    For the value of something with a telling name.
    """
    if is_credentials(value):
        return True
    if not _has_digit_and_letter(value) or stands_for_another(value) or is_slug(value):
        return False
    bits = _bits(value)
    return bits >= _ENOUGH_BITS or bits >= _LEAST_SHARE * math.log2(len(value))


def looks_drawn(value: str) -> bool:
    """Whether it can only be random: for a value without a telling name."""
    if len(value) < _LEAST_UNNAMED or not _has_digit_and_letter(value) or not value.isascii():
        return False
    if _EXPRESSION.search(value) or _PLACEHOLDER.search(value) or is_slug(value):
        return False
    if _TYPED_ID.fullmatch(value) or _is_identifier(value):
        return False
    kinds = [
        "d" if c.isdigit() else "U" if c.isupper() else "l" if c.islower() else "" for c in value
    ]
    known = [kind for kind in kinds if kind]
    parts = [part for part in _PARTS.split(value) if part]
    if len(parts) >= _MANY and 2 * sum(map(bool, map(_PLAIN.fullmatch, parts))) >= len(parts):
        return False
    if len(set(known)) < 3 or len(known) < 0.8 * len(value):
        return False
    changes = sum(a != b for a, b in pairwise(known))
    return changes >= _LEAST_CHANGES * len(known) and _bits(value) >= min(
        3.9, _LEAST_SHARE * math.log2(len(value))
    )


def looks_keyed(value: str) -> bool:
    """Whether it has the shape of a key: `looks_drawn`, or long and made of hexadecimal digits."""
    bare = value.replace("-", "")
    if len(bare) >= _LEAST_HEX and re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", bare):
        return looks_random(value)
    if len(value) >= _LEAST_MIXED and re.fullmatch(r"[a-z0-9]+|[A-Z0-9]+", value):
        return looks_random(value) and _bits(value) >= _ENOUGH_BITS
    return looks_drawn(value)


def looks_lettered(value: str) -> bool:
    """Whether it is letters only, too many and too mixed to be words."""
    return (
        len(value) >= _LEAST_UNNAMED
        and value.isascii()
        and value.isalpha()
        and not stands_for_another(value)
        and 2 * len(value) < 5 * len(_CAMEL.findall(value))
    )


def looks_chosen(value: str, *, quoted: bool, letters: bool = True) -> bool:
    """Whether a person may have chosen it as a password.

    A value of letters only counts as a password only if `letters` says that its place allows that,
    or if it is too long for a word.
    """
    if stands_for_another(value) or _names_algorithm(value):
        return False
    if not quoted and _NULLABLE.fullmatch(value):
        return False
    if " " in value:
        return quoted and _is_phrase(value)
    parts = [part for part in _PARTS.split(value) if part]
    if len(parts) > 1 and is_slug(value) and (_SETTING.search(value) or _TELLING.search(value)):
        return False
    if quoted and len(parts) >= _MANY and all(re.fullmatch("[a-z]{3,12}", p) for p in parts):
        return not _NO_VALUE & set(parts)
    if any(character.isdigit() or character in _SIGNS for character in value):
        return not (value.isdigit() and len(value) < 4)
    if quoted and len(value) >= _NO_WORD and value.isalpha() and value.islower():
        return not _TELLING.search(value)
    return letters and _is_chosen_word(value)


def stands_for_another(value: str) -> bool:
    """Whether it is not a value but a reference to one, a placeholder, or an expression."""
    return (
        _EXPRESSION.search(value) is not None
        or _PLACEHOLDER.search(value) is not None
        or _PATH.fullmatch(value) is not None
    )


def is_slug(value: str) -> bool:
    """Whether it is words and small numbers, separated by signs or by changes of case."""
    if not _SLUG.fullmatch(value):
        return False
    parts = [part for part in _PARTS.split(value) if part]
    if all(_PLAIN.fullmatch(part) or _ALGORITHM.fullmatch(part) for part in parts):
        return len(parts) > 1 or len(value) < _NO_WORD or _is_words(value)
    return all(
        _PLAIN.fullmatch(part) or _ALGORITHM.fullmatch(part) or _is_words(part) for part in parts
    )


def is_credentials(value: str) -> bool:
    """Whether it is the Base64 of `name:password` (RFC 7617) or of a JSON object."""
    if not 8 <= len(value) <= 4000 or not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", value):
        return False
    plain = plain_text(value)
    return ":" in plain[1:-1] or plain.startswith("{")


def plain_text(value: str) -> str:
    """The printable text that Base64 encodes, or an empty string."""
    try:
        plain = base64.b64decode(value + "=" * (-len(value) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return plain if plain.isprintable() else ""


def _is_words(part: str) -> bool:
    """Whether it is `severalWordsTogether`, each long enough to be one."""
    words = _CAMEL.findall(part)
    letters = [word for word in words if not word.isdigit()]
    return (
        len("".join(words)) == len(part)
        and bool(letters)
        and sum(map(len, letters)) >= 4 * len(letters)
        and all(len(word) <= 4 for word in words if word.isdigit())
        and len(words) - len(letters) <= 1
        and all(len(word) <= _NO_WORD for word in letters)
    )


def _is_identifier(value: str) -> bool:
    """Whether it is the name of something in code, made of words long enough to read."""
    if not value.isidentifier():
        return False
    words = _CAMEL.findall(value)
    letters = [word for word in words if not word.isdigit()]
    return (
        len(words) - len(letters) <= 2
        and sum(map(len, letters)) >= (2.8 if "_" in value else 3) * len(letters)
        and max(map(len, letters), default=0) > (3 if "_" in value else 4)
    )


def _is_chosen_word(value: str) -> bool:
    """Whether a word is more likely a password than a label, a type or the name of something."""
    return (
        5 < len(value) <= 40
        and value.isascii()
        and value.isalpha()
        and (value.islower() or not (value.isupper() or _is_words(value)))
        and value.lower() not in _NO_VALUE
        and not _TELLING.search(value)
    )


def _is_phrase(value: str) -> bool:
    """Whether it is words without common function words, or words one of which is spelled as no
    word is."""
    words = value.split()
    if len(words) > 24 or value[-1:] in ".:?" or _STOPS & {word.lower() for word in words}:
        return False
    if any(re.search(r"[a-z]\d[a-z]|\d[a-z]+\d|[@$!][a-z]|[a-z][@$][a-z]", w, re.I) for w in words):
        return True
    return len(words) > 1 and all(
        re.fullmatch(r"[a-z]{3,12}|\d{1,4}", word) and word not in _NO_VALUE for word in words
    )


def _names_algorithm(value: str) -> bool:
    parts = [part for part in _PARTS.split(value) if part]
    return bool(parts) and any(_ALGORITHM.fullmatch(part) for part in parts) and is_slug(value)


def _has_digit_and_letter(value: str) -> bool:
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def _bits(value: str) -> float:
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)
