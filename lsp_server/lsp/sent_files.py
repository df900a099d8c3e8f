"""The files as they were sent, so that the next prompt about a file begins with the same bytes.

Model servers cache the beginning of a prompt. Each server has its own cache, so a file is kept for
each open document and profile. `prompt.file_prefix` knows how a prompt uses it.
"""

from dataclasses import replace

from lsp_server.edit.diff import diff
from lsp_server.prompt import file_prefix
from lsp_server.prompt.compose import Prompt, PromptPlace, compose
from lsp_server.session.request import EditRequest
from lsp_server.settings import Profile


class SentFiles:
    """For each document and profile the file as it was last sent in full."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], str] = {}

    def compose(
        self,
        uri: str,
        profile: Profile,
        request: EditRequest,
        place: PromptPlace,
        context_tokens: int,
        *,
        keep: bool = True,
    ) -> Prompt:
        """The prompt for an attempt. It begins with the file as it was sent before, if it was.

        Without `keep`, the prompt is not sent, so the next one does not begin like it.
        """
        key = (uri, profile.name)
        if (text := self._texts.get(key)) is not None:
            sent = file_prefix.SentFile(text, diff(text, place.original_document(request)))
            place = replace(place, sent_file=sent)
        prompt = compose(request, place, context_tokens)
        if prompt.sent_document and keep:
            self._texts[key] = prompt.sent_document
        return prompt

    def forget(self, uri: str) -> None:
        """Drop the texts of a closed document."""
        for key in [key for key in self._texts if key[0] == uri]:
            del self._texts[key]
