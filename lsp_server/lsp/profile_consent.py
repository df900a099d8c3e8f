"""Asks the user whether to use a profile that the workspace names.

A cloned repository must not choose where code goes. Until the user agrees to exactly this profile,
their own stays in force. Each profile is asked about once; the answer counts while the server runs.
"""

from collections.abc import Callable

from lsp_server.lsp.client import EditorClient, MessageType, Reply
from lsp_server.settings import Profile, Settings


class ProfileConsent:
    """The questions and the answers. `agreed` is called when the user agrees."""

    def __init__(self, client: EditorClient, agreed: Callable[[], None]) -> None:
        self._client = client
        self._on_agreed = agreed
        self._asked: set[Profile] = set()
        self._agreed: set[Profile] = set()

    def settle(self, settings: Settings) -> Settings:
        """The settings, with the workspace's profile in use if the user has agreed to it."""
        name = settings.requested_profile
        if name is None:
            return settings
        profile = settings.profiles[name]
        if profile in self._agreed:
            return settings.using(name)
        if profile not in self._asked:
            self._asked.add(profile)
            self._ask(profile, settings.profile)
        return settings

    def _ask(self, profile: Profile, present: str) -> None:
        yes, no = f"Use {profile.name}", f"Keep {present}"
        question = (
            f"This workspace asks for your profile `{profile.name}` (model {profile.model}). The "
            f"code you edit would be sent there. The profile in use is `{present}`."
        )

        def answered(reply: Reply) -> None:
            chosen = reply.result
            if isinstance(chosen, dict) and chosen.get("title") == yes:
                self._agreed.add(profile)
                self._on_agreed()

        actions = [{"title": yes}, {"title": no}]
        params = {"type": int(MessageType.WARNING), "message": question, "actions": actions}
        self._client.call("window/showMessageRequest", params, answered)
