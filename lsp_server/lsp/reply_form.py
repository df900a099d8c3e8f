"""Chooses the form in which a model answers for a large scope.

Small models write whole functions well and hardly ever a correct diff. Large models write both, and
a diff is shorter. So a model on this machine is asked for definitions if the scope has any; every
other model is asked for a patch.
"""

from lsp_server.lsp.driver import Driver
from lsp_server.lsp.models import stays_here
from lsp_server.provider_table import Provider
from lsp_server.session.request import Form, form_for
from lsp_server.settings.model import LargeForm, Profile
from lsp_server.syntax.outline import outline
from lsp_server.text.span import Span

_FEWEST = 2
"""The least definitions in a scope; a single one would be rewritten whole anyway."""


def large_form(driver: Driver, profile: Profile, scope: Span) -> Form:
    """The form for a large scope there, by the profile's `form` setting."""
    match profile.form:
        case LargeForm.REWRITE:
            return Form.REWRITE
        case LargeForm.PATCH:
            return Form.PATCH
        case LargeForm.AUTO if profile.provider is Provider.PRACTICE or not stays_here(profile):
            return Form.PATCH
        case _:
            return Form.DEFINITIONS if _has_definitions(driver, scope) else Form.PATCH


def form_of(driver: Driver, profile: Profile, scope: Span, text: str, patch_from: int) -> Form:
    """The form for a scope that holds `text`.

    A text of fewer than `patch_from` lines is always rewritten.
    """
    if form_for(text, patch_from) is Form.REWRITE:
        return Form.REWRITE
    return large_form(driver, profile, scope)


def _has_definitions(driver: Driver, scope: Span) -> bool:
    entries = outline(driver.document_edits.text.text, driver.language, driver.tree())
    return sum(scope.contains(entry.span) for entry in entries) >= _FEWEST
