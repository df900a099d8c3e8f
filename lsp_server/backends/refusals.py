"""The kinds of refusal and how each is recognised: one table for every route.

The first row that fits decides, so specific rows come before general ones. A row checks the
status, codes and whole phrases, because one word is not enough: "billing" is in Gemini's everyday
rate limit too. The phrases are from the makers' documents and from users' reports;
`fixtures/refusals` has a body for each. Pure.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum


class RefusalKind(StrEnum):
    """What a server means. The value is the error code that our gateway sends."""

    PAGE = "upstream_page"
    PROXY_KEY = "proxy_authentication_required"
    NO_KEY = "missing_api_key"
    SIGN_IN = "sign_in_required"
    KEY = "invalid_api_key"
    SCOPES = "key_lacks_permission"
    COUNTRY = "unsupported_country"
    ADDRESS = "ip_not_authorized"
    UNVERIFIED = "organization_not_verified"
    SUSPENDED = "account_not_active"
    TERMS = "model_terms_required"
    API_OFF = "api_disabled"
    DATA_POLICY = "data_policy"
    MODERATION = "moderation"
    FILTER = "content_filter"
    OTHER_API = "model_on_other_api"
    NO_CHAT = "not_a_chat_model"
    TOOL = "only_a_tool_call"
    RETIRED = "model_retired"
    NO_SYSTEM = "system_role_refused"
    OUTPUT_LIMIT = "max_tokens_too_large"
    NO_CREDIT = "insufficient_quota"
    BILLING = "billing_not_set_up"
    OVER_MINUTE = "request_over_token_rate"
    USAGE = "usage_limit_reached"
    TOKEN_RATE = "token_rate_limit_exceeded"
    LONG_CONTEXT = "long_context_not_included"
    CONTEXT = "context_length_exceeded"
    MEMORY = "out_of_memory"
    TEMPLATE = "chat_template_failed"
    CRASHED = "model_crashed"
    NOT_LOADED = "no_model_loaded"
    LOADING = "model_loading"
    PREVIOUS = "previous_response_not_found"
    OLD = "websocket_connection_limit_reached"
    CONCURRENT = "concurrent_request"
    NO_MODEL = "model_not_found"
    NO_ACCESS = "model_not_accessible"
    OVERLOADED = "server_is_overloaded"
    RATE = "rate_limit_exceeded"
    TIMEOUT = "upstream_timeout"
    NO_PATH = "not_found"
    FORBIDDEN = "access_denied"
    ELSEWHERE = "redirected"
    SERVER = "server_error"
    REFUSED = "invalid_prompt"
    UNKNOWN = "unknown_error"


BY_STATUS = frozenset(
    {
        RefusalKind.KEY,
        RefusalKind.RATE,
        RefusalKind.OVERLOADED,
        RefusalKind.TIMEOUT,
        RefusalKind.NO_PATH,
        RefusalKind.FORBIDDEN,
        RefusalKind.ELSEWHERE,
        RefusalKind.SERVER,
        RefusalKind.REFUSED,
        RefusalKind.UNKNOWN,
    }
)
"""Kinds that say no more than the status does."""


@dataclass(frozen=True, slots=True)
class RefusalRule:
    """One row. It fits if the status is one of `statuses` and `codes` (a whole code, lower case) or
    `words` match. With neither of them the status alone decides."""

    kind: RefusalKind
    words: str | None = None
    codes: str | None = None
    statuses: Set[int] | None = None

    def fits(self, status: int | None, codes: Set[str], text: str) -> bool:
        """Whether a refusal is of this kind. `codes` and `text` are in lower case."""
        # An error inside a stream has no status, so its words decide.
        no_status = status is None and self.words is not None
        if self.statuses is not None and status not in self.statuses and not no_status:
            return False
        if self.words is None and self.codes is None:
            return True
        if self.codes is not None and any(re.fullmatch(self.codes, code) for code in codes):
            return True
        return self.words is not None and re.search(self.words, text) is not None


_CLIENT = frozenset(range(400, 500))
_SERVER = frozenset(range(500, 600))
_LONG = (_CLIENT | {500}) - {429}
"""Bedrock writes "too many tokens" in a 429 that means the rate."""

_TOO_MUCH = (
    r"(?s:(?=.*(exceed|maximum|overflow|reached|at most|only \d|reduce|shorter"
    r"|(too|is|are) (long|large|big|great))))"
)
"""A text that says that something is too large."""

_M = r"\bmodels?\b(?:[^.\n]|\.(?=[\w-])){0,120}?"
"""A model, followed in the same sentence by what is said about it. Its name may contain dots."""

RULES: tuple[RefusalRule, ...] = (
    RefusalRule(RefusalKind.PROXY_KEY, statuses=frozenset({407})),
    RefusalRule(RefusalKind.PAGE, statuses=frozenset({511})),
    RefusalRule(
        RefusalKind.SIGN_IN,
        r"ollama\.com/connect|need to be signed in|please sign in",
        statuses=frozenset({401, 403}),
    ),
    RefusalRule(RefusalKind.TOOL, r"but (the )?model called a tool", r"tool_use_failed"),
    RefusalRule(
        RefusalKind.COUNTRY,
        r"country, region,? or territory|(country|region|location)\b.{0,40}not supported"
        r"|not (available|supported) in your (country|region|location)"
        r"|unsupported (country|countries|region|location)"
        r"|from your (country|region|location) is",
        r"unsupported_(country|region|location)\w*",
    ),
    RefusalRule(
        RefusalKind.ADDRESS,
        r"\bip\b.{0,60}(not (authori[sz]ed|allowed|permitted)|allow.?list|denied)"
        r"|virtual network/firewall|ip address restriction|public access is disabled"
        r"|private endpoint|check your network settings",
        r"ip_not_(authorized|allowed)|api_key_ip_address_blocked",
        frozenset({400, 401, 403}),
    ),
    RefusalRule(
        RefusalKind.UNVERIFIED, r"organi[sz]ation must be verified|verify (your )?organi[sz]ation"
    ),
    RefusalRule(
        RefusalKind.TERMS,
        r"terms acceptance|accept (the|its) (terms|licen[sc]e)|gated (repo|model)"
        r"|use case details have not been submitted",
        r"model_terms_required|gated_repo",
    ),
    RefusalRule(
        RefusalKind.API_OFF,
        r"\bapi\b.{0,80}(has not been used in|is (currently )?disabled|is not enabled)",
        r"service_disabled",
    ),
    RefusalRule(
        RefusalKind.DATA_POLICY,
        r"data policy|privacy settings|no allowed providers|guardrail restrictions"
        r"|routing requirements|no endpoints found that|data retention is required",
    ),
    RefusalRule(
        RefusalKind.MODERATION,
        r"requires moderation|moderation.{0,40}(flagged|blocked|failed)|flagged (for|as|by)"
        r"|(blocked|rejected) by moderation"
        r"|violat\w+.{0,60}(usage|use|content|safety) (guidelines|polic)|content violates"
        r"|violation of.{0,40}\b(terms|polic)",
        r"moderation\w*|content_policy_violation|invalid_prompt",
    ),
    RefusalRule(
        RefusalKind.FILTER,
        r"content management policy|content.?filter|content exists risk|inappropriate content"
        r"|unsafe or sensitive|blocked by.{0,40}(guardrail|safety|filter|policy)"
        r"|prompt was blocked|blocked the prompt",
        r"content_filter\w*|responsibleaipolicyviolation|data_?inspection_?failed"
        r"|prohibited_content",
    ),
    RefusalRule(
        RefusalKind.NO_CREDIT,
        r"insufficient_quota|insufficient\b.{0,20}\b(balance|credits?|funds|quota)\b"
        r"|(balance|credits?)\b.{0,30}(too low|exhausted|depleted|used up|run out|insufficient)"
        r"|not enough (balance|credits?)|out of credits|all available credits|can only afford"
        r"|(exhausted|used up|out of) (your |all |the |remaining )*credits|have any credits"
        r"|requires more credits|credit limit exceeded|included credits"
        r"|good standing|arrears|overdue payment|past invoices|no remaining (credit|balance)"
        r"|top up your",
        # 1113 is Z.ai's, whose words are Chinese at one of its addresses.
        r"insufficient_(quota|balance|credits|funds)|payment_required|billing_hard_limit_reached"
        r"|exceeded_current_quota_error|arrearage|1113",
    ),
    RefusalRule(
        RefusalKind.BILLING,
        r"billing to be enabled|payment (instrument|method) must|valid (credit card|payment)"
        r"|free tier of the model has been exhausted|dunning",
        r"billing_disabled|customer_verification_required|allocationquota\.freetieronly",
        frozenset({400, 402, 403}),
    ),
    RefusalRule(
        RefusalKind.SUSPENDED,
        r"(account|organi[sz]ation|team|project|workspace|consumer)\b.{0,40}\b(is|was|been) "
        r"(\w+ly )?(deactivated|suspended|disabled|archived|blocked|banned|restricted|not active"
        r"|inactive)",
        r"account_deactivated|billing_not_active|deactivated_workspace|consumer_suspended"
        r"|organization_restricted",
    ),
    RefusalRule(
        RefusalKind.SCOPES,
        r"missing scopes|insufficient permissions for this operation|sufficient permissions to"
        r"|api methods are blocked|authentication scopes|does not have permission to use"
        r"|lacks the required|permission is required|permission .{1,60} denied on resource"
        r"|not authorized to perform|from referer|api key is restricted",
        r"access_token_scope_insufficient|api_key_(service|http_referrer)_blocked|missing_scope"
        r"|iam_permission_denied",
    ),
    RefusalRule(
        RefusalKind.KEY,
        r"api[ _-]?key\b.{0,30}(not valid|invalid|expired|was reported|been (revoked|disabled))"
        r"|(invalid|incorrect|wrong|malformed|expired) (x-)?api[ _-]?key"
        r"|invalid (bearer token|authentication|credentials|token)|authentication fails"
        r"|unregistered callers|\btoken\b[^s].{0,30}(is invalid|(is|has) expired)|\btoken expired"
        r"|invalid subscription key|credential is only authori[sz]ed for|authori[sz]ation failed",
        r"(invalid|wrong|expired)_api_key|api_key_(invalid|expired)|authentication_error"
        r"|unauthenticated|unrecognizedclientexception|expiredtokenexception",
        frozenset({400, 401, 403}),
    ),
    RefusalRule(
        RefusalKind.NO_CHAT,
        r"not a chat model|did you mean to use v1/completions"
        r"|does not support (chat|generate)\b(?!/)(?!\.? ?completions)"
        r"|content or output modality contain audio|is an embedding model|only supports embedding",
    ),
    RefusalRule(
        RefusalKind.OTHER_API,
        r"only (supported|available) (in|with|through|via) (the )?(v1/)?(responses|chat)"
        r"|(responses|chat/? ?completions?)\b.{0,40}(api|endpoint)?.{0,20}"
        r"(not supported for this model|does not work with the specified model)"
        r"|(not support(ed)?|accessible|available)\b.{0,30}/?(openai/)?(v1)?/"
        r"(responses|chat/completions)|use the responses api|not support (the )?responses"
        r"|chatcompletion operation does not work|in the responses api, this parameter",
        r"unsupported_api_for_model",
    ),
    RefusalRule(
        RefusalKind.RETIRED,
        _M + r"(deprecated|decommissioned|retired|sunset|discontinued|shut ?down|end of (its )?life"
        r"|was removed on"
        r"|marked by provider as legacy|no longer (available|supported|offered|served))"
        r"|(its|the) end.of.(its.)?life",
        r"model_(decommissioned|deprecated|retired|shutdown)",
        _CLIENT,
    ),
    RefusalRule(
        RefusalKind.NO_SYSTEM,
        r"system.{0,4} ?(role|message|prompt|instruction)s?.{0,30}"
        r"(not (supported|allowed|enabled)|unsupported)"
        r"|(not|n.t) support .{0,12}(system|developer)|developer instruction is not enabled"
        r"|(system|developer).{0,3} is not (supported|allowed|a valid role|one of)"
        r"|only .?user.? and .?assistant.? roles|unexpected (message )?role"
        r"|(invalid|unsupported|unknown) role.{0,12}(system|developer)",
    ),
    RefusalRule(
        RefusalKind.LONG_CONTEXT,
        r"extra usage is required for long|long context beta is not",
    ),
    RefusalRule(
        RefusalKind.OVER_MINUTE,
        r"request too large\b.{0,200}(per min|\btpm\b)",
        statuses=frozenset({413, 429}),
    ),
    # A plan that allows none does not have it.
    RefusalRule(
        RefusalKind.NO_ACCESS,
        r"quota exceeded for metric.{0,200}limit: 0\b",
        statuses=frozenset({429}),
    ),
    RefusalRule(
        RefusalKind.USAGE,
        r"usage limit|(requests?|tokens?|quota|limit)\b.{0,40}per (day|week|month)\b"
        r"|\b(tpd|rpd)\b|per.?(day|month)|(/ ?|by)(day|month)\b"
        r"|(daily|weekly|monthly|hourly|session).{0,30}(limit|quota|allocation)"
        r"|per \d{5,}s\b|spend(ing)? limit|key limit exceeded|\b\d+-hour limit|over budget"
        r"|budget has been exceeded",
        r"usage_limit\w*|daily_limit\w*|budget_exceeded",
        frozenset({400, 401, 402, 403, 429}),
    ),
    RefusalRule(
        RefusalKind.RATE,
        r"parallel request|concurren\w+ (connection|request|usage)",
        statuses=frozenset({429}),
    ),
    RefusalRule(RefusalKind.NO_CREDIT, statuses=frozenset({402})),
    RefusalRule(
        RefusalKind.TOKEN_RATE,
        r"tokens per min|token.{0,20}per.?minute|\btpm\b|too many tokens|token rate",
        statuses=frozenset({429}),
    ),
    RefusalRule(
        RefusalKind.MEMORY,
        r"out of memory|outofmemory|requires more .{0,20}memory|cudamalloc|\boom\b"
        r"|(not enough|insufficient) (system |gpu |video |free )?(memory|vram|ram|system resources)"
        r"|(failed|unable) to allocate|no space in (the )?kv cache|find a memory slot",
    ),
    RefusalRule(
        RefusalKind.CRASHED,
        r"runner (process )?(has |was )?(terminated|crash|exit|died)|model.{0,20}(has )?crashed"
        r"|(engine|process|worker|runner).{0,40}(is dead|died|crashed|terminated|exited"
        r"|no longer running)"
        r"|enginedeaderror|unexpectedly (stopped|exited)|while running the model"
        r"|(failed|unable|could not|cannot) (to )?load (the )?model"
        r"|error loading (the )?(model|llama)"
        r"|model\b.{0,80}failed to load|runner to start|\bchannel error\b|post predict:",
        statuses=_SERVER | {400, 404},
    ),
    RefusalRule(
        RefusalKind.NOT_LOADED,
        r"no models? (is |are )?(currently )?loaded|model\b.{0,60}(not loaded|unloaded)"
        r"|please load a model",
    ),
    RefusalRule(
        RefusalKind.LOADING,
        r"(?m:^\W*loading (the )?model\W*$)|model.{0,80}(is|being) (still |currently )?"
        r"(loading|starting|warming|pulled|loaded into)"
        r"|model(.is)? not (yet )?ready|model_loading|still loading",
        r"model_?loading|model_?not_?ready\w*",
    ),
    RefusalRule(
        RefusalKind.CONTEXT,
        _TOO_MUCH + r"(?s:.*)context.{0,2}(length|size|window|limit)"
        r"|maximum (context|prompt|input|sequence|allowed)\b"
        r"|(prompt|input|request|messages?)\b.{0,20}\b(is |are |was )?too (long|large|big)"
        r"|too many (input |prompt )?tokens|reduce the length|input token count"
        r"|exceed\w*.{0,40}\b(token limit|max(imum)? length|number of tokens)"
        r"|tokens.{0,60}must (be <=|have less)|inputs?.{0,30}must have less than"
        r"|too large for model|prompt_too_long|max_prompt_tokens|available context"
        r"|longer than the (maximum|model)|too many total|>=? ?n_ctx|exceeds? the context"
        r"|token window|\d tokens, but this model"
        # No tokens are left for an answer.
        r"|tokens must be at least \d+, got -",
        r"context_(length|window)_exceeded|exceed_context_size_error|request_too_large"
        r"|string_above_max_length|max_tokens_exceeded|prompt_too_long",
        _LONG,
    ),
    RefusalRule(RefusalKind.CONTEXT, statuses=frozenset({413})),
    RefusalRule(
        RefusalKind.TEMPLATE,
        r"jinja|chat.?template|templateerror|roles must alternate|rendering prompt"
        r"|value is not callable|at row \d+, column",
    ),
    RefusalRule(RefusalKind.PREVIOUS, codes=r"previous_response_not_found"),
    RefusalRule(RefusalKind.OLD, codes=r"websocket_connection_limit_reached"),
    RefusalRule(RefusalKind.CONCURRENT, codes=r"concurrent_request"),
    RefusalRule(
        RefusalKind.OVERLOADED,
        r"overloaded|over capacity|at capacity|high traffic|high demand"
        r"|capacity (exceeded|constraint)"
        r"|no healthy (upstream|deployment)|server (is )?(too )?busy|currently busy"
        r"|upstream connect error|insufficient resources",
        r"overloaded_error|server_is_overloaded|slow_down|engine_overloaded\w*"
        r"|service_tier_capacity_exceeded|servicequotaexceeded\w*|resource_unavailable",
        _SERVER | {400, 429, 498},
    ),
    RefusalRule(
        RefusalKind.NO_MODEL,
        _M + r"(not.?found|does(n.t| not) exist|not exist\b|not in the list"
        r"|not.?(available|supported|valid|deployed|enabled)"
        r"|is (invalid|unknown|unavailable)|no access|could not be found|inaccessible)"
        r"|(unknown|invalid|unrecogni[sz]ed|no such|unsupported|unable to access)"
        r"( (?!(for|by|in|with|of)\b)[\w-]+){0,2} model\b"
        r"|not a valid model|model.not.(found|exist)|deployment.{0,60}does not exist"
        r"|no endpoints found|(?m:^\W*model: ?\S+\W*$)|on-demand throughput"
        r"|not found the model|llm provider not provided|function .{1,60}not found for account",
        r"model_not_(found|supported|available)|unsupported_model|invalid_model|unknown_model"
        r"|deploymentnotfound|model_not_exist|1211",
        (_CLIENT | {500}) - {401, 429},
    ),
    RefusalRule(
        RefusalKind.NO_MODEL,
        r"\b(model|deployment)\b.{0,60}\bfound\b|\b(find|no) (the )?(model|deployment)\b",
        statuses=frozenset({404}),
    ),
    RefusalRule(
        RefusalKind.NO_ACCESS,
        r"(access to|permission.{0,40}|authori[sz]ed to.{0,40})(\s*\b(the|this|use|invoke)\b)*"
        r"\s*model|can only access models|model requires a subscription|not licensed to",
        r"(\w+_)?model_(access_denied|permission\w*)",
        frozenset({401, 403, 404}),
    ),
    RefusalRule(
        RefusalKind.RATE,
        r"rate.?limit|too many requests|requests per (min|sec|hour)|concurren\w+ (limit|requests)",
        r"rate_limit\w*|resource_exhausted|throttling\w*|too_many_requests|tokens|requests",
        frozenset({429, 503, 403}),
    ),
    RefusalRule(RefusalKind.RATE, statuses=frozenset({429})),
    RefusalRule(RefusalKind.OVERLOADED, statuses=frozenset({498, 503, 529})),
    RefusalRule(RefusalKind.TIMEOUT, statuses=frozenset({408, 504, 524})),
    RefusalRule(RefusalKind.KEY, statuses=frozenset({401})),
    RefusalRule(RefusalKind.COUNTRY, statuses=frozenset({451})),
    RefusalRule(
        RefusalKind.NO_PATH, r"unexpected endpoint or method|invalid url \(|no route matched"
    ),
    RefusalRule(
        RefusalKind.FORBIDDEN, codes=r"permission\w*|accessdenied\w*|access_denied", statuses=None
    ),
    RefusalRule(RefusalKind.FORBIDDEN, statuses=frozenset({403})),
    RefusalRule(RefusalKind.NO_PATH, statuses=frozenset({404, 405, 410})),
    RefusalRule(RefusalKind.ELSEWHERE, statuses=frozenset(range(300, 400))),
    RefusalRule(RefusalKind.SERVER, statuses=_SERVER),
    RefusalRule(RefusalKind.REFUSED, statuses=_CLIENT),
    RefusalRule(RefusalKind.SERVER, codes=r"server_error|api_error|internal\w*"),
    RefusalRule(RefusalKind.NO_PATH, codes=r"not_found\w*"),
    RefusalRule(
        RefusalKind.REFUSED, codes=r"invalid_(request|value)\w*|invalid_argument|unsupported_\w+"
    ),
)
