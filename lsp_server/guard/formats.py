"""Formats by which a secret is recognised on its own, without a name.

`prefixes` has the formats with a fixed beginning. This module has the others: addresses, headers,
webhooks, lines of files in which passwords are kept. Knows nothing of how a text is searched.
"""

import re

from lsp_server.guard.pattern_search import SecretPattern
from lsp_server.guard.value_shapes import is_slug, looks_drawn, looks_random, stands_for_another


def _may_be_password(value: str) -> bool:
    return not stands_for_another(value) and value.lower() not in _SAMPLE_PASSWORDS


_SAMPLE_PASSWORDS = frozenset(["password", "passwd", "pass", "pwd", "pw", "secret", "token", "key"])
"""What manuals write in place of a password."""

_CRYPT = (
    r"(?:\$(?:2[abxy]?|[156y]|gy|7|md5|apr1|sha1|argon2(?:id?|d)|scrypt|pbkdf2(?:-sha\d{1,3})?)\$"
    r"[^\s:\"'`<>;|]{8,300}|\{(?:S?SHA(?:\d{3})?|S?MD5|CRYPT|PBKDF2\w*)\}[A-Za-z0-9+/=.$]{13,200})"
)
"""crypt(5), Apache's `apr1`, RFC 2307 (LDAP), PHC strings."""
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

RULES: tuple[SecretPattern, ...] = (
    # Azure: storage connection strings, shared access signatures, client secrets, DevOps tokens.
    SecretPattern(
        re.compile(
            r"(?i)(?:account|shared_?access|host)key=(?P<secret>[A-Za-z0-9+/]{20,100}={0,2})"
        ),
        ("accountkey=", "accesskey=", "hostkey="),
    ),
    SecretPattern(re.compile(r"[?&]sig=(?P<secret>[A-Za-z0-9%+/_-]{20,}={0,2})"), ("sig=",)),
    SecretPattern(
        re.compile(r"[?&]code=(?P<secret>[\w/+=%-]{40,100})"),
        ("?code=", "&code="),
        looks_random,
        at_hint=True,
    ),
    SecretPattern(
        re.compile(r"\b(?P<secret>[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34})"), ("q~",)
    ),
    SecretPattern(re.compile(r"\b(?P<secret>[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4})\b"), ("azdo",)),
    SecretPattern(
        re.compile(
            r"(?i)(?:vsts|azure_?devops|dev\.azure|visualstudio)[^\r\n]{0,80}?"
            r"(?<![a-z0-9])(?P<secret>[a-z2-7]{52})(?![a-z0-9])"
        ),
        ("vsts", "azuredevops", "azure_devops", "dev.azure", "visualstudio"),
    ),
    # RFC 7519: three parts, the first of them a JSON object in Base64.
    SecretPattern(
        re.compile(
            r"(?<![A-Za-z0-9_-])(?P<secret>eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]{8,}){0,2})"
        ),
        ("eyj",),
        at_hint=True,
    ),
    SecretPattern(
        re.compile(r"(?<![A-Za-z0-9_-])(?P<secret>eyJ[\w-]{8,}={0,2}\.eyJ[\w-]{8,}={0,2}\.?)"),
        ("eyj",),
        at_hint=True,
    ),
    # Telegram, Discord, Mailchimp, Mapbox, Airtable, Firebase, New Relic, Terraform Cloud: digits
    # and letters at fixed positions.
    SecretPattern(
        re.compile(r"(?<![A-Za-z0-9])(?P<secret>\d{8,10}:[\w-]{35})(?![\w-])"),
        (":aa", "telegram", "bot"),
    ),
    SecretPattern(
        re.compile(r"(?<![A-Za-z0-9_-])(?P<secret>[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,})"),
        ("discord", "bot"),
        looks_drawn,
    ),
    SecretPattern(re.compile(r"(?<![A-Za-z0-9])(?P<secret>[0-9a-z]{32}-us[0-9]{1,2})\b"), ("-us",)),
    SecretPattern(re.compile(r"\b(?P<secret>[st]k\.eyJ[\w-]{20,}\.[\w-]{20,})"), ("k.eyj",)),
    SecretPattern(
        re.compile(r"\b(?P<secret>AAAA[\w-]{7}:[\w-]{100,})"), (":apa91b", "fcm", "firebase")
    ),
    SecretPattern(re.compile(r"(?<![A-Za-z0-9])(?P<secret>[0-9a-zA-Z]{36}NRAL)\b"), ("nral",)),
    SecretPattern(re.compile(r"\b(?P<secret>[A-Za-z0-9]{14}\.atlasv1\.[\w-]{50,})"), ("atlasv1",)),
    SecretPattern(re.compile(r"\b(?P<secret>[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk)\b"), ("_mmk",)),
    SecretPattern(
        re.compile(r"\b(?P<secret>\d{15,16}(?:\||%7C)[\w-]{27,40})(?![\w-])"),
        ("facebook", "graph", "access_token", "fb_", "fb."),
    ),
    SecretPattern(
        re.compile(
            r"(?i)(?:dropbox|\bdbx)[^\r\n]{0,60}?(?P<secret>[a-z0-9]{11}A{10}[a-z0-9_=-]{43})"
        ),
        ("aaaaaaaaaa",),
    ),
    SecretPattern(
        re.compile(r"(?i)\bvault[^\r\n]{0,60}?\b(?P<secret>s\.[a-z0-9]{24})\b"), ("vault",)
    ),
    SecretPattern(
        re.compile(r"(?i)okta[^\r\n]{0,60}?(?<![\w-])(?P<secret>00[\w-]{40})(?![\w-])"), ("okta",)
    ),
    SecretPattern(re.compile(r"\bSSWS\s{1,3}(?P<secret>[\w-]{20,})"), ("ssws",)),
    # JFrog Artifactory: encrypted passwords.
    SecretPattern(
        re.compile(r"(?<![A-Za-z0-9_])(?P<secret>AP[0-9A-F][A-Za-z0-9]{8,100})(?![A-Za-z0-9_])"),
        ("ap",),
        lambda value: looks_random(value) and not value.isupper(),
        at_hint=True,
    ),
    # ClickUp, Zoho, X: digits and letters at fixed positions. Infura, Alchemy: the end of a URL.
    SecretPattern(re.compile(r"\b(?P<secret>pk_\d{6,10}_[A-Z0-9]{32})\b"), ("pk_",)),
    SecretPattern(re.compile(r"\b(?P<secret>1000\.[0-9a-f]{32}\.[0-9a-f]{32})\b"), ("1000.",)),
    SecretPattern(
        re.compile(r"\b(?P<secret>A{16,22}[\w%]{20,90}%3D[\w%]{40,90})"), ("aaaaaaaaaaaaaaaa",)
    ),
    SecretPattern(
        re.compile(
            r"(?:infura\.io/(?:ws/)?v3/|\.alchemy\.com/(?:nft/)?v\d/|alchemyapi\.io/v\d/)"
            r"(?P<secret>[\w-]{30,40})(?![\w-])"
        ),
        ("infura.io", "alchemy"),
        looks_random,
    ),
    # Webhooks: anyone who knows the URL may post.
    SecretPattern(
        re.compile(r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[\w/+]{30,})"),
        ("hooks.slack",),
    ),
    SecretPattern(
        re.compile(
            r"discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{1,25}/(?P<secret>[\w-]{30,})"
        ),
        ("webhooks/",),
    ),
    SecretPattern(
        re.compile(
            r"(?i)(?:webhook\.office\.com|outlook\.office(?:365)?\.com)/webhook(?:b2)?/"
            rf"(?P<secret>{_UUID}@{_UUID}/IncomingWebhook/[a-z0-9]{{20,}}(?:/[\w-]{{30,}})?)"
        ),
        ("incomingwebhook",),
    ),
    SecretPattern(
        re.compile(
            r"(?i)(?:hooks\.zapier\.com/hooks/catch/\d{1,12}/|maker\.ifttt\.com/trigger/"
            r"[\w{}-]{1,60}/(?:json/)?with/key/|hc-ping\.com/|events\.pagerduty\.com/integration/"
            r"|api\.softlayer\.com/soap/v3(?:\.1)?/|api\.telegram\.org/bot"
            r"|discord\.com/api/oauth2/|/hooks/|hook\.\w{2}\d\.make\.com/)"
            r"(?P<secret>[\w:-]{6,100})"
        ),
        ("hooks/", "with/key/", "hc-ping", "pagerduty", "softlayer", "telegram.org", "make.com"),
        looks_random,
    ),
    # RFC 3986: what is between the user name and the host of a URL.
    SecretPattern(
        re.compile(
            r"://(?!(?i:user|username|usr|name|login|me):(?i:pass|password|passwd|pwd)@)"
            r"[^\s/:@\"'`<>{}$\[]{0,200}:"
            r"(?P<secret>(?!%[sdv@]|\*\*|\.\.\.|\[)[^\s/@\"'`<>{}$][^\s/@\"'`<>{}]{0,400})@"
            r"(?=[^\s\"'`])"
        ),
        ("://",),
        at_hint=True,
    ),
    SecretPattern(
        re.compile(r"://(?P<secret>[\w-]{20,200})@[\w\[]"),
        ("://",),
        looks_random,
        at_hint=True,
    ),
    # Go's MySQL driver: user:password@protocol(address).
    SecretPattern(
        re.compile(r"[\"'`=][\w.-]{1,60}:(?P<secret>[^\s\"'`@:/]{3,100})@(?:tcp|unix|udp)?\("),
        ("@tcp(", "@unix(", "@udp(", "@("),
        lambda value: not stands_for_another(value),
    ),
    # Oracle: user/password@host.
    SecretPattern(
        re.compile(
            r"(?:jdbc:oracle:\w{2,5}:|sqlplus[^\r\n]{1,40}?\s)[\w.-]{1,60}/"
            r"(?P<secret>[^\s\"'`@/]{3,100})@"
        ),
        ("jdbc:oracle", "sqlplus"),
        lambda value: not stands_for_another(value),
        at_hint=True,
    ),
    # Twilio, Algolia, Hardhat: what follows an identifier that gives it away.
    SecretPattern(
        re.compile(
            r"AC[0-9a-f]{32}[\"'`]?\s{0,9}[,:]\s{0,9}[\"'`]?(?P<secret>[0-9a-f]{32})\b", re.I
        ),
        ("ac",),
        at_hint=True,
    ),
    SecretPattern(
        re.compile(
            r"(?i)(?:algoliasearch|searchclient(?:\.create)?"
            r"|algolia\w{0,20})\s{0,3}\(\s{0,9}[\"'`]\w{1,20}[\"'`]"
            r"\s{0,9},\s{0,9}[\"'`](?P<secret>[0-9a-f]{32})\b"
        ),
        ("algolia", "searchclient"),
        at_hint=True,
    ),
    SecretPattern(
        re.compile(r"accounts[\"']?:\s{0,9}\[\s{0,9}[\"'`]?(?P<secret>(?:0x)?[0-9a-fA-F]{64})\b"),
        ("accounts",),
        at_hint=True,
    ),
    # RFC 9110: credentials written out in a header.
    SecretPattern(
        re.compile(
            r"(?i)authorization[\"'\])}]{0,3}\s{0,5}(?:[:=,]|=>)\s{0,5}(?:[\"'`]|<<[\"'])?"
            r"(?:basic|bearer|token|apikey|api-key|key|bot|sso-key|ssws|genie_?key|client-id)\s+"
            r"(?:token=|key=)?[\"']?(?P<secret>[A-Za-z0-9._~+/|:-]{8,}={0,2})"
        ),
        ("authorization",),
        lambda value: not stands_for_another(value),
        at_hint=True,
    ),
    SecretPattern(
        re.compile(
            r"(?i)authorization[\"'\])}]{0,3}\s{0,5}(?:[:=,]|=>)\s{0,5}[\"'`]?"
            r"(?P<secret>[A-Za-z0-9._~+/-]{16,}={0,2})"
        ),
        ("authorization",),
        looks_random,
        at_hint=True,
    ),
    SecretPattern(
        re.compile(
            r"(?i)[\"'`](?:bearer|basic|apikey)\s(?P<secret>[A-Za-z0-9._~+/-]{8,}={0,2})[\"'`]"
        ),
        ("bearer ", "basic ", "apikey "),
        looks_random,
    ),
    SecretPattern(
        re.compile(r"(?i)\bx-amz-(?:signature|security-token)=(?P<secret>[\w%./+=-]{20,})"),
        ("x-amz-",),
    ),
    # npm(1): .npmrc.
    SecretPattern(
        re.compile(
            r"(?m)(?:^[ \t]{0,9}|:)_(?:authToken|auth|password)[ \t]{0,3}=[ \t]{0,3}\"?"
            r"(?P<secret>[^\s\"'${}]{8,})"
        ),
        ("_authtoken", "_auth", "_password"),
        lambda value: not stands_for_another(value) and not is_slug(value),
    ),
    # netrc(5), .pgpass (libpq).
    SecretPattern(
        re.compile(
            r"\blogin[ \t]{1,9}\S{1,80}\s{1,9}(?:account\s{1,9}\S{1,80}\s{1,9})?"
            r"password[ \t]{1,9}(?P<secret>\S{4,200})"
        ),
        ("login",),
        _may_be_password,
    ),
    SecretPattern(
        re.compile(
            r"(?m)^[\w.*-]{1,100}:(?:\d{2,5}|\*):[\w.*-]{1,63}:[\w.*@-]{1,63}:"
            r"(?P<secret>\S{3,200})\r?$"
        ),
        (":5432:", ":*:", ":543"),
        _may_be_password,
    ),
    # pppd(8): chap-secrets, pap-secrets.
    SecretPattern(
        re.compile(
            r"(?m)^[ \t]{0,9}\"?[\w.@\\-]{1,60}\"?[ \t]{1,20}\*[ \t]{1,20}\""
            r"(?P<secret>[^\"\s]{4,100})\""
        ),
        ('" * "', '"\t*\t"'),
        lambda value: not stands_for_another(value),
    ),
    # htpasswd(1), shadow(5): a hash behind a colon or in quotes; also old DES hashes in such a
    # line.
    SecretPattern(
        re.compile(rf"(?P<secret>{_CRYPT})"),
        (
            "$2",
            "$1$",
            "$5$",
            "$6$",
            "$7$",
            "$y$",
            "$apr1$",
            "$argon2",
            "$scrypt$",
            "$pbkdf2",
            "{sha",
            "{ssha",
            "{smd5",
            "{md5",
            "{crypt",
            "{pbkdf2",
        ),
        lambda value: len(value) >= 20,
        at_hint=True,
    ),
    SecretPattern(
        re.compile(r"(?m)^[a-z_][\w.-]{0,31}:(?P<secret>[A-Za-z0-9./]{13}):\d{1,6}:"),
        (":0:99999:", ":::"),
    ),
    # Django's and Werkzeug's hashes.
    SecretPattern(
        re.compile(
            r"(?P<secret>(?:pbkdf2_sha\d{1,3}|pbkdf2:sha\d{1,3}|scrypt:\d+:\d+:\d+|bcrypt_sha256"
            r"|argon2)"
            r"(?:\$|:)[^\s\"'`]{20,300})"
        ),
        ("pbkdf2", "scrypt:", "bcrypt_sha256", "argon2$"),
    ),
    # Docker: "auths" with "auth" in Base64, .dockerconfigjson; Kubernetes' client-key-data.
    SecretPattern(
        re.compile(
            r"(?:auth[\"']?|\.dockerconfigjson[\"']?|\.dockercfg[\"']?)\s{0,5}:\s{0,5}[\"']?"
            r"(?P<secret>[A-Za-z0-9+/]{8,4000}={0,2})(?![A-Za-z0-9+/=_.({-])"
        ),
        ("auth", ".dockerc"),
        looks_random,
        at_hint=True,
    ),
)
