"""Finds what must not leave the machine: keys, tokens, private keys, passwords in addresses.

By the formats that their makers document, so that a find is one for certain or nearly so; and by
name, where a literal that looks random is given to something called a password or a token. What is
found is masked and comes back, so a find too many costs nothing but a little of the model's sight.
Passwords without a name and those of letters alone cannot be told from other text and are not
found.

Knows nothing of prompts, sessions or files.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from lsp_server.text.span import Span

_WORD = "-A-Za-z0-9_"
_ALPHANUMERIC = "A-Za-z0-9"
_HEX = "0-9a-f"

_PREFIXED: tuple[tuple[str, str, int, str], ...] = (
    ("ghp_", _ALPHANUMERIC, 30, "GitHub: about authentication, token formats"),
    ("gho_", _ALPHANUMERIC, 30, "GitHub"),
    ("ghu_", _ALPHANUMERIC, 30, "GitHub"),
    ("ghs_", _WORD + ".", 30, "GitHub"),
    ("ghr_", _ALPHANUMERIC, 30, "GitHub"),
    ("github_pat_", _WORD, 22, "GitHub"),
    ("glpat-", _WORD + ".", 20, "GitLab: token overview, prefixes"),
    ("gldt-", _WORD, 20, "GitLab"),
    ("glrt-", _WORD, 20, "GitLab"),
    ("glptt-", _WORD, 20, "GitLab"),
    ("glcbt-", _WORD, 20, "GitLab"),
    ("glsoat-", _WORD, 20, "GitLab"),
    ("sk-", _WORD, 20, "OpenAI, Anthropic (sk-ant-), OpenRouter (sk-or-), DeepSeek"),
    ("csk-", _ALPHANUMERIC, 20, "Cerebras"),
    ("gsk_", _ALPHANUMERIC, 20, "Groq"),
    ("xai-", _WORD, 20, "xAI"),
    ("pplx-", _ALPHANUMERIC, 20, "Perplexity"),
    ("hf_", _ALPHANUMERIC, 30, "Hugging Face: user access tokens"),
    ("r8_", _ALPHANUMERIC, 30, "Replicate"),
    ("AIza", _WORD, 35, "Google Cloud: API keys"),
    ("ya29.", _WORD, 20, "Google: OAuth access tokens"),
    ("GOCSPX-", _WORD, 20, "Google: OAuth client secrets"),
    ("xoxb-", _WORD, 10, "Slack: token types"),
    ("xoxp-", _WORD, 10, "Slack"),
    ("xoxa-", _WORD, 10, "Slack"),
    ("xoxr-", _WORD, 10, "Slack"),
    ("xoxs-", _WORD, 10, "Slack"),
    ("xoxe.", _WORD + ".", 10, "Slack"),
    ("xoxe-", _WORD, 10, "Slack"),
    ("xapp-", _WORD, 10, "Slack"),
    ("sk_live_", _ALPHANUMERIC, 10, "Stripe: API keys"),
    ("sk_test_", _ALPHANUMERIC, 10, "Stripe"),
    ("rk_live_", _ALPHANUMERIC, 10, "Stripe"),
    ("rk_test_", _ALPHANUMERIC, 10, "Stripe"),
    ("whsec_", _ALPHANUMERIC + "+/=", 20, "Stripe, Svix: webhook secrets"),
    ("SG.", _WORD + ".", 40, "SendGrid"),
    ("key-", _HEX, 32, "Mailgun"),
    ("npm_", _ALPHANUMERIC, 36, "npm: access tokens"),
    ("pypi-AgE", _WORD, 50, "PyPI: API tokens"),
    ("rubygems_", _HEX, 48, "RubyGems"),
    ("dop_v1_", _HEX, 64, "DigitalOcean"),
    ("doo_v1_", _HEX, 64, "DigitalOcean"),
    ("dor_v1_", _HEX, 64, "DigitalOcean"),
    ("dckr_pat_", _WORD, 20, "Docker Hub"),
    ("shpat_", _HEX, 32, "Shopify"),
    ("shpss_", _HEX, 32, "Shopify"),
    ("dapi", _HEX, 32, "Databricks"),
    ("hvs.", _WORD, 24, "HashiCorp Vault"),
    ("hvb.", _WORD, 24, "HashiCorp Vault"),
    ("dp.pt.", _ALPHANUMERIC, 40, "Doppler"),
    ("lin_api_", _ALPHANUMERIC, 32, "Linear"),
    ("ntn_", _ALPHANUMERIC, 40, "Notion"),
    ("PMAK-", "-" + _HEX, 50, "Postman"),
    ("pul-", _HEX, 40, "Pulumi"),
    ("glsa_", _WORD, 32, "Grafana"),
    ("glc_", _ALPHANUMERIC + "+/=", 32, "Grafana"),
    ("sntrys_", _WORD + "+/=", 40, "Sentry"),
    ("pscale_tkn_", _WORD + ".=", 32, "PlanetScale"),
    ("pscale_pw_", _WORD + ".=", 32, "PlanetScale"),
    ("sbp_", _HEX, 40, "Supabase"),
    ("fm2_", _ALPHANUMERIC + "+/=", 60, "Fly.io"),
    ("AKIA", "A-Z2-7", 16, "AWS IAM: unique identifiers"),
    ("ASIA", "A-Z2-7", 16, "AWS IAM"),
    ("SK", _HEX, 32, "Twilio: API keys"),
    ("AGE-SECRET-KEY-1", "0-9A-Z", 58, "age"),
    ("django-insecure-", _WORD + "!@#$%^&*(=+)", 20, "Django: startproject"),
    ("LS0tLS1CRUdJTi", _ALPHANUMERIC + "+/=", 20, "RFC 7468 in the Base64 of a Kubernetes Secret"),
)
"""What a secret begins with, what it goes on with, of how many characters at least, and who says
so (the documentation of the service; compared with the rules of gitleaks, which is MIT)."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """The group `secret` of the pattern is the secret. `hints` are texts of which a document must
    hold one (in lower case) for the rule to be worth a try."""

    pattern: re.Pattern[str]
    hints: tuple[str, ...]


_PREFIXED_RULES = tuple(
    (start, re.compile(f"{re.escape(start)}[{rest}]{{{least},}}"))
    for start, rest, least, _ in _PREFIXED
)
"""Patterns that begin with a literal, which is what the standard library finds fastest."""

_BY_LETTER = tuple(
    (
        re.compile(
            "|".join(re.escape(rule[0]) for rule in _PREFIXED_RULES if rule[0][0] == letter)
        ),
        tuple(rule for rule in _PREFIXED_RULES if rule[0][0] == letter),
    )
    for letter in dict.fromkeys(start[0] for start, _ in _PREFIXED_RULES)
)
"""The same by their first letter. To look for all that begin with it at once takes about as long
as to look for one of them."""

_RULES: tuple[_Rule, ...] = (
    # AWS IAM: the secret access key has no form of its own but its length.
    _Rule(
        re.compile(
            r"(?i)access_?key[\"']?\s*(?:=>?|:=?)\s*[\"']?"
            r"(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
        ),
        ("secret_access", "secretaccess"),
    ),
    # Azure: storage connection strings, shared access signatures, client secrets.
    _Rule(re.compile(r"AccountKey=(?P<secret>[A-Za-z0-9+/]{60,}={0,2})"), ("accountkey=",)),
    _Rule(re.compile(r"[?&]sig=(?P<secret>[A-Za-z0-9%+/]{40,}(?:%3D|=)?)"), ("sig=",)),
    _Rule(re.compile(r"\b(?P<secret>[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34})"), ("q~",)),
    # RFC 7519: three parts, of which the first two are JSON objects in Base64.
    _Rule(
        re.compile(r"\b(?P<secret>eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})"),
        ("eyj",),
    ),
    # Telegram bots, Discord bots: digits and letters in fixed places.
    _Rule(re.compile(r"\b(?P<secret>\d{8,10}:AA[\w-]{33})\b"), (":aa",)),
    _Rule(
        re.compile(r"\b(?P<secret>[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,})\b"),
        ("discord",),
    ),
    _Rule(
        re.compile(r"hooks\.slack\.com/(?:services|workflows)/(?P<secret>[\w/+]{30,})"),
        ("hooks.slack",),
    ),
    _Rule(
        re.compile(r"discord(?:app)?\.com/api/webhooks/\d+/(?P<secret>[\w-]{30,})"),
        ("webhooks/",),
    ),
    # RFC 3986: what stands between the name and the host of an address.
    _Rule(
        re.compile(
            r"://[^\s/:@\"'`<>{}$]*:"
            r"(?P<secret>[^\s/@\"'`<>{}$%][^\s/@\"'`<>{}]*)@"
        ),
        ("://",),
    ),
    # RFC 9110: credentials written out in a header.
    _Rule(
        re.compile(
            r"(?i)authorization[\"']?\s*[:=,]\s*[\"'`]?(?:basic|bearer|token)\s+"
            r"(?P<secret>[A-Za-z0-9._~+/-]{8,}={0,2})"
        ),
        ("authorization",),
    ),
    _Rule(
        re.compile(r"_authToken=(?P<secret>[^\s\"'${}]{8,})"),
        ("_authtoken=",),
    ),
    # curl(1), and the file .netrc that it and others read.
    _Rule(
        re.compile(
            r"curl\b[^\r\n]{0,150}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"']{1,80}:"
            r"(?P<secret>[^\s\"'$]{4,200})"
        ),
        ("curl",),
    ),
    _Rule(
        re.compile(r"\blogin[ \t]{1,9}\S{1,80}\s{1,9}password[ \t]{1,9}(?P<secret>\S{4,200})"),
        ("login",),
    ),
    # XML: an element with a telling name, and an attribute beside one.
    _Rule(
        re.compile(
            r"(?i)(?:password|passwd|pwd|secret|token|api[-_]?key)>"
            r"(?P<secret>[^\s<>${}]{5,200})</"
        ),
        ("password>", "passwd>", "pwd>", "secret>", "token>", "apikey>", "api-key>", "api_key>"),
    ),
    _Rule(
        re.compile(
            r"(?i)(?:password|passwd|pwd|secret|token|api[-_]?key)[\"']\s{1,9}value="
            r"[\"'](?P<secret>[^\s<>${}\"']{5,200})[\"']"
        ),
        ("value=",),
    ),
)

_NAMED = re.compile(
    r"(?i)(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|auth_?key|"
    r"private_?key|signing_?key|encryption_?key|client_?secret|credential)s?[a-z0-9_]{0,20}[\"']?"
    r"\s*(?::\s*[A-Za-z_.&\[\]]{1,40}\s*)?(?:=>|:=|[=:,])\s*"
    r"(?:[bBrRuUfF]{0,2}(?P<quote>[\"'`])(?P<secret>[^\s\"'`]{12,200})(?P=quote)"
    r"|(?P<bare>[A-Za-z0-9+/_.~!@#%^&*-]{16,200}={0,2})(?=[\"';&]|[ \t]*(?:[\r\n]|\Z)|[ \t]{1,9}#))"
)
_PASSWORD = re.compile(
    r"(?i)(?:passw(?:or)?d|passphrase|pwd|(?<![a-z])pass|secret)[_0-9]{0,4}[\"']?[ \t]{0,20}"
    r"(?::[ \t]*[A-Za-z_.&\[\]]{1,40}[ \t]*)?(?:=>|:=|={1,3}|[:(])[ \t]{0,20}"
    r"(?:[bBrRuUfF]{0,2}(?P<quote>[\"'`])(?P<secret>[^\s\"'`]{5,200})(?P=quote)"
    r"|(?P<bare>[^\s\"'`;&,(){}\[\]<>$#][^\s\"'`;&,(){}\[\]<>$]{4,200})"
    r"(?=[\"';&]|[ \t]*(?:[\r\n]|\Z)|[ \t]{1,9}#))"
)
"""A password may be short and chosen by a person, so its name must end with the word."""
_CONFIGURED = re.compile(r"(?:\A|[\r\n;?&\"'])[ \t]*(?:(?:export|set|ENV|-)[ \t]+)?[\w.-]*\Z")
"""What comes before the name of a value without quotes, as in .env, YAML or a connection string."""
_SAID = re.compile(r"(?:\A|\s)[\w.-]*\Z")
"""Behind a colon also in prose: `log in with password: …`."""
_MOST_BEFORE = 100
_PATH = re.compile(r"[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)+")
_SIGNS = frozenset("!@#%^&*+?~")
_NAME_BEGINS = re.compile("pass|pwd|secret|token|api|access|auth|private|sign|encr|client|cred")
"""Finds in lower case where `_NAMED` may match: in large files ten times as fast as itself."""
_LEAST_ENTROPY = 3.2
"""Bits for each character, over the characters of the literal itself. Words and paths in snake
case come to 2.5 to 3.3 and seldom hold a digit; random ones of this length to 3.5 and more."""

_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_KEY_ENDS = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINE = re.compile(r"(?:(?<=\\[nr])|(?<![\\A-Za-z0-9+/=]))[A-Za-z0-9+/=]{16,}")
"""A line of Base64, also in a literal that writes its line ends as `\\n`."""
_MOST_OF_A_KEY = 20_000
"""Code points of a private key; one of 16,384 bits has 13,000."""


def find_secrets(text: str) -> tuple[Span, ...]:
    """Where the secrets in `text` are, in code points; sorted, disjoint, none across a line end.

    Of a private key each line is one, so that the lines of the text stay lines. Never raises.
    """
    folded = text.lower()
    found = [*_by_format(text, folded), *_private_keys(text), *_by_name(text, folded)]
    spans: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not spans or span.start >= spans[-1].end:
            spans.append(span)
        elif span.end > spans[-1].end:
            spans[-1] = Span(spans[-1].start, span.end)
    return tuple(spans)


def find_private_keys(text: str) -> tuple[Span, ...]:
    """The lines of all private keys in `text`; sorted, disjoint.

    They are the one secret that reaches over many lines, so a piece of a text may hold the middle
    of one and nothing that tells. Costs next to nothing where there is none.
    """
    return tuple(_private_keys(text))


def _by_format(text: str, folded: str) -> Iterator[Span]:
    for begins, rules in _BY_LETTER:
        if begins.search(text) is None:
            continue
        for start, pattern in rules:
            if start in text:
                for match in pattern.finditer(text):
                    before = text[match.start() - 1 : match.start()]
                    if not (before.isalnum() or before == "_"):
                        yield Span(*match.span())
    for rule in _RULES:
        if any(hint in folded for hint in rule.hints):
            for match in rule.pattern.finditer(text):
                yield Span(*match.span("secret"))


def _by_name(text: str, folded: str) -> Iterator[Span]:
    """Literals that look random and that are given to something with a telling name."""
    if len(folded) != len(text):  # A few letters are longer in lower case.
        folded = "".join(c.lower() if c.isascii() else c for c in text)
    for begin in _NAME_BEGINS.finditer(folded):
        match = _NAMED.match(text, begin.start())
        if match is not None:
            group = "secret" if match["secret"] is not None else "bare"
            if _looks_random(match[group]) and not (
                match["bare"] and _PATH.fullmatch(match["bare"])
            ):
                yield Span(*match.span(group))
                continue
        if folded[begin.start()] in "ps" and (match := _PASSWORD.match(text, begin.start())):
            group = "secret" if match["secret"] is not None else "bare"
            before = text[max(0, begin.start() - _MOST_BEFORE) : begin.start()]
            told = group == "secret" or _CONFIGURED.search(before)
            if not told and "=" not in text[match.start() : match.start("bare")]:
                told = _SAID.search(before)
            if told and _looks_chosen(match[group]):
                yield Span(*match.span(group))


def _looks_random(literal: str) -> bool:
    """Whether it has digits and letters, and no order that one can see."""
    has_digit = any(character.isdigit() for character in literal)
    has_letter = any(character.isalpha() for character in literal)
    if not (has_digit and has_letter) or "{" in literal or "://" in literal or "(" in literal:
        return False
    counts = Counter(literal).values()
    bits = -sum(n / len(literal) * math.log2(n / len(literal)) for n in counts)
    return bits >= _LEAST_ENTROPY


def _looks_chosen(value: str) -> bool:
    """Whether it may be a password: more than letters, and no expression of a language."""
    if "{" in value or "://" in value or "(" in value or _PATH.fullmatch(value):
        return False
    return any(character.isdigit() or character in _SIGNS for character in value)


def _private_keys(text: str) -> Iterator[Span]:
    """The lines between the two lines that every private key in text form has (RFC 7468).

    A key without its last line, as where a scope cuts it, is one up to its last Base64 line.
    """
    begins = list(_KEY_BEGINS.finditer(text))
    for begin, following in zip_longest(begins, begins[1:]):
        stop = min(len(text), begin.end() + _MOST_OF_A_KEY)
        stop = stop if following is None else min(stop, following.start())
        end = _KEY_ENDS.search(text, begin.end(), stop)
        stop = end.start() if end else stop
        place = begin.end()
        while (line := _KEY_LINE.search(text, place, stop)) is not None:
            between = text[place : line.start()]
            if end is None and len(between.strip("\\nr \t\r\n\"'+,#*/")) > 0:
                break
            yield Span(*line.span())
            place = line.end()
