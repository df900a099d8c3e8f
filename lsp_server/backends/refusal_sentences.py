"""The one sentence for each kind of refusal, on every route.

Each says what happened, whose fault it is and what to do. Built from a `RefusalReading`, the names
in the user's own settings, and figures. Nothing that a server wrote is in it.
"""

from dataclasses import dataclass

from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.backends.refusals import RefusalKind
from lsp_server.provider_table import Provider
from lsp_server.wording import CHECK_KEY, GIVE_KEY, OTHER_PROFILE, setting

_AGAIN = "send the instruction again"
_OTHER = "choose another model in the profile"


@dataclass(frozen=True, slots=True)
class Party:
    """Whom a sentence is about: `who` refused, asked for `model` by way of `provider` (None: by
    its WebSocket). `program` names what runs there, where that is known."""

    who: str
    model: str
    provider: str | None = None
    program: str | None = None
    has_key: bool = True
    local: bool = False
    bare: bool = False
    """Whether the address is a host without a path."""
    api_path: str = "/v1"
    """Where on that host the API usually is."""


def sentence_of(verdict: RefusalReading, party: Party) -> str:
    """The sentence for the user."""
    kind = verdict.kind
    if kind is RefusalKind.KEY and not party.has_key:
        kind = RefusalKind.NO_KEY
    sentence = _SENTENCES[kind].format(
        who=party.who,
        model=party.model,
        number=f" ({verdict.status})" if verdict.status is not None else "",
        Wait=_wait(verdict),
        Later=_later(verdict),
        read=_tokens(verdict, "at most {} tokens"),
        minute=_tokens(verdict, "{} tokens"),
        write=_tokens(verdict, "at most {} tokens"),
        Path=_capital(_path(party)),
        check=_check(party),
        Remedy=_capital(_remedy(party)),
        other_api=_capital(_other_api(party)),
        again=_AGAIN,
        Again=_capital(_AGAIN),
        other=_OTHER,
        Other=_capital(_OTHER),
        reword="Reword the instruction",
        output=setting("max_output_tokens"),
        context=setting("context_tokens"),
        give_key=GIVE_KEY,
        check_key=CHECK_KEY,
        other_profile=OTHER_PROFILE,
        sign_in=" (ollama signin)" if party.program == "Ollama" else "",
        where="where it runs" if party.local else "there",
    )
    return _capital(sentence) if sentence.startswith("the ") else sentence


_SENTENCES = {
    RefusalKind.PAGE: "{who} answered with a web page{number} instead of a model's answer. A "
    "proxy, a firewall or a login page is in between. Ask your network's administrator, or "
    "{check}.",
    RefusalKind.PROXY_KEY: "The proxy in front of {who} asks for a name and password (407). Put "
    "them into HTTPS_PROXY, or ask your network's administrator.",
    RefusalKind.NO_KEY: "{who} asks for a key{number}. To give it one, {give_key}.",
    RefusalKind.SIGN_IN: "{who} asks you to sign in for {model}. Sign in there{sign_in}, or "
    "{other}.",
    RefusalKind.KEY: "{who} rejected the key of this profile{number}. {check_key}.",
    RefusalKind.SCOPES: "The key of this profile lacks a permission at {who}. Grant it there, or "
    "use another key.",
    RefusalKind.COUNTRY: "{who} doesn't serve your country or region. {other_profile}.",
    RefusalKind.ADDRESS: "{who} rejects requests from your network's address. Allow the address in "
    "your account there, or use a network that is allowed.",
    RefusalKind.UNVERIFIED: "{who} offers {model} only to verified organizations. Verify yours "
    "there, or {other}.",
    RefusalKind.SUSPENDED: "Your account at {who} is disabled. Look there for the reason and at "
    "its billing, or {other_profile}.",
    RefusalKind.TERMS: "{who} asks you to accept the terms of {model}. Accept them there, or "
    "{other}.",
    RefusalKind.API_OFF: "The API isn't enabled for your project at {who}. Enable it there.",
    RefusalKind.DATA_POLICY: "Your privacy or provider settings at {who} exclude every server that "
    "runs {model}. Change them there, or {other}.",
    RefusalKind.MODERATION: "The moderation of {who} rejected your code or instruction. {reword}, "
    "choose a smaller scope, or {other}.",
    RefusalKind.FILTER: "The content filter of {who} rejected your code or instruction. {reword}, "
    "choose a smaller scope, or {other}.",
    RefusalKind.TOOL: "{model} at {who} called a tool instead of answering, although it was "
    "offered none. {Again}, reword it, or {other}.",
    RefusalKind.OTHER_API: "{who} offers {model} only through its other API. {other_api}.",
    RefusalKind.NO_CHAT: "{model} at {who} isn't a chat model. {Other}.",
    RefusalKind.RETIRED: "{who} has retired {model}. {Other}.",
    RefusalKind.NO_SYSTEM: "{model} at {who} takes no system message. {Other}.",
    RefusalKind.OUTPUT_LIMIT: "{model} allows fewer output tokens than this profile asks for"
    "{write}. Lower {output} in the profile.",
    RefusalKind.NO_CREDIT: "Your account at {who} doesn't have enough credit. Add some there, or "
    "{other_profile}.",
    RefusalKind.BILLING: "Your account at {who} needs a payment method. Add one there, or "
    "{other_profile}.",
    RefusalKind.OVER_MINUTE: "The request is larger than your account at {who} may send in a minute"
    "{minute}. Choose a smaller scope, lower {context} in the profile, or raise the limit there.",
    RefusalKind.USAGE: "You have reached the usage limit of your account at {who}. {Later}, or "
    "{other_profile}.",
    RefusalKind.TOKEN_RATE: "Your account at {who} has reached its limit of tokens per minute"
    "{minute}. {Wait}, choose a smaller scope, or {other_profile}.",
    RefusalKind.LONG_CONTEXT: "Your account at {who} doesn't allow requests as long as this one. "
    "Choose a smaller scope, lower {context} in the profile, or change your plan there.",
    RefusalKind.CONTEXT: "The request is longer than {model} can read{read}. Choose a smaller "
    "scope, or a model that reads more.",
    RefusalKind.MEMORY: "{who} has too little memory for {model}. Choose a smaller model or a "
    "smaller context, or free memory {where}.",
    RefusalKind.TEMPLATE: "The chat template of {model} at {who} failed on Midstream's messages, "
    "which is the template's fault. Give that server another template, or {other}.",
    RefusalKind.CRASHED: "{who} couldn't run {model}, which is the server's fault. Look at its log "
    "and restart it, or {other}.",
    RefusalKind.NOT_LOADED: "{who} has no model loaded. Load {model} {where}, then {again}.",
    RefusalKind.LOADING: "{who} is still loading {model}. {Wait}, then {again}.",
    RefusalKind.PREVIOUS: "{who} no longer has the answer that this request continues. {Again}; "
    "Midstream then sends all of it.",
    RefusalKind.OLD: "{who} closed the connection because it reached its age limit. Midstream is "
    "opening a new one. {Again}.",
    RefusalKind.CONCURRENT: "{who} is still busy with another answer on this connection. {Again}.",
    RefusalKind.NO_MODEL: "{who} doesn't offer {model}. {Remedy}.",
    RefusalKind.NO_ACCESS: "Your account at {who} has no access to {model}. Ask for it there, or "
    "{other}.",
    RefusalKind.OVERLOADED: "{who} is overloaded{number}. {Wait}, then {again}.",
    RefusalKind.RATE: "You have reached the rate limit of {who}{number}. {Wait}, or "
    "{other_profile}.",
    RefusalKind.TIMEOUT: "{who} timed out{number}. {Again}.",
    RefusalKind.NO_PATH: "{who} has nothing at this path{number}. {Path}.",
    RefusalKind.FORBIDDEN: "{who} denies this key access to {model}{number}. Ask for it there, or "
    "{other}.",
    RefusalKind.ELSEWHERE: "{who} redirects to another address{number}. Midstream sends no key "
    "there: put the final address into the profile.",
    RefusalKind.SERVER: "{who} failed{number}, which is the server's fault. {Again}.",
    RefusalKind.REFUSED: "{who} refused the request{number} for an unknown reason. Check the "
    "options of the profile, or {other}.",
    RefusalKind.UNKNOWN: "{who} reported an error. {Again}.",
}


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _wait(verdict: RefusalReading) -> str:
    return "Wait a moment" if verdict.wait is None else f"Wait {verdict.wait}"


def _later(verdict: RefusalReading) -> str:
    """The same if it may take days."""
    return "Wait until it is renewed" if verdict.wait is None else f"Wait {verdict.wait}"


def _tokens(verdict: RefusalReading, words: str) -> str:
    return "" if not verdict.limit else f" ({words.format(f'{verdict.limit:,}')})"


def _path(party: Party) -> str:
    if party.bare:
        return f"add {party.api_path} to {setting('base_url')} in the profile"
    if party.provider == Provider.OPENAI_RESPONSES:
        return (
            f'{_check(party)}, or set {setting("provider")} to "{Provider.OPENAI_CHAT}" if the '
            "server has no Responses API"
        )
    return _check(party)


def _check(party: Party) -> str:
    name = setting("url") if party.provider is None else setting("base_url")
    return f"check {name} in the profile"


def _remedy(party: Party) -> str:
    if party.program == "Ollama":
        return f"run `ollama pull {party.model}`, or {_OTHER}"
    if party.program == "Azure":
        return f"set {setting('model')} in the profile to the name of a deployment"
    return _OTHER


def _other_api(party: Party) -> str:
    if party.provider == Provider.OPENAI_RESPONSES:
        return f'set {setting("provider")} in the profile to "{Provider.OPENAI_CHAT}"'
    if party.provider == Provider.OPENAI_CHAT:
        return f'set {setting("provider")} in the profile to "{Provider.OPENAI_RESPONSES}"'
    if party.provider is None:
        return f"replace {setting('url')} in the profile by {setting('provider')}"
    return _OTHER
