"""The formats of keys, tokens and passwords that their makers document: one table.

A row is a form that a secret has by itself, or a place where a manual says that one stands. Knows
nothing of how a text is searched.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_WORD = "-A-Za-z0-9_"
_ALPHANUMERIC = "A-Za-z0-9"
_HEX = "0-9a-f"

PREFIXED: tuple[tuple[str, str, int, str], ...] = (
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


_VARIABLES = (
    "PGPASSWORD|MYSQL_PWD|REDISCLI_AUTH|SSHPASS|BORG_PASSPHRASE|RESTIC_PASSWORD|POSTGRES_PASSWORD|"
    "(?:MYSQL|MARIADB)_(?:ROOT_)?PASSWORD"
)
_VARIABLE_HINTS = (
    *("pgpassword", "mysql_", "mariadb_", "postgres_password"),
    *("rediscli_auth", "sshpass", "borg_passphrase", "restic_password"),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """The group `secret` of the pattern is the secret. `hints` are texts of which a document must
    hold one (in lower case) for the rule to be worth a try."""

    pattern: re.Pattern[str]
    hints: tuple[str, ...]


_PREFIXED_RULES = {
    start: re.compile(f"{re.escape(start)}[{rest}]{{{least},}}")
    for start, rest, least, _ in PREFIXED
}
"""Patterns that begin with a literal, which is what the standard library finds fastest."""

RULES: tuple[Rule, ...] = (
    # AWS IAM: the secret access key has no form of its own but its length.
    Rule(
        re.compile(
            r"(?i)access_?key[\"']?\s*(?:=>?|:=?)\s*[\"']?"
            r"(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
        ),
        ("secret_access", "secretaccess"),
    ),
    # Azure: storage connection strings, shared access signatures, client secrets.
    Rule(re.compile(r"AccountKey=(?P<secret>[A-Za-z0-9+/]{60,}={0,2})"), ("accountkey=",)),
    Rule(re.compile(r"[?&]sig=(?P<secret>[A-Za-z0-9%+/]{40,}(?:%3D|=)?)"), ("sig=",)),
    Rule(re.compile(r"\b(?P<secret>[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34})"), ("q~",)),
    # RFC 7519: three parts, of which the first two are JSON objects in Base64.
    Rule(
        re.compile(r"\b(?P<secret>eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})"),
        ("eyj",),
    ),
    # Telegram bots, Discord bots: digits and letters in fixed places.
    Rule(re.compile(r"\b(?P<secret>\d{8,10}:AA[\w-]{33})\b"), (":aa",)),
    Rule(
        re.compile(r"\b(?P<secret>[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,})\b"),
        ("discord",),
    ),
    Rule(
        re.compile(r"hooks\.slack\.com/(?:services|workflows)/(?P<secret>[\w/+]{30,})"),
        ("hooks.slack",),
    ),
    Rule(
        re.compile(r"discord(?:app)?\.com/api/webhooks/\d+/(?P<secret>[\w-]{30,})"),
        ("webhooks/",),
    ),
    # RFC 3986: what stands between the name and the host of an address.
    Rule(
        re.compile(
            r"://[^\s/:@\"'`<>{}$]*:"
            r"(?P<secret>[^\s/@\"'`<>{}$%][^\s/@\"'`<>{}]*)@"
        ),
        ("://",),
    ),
    # RFC 9110: credentials written out in a header.
    Rule(
        re.compile(
            r"(?i)authorization[\"']?\s*[:=,]\s*[\"'`]?(?:basic|bearer|token)\s+"
            r"(?P<secret>[A-Za-z0-9._~+/-]{8,}={0,2})"
        ),
        ("authorization",),
    ),
    Rule(
        re.compile(r"_authToken=(?P<secret>[^\s\"'${}]{8,})"),
        ("_authtoken=",),
    ),
    # curl(1), and the file .netrc that it and others read.
    Rule(
        re.compile(
            r"curl\b[^\r\n]{0,150}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"']{1,80}:"
            r"(?P<secret>[^\s\"'$]{4,200})"
        ),
        ("curl",),
    ),
    Rule(
        re.compile(r"\blogin[ \t]{1,9}\S{1,80}\s{1,9}password[ \t]{1,9}(?P<secret>\S{4,200})"),
        ("login",),
    ),
    # The manuals of mysql(1) and mariadb(1): the password stands right behind -p.
    Rule(
        re.compile(
            r"\b(?:mysql|mariadb)(?:[-_]?[a-z]{2,12}){0,2}\b[^\r\n|;&]{0,200}?"
            r"(?<![\w-])(?:-p|--password=)[\"']?(?P<secret>[^\s\"'`$<{(\[|;&,][^\s\"'`]{2,199})"
        ),
        ("mysql", "mariadb"),
    ),
    # sshpass(1), redis-cli(1), docker-login(1), mongosh: the password is the next word.
    Rule(
        re.compile(
            r"\b(?:sshpass[ \t]{1,9}-p|redis-cli\b[^\r\n|;&]{0,150}?\s(?:-a|--pass)"
            r"|docker[ \t]{1,9}login\b[^\r\n|;&]{0,150}?\s(?:-p|--password)"
            r"|mongo(?:sh|dump|restore|export|import)?\b[^\r\n|;&]{0,150}?\s(?:-p|--password))"
            r"[ \t=]{1,9}[\"']?(?P<secret>[^\s\"'`$<{(\[|;&-][^\s\"'`]{2,199})"
        ),
        ("sshpass", "redis-cli", "docker", "mongo"),
    ),
    # openssl-passphrase-options(1).
    Rule(
        re.compile(r"-pass(?:in|out)?[ \t\"',]{1,9}pass:(?P<secret>[^\s\"'`$<{]{3,200})"),
        ("pass:",),
    ),
    # The environment of psql, mysql, redis-cli, sshpass, borg and restic, by their manuals, and of
    # the images `postgres`, `mysql` and `mariadb`: in quotes, in a shell, in YAML.
    Rule(
        re.compile(
            rf"\b(?:{_VARIABLES})[\"']?\]?[ \t]{{0,9}}[=:,][ \t]{{0,9}}"
            r"[\"'](?P<secret>[^\s\"'`$<{%]{3,200})[\"']"
        ),
        _VARIABLE_HINTS,
    ),
    Rule(
        re.compile(
            rf"\b(?:{_VARIABLES})(?:=|:[ \t]{{1,9}}(?!(?:str|string|bytes|any)\b))"
            r"(?P<secret>[^\s\"'`$<>{}()\[\],;|&.%]{3,200}+)(?=[\"';&|]|\s|\Z)"
        ),
        _VARIABLE_HINTS,
    ),
    # SQL of MySQL, MariaDB, Oracle (IDENTIFIED BY) and PostgreSQL (PASSWORD).
    Rule(
        re.compile(
            r"(?i)\bidentified\s{1,9}(?:with\s{1,9}\S{1,60}\s{1,9})?by\s{1,9}(?:password\s{1,9})?"
            r"[\"'](?P<secret>[^\"'\r\n$<{%]{3,200})[\"']"
        ),
        ("identified",),
    ),
    Rule(
        re.compile(
            r"(?i)\b(?:create|alter)\s{1,9}(?:role|user)\s[^;\r\n]{1,150}?\bpassword\s{1,9}"
            r"'(?P<secret>[^'\r\n$<{%]{3,200})'"
        ),
        ("password '", "password\t'"),
    ),
    # XML: an element with a telling name, and an attribute beside one.
    Rule(
        re.compile(
            r"(?i)(?:password|passwd|pwd|secret|token|api[-_]?key)>"
            r"(?P<secret>[^\s<>${}]{5,200})</"
        ),
        ("password>", "passwd>", "pwd>", "secret>", "token>", "apikey>", "api-key>", "api_key>"),
    ),
    Rule(
        re.compile(
            r"(?i)(?:password|passwd|pwd|secret|token|api[-_]?key)[\"']\s{1,9}value="
            r"[\"'](?P<secret>[^\s<>${}\"']{5,200})[\"']"
        ),
        ("value=",),
    ),
)


Beginnings = tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]


def _by_letter(words: Iterable[str]) -> Beginnings:
    """Words by their first letter, each time with a pattern that finds any of them. To look for all
    that begin alike at once takes about as long as to look for one of them."""
    groups: dict[str, dict[str, None]] = {}
    for word in words:
        groups.setdefault(word[0], {})[word] = None
    return tuple(
        (re.compile("|".join(map(re.escape, group))), tuple(group)) for group in groups.values()
    )


_STARTS = _by_letter(_PREFIXED_RULES)
_HINTS = _by_letter(hint for rule in RULES for hint in rule.hints)


def patterns_for(text: str) -> Iterator[re.Pattern[str]]:
    """The patterns of secrets whose beginning a text holds."""
    for start in _present(_STARTS, text):
        yield _PREFIXED_RULES[start]


def rules_for(folded: str) -> Iterator[Rule]:
    """The rules that are worth a try for a text, of which this is the one in lower case."""
    hints = frozenset(_present(_HINTS, folded))
    for rule in RULES:
        if not hints.isdisjoint(rule.hints):
            yield rule


def _present(beginnings: Beginnings, text: str) -> Iterator[str]:
    for pattern, words in beginnings:
        if pattern.search(text) is not None:
            yield from (word for word in words if word in text)
