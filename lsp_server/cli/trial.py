"""Tries one small real edit of built-in code with a profile: does an answer come, how fast, is it
usable?

The answer is processed as in a session: by its reader and aligner, and by the gate that says
whether it may be shown. So the result holds for edits in an editor.
"""

import asyncio
from dataclasses import dataclass, field

from lsp_server.backends.base import ModelRequest
from lsp_server.choices import Publish
from lsp_server.errors import MidstreamError
from lsp_server.lsp.models import Models, known_context_tokens, model_request, stays_here
from lsp_server.prompt.compose import PromptPlace, compose
from lsp_server.session import events as ev
from lsp_server.session.attempt import Attempt
from lsp_server.session.events import Moment
from lsp_server.session.request import EditRequest
from lsp_server.settings import Profile
from lsp_server.syntax.gate import make_gate
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.lost_declarations import lost
from lsp_server.text.span import Span

TRY_S = 60.0
"""Seconds that one round trip may take, including handshake and thinking."""
LOCAL_TRY_S = 180.0
"""The same for a model on this machine, which may have to be loaded first."""

_OLD, _NEW = "result", "amount"
_BEFORE = "import math\n\n\n"
_SCOPE = f"""\
def add_up(prices):
    {_OLD} = 0
    for price in prices:
        {_OLD} += math.ceil(price)
    return {_OLD}
"""
_INSTRUCTION = f"rename {_OLD} to {_NEW}"

_LEAST_TOKENS = 8
"""Fewer tokens do not give a rate."""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """Whether the profile can be used for edits, and what to report."""

    fine: bool
    sentences: tuple[str, ...]


@dataclass(slots=True)
class _Answer:
    """The result of one stream, with times in seconds of the loop's clock."""

    result: "asyncio.Future[str | None]"
    pieces: list[str] = field(default_factory=list)
    first: float | None = None
    last: float = 0.0
    served: str = ""
    tier: str = ""

    def take(self, event: ev.ModelEvent) -> None:
        match event:
            case ev.Started():
                self.served = event.model or self.served
                self.tier = event.service_tier or self.tier
            case ev.Delta():
                self.last = asyncio.get_running_loop().time()
                self.first = self.last if self.first is None else self.first
                self.pieces.append(event.text)
            case ev.Finished():
                fault = None if event.completed else event.sentence or "The answer broke off."
                self._end(fault)
            case ev.Failed():
                self._end(event.sentence)

    def _end(self, fault: str | None) -> None:
        if not self.result.done():
            self.result.set_result(fault)


async def try_out(profile: Profile, models: Models) -> TrialResult:
    """Request one small edit. Never raises."""
    loop = asyncio.get_running_loop()
    began, answer = loop.time(), _Answer(loop.create_future())
    seconds = LOCAL_TRY_S if stays_here(profile) else TRY_S
    try:
        stream = models.backend(profile).open(1, tiny_request(profile), answer.take)
        try:
            fault = await asyncio.wait_for(answer.result, seconds)
        finally:
            stream.close()
    except TimeoutError:
        return TrialResult(False, (f"Tried: no complete answer in {seconds:.0f} s.",))
    except MidstreamError as error:
        return TrialResult(False, (f"Tried: {error}",))
    if fault is not None:
        return TrialResult(False, (f"Tried: {fault}",))
    usage = models.status(profile).usage
    tokens = max(len(answer.pieces), usage.output_tokens - usage.reasoning_tokens if usage else 0)
    fine, sentence = judge(answer.pieces)
    return TrialResult(fine, (_speed_sentence(profile, answer, began, tokens), sentence))


def _speed_sentence(profile: Profile, answer: _Answer, began: float, tokens: int) -> str:
    """Which model answered, and how fast."""
    by = f" by {answer.served}" if answer.served and answer.served != profile.model else ""
    tier = f", service tier {answer.tier}" if answer.tier else ""
    requested = profile.service_tier
    if tier and requested is not None and _tier(answer.tier) != _tier(requested):
        tier += f" (asked for: {requested})"
    first = began if answer.first is None else answer.first
    sentence = (
        f"Tried: it answers{by}{tier}. The first token came after {(first - began) * 1000:,.0f} ms"
    )
    took = answer.last - first
    if tokens >= _LEAST_TOKENS and took > 0:
        sentence += f", then {(tokens - 1) / took:,.0f} tokens a second"
    return sentence + "."


def _tier(name: str) -> str:
    """One name for a tier: OpenAI's `fast` was called `priority`, and answers may still say so."""
    return "fast" if name == "priority" else name


def judge(pieces: list[str]) -> tuple[bool, str]:
    """Whether an answer to the small request can be used as an edit, and the sentence for it."""
    attempt = Attempt(
        1,
        _request(""),
        Publish.LINE,
        Moment(0.0, _BEFORE, language="python"),
    )
    for piece in pieces:
        attempt.push(piece, 0.0, None)
    attempt.finish(True, 0.0)
    if attempt.refusal is not None:
        return False, "Its answer has no code, so it can't be used as an edit."
    if not attempt.proven:
        return False, "Its answer doesn't end as it should, so it wouldn't be shown."
    text = attempt.text_of(attempt.newest)
    gate = make_gate(_BEFORE + _SCOPE, _span(), language_for("python"))
    if not gate.settled(text):
        return False, "Its answer doesn't parse, so it wouldn't be shown."
    if lost(_SCOPE, text, language_for("python"), ""):
        return False, "Its answer drops the function it should change."
    if text == _SCOPE:
        return True, "Its answer works as an edit, but doesn't change what it should."
    if text != _SCOPE.replace(_OLD, _NEW):
        return True, "Its answer works as an edit, but changes more than was asked for."
    return True, "Its answer works as an edit and makes the change that was asked for."


def tiny_request(profile: Profile) -> ModelRequest:
    """The request: none of the user's code, but everything that an edit requires of the server."""
    request = _request(profile.name)
    place = PromptPlace("prices.py", "python", _BEFORE + _SCOPE, _span())
    prompt = compose(request, place, profile.context_tokens or known_context_tokens(profile))
    return model_request(profile, prompt, "midstream-doctor", request, place.language)


def _request(profile: str) -> EditRequest:
    return EditRequest(_INSTRUCTION, _SCOPE, _SCOPE, profile)


def _span() -> Span:
    return Span(len(_BEFORE), len(_BEFORE) + len(_SCOPE))
