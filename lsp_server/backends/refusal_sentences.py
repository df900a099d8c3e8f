"""The one sentence for each kind of refusal, on every route.

Each says what happened, whose fault it is and what to do. Built from a `RefusalReading`, the names in
the user's own settings and figures; nothing that a server wrote is in it.
"""

from dataclasses import dataclass

from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.backends.refusals import RefusalKind
from lsp_server.provider_table import Provider

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
    """What to tell the user."""
    kind = verdict.kind
    if kind is RefusalKind.KEY and not party.has_key:
        kind = RefusalKind.NO_KEY
    told = _SENTENCES[kind].format(
        who=party.who,
        model=party.model,
        number=f" ({verdict.status})" if verdict.status is not None else "",
        wait=_wait(verdict),
        later=_later(verdict),
        read=_tokens(verdict, "at most {} tokens"),
        minute=_tokens(verdict, "{} tokens"),
        write=_tokens(verdict, "at most {} tokens"),
        path=_path(party),
        check=_check(party),
        remedy=_remedy(party),
        other=_other_api(party),
        sign_in=" (ollama signin)" if party.program == "Ollama" else "",
        where="where it runs" if party.local else "there",
    )
    return told[0].upper() + told[1:] if told.startswith("the ") else told


_SENTENCES = {
    RefusalKind.PAGE: "{who} answers with a web page{number}, not as a model does: a proxy or firewall on "
    "the way shows it, or a login; ask who runs your network, or {check}.",
    RefusalKind.PROXY_KEY: "The proxy on the way to {who} asks for a name and password (407): put them "
    "into HTTPS_PROXY, or ask who runs your network.",
    RefusalKind.NO_KEY: "{who} asks for a key{number}: give the profile an apiKeyEnv.",
    RefusalKind.SIGN_IN: "{who} asks you to sign in for {model} first: do so there{sign_in}, or "
    f"{_OTHER}.",
    RefusalKind.KEY: "{who} does not accept this profile's key{number}: check where it comes from "
    "(apiKeyEnv, apiKeyCommand or apiKeyring).",
    RefusalKind.SCOPES: "This profile's key may not be used for this at {who}: give it the permission "
    "there, or use another key.",
    RefusalKind.COUNTRY: "{who} does not serve the country or region that your request comes from; choose "
    "another profile.",
    RefusalKind.ADDRESS: "{who} takes no requests from your network's address: allow it in your account "
    "there, or use the network that it allows.",
    RefusalKind.UNVERIFIED: "{who} offers {model} only to verified organizations: verify yours there, "
    f"or {_OTHER}.",
    RefusalKind.SUSPENDED: "Your account at {who} is switched off: look there for the reason and at its "
    "billing, or choose another profile.",
    RefusalKind.TERMS: "{who} asks you to accept the terms of {model} first: do so there, "
    f"or {_OTHER}.",
    RefusalKind.API_OFF: "The API is not enabled for your project at {who}: enable it there.",
    RefusalKind.DATA_POLICY: "Your privacy or provider settings at {who} leave nobody who could run "
    f"{{model}}: change them there, or {_OTHER}.",
    RefusalKind.MODERATION: "The moderation of {who} flagged what was sent (your code or instruction) and "
    f"refused it: put the instruction differently, choose a smaller scope, or {_OTHER}.",
    RefusalKind.FILTER: "The content filter of {who} refused what was sent (your code or instruction): "
    f"put the instruction differently, choose a smaller scope, or {_OTHER}.",
    RefusalKind.TOOL: "{model} at {who} called a tool instead of writing an answer, though none was "
    f"offered to it; {_AGAIN}, put it differently, or {_OTHER}.",
    RefusalKind.OTHER_API: "{who} offers {model} only by its other API: {other}.",
    RefusalKind.NO_CHAT: f"{{model}} at {{who}} is not a model that holds a conversation: {_OTHER}.",
    RefusalKind.RETIRED: f"{{who}} has retired {{model}}: {_OTHER}.",
    RefusalKind.NO_SYSTEM: f"{{model}} at {{who}} takes no system message: {_OTHER}.",
    RefusalKind.OUTPUT_LIMIT: "The token limit of this profile is higher than {model} allows{write}: "
    "lower its maxOutputTokens.",
    RefusalKind.NO_CREDIT: "Your account at {who} has no credit left for this: add some there, or choose "
    "another profile.",
    RefusalKind.BILLING: "Your account at {who} needs a way to pay for this: set up billing there, or "
    "choose another profile.",
    RefusalKind.OVER_MINUTE: "The request is larger than your account at {who} may send in a minute"
    "{minute}: choose a smaller scope or a smaller contextTokens, or raise the limit there.",
    RefusalKind.USAGE: "You have reached the usage limit of your account at {who}; {later}, or choose "
    "another profile.",
    RefusalKind.TOKEN_RATE: "Your account at {who} has reached its limit of tokens per minute{minute}; "
    "{wait}, or choose a smaller scope or another profile.",
    RefusalKind.LONG_CONTEXT: "Your account at {who} does not include requests as long as this one: "
    "choose a smaller scope or a smaller contextTokens, or change your plan there.",
    RefusalKind.CONTEXT: "The request is longer than {model} can read{read}; choose a smaller scope "
    "or a model that reads more.",
    RefusalKind.MEMORY: "{who} has too little memory for {model}: choose a smaller model or a smaller "
    "context, or free memory {where}.",
    RefusalKind.TEMPLATE: "The chat template of {model} at {who} failed on our messages, which is that "
    "template's fault: give that server another template, or choose another model.",
    RefusalKind.CRASHED: "{who} could not run {model}, which is its own fault: look into its log "
    f"and start it again, or {_OTHER}.",
    RefusalKind.NOT_LOADED: "{who} has no model loaded: load {model} {where}, then " + f"{_AGAIN}.",
    RefusalKind.LOADING: "{who} is still loading {model}; {wait}, then " + f"{_AGAIN}.",
    RefusalKind.PREVIOUS: "{who} no longer knows the answer that this request continued; "
    f"{_AGAIN}, it will be sent in full.",
    RefusalKind.OLD: "{who} closed the connection because it had reached its age limit; a new one is "
    f"being opened, {_AGAIN}.",
    RefusalKind.CONCURRENT: "{who} is still busy with another answer on this connection; "
    + f"{_AGAIN}.",
    RefusalKind.NO_MODEL: "{who} does not offer {model}: {remedy}.",
    RefusalKind.NO_ACCESS: "Your account at {who} has no access to {model}: ask for it there, or "
    f"{_OTHER}.",
    RefusalKind.OVERLOADED: "{who} is overloaded{number}; {wait}, then " + f"{_AGAIN}.",
    RefusalKind.RATE: "The rate limit of {who} is reached{number}; {wait}, or choose another profile.",
    RefusalKind.TIMEOUT: "{who} gave up waiting{number}; " + f"{_AGAIN}.",
    RefusalKind.NO_PATH: "{who} has nothing at this path{number}: {path}.",
    RefusalKind.FORBIDDEN: "{who} forbids access to {model} with this key{number}: ask for it there, or "
    f"{_OTHER}.",
    RefusalKind.ELSEWHERE: "{who} redirects elsewhere{number}, which is not followed with a key: put the "
    "final address into the profile.",
    RefusalKind.SERVER: "{who} failed by its own fault{number}; " + f"{_AGAIN}.",
    RefusalKind.REFUSED: "{who} refused the request{number} for a reason that Midstream does not know: "
    f"look at the options of the profile, or {_OTHER}.",
    RefusalKind.UNKNOWN: "{who} reported an error; " + f"{_AGAIN}.",
}


def _wait(verdict: RefusalReading) -> str:
    if verdict.wait is None:
        return "wait a little"
    return f"wait {verdict.wait}"


def _later(verdict: RefusalReading) -> str:
    """The same where it may be a matter of days."""
    return "wait until it is renewed" if verdict.wait is None else f"wait {verdict.wait}"


def _tokens(verdict: RefusalReading, words: str) -> str:
    return "" if not verdict.limit else f" ({words.format(f'{verdict.limit:,}')})"


def _path(party: Party) -> str:
    if party.bare:
        return f"add {party.api_path} to baseUrl"
    if party.provider == Provider.OPENAI_RESPONSES:
        return f'{_check(party)}, or set provider to "{Provider.OPENAI_CHAT}" if it has no Responses API'
    return _check(party)


def _check(party: Party) -> str:
    return "check the url of the profile" if party.provider is None else "check baseUrl"


def _remedy(party: Party) -> str:
    if party.program == "Ollama":
        return f"get it (ollama pull {party.model}), or {_OTHER}"
    if party.program == "Azure":
        return "put the name of a deployment into the profile's model"
    return _OTHER


def _other_api(party: Party) -> str:
    if party.provider == Provider.OPENAI_RESPONSES:
        return f'set provider to "{Provider.OPENAI_CHAT}"'
    if party.provider == Provider.OPENAI_CHAT:
        return f'set provider to "{Provider.OPENAI_RESPONSES}"'
    if party.provider is None:
        return "reach it through a provider"
    return _OTHER
