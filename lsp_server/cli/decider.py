"""Makes the decisions during an edit: a user at a terminal, or defaults without one."""

from lsp_server.cli.edit_flow import Accept, Decision, Redirect, Revert, Show
from lsp_server.cli.screen import Screen
from lsp_server.cli.small_editor import EditorSession


class UserDecider:
    """Asks the user at a terminal. With `yes` only if something went wrong."""

    def __init__(self, screen: Screen, yes: bool) -> None:
        self._screen = screen
        self._yes = yes

    def while_streaming(self, session: EditorSession) -> Redirect | None:
        """Never: a user presses Ctrl-C instead."""
        return None

    def when_stopped(self, session: EditorSession) -> Decision:
        """Enter keeps, `r` reverts, a sentence redirects. A second Ctrl-C keeps too."""
        nothing = session.ended or session.text == session.original
        keeps = "Enter leaves the file as it is" if nothing else "Enter keeps what you see"
        answer = self._screen.ask(
            "Stopped. What should change?", f"Type an instruction to redirect. {keeps}, r reverts."
        )
        match (answer or "").strip():
            case "":
                return Accept()
            case "r" | "R":
                return Revert()
            case instruction:
                return Redirect(instruction)

    def in_review(self, session: EditorSession, sound: bool) -> Decision:
        """Enter accepts, unless there is nothing to accept. Ctrl-C writes nothing."""
        changed = session.text != session.original
        if self._yes and sound and changed:
            return Accept()
        if changed:
            question = "Accept?"
            answers = "Enter or y writes the file, r reverts. Type an instruction to redirect."
        else:
            question = "Nothing was changed. What should change?"
            answers = "Type an instruction to redirect. Enter ends."
        if session.offers:
            answers = f"{answers} i writes the imports too."
        if session.held:
            answers = f"{answers} s shows the held text."
        while True:
            answer = self._screen.ask(question, answers)
            match "r" if answer is None else answer.strip():
                case "s" | "S" if session.held:
                    return Show()
                case "i" | "I" if session.offers:
                    return Accept(imports=True)
                case "" | "y" | "Y" | "yes":
                    return Accept() if changed else Revert()
                case "r" | "R" | "n" | "N" | "no":
                    return Revert()
                case instruction if len(instruction) > 1:
                    return Redirect(instruction)


class NoDecider:
    """Decides without a terminal: accepts a sound answer and nothing else."""

    def while_streaming(self, session: EditorSession) -> Redirect | None:
        """Never: nobody can send a redirect."""
        return None

    def when_stopped(self, session: EditorSession) -> Decision:
        """Revert: nobody can be asked what to keep."""
        return Revert()

    def in_review(self, session: EditorSession, sound: bool) -> Decision:
        """Accept a sound answer with changes; revert everything else."""
        return Accept() if sound and session.text != session.original else Revert()
