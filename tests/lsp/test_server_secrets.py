"""Secrets in the user's file, from the editor to the model and back: none leaves, all return."""

import pytest

from tests.guard.test_secrets import made
from tests.support.stage import Stage

URI = "file:///project/deploy.py"
GITHUB = "gh" + "p_" + made(36, seed=1)
SLACK = "xox" + "b-" + made(30, seed=2)
AWS = made(40, seed=3)
NAMED = made(22, seed=4)
PEM = [made(64, seed=seed) for seed in range(20, 26)]
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
    masked = first.prompt.partition("<scope-")[2].partition("```python\n")[2].partition("\n```")[0]
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
    cut = asked.index("The fence of your answer")
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


def test_invisible_characters_stay_out_and_are_told(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, "def f():\n    return 1\n", "python")
    session = stage.edit(URI, "def f", scope="function")
    stage.asked().answer("def f():\n    return 2  # \u202e2 nruter\u200b\0", pieces=9)
    stage.reach(session, "review")
    stage.holds(URI, "def f():\n    return 2  # 2 nruter\n")
    said = [body["message"]["text"] for body in stage.news(session) if "message" in body]
    assert any("U+202E RIGHT-TO-LEFT OVERRIDE" in sentence for sentence in said)
