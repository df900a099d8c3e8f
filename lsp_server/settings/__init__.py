"""Loads and validates the user's settings.

loaded = load(workspace=root, initialization=options)
loaded.settings.publish            always usable
loaded.problems                    one sentence for each thing that is wrong
"""

from lsp_server.provider_table import Provider
from lsp_server.settings.bounds import READ_S
from lsp_server.settings.layers import Layer, Source
from lsp_server.settings.load import (
    WORKSPACE_FILE,
    cache_folder,
    load,
    state_folder,
    unread,
    user_file,
    workspace_ignore,
)
from lsp_server.settings.model import (
    DEFAULT_PROMPTS,
    DEFAULT_RULES,
    PRACTICE,
    ContextSettings,
    Imports,
    Loaded,
    Problem,
    Profile,
    ReadAhead,
    Role,
    Settings,
)
from lsp_server.settings.read import resolve
from lsp_server.settings.schema import SettingRow, describe

__all__ = [
    "DEFAULT_PROMPTS",
    "DEFAULT_RULES",
    "PRACTICE",
    "READ_S",
    "WORKSPACE_FILE",
    "ContextSettings",
    "Imports",
    "Layer",
    "Loaded",
    "Problem",
    "Profile",
    "Provider",
    "ReadAhead",
    "Role",
    "SettingRow",
    "Settings",
    "Source",
    "cache_folder",
    "describe",
    "load",
    "resolve",
    "state_folder",
    "unread",
    "user_file",
    "workspace_ignore",
]
