"""Every exception that Midstream raises on purpose.

    MidstreamError          what happened, whose fault it is, what to do: one or two sentences
    ├── SettingsError       the user's settings or command line are wrong           (exit code 2)
    ├── InvalidParams       an argument of an LSP command is wrong; names the field  (-32602)
    ├── RequestFailed       what was asked for cannot be done now                    (-32803)
    │   └── NoSuchProfile   the profile that it names is not there
    ├── BackendError        the model's side failed
    ├── TooCostly           a text takes a grammar longer than it is given
    └── ContractError       our own bug: a caller broke the law of a type

The text of an exception is shown to the user as it is, so it never holds a key, a traceback or
the user's code.
"""


class MidstreamError(Exception):
    """The root; `str(error)` is a sentence for the user."""


class SettingsError(MidstreamError):
    """The user's settings or command line are wrong; the sentence says what to change."""


class InvalidParams(MidstreamError):
    """An argument of an LSP command is wrong; the sentence names the field."""


class RequestFailed(MidstreamError):
    """What was asked for is well-formed, but cannot be done now."""


class NoSuchProfile(RequestFailed):
    """What was asked for names a profile that is not there, or not any more."""


class BackendError(MidstreamError):
    """The model's side failed: it was not there, refused, fell silent or broke its protocol."""


class TooCostly(MidstreamError):
    """A text takes a grammar longer than it is given: nothing is known of its syntax."""


class ContractError(MidstreamError):
    """A law stated at a type was broken by our own code. Never the user's fault."""
