"""What is ignored is never sent, however a file is laid out, reached or named. Each is an attack.

A whole server, an editor and a model: an edit has to be refused, and nothing may reach the model.
"""

import os
import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lsp_server.lsp.read_ahead import EVERY_MS
from tests.support.stage import Stage, staged

TEXT = "SECRET = 1\n"
REQUEST_FAILED = -32803
Layout = Callable[[Path], "Opened"]


@dataclass
class Opened:
    """What the editor does: the document that it opens, and what it says of its workspace."""

    uri: str
    workspace: dict[str, Any] = field(default_factory=dict)
    says: str = ""
    """What has to stand in the sentence."""


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A user without a configuration of git's."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith(("XDG_CONFIG_HOME", "GIT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return folder


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stage]:
    """A server that has not been spoken to yet."""
    with staged(monkeypatch, tmp_path / "user" / "config.toml") as made:
        yield made


def repository(folder: Path) -> Path:
    """An empty repository."""
    for inside in ("objects", "refs", "info"):
        (folder / ".git" / inside).mkdir(parents=True)
    (folder / ".git/HEAD").write_text("ref: refs/heads/main\n")
    return folder


def file(path: Path, text: str = TEXT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def at(root: Path) -> dict[str, Any]:
    return {"rootUri": root.as_uri()}


def a_rule_above_the_opened_folder(tmp: Path) -> Opened:
    file(repository(tmp / "w") / ".gitignore", "secret.py\n")
    secret = file(tmp / "w/sub/secret.py")
    return Opened(secret.as_uri(), at(tmp / "w/sub"), ".gitignore (line 1) excludes it")


def a_rule_above_without_a_repository(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "/sub/secret.py\n")
    return Opened(file(tmp / "w/sub/secret.py").as_uri(), at(tmp / "w/sub"))


def a_rule_of_the_workspace_without_a_repository(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "/sub/secret.py\n")
    return Opened(file(tmp / "w/sub/secret.py").as_uri(), at(tmp / "w"))


def our_own_rule_above_the_repository(tmp: Path) -> Opened:
    file(tmp / "w/.midstreamignore", "secret.py\n")
    return Opened(file(repository(tmp / "w/sub") / "secret.py").as_uri(), at(tmp / "w/sub"))


def no_workspace(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "secret.py\n")
    return Opened(file(tmp / "w/a/b/secret.py").as_uri())


def our_own_rule_above_without_a_workspace(tmp: Path) -> Opened:
    file(tmp / "w/.midstreamignore", "secret.py\n")
    return Opened(file(tmp / "w/a/b/secret.py").as_uri())


def the_users_own_list_without_a_workspace(tmp: Path) -> Opened:
    file(tmp / "home/.config/git/ignore", "a/\n")
    return Opened(file(tmp / "w/a/b/secret.py").as_uri())


def the_setting_without_a_workspace(tmp: Path) -> Opened:
    file(tmp / "user/config.toml", 'ignore = ["secrets/"]\n')
    return Opened(file(tmp / "w/secrets/a/x.py").as_uri(), {}, "the setting `ignore`")


def an_anchored_setting_without_a_workspace(tmp: Path) -> Opened:
    file(tmp / "user/config.toml", 'ignore = ["secrets/*.py"]\n')
    return Opened(file(tmp / "w/secrets/x.py").as_uri(), {}, "the setting `ignore`")


def an_anchored_setting_in_a_folder_of_the_repository(tmp: Path) -> Opened:
    """As the command line has it, which takes the repository for the workspace."""
    file(tmp / "user/config.toml", 'ignore = ["/sub/x.py"]\n')
    repository(tmp / "w")
    return Opened(file(tmp / "w/sub/x.py").as_uri(), at(tmp / "w/sub"), "the setting `ignore`")


def the_second_folder(tmp: Path) -> Opened:
    file(tmp / "user/config.toml", 'ignore = ["/a/top.py"]\n')
    (tmp / "one").mkdir()
    two = file(tmp / "two/a/top.py")
    folders = [{"uri": (tmp / name).as_uri(), "name": name} for name in ("one", "two")]
    return Opened(two.as_uri(), {"workspaceFolders": folders}, "the setting `ignore`")


def the_setting_of_the_second_folder(tmp: Path) -> Opened:
    file(tmp / "b/.midstream.toml", 'ignore = ["/secret.py"]\n')
    folders = [{"uri": (tmp / name).as_uri(), "name": name} for name in ("a", "b")]
    secret = file(tmp / "b/secret.py").as_uri()
    return Opened(secret, {"workspaceFolders": folders}, ".midstream.toml excludes it")


def the_setting_of_a_folder_that_is_not_open(tmp: Path) -> Opened:
    file(tmp / "w/.midstream.toml", 'ignore = ["sub/*.py"]\n')
    return Opened(file(tmp / "w/sub/secret.py").as_uri(), {}, ".midstream.toml excludes it")


def a_setting_of_the_second_folder_that_cannot_be_read(tmp: Path) -> Opened:
    file(tmp / "b/.midstream.toml", "ignore = [1]\n")
    folders = [{"uri": (tmp / name).as_uri(), "name": name} for name in ("a", "b")]
    return Opened(file(tmp / "b/secret.py").as_uri(), {"workspaceFolders": folders}, "fix it")


def a_byte_order_mark(tmp: Path) -> Opened:
    (tmp / "w").mkdir()
    (tmp / "w/.gitignore").write_bytes(b"\xef\xbb\xbfsecret.py\n")
    return Opened(file(tmp / "w/secret.py").as_uri(), at(tmp / "w"))


def utf_16(tmp: Path) -> Opened:
    (tmp / "w").mkdir()
    (tmp / "w/.gitignore").write_text("secret.py\n", "utf-16")
    return Opened(file(tmp / "w/secret.py").as_uri(), at(tmp / "w"), "UTF-16")


def utf_16_without_a_mark(tmp: Path) -> Opened:
    (tmp / "w").mkdir()
    (tmp / "w/.midstreamignore").write_text("secret.py\n", "utf-16-le")
    return Opened(file(tmp / "w/secret.py").as_uri(), at(tmp / "w"), "UTF-16")


def over_a_megabyte(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "# comment\n" * 110_000 + "secret.py\n")
    return Opened(file(tmp / "w/secret.py").as_uri(), at(tmp / "w"), "larger than")


def too_many_lines(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "\n" * 60_000 + "secret.py\n")
    return Opened(file(tmp / "w/secret.py").as_uri(), at(tmp / "w"), "lines")


def too_many_stars(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "*a" * 1_000 + "b\n")
    return Opened(file(tmp / "w" / ("a" * 200)).as_uri(), at(tmp / "w"), "wildcards in line 1")


def a_line_longer_than_any_path(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "\n" + "a" * 5_000)
    return Opened(file(tmp / "w/x.py").as_uri(), at(tmp / "w"), "bytes in line 2")


def an_unreadable_one(tmp: Path) -> Opened:
    (tmp / "w/sub/.gitignore").mkdir(parents=True)
    return Opened(file(tmp / "w/sub/a.py").as_uri(), at(tmp / "w"), "sub/.gitignore can't be read")


def a_pipe(tmp: Path) -> Opened:
    (tmp / "w").mkdir()
    os.mkfifo(tmp / "w/.midstreamignore")
    return Opened(file(tmp / "w/a.py").as_uri(), at(tmp / "w"), ".midstreamignore can't be read")


def a_device(tmp: Path) -> Opened:
    (tmp / "w").mkdir()
    (tmp / "w/.gitignore").symlink_to("/dev/zero")
    return Opened(file(tmp / "w/a.py").as_uri(), at(tmp / "w"), ".gitignore can't be read")


def a_link_to_nothing(tmp: Path) -> Opened:
    (tmp / "w").mkdir()
    (tmp / "w/.gitignore").symlink_to("gone")
    return Opened(file(tmp / "w/a.py").as_uri(), at(tmp / "w"), ".gitignore can't be read")


def a_malformed_rule_of_ours(tmp: Path) -> Opened:
    file(tmp / "w/.midstreamignore", "ok.py\nsecret[.py\n")
    return Opened(file(tmp / "w/a.py").as_uri(), at(tmp / "w"), ".midstreamignore")


def a_malformed_setting(tmp: Path) -> Opened:
    file(tmp / "user/config.toml", 'ignore = ["*.pem", "secret[.py"]\n')
    return Opened(file(tmp / "w/a.py").as_uri(), at(tmp / "w"), "etting `ignore`")


def the_repositorys_own_list(tmp: Path) -> Opened:
    file(repository(tmp / "w") / ".git/info/exclude", "secret.py\n")
    return Opened(file(tmp / "w/a/secret.py").as_uri(), at(tmp / "w/a"), "info/exclude")


def the_users_own_list(tmp: Path) -> Opened:
    file(tmp / "home/.gitconfig", "[core]\n  excludesFile = ~/mine\n")
    file(tmp / "home/mine", "secret.py\n")
    return Opened(file(repository(tmp / "w") / "secret.py").as_uri(), at(tmp / "w"), "mine")


def the_users_list_by_default(tmp: Path) -> Opened:
    file(tmp / "home/.config/git/ignore", "secret.py\n")
    return Opened(file(repository(tmp / "w") / "secret.py").as_uri(), at(tmp / "w"))


def the_users_list_by_an_include(tmp: Path) -> Opened:
    file(tmp / "home/.gitconfig", f'[includeIf "gitdir:{tmp}/w/"]\n\tpath = more\n')
    file(tmp / "home/more", '[core] excludesfile = "~/mine"\n')
    file(tmp / "home/mine", "secret.py\n")
    return Opened(file(repository(tmp / "w") / "secret.py").as_uri(), at(tmp / "w"))


def a_repository_that_names_another_list(tmp: Path) -> Opened:
    """Of an unpacked archive: it must not be able to take away the user's own."""
    file(tmp / "home/.config/git/ignore", "secret.py\n")
    file(repository(tmp / "w") / ".git/config", "[core]\n\texcludesFile = /dev/null\n")
    return Opened(file(tmp / "w/secret.py").as_uri(), at(tmp / "w"))


def a_repository_whose_list_takes_back(tmp: Path) -> Opened:
    file(tmp / "home/.config/git/ignore", "secret.py\n")
    file(repository(tmp / "w") / ".git/config", "[core]\n\texcludesFile = lists/one\n")
    file(tmp / "w/lists/one", "!*\n")
    return Opened(file(tmp / "w/secret.py").as_uri(), at(tmp / "w"))


def a_condition_that_does_not_hold(tmp: Path) -> Opened:
    """git takes the list that the included file replaces."""
    include = '[includeIf "onbranch:other"]\n\tpath = more\n'
    file(tmp / "home/.gitconfig", f"[core]\n\texcludesFile = ~/mine\n{include}")
    file(tmp / "home/more", "[core]\n\texcludesFile = ~/work\n")
    file(tmp / "home/work", "!*\n")
    file(tmp / "home/mine", "secret.py\n")
    return Opened(file(repository(tmp / "w") / "secret.py").as_uri(), at(tmp / "w"), "mine")


def capitals_under_a_condition(tmp: Path) -> Opened:
    include = '[includeIf "hasconfig:remote.*.url:x"]\n\tpath = more\n'
    file(tmp / "home/.gitconfig", f"[core]\n\tignoreCase = true\n{include}")
    file(tmp / "home/more", "[core]\n\tignoreCase = false\n")
    file(repository(tmp / "w") / ".gitignore", "SECRET.py\n")
    return Opened(file(tmp / "w/secret.py").as_uri(), at(tmp / "w"))


def a_working_tree_whose_repository_cannot_be_looked_at(tmp: Path) -> Opened:
    file(tmp / "main/.git/worktrees/w/HEAD", "ref: refs/heads/w\n")
    file(tmp / "main/.git/worktrees/w/commondir", "../..\n")
    (tmp / "main/.git/objects").symlink_to("objects")
    file(tmp / "w/.git", f"gitdir: {tmp}/main/.git/worktrees/w\n")
    return Opened(file(tmp / "w/secret.py").as_uri(), at(tmp / "w"), "can't be read")


def a_pipe_for_a_repository(tmp: Path) -> Opened:
    secret = file(tmp / "w/secret.py")
    os.mkfifo(tmp / "w/.git")
    return Opened(secret.as_uri(), at(tmp / "w"), ".git can't be read")


def a_list_of_the_repositorys_choice(tmp: Path) -> Opened:
    file(repository(tmp / "w") / ".git/config", "[core]\n\texcludesFile = lists/one\n")
    file(tmp / "w/lists/one", "secret.py\n")
    return Opened(file(tmp / "w/secret.py").as_uri(), at(tmp / "w"), "lists/one")


def a_second_working_tree(tmp: Path) -> Opened:
    main = repository(tmp / "main")
    file(main / ".git/info/exclude", "secret.py\n")
    file(main / ".git/worktrees/w/HEAD", "ref: refs/heads/w\n")
    file(main / ".git/worktrees/w/commondir", "../..\n")
    file(tmp / "w/.git", f"gitdir: {main}/.git/worktrees/w\n")
    return Opened(file(tmp / "w/secret.py").as_uri(), at(tmp / "w"), "info/exclude")


def a_working_tree_above_its_repository(tmp: Path) -> Opened:
    file(repository(tmp / "w/sub") / ".git/config", "[core]\n\tworktree = ../..\n")
    file(tmp / "w/.gitignore", "secret.py\n")
    return Opened(file(tmp / "w/sub/secret.py").as_uri(), at(tmp / "w/sub"), ".gitignore")


def a_working_tree_below_its_repository(tmp: Path) -> Opened:
    file(repository(tmp / "w") / ".git/config", f"[core]\n\tworktree = {tmp}/w/sub\n")
    file(tmp / "w/.git/info/exclude", "/secret.py\n")
    return Opened(file(tmp / "w/sub/secret.py").as_uri(), at(tmp / "w/sub"), "info/exclude")


def an_empty_folder_that_looks_like_a_repository(tmp: Path) -> Opened:
    file(repository(tmp / "w") / ".gitignore", "secret.py\n")
    (tmp / "w/sub/.git").mkdir(parents=True)
    return Opened(file(tmp / "w/sub/secret.py").as_uri(), at(tmp / "w/sub"))


def a_repository_in_an_ignored_folder(tmp: Path) -> Opened:
    file(repository(tmp / "w") / ".gitignore", "vendor/\n")
    repository(tmp / "w/vendor/x")
    return Opened(file(tmp / "w/vendor/x/a.py").as_uri(), at(tmp / "w"))


def an_inner_repository_that_takes_back(tmp: Path) -> Opened:
    file(repository(tmp / "w") / ".gitignore", "*.env\n")
    file(repository(tmp / "w/x") / ".gitignore", "!*.env\n")
    return Opened(file(tmp / "w/x/a.env").as_uri(), at(tmp / "w"))


def a_link_to_an_ignored_file(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", ".env\n")
    file(tmp / "w/.env")
    (tmp / "w/a.py").symlink_to(".env")
    return Opened((tmp / "w/a.py").as_uri(), at(tmp / "w"), "it leads to `.env`")


def a_link_to_an_ignored_folder(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "private/\n")
    file(tmp / "w/private/a.py")
    (tmp / "w/public").symlink_to("private")
    return Opened((tmp / "w/public/a.py").as_uri(), at(tmp / "w"))


def a_link_that_is_ignored_itself(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "a.py\n")
    (tmp / "w/a.py").symlink_to(file(tmp / "w/b.py"))
    return Opened((tmp / "w/a.py").as_uri(), at(tmp / "w"))


def a_link_between_two_links(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "middle.py\n")
    file(tmp / "w/c.py")
    (tmp / "w/middle.py").symlink_to("c.py")
    (tmp / "w/a.py").symlink_to("middle.py")
    return Opened((tmp / "w/a.py").as_uri(), at(tmp / "w"))


def links_in_a_circle(tmp: Path) -> Opened:
    (tmp / "w").mkdir()
    (tmp / "w/a.py").symlink_to("b.py")
    (tmp / "w/b.py").symlink_to("a.py")
    return Opened((tmp / "w/a.py").as_uri(), at(tmp / "w"), "circle")


def a_link_to_the_workspace(tmp: Path) -> Opened:
    file(tmp / "user/config.toml", 'ignore = ["/a/secret.py"]\n')
    file(tmp / "w/a/secret.py")
    (tmp / "short").symlink_to("w")
    return Opened((tmp / "short/a/secret.py").as_uri(), at(tmp / "w"))


def a_workspace_that_is_a_link(tmp: Path) -> Opened:
    file(tmp / "user/config.toml", 'ignore = ["/a/secret.py"]\n')
    secret = file(tmp / "w/a/secret.py")
    (tmp / "short").symlink_to("w")
    return Opened(secret.as_uri(), at(tmp / "short"))


def localhost(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "secret.py\n")
    uri = file(tmp / "w/secret.py").as_uri().replace("file://", "file://LocalHost")
    return Opened(uri, at(tmp / "w"))


def the_name_of_the_machine(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "secret.py\n")
    uri = file(tmp / "w/secret.py").as_uri().replace("file://", "file://some-host")
    return Opened(uri, at(tmp / "w"))


def two_slashes(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "secret.py\n")
    uri = file(tmp / "w/secret.py").as_uri().replace("file:///", "file:////")
    return Opened(uri, at(tmp / "w"))


def a_way_around(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "/private\n")
    file(tmp / "w/private/secret.py")
    return Opened(f"{(tmp / 'w').as_uri()}/a/%2e%2e/./private/secret.py", at(tmp / "w"))


def a_number_sign_in_the_name(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "/a#b\n")
    file(tmp / "w/a#b/x.py")
    return Opened(f"{(tmp / 'w').as_uri()}/a#b/x.py", at(tmp / "w"))


def a_name_that_is_not_in_utf_8(tmp: Path) -> Opened:
    (tmp / "w").mkdir()
    (tmp / "w/.gitignore").write_bytes(b"caf\xe9.py\n")
    return Opened(f"{(tmp / 'w').as_uri()}/caf%E9.py", at(tmp / "w"))


def an_older_version_of_the_file(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", ".env\n")
    uri = (tmp / "w/.env").as_uri().replace("file://", "git:")
    return Opened(f"{uri}?ref", at(tmp / "w"))


def a_file_in_an_archive(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "*.zip\n")
    return Opened(f"jar:{(tmp / 'w/a.zip').as_uri()}!/in.py", at(tmp / "w"))


def a_file_in_an_archive_as_vim_has_it(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "*.zip\n")
    return Opened(f"zipfile://{tmp}/w/a.zip::in.py", at(tmp / "w"))


def an_address_in_an_encoded_address(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "*.zip\n")
    return Opened(f"x:jar:file%3A//{tmp}/w/a%252Ezip%21/in.py", at(tmp / "w"))


def an_address_in_an_address_without_end(tmp: Path) -> Opened:
    return Opened(f"{'jar:' * 50}{(tmp / 'a.zip').as_uri()}!/in.py", at(tmp), "can't be read")


def archives_in_archives_without_end(tmp: Path) -> Opened:
    return Opened(f"zipfile://{tmp}/{'a::' * 50}in.py", at(tmp), "can't be read")


def taken_back_below_an_ignored_folder(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "sub/\n!.env\n")
    return Opened(file(tmp / "w/sub/.env").as_uri(), at(tmp / "w"))


def taken_back_inside_of_an_ignored_folder(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "/sub\n")
    file(tmp / "w/sub/.gitignore", "!*\n")
    return Opened(file(tmp / "w/sub/a.py").as_uri(), at(tmp / "w"))


def a_class_of_posix(tmp: Path) -> Opened:
    file(tmp / "w/.gitignore", "secret-[[:alpha:]].py\n")
    return Opened(file(tmp / "w/secret-x.py").as_uri(), at(tmp / "w"))


def capitals_where_they_do_not_count(tmp: Path) -> Opened:
    file(repository(tmp / "w") / ".git/config", "[core]\n\tignoreCase = true\n")
    file(tmp / "w/.gitignore", "Secret.py\n")
    return Opened(file(tmp / "w/SECRET.PY").as_uri(), at(tmp / "w"))


def capitals_that_a_repository_makes_fall_out(tmp: Path) -> Opened:
    """git compares a class as it is written with a name in small letters."""
    file(tmp / "user/config.toml", 'ignore = ["[S]ecret.py"]\n')
    file(repository(tmp / "w") / ".git/config", "[core]\n\tignoreCase = true\n")
    return Opened(file(tmp / "w/Secret.py").as_uri(), at(tmp / "w"), "the setting `ignore`")


def a_configuration_that_includes_itself(tmp: Path) -> Opened:
    file(repository(tmp / "w") / ".git/config", "[include]\n\tpath = config\n")
    return Opened(file(tmp / "w/a.py").as_uri(), at(tmp / "w"), "included too often")


def what_git_keeps(tmp: Path) -> Opened:
    secret = file(repository(tmp / "w") / ".git/hooks/pre-commit.py")
    return Opened(secret.as_uri(), at(tmp / "w"), "`.git`")


LAYOUTS = (
    a_rule_above_the_opened_folder,
    a_rule_above_without_a_repository,
    a_rule_of_the_workspace_without_a_repository,
    our_own_rule_above_the_repository,
    no_workspace,
    our_own_rule_above_without_a_workspace,
    the_users_own_list_without_a_workspace,
    the_setting_without_a_workspace,
    an_anchored_setting_without_a_workspace,
    an_anchored_setting_in_a_folder_of_the_repository,
    the_second_folder,
    the_setting_of_the_second_folder,
    the_setting_of_a_folder_that_is_not_open,
    a_setting_of_the_second_folder_that_cannot_be_read,
    a_byte_order_mark,
    utf_16,
    utf_16_without_a_mark,
    over_a_megabyte,
    too_many_lines,
    too_many_stars,
    a_line_longer_than_any_path,
    an_unreadable_one,
    a_pipe,
    a_device,
    a_link_to_nothing,
    a_malformed_rule_of_ours,
    a_malformed_setting,
    the_repositorys_own_list,
    the_users_own_list,
    the_users_list_by_default,
    the_users_list_by_an_include,
    a_repository_that_names_another_list,
    a_repository_whose_list_takes_back,
    a_condition_that_does_not_hold,
    capitals_under_a_condition,
    a_working_tree_whose_repository_cannot_be_looked_at,
    a_pipe_for_a_repository,
    a_list_of_the_repositorys_choice,
    a_second_working_tree,
    a_working_tree_above_its_repository,
    a_working_tree_below_its_repository,
    an_empty_folder_that_looks_like_a_repository,
    a_repository_in_an_ignored_folder,
    an_inner_repository_that_takes_back,
    a_link_to_an_ignored_file,
    a_link_to_an_ignored_folder,
    a_link_that_is_ignored_itself,
    a_link_between_two_links,
    links_in_a_circle,
    a_link_to_the_workspace,
    a_workspace_that_is_a_link,
    localhost,
    the_name_of_the_machine,
    two_slashes,
    a_way_around,
    a_number_sign_in_the_name,
    a_name_that_is_not_in_utf_8,
    an_older_version_of_the_file,
    a_file_in_an_archive,
    a_file_in_an_archive_as_vim_has_it,
    an_address_in_an_encoded_address,
    an_address_in_an_address_without_end,
    archives_in_archives_without_end,
    taken_back_below_an_ignored_folder,
    taken_back_inside_of_an_ignored_folder,
    a_class_of_posix,
    capitals_where_they_do_not_count,
    capitals_that_a_repository_makes_fall_out,
    a_configuration_that_includes_itself,
    what_git_keeps,
)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_what_is_ignored_is_not_sent(stage: Stage, tmp_path: Path, layout: Layout) -> None:
    opened = layout(tmp_path)
    stage.begin(**{"rootUri": None, **opened.workspace})
    stage.client.open(opened.uri, TEXT, "python")
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
    place = {"uri": opened.uri, "range": whole}
    refused = stage.refused("midstream.edit", {**place, "instruction": "do it"})
    assert refused.code == REQUEST_FAILED
    sentence = str(refused)
    assert "sent to a model" in sentence
    assert opened.says in sentence
    # Nor is it read ahead when the user asks what can be done with it.
    stage.clock.skip(EVERY_MS)
    context = {"diagnostics": [], "triggerKind": 1}
    document = {"textDocument": {"uri": opened.uri}, "range": whole, "context": context}
    stage.client.request("textDocument/codeAction", document)
    with pytest.raises(queue.Empty):
        stage.model.read_ahead.get_nowait()


def test_a_folder_that_joins_the_workspace_later(stage: Stage, tmp_path: Path) -> None:
    file(tmp_path / "user/config.toml", 'ignore = ["/a/top.py"]\n')
    secret = file(tmp_path / "two/a/top.py")
    (tmp_path / "one").mkdir()
    repository(tmp_path)  # Without it, every folder above counts anyhow.
    answer = stage.begin(rootUri=(tmp_path / "one").as_uri())
    folders = answer["capabilities"]["workspace"]["workspaceFolders"]
    assert folders["supported"] is True and folders["changeNotifications"]
    stage.client.open(secret.as_uri(), TEXT, "python")
    added = [{"uri": (tmp_path / "two").as_uri(), "name": "two"}]
    params = {"event": {"added": added, "removed": []}}
    stage.client.notify("workspace/didChangeWorkspaceFolders", params)
    place = {"uri": secret.as_uri(), "range": stage.client.range_of(secret.as_uri(), "SECRET")}
    refused = stage.refused("midstream.edit", {**place, "instruction": "do it"})
    assert refused.code == REQUEST_FAILED and "the setting `ignore`" in str(refused)


def test_a_rule_that_comes_while_a_session_lives(stage: Stage, tmp_path: Path) -> None:
    path = file(tmp_path / "w/a.py", "def f():\n    return 1\n")
    uri = path.as_uri()
    stage.begin(rootUri=(tmp_path / "w").as_uri())
    stage.client.open(uri, path.read_text(), "python")
    session = stage.review(uri, "return 1", "def f():\n    return 2\n", scope="function")
    file(tmp_path / "w/.gitignore", "a.py\n")
    argument = {"session": session, "instruction": "again"}
    refused = stage.refused("midstream.redirect", argument)
    assert refused.code == REQUEST_FAILED and ".gitignore (line" in str(refused)


@pytest.mark.parametrize("rule", [".midstreamignore", ".gitignore", "link", "circle", "pipe"])
def test_a_rules_file_is_a_file_like_any_other(stage: Stage, tmp_path: Path, rule: str) -> None:
    root = repository(tmp_path / "w")
    path = file(root / "a.py", "def f():\n    return 1\n")
    file(root / ".midstream/rules.md", "Use tabs.")
    if rule == "link":
        file(root / ".env", "TOKEN_OF_THE_USER")
        file(root / ".gitignore", ".env\n")
        (root / "AGENTS.md").symlink_to(".env")
    elif rule == "circle":
        (root / "AGENTS.md").symlink_to("AGENTS.md")
    elif rule == "pipe":
        os.mkfifo(root / "AGENTS.md")
    else:
        file(root / "AGENTS.md", "TOKEN_OF_THE_USER")
        file(root / rule, "AGENTS.md\n")
    stage.begin(rootUri=root.as_uri())
    stage.client.open(path.as_uri(), path.read_text(), "python")
    stage.edit(path.as_uri(), "return 1")
    asked = str(stage.asked().create)
    assert "Use tabs." in asked
    assert "TOKEN_OF_THE_USER" not in asked


def test_an_ordinary_file_is_sent(stage: Stage, tmp_path: Path, home: Path) -> None:
    """What git passes over in silence makes nothing unusable."""
    outer = repository(tmp_path)
    file(outer / ".gitignore", "*\n")  # As of a home that is a repository.
    root = repository(tmp_path / "w")
    file(root / ".gitignore", "[\n\\\n[[:nope:]]\n*.log\r\n!\n/\nsecret-[é\n")
    file(root / ".git/info/exclude", "# git's own comment\n")
    file(home / ".gitconfig", "[core]\n\texcludesFile = /dev/null\n[alias]\n\tx = !echo [\n")
    path = file(root / "sub/a.py", "def f():\n    return 1\n")
    stage.begin(rootUri=root.as_uri())
    stage.client.open(path.as_uri(), path.read_text(), "python")
    stage.edit(path.as_uri(), "return 1")
    assert stage.asked()


def test_what_git_would_not_read_closes_no_project(
    stage: Stage, tmp_path: Path, home: Path
) -> None:
    """`*` in a home, for a repository of settings that lies elsewhere; and links to nothing."""
    file(home / ".gitignore", "*\n")
    (home / ".gitconfig").symlink_to("gone")
    file(home / ".config/git/config", "[core]\n\texcludesFile = ~/lost\n")
    (home / "lost").symlink_to("gone")
    path = file(home / "new/src/a.py", "def f():\n    return 1\n")
    stage.begin(rootUri=(home / "new").as_uri())
    stage.client.open(path.as_uri(), path.read_text(), "python")
    stage.edit(path.as_uri(), "return 1")
    assert stage.asked()


def test_a_repository_of_very_many_branches_is_sent(stage: Stage, tmp_path: Path) -> None:
    root = repository(tmp_path / "w")
    branch = '[branch "feature/{0}"]\n\tremote = origin\n\tmerge = refs/heads/feature/{0}\n'
    file(root / ".git/config", "".join(branch.format(number) for number in range(10_000)))
    path = file(root / "a.py", "def f():\n    return 1\n")
    stage.begin(rootUri=root.as_uri())
    stage.client.open(path.as_uri(), path.read_text(), "python")
    stage.edit(path.as_uri(), "return 1")
    assert stage.asked()
