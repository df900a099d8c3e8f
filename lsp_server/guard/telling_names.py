"""Knows which names suggest that their value is a secret, and how strongly.

Knows nothing of values.
"""

import re
from enum import IntEnum
from functools import lru_cache


class Trust(IntEnum):
    """How strongly a name suggests that its value is a secret."""

    NONE = 0
    KEY = 1
    PIN = 2
    TOKEN = 3
    SECRET = 4
    PASSWORD = 5


_WORDS = re.findall(
    r"\w+",
    """
    pass pwd psk secret token key auth cred salt pepper jwt session sessid cookie contrase
    mnemonic phrase kennwort senha passwort pw pin bearer webhook license parole hmac
    otp
    """,
)
_SERVICES = re.findall(
    r"\w+",
    """
    twilio algolia datadog cloudflare facebook twitter fastly snyk heroku sentry zendesk mailgun
    mailchimp codecov coinbase flickr okta plaid rapidapi travis twitch yandex spotify trello
    asana pagerduty pusher rollbar bugsnag honeycomb relic splunk sumo logdna firebase netlify
    cloudinary linkedin dropbox hubspot shopify paypal braintree adyen mollie cloudant softlayer
    drone sonar jira confluence artifactory wandb cohere mistral deepgram telnyx nexmo plivo
    messagebird finnhub beamer
    """,
)
"""Services whose keys have no format of their own."""
ANCHORS = tuple(word.encode() for word in (*_WORDS, *_SERVICES))
"""Every telling name contains one of these texts, in lower case."""

_PASSWORD = re.compile(
    r"(?:passw(?:or)?d|passwort|passwd|passphrase|passcode|pass_?phrase|(?<![a-z])pass|_pass|pwd"
    r"|psk"
    r"|(?<=[a-z])pass(?<!by.pass)(?<!com.pass)|(?<![a-z])pw|(?:user|db|root|bind|admin|login"
    r"|mail|smtp|ftp|ldap|my)_?pw|contrase[nñ]a|kennwort|senha"
    r"|mnemonic|(?:seed|recovery|pass|secret)[_-]?phrase|parole)s?[_0-9-]{0,4}\Z"
)
_PIN = re.compile(r"(?:\A|[_.-])pin(?:_?code)?\Z")
_SECRET = re.compile(r"(?:secret|pepper|salt)s?[_0-9-]{0,4}\Z")
_TOKEN = re.compile(
    r"passw(?:or)?d|passwort|passwd|passphrase|pwd|secret|token|pepper|salt|credential|creds\Z"
    r"|jwt\Z|bearer"
    r"|(?:api|access|auth|private|priv|sign(?:ing)?|encrypt(?:ion)?|decrypt(?:ion)?|client"
    r"|session|master|hmac"
    r"|admin|service|account|db|database|licen[cs]e|deploy|shared|storage|subscription|consumer"
    r"|app|application"
    r"|crypto?|cipher|aes|des|jwt|cookie|root|webhook|server|security|logged_in|nonce|host"
    r"|function|functions"
    r"|write|read|ingest|integration|vault|unseal|recovery|backup|fernet|sas|ssh|ssl|tls|pgp|gpg"
    r"|user|login"
    r"|jwk|hash|project|instrumentation|search|install(?:ation)?|routing|events?|push|sdk|dsa"
    r"|rsa|ecdsa)[_.-]?key"
    r"|(?:\A|_|-)auth\Z|sess(?:ion)?_?id\Z|csrf|otp\Z"
)
_KEY = re.compile(
    r"(?:key|auth|session|cookie|cred|license|hmac|webhook)s?[_0-9-]{0,4}\Z|key_?id\Z"
    r"|hmac"
)
_SERVICE = re.compile("|".join(_SERVICES))
_OTHER = re.compile(
    r"(?:_|-|\b)(?:name|file|filename|path|dir|url|uri|endpoint|header|type|kind|field|length"
    r"|policy|re|regexp?|pattern|prefix"
    r"|suffix|label|hint|placeholder|error|errors|message|msg|count|limit|expiry|expires(?:_in"
    r"|_at)?|ttl|version|algorithm"
    r"|algo|alg|hashers?|format|arn|ref|param|env|var|column|index|size|class|color|colour|title"
    r"|text|description"
    r"|status|state|event|action|route|page|view|form|input|selector|test|example|lifetime"
    r"|timeout|date|time"
    r"|provider|manager|service|store|issuer|audience|scope|scopes|method|mode|rule|rules"
    r"|validation|validator"
    r"|min|max|age|required|enabled|usage|uses|names?|store_?type|encoding|charset|digits?|bits"
    r"|rounds|ns|space)s?\Z"
    r"|public|publish(?:able)?|(?:\A|[_-])pub(?:[_-]|\Z)|pubkey|(?:primary|foreign|partition"
    r"|sort|cache|range"
    r"|group|site|row|item|index|hash|map|dict|lookup|unique|composite|sub|super|react|i18n"
    r"|translation|locale"
    r"|hot|short|idempotency|object|s3|bucket|dedupe|routing)[_-]?keys?\Z|keyboard|keyword"
    r"|keycode|keyframe"
    r"|keystroke|keypress|keyup|keydown|tokeniz|token_?types?|author|tokens?_?count|max_?tokens"
    r"|monkey|turkey"
    r"|donkey|hockey|bypass|compass|passenger|passage|passive|passing|passed|passport\Z"
    r"|sessions?_?cookie_?name"
    r"|password_?hash(?:er|ing)s?|integrity|checksum|sha\d|md5|fingerprint|thumbprint|etag"
)
"""Names that mean something other than a secret."""

_ABOUT = re.compile(
    r"(?:\A|_|-|\.)(?:invalid|wrong|forgot(?:ten)?|missing|incorrect|enter|weak|label|msg"
    r"|message|errors?|hint|title"
    r"|placeholder|type|show|hide|toggle|validate|change|lost|no|is|has|with|without)(?:_|-|\.)"
)
"""Names of messages and actions about a password."""


def trust_in(name: str) -> Trust:
    """How strongly a name (in lower case) suggests that its value is a secret."""
    if _PASSWORD.search(name) and not name.endswith(("bypass", "compass")):
        return Trust.NONE if _ABOUT.search(name) else Trust.PASSWORD
    if _OTHER.search(name):
        return Trust.NONE
    if _PIN.search(name):
        return Trust.PIN
    if _SECRET.search(name):
        return Trust.SECRET
    if _TOKEN.search(name):
        return Trust.TOKEN
    if _SERVICE.search(name):
        return Trust.TOKEN if _KEY.search(name) else Trust.KEY
    return Trust.KEY if _KEY.search(name) else Trust.NONE


@lru_cache(4096)
def trust_in_code(name: str) -> Trust:
    return trust_in(snake(name))


def snake(name: str) -> str:
    """A name in lower case, with the words of `camelCase` separated by underscores."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "_", name).lower()
