"""The files as prompts have told them, so that the next prompt about a file begins like the last.

Kept for each open document and profile, because each model's server remembers for itself. What a
prompt makes of it is not known here.
"""

from dataclasses import replace

from lsp_server.edit.diff import diff
from lsp_server.prompt import file_prefix
from lsp_server.prompt.compose import Prompt, PromptPlace, compose
from lsp_server.session.request import EditRequest
from lsp_server.settings import Profile


class SentFiles:
    """One text for each document and profile: the file as it was told whole last."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], str] = {}

    def compose(
        self,
        uri: str,
        profile: Profile,
        request: EditRequest,
        place: PromptPlace,
        context_tokens: int,
    ) -> Prompt:
        """The prompt for an attempt on a document, which goes on from how it was told before."""
        key = (uri, profile.name)
        if (text := self._texts.get(key)) is not None:
            told = file_prefix.SentFile(text, diff(text, place.as_begun(request)))
            place = replace(place, told=told)
        prompt = compose(request, place, context_tokens)
        if prompt.told:
            self._texts[key] = prompt.told
        return prompt

    def forget(self, uri: str) -> None:
        """The document was closed."""
        for key in [key for key in self._texts if key[0] == uri]:
            del self._texts[key]
