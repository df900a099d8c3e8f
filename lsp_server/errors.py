"""Every exception that Midstream raises on purpose.

    MidstreamError          what happened, whose fault it is, what to do: one or two sentences
    ├── SettingsError       the user's settings or command line are wrong           (exit code 2)
    ├── InvalidParams       an argument of an LSP command is wrong; names the field  (-32602)
    ├── RequestFailed       the request is valid but cannot be done now              (-32803)
    │   └── NoSuchProfile   the profile that it names does not exist
    ├── BackendError        the model's side failed
    ├── TooCostly           parsing a text takes too long
    └── ContractError       our own bug: a caller broke an invariant

The text of an exception is shown to the user unchanged, so it never contains a key, a traceback or
the user's code.
"""


class MidstreamError(Exception):
    """The root. `str(error)` is a message for the user."""


class SettingsError(MidstreamError):
    """The user's settings or command line are wrong. The message says what to change."""


class InvalidParams(MidstreamError):
    """An argument of an LSP command is wrong. The message names the field."""


class RequestFailed(MidstreamError):
    """The request is well-formed but cannot be done now."""


class NoSuchProfile(RequestFailed):
    """The request names a profile that does not exist, or no longer does."""


class BackendError(MidstreamError):
    """The model's side failed: it was unreachable, refused, went silent or broke its protocol."""


class TooCostly(MidstreamError):
    """Parsing a text takes too long, so nothing is known of its syntax."""


class ContractError(MidstreamError):
    """Our own code broke an invariant. Never the user's fault."""
