"""Secrets in the user's file, from the editor to the model and back: none leaves, all return."""

from pathlib import Path

import pytest

from tests.guard.test_secrets import random_text
from tests.support.stage import Stage

URI = "file:///project/deploy.py"
GITHUB = "gh" + "p_" + random_text(36, seed=1)
SLACK = "xox" + "b-" + random_text(30, seed=2)
AWS = random_text(40, seed=3)
NAMED = random_text(22, seed=4)
AWS_LINE = f"aws_secret_access_key = {AWS}"
PEM = [random_text(64, seed=seed) for seed in range(20, 26)]
SCOPE = f'''def deploy():
    password = "{NAMED}"
    clone("https://robot:{GITHUB}@host.example/x.git")
    notify("{SLACK}", "done")
    tell("{SLACK}")
    aws_secret_access_key = "{AWS}"
    key = """-----BEGIN RSA PRIVATE KEY-----
''' + "\n".join(PEM) + '''
-----END RSA PRIVATE KEY-----"""
    return push(key, password)'''  # fmt: skip
TEXT = f'import os\n\nBACKUP = "{GITHUB}"\n\n\n{SCOPE}\n\n\nURL = "redis://:pa55@cache/0"\n'
SECRETS = (GITHUB, SLACK, AWS, NAMED, *PEM, "pa55")


@pytest.mark.parametrize("patch_from", [1000, 1])
def test_none_leaves_and_all_come_back(stage: Stage, patch_from: int) -> None:
    stage.begin(initializationOptions={"patchFromLines": patch_from})
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, "def deploy", scope="function", instruction=f"not {SLACK}")
    first = stage.asked()
    assert not [secret for secret in SECRETS if secret in first.prompt]
    masked = first.prompt.partition("Selected code in")[2]
    masked = masked.partition("```python\n")[2].partition("\n```")[0]
    changed = masked.replace("tell(", "whisper(")
    if patch_from == 1:
        lines = masked.splitlines()
        body = "".join(f"-{old}\n+{old.replace('tell(', 'whisper(')}\n" for old in lines[1:-1])
        first.answer(f"@@ -1 +1 @@\n {lines[0]}\n{body} {lines[-1]}", pieces=60)
    else:
        first.answer(changed, pieces=60)
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("tell(", "whisper("))

    stage.client.type(URI, 0, 0, f"# {AWS}\n")
    stage.client.command("midstream.redirect", {"session": session, "instruction": "undo that"})
    second = stage.asked()
    assert not [secret for secret in SECRETS if secret in second.prompt]
    assert masked in second.prompt
    second.fail("server_error")
    stage.reach(session, "review")


@pytest.mark.parametrize("piece", [NAMED[:9], PEM[2], f"{PEM[1]}\n{PEM[2]}", GITHUB[8:], "pa55"])
def test_none_leaves_where_a_piece_of_it_is_selected(stage: Stage, piece: str) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    stage.edit(URI, piece, scope="file")
    prompt = stage.asked().prompt
    assert "The user selected this part of it" in prompt
    assert not [secret for secret in (*SECRETS, piece) if secret in prompt]


def test_none_leaves_when_the_model_reads_ahead(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    stage.until(lambda: stage.client.command("midstream.status", {})["connection"] == "open")
    where = stage.client.range_of(URI, SCOPE)
    context = {"diagnostics": [], "triggerKind": 1}
    params = {"textDocument": {"uri": URI}, "range": where, "context": context}
    stage.client.request("textDocument/codeAction", params)
    ahead = str(stage.model.read_ahead.get(timeout=20)["input"][0]["content"][0]["text"])
    assert not [secret for secret in SECRETS if secret in ahead]
    stage.edit(URI, SCOPE, scope="function")
    asked = stage.asked().prompt
    cut = asked.index("Change the selected code: ")
    assert asked[:cut] == ahead[:cut], "Then what was read ahead is of use."


def test_a_scope_that_is_a_secret(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, NAMED, scope="selection")
    asked = stage.asked()
    assert NAMED not in asked.prompt
    asked.answer("MIDSTREAM_SECRET_1_ + 1", pieces=5)
    stage.reach(session, "review")
    assert "MIDSTREAM" not in stage.client.text(URI)


ENV = f"HOST=x\nDB_PASSWORD=hunter2\nAPI_KEY={NAMED}\n"
JSON = f'{{\n  "db": {{"user": "x", "password": "hunter2"}},\n  "apiKey": "{NAMED}"\n}}\n'
YAML = f"env:\n  - MYSQL_PASSWORD=hunter2\ndb:\n  password: hunter2\napi_token: {NAMED}\n"
TERRAFORM = f'resource "db" "x" {{\n  password = "hunter2"\n  secret_key = "{NAMED}"\n}}\n'
PROPERTIES = f"spring.datasource.password=hunter2\njwt.secret={NAMED}\n"


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [
        (".env", "dotenv", ENV),
        ("config.json", "json", JSON),
        ("docker-compose.yml", "yaml", YAML),
        ("main.tf", "terraform", TERRAFORM),
        ("application.properties", "java-properties", PROPERTIES),
    ],
)
@pytest.mark.parametrize("patch_from", [1000, 1])
def test_files_that_hold_nothing_but_settings(
    stage: Stage, name: str, language: str, text: str, patch_from: int
) -> None:
    stage.begin(initializationOptions={"patchFromLines": patch_from})
    uri = f"file:///project/{name}"
    stage.client.open(uri, text, language)
    stage.edit(uri, text, scope="file")
    prompt = stage.asked().prompt
    assert "hunter2" not in prompt and NAMED not in prompt
    assert "MIDSTREAM_SECRET_1_" in prompt and "MIDSTREAM_SECRET_2_" in prompt


def test_no_way_into_a_prompt_is_open(stage: Stage, tmp_path: Path) -> None:
    """By the path, the rules, diagnostics, instructions, what is typed, and by reading ahead."""
    (tmp_path / "AGENTS.md").write_text(
        f"Log in with password: hunter2x\nUse {AWS_LINE}\n", "utf-8"
    )
    stage.begin(rootUri=tmp_path.as_uri())
    uri = (tmp_path / f"{GITHUB}.py").as_uri()
    text = f'def f(a):\n    b = a\n    c = "{SLACK}"\n    return b\n\n\nx = "{SLACK}"\n'
    stage.client.open(uri, text, "python")
    stage.until(lambda: stage.client.command("midstream.status", {})["connection"] == "open")
    stage.client.request(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": uri},
            "range": stage.client.range_of(uri, "b = a"),
            "context": {"diagnostics": [], "triggerKind": 1},
        },
    )
    ahead = str(stage.model.read_ahead.get(timeout=20))
    found = [{"message": f"line with {GITHUB} is too long", "range": {}}]
    session = stage.edit(uri, "def f", f"use {GITHUB}", scope="function", diagnostics=found)
    first = stage.asked()
    first.say("```python\ndef f(a):\n    b = a + 1\n    c = 2\n")
    stage.shows(uri, "a + 1")
    stage.client.type(uri, 3, 0, f'    password = "hunter2"\n    api_key = "{NAMED}"\n')
    stage.client.command("midstream.redirect", {"session": session, "instruction": f"not {SLACK}"})
    second = stage.asked()
    for sent in (ahead, str(first.create), str(second.create)):
        for secret in (GITHUB, SLACK, NAMED, AWS, "hunter2"):
            assert secret not in sent
    assert "hunter2" in stage.client.text(uri)
    assert "The user typed this" in second.prompt and "Problems" not in ahead


@pytest.mark.parametrize("publish", ["line", "syntax"])
def test_invisible_characters_stay_out_of_lines_patches_and_what_is_shown(
    stage: Stage, publish: str
) -> None:
    stage.begin(initializationOptions={"patchFromLines": 1, "publish": publish})
    text = "def f():\n    a = 1\n    return a\n"
    stage.client.open(URI, text, "python")
    session = stage.edit(URI, "def f", scope="function")
    patch = "@@ -1,3 +1,3 @@\n def f():\n-    a = 1\n+    a = \u202e2\u200b\n     return a"
    stage.asked().answer(patch, pieces=3)
    stage.reach(session, "review")
    stage.holds(URI, text.replace("1", "2"))
    stage.client.command("midstream.accept", {"session": session})

    session = stage.edit(URI, "def f", scope="function")
    broken = patch.replace("= 1", "= 2").replace("\u202e2", "\u2066call(3")
    stage.asked().answer(broken, pieces=3)
    stage.reach(session, "review")
    if publish == "syntax":
        stage.client.command("midstream.show", {"session": session})
    stage.holds(URI, text.replace("1", "call(3"))


def test_invisible_characters_stay_out_and_are_reported(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, "def f():\n    return 1\n", "python")
    session = stage.edit(URI, "def f", scope="function")
    stage.asked().answer("def f():\n    return 2  # \u202e2 nruter\u200b\0", pieces=9)
    stage.reach(session, "review")
    stage.holds(URI, "def f():\n    return 2  # 2 nruter\n")
    said = [body["message"]["text"] for body in stage.news(session) if "message" in body]
    assert any("U+202E RIGHT-TO-LEFT OVERRIDE" in sentence for sentence in said)


@pytest.mark.parametrize("patch_from", [1000, 1])
def test_a_secret_that_the_answer_leaves_out_is_reported(stage: Stage, patch_from: int) -> None:
    """The user may not see it go: what goes stands in the diff, but nobody reads a key."""
    text = f'def login():\n    key = "{GITHUB}"\n    return key\n'
    stage.begin(initializationOptions={"patchFromLines": patch_from})
    stage.client.open(URI, text, "python")
    session = stage.edit(URI, "def login", scope="function", instruction="shorten")
    asked = stage.asked()
    assert "MIDSTREAM_SECRET_1_" in asked.prompt
    if patch_from == 1:
        old = '-    key = "MIDSTREAM_SECRET_1_"\n-    return key\n'
        asked.answer(f"@@ -1,3 +1,2 @@\n def login():\n{old}+    return None")
    else:
        asked.answer("def login():\n    return None")
    stage.reach(session, "review")
    stage.holds(URI, "def login():\n    return None\n")

    def told() -> list[str]:
        messages = [body.get("message", {}) for body in stage.news(session)]
        return [m["text"] for m in messages if m.get("level") == "warning"]

    stage.client.wait_for(told)
    assert told() == [
        "The answer drops a secret of your code, which was masked. Accept it only if you want that."
    ]


def test_a_secret_that_stays_is_not_reported(stage: Stage) -> None:
    text = f'def login():\n    key = "{GITHUB}"\n    return key\n'
    stage.begin()
    stage.client.open(URI, text, "python")
    session = stage.edit(URI, "def login", scope="function", instruction="rename")
    stage.asked().answer('def login():\n    k = "MIDSTREAM_SECRET_1_"\n    return k')
    assert "message" not in stage.reach(session, "review")
    stage.holds(URI, text.replace("key", "k"))


@pytest.mark.parametrize("refuse", [True, False])
def test_no_nul_and_no_half_character_reaches_the_editor(stage: Stage, refuse: bool) -> None:
    """Also for a user who takes every other character that cannot be seen."""
    stage.begin(initializationOptions={"refuseInvisible": refuse})
    stage.client.open(URI, "def f():\n    return 1\n", "python")
    session = stage.edit(URI, "def f", scope="function", instruction="x")
    asked = stage.asked()
    asked.say("```python\ndef f():\n    return '\0\ud83d", "\ude00\udc00'\n```\n")
    asked.finish()
    stage.reach(session, "review")
    stage.holds(URI, "def f():\n    return '\U0001f600\ufffd'\n")
