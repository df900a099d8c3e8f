"""Secrets of several lines: every line is masked, and texts that are not secret stay."""

import time

import pytest

from lsp_server.guard.secrets import find_long_secrets
from tests.guard.test_secrets import found_secrets, random_text

HEX = "0123456789abcdef"
ONE, TWO, REST = random_text(24), random_text(24, seed=2), "aB3"
VAULT = [random_text(80, HEX), random_text(80, HEX, seed=2), random_text(12, HEX)]

BLOCKS = {
    "YAML": "password: |\n  {}\n  {}\n  {}\nnext: x\n",
    "YAML, folded": "a:\n  api_token: >-  # of the shop\n    {}\n\n    {}\n    {}\n  b: c\n",
    "YAML, in a list": "- secret: !!str |2\r\n    {}\r\n    {}\r\n    {}\r\n- secret: x\r\n",
    "YAML, named above": "- name: DB_PASSWORD\n  value: |\n    {}\n    {}\n    {}\n- name: X\n",
    "YAML, cut": "password: |\n  {}\n  {}\n  {}",
    "Python": 'API_TOKEN = """\n{}\n{}\n{}\n"""\n',
    "Python, with a type": 'password: str = """\\\n{}\n{}\n{}\n"""\nx = 1\n',
    "TOML": "client_secret = '''\n{}\n{}\n{}\n'''\n",
    "a shell": "export DB_PASSWORD=<<EOF\n{}\n{}\n{}\nEOF\necho done\n",
    "Terraform": "  password = <<-EOT\n    {}\n    {}\n    {}\n  EOT\n",
    "PHP": "$password = <<<'EOT'\n{}\n{}\n{}\nEOT;\n",
}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=list(BLOCKS))
def test_every_line_of_a_secret(block: str) -> None:
    text = block.format(ONE, TWO, REST)
    assert found_secrets(text) == [ONE, TWO, REST]
    assert [span.text(text) for span in find_long_secrets(text)] == [ONE, TWO, REST]


@pytest.mark.parametrize(
    "before",
    ["$ANSIBLE_VAULT;1.1;AES256\n", "x: !vault |\n  $ANSIBLE_VAULT;1.2;AES256;dev\n"],
)
def test_a_vault_of_ansible(before: str) -> None:
    indent = "  " if before.startswith("x") else ""
    text = before + "".join(f"{indent}{line}\n" for line in VAULT) + "other: 1\n"
    assert found_secrets(text) == VAULT


@pytest.mark.parametrize(
    "text",
    [
        "password: |\n  The password of the user.\n  It has 8 letters at least.\n",
        "password: |\n  {{ .Values.password }}\n  ${PASSWORD}\n",
        "token: |\n  see-the-manual\n",
        "secret: |\n  #!/bin/sh\n  set -e\n",
        f"description: |\n  {ONE}\n",
        f"keys: |\n  release-2\nscript: |\n  {ONE}\n",
        f"password: |\nother:\n  {ONE}\n",
        f'def password():\n    """\n    {ONE}\n    """\n',
        "restore-keys: |\n  ${{ runner.os }}-pip-\n  linux-pip-3\n",
        "- name: HOST\n  value: |\n    db-1.example\n",
    ],
)
def test_what_is_no_secret(text: str) -> None:
    assert find_long_secrets(text) == ()


@pytest.mark.parametrize(
    "piece", ["password: |\n", 'password = """\n', "password = <<A\n", "$ANSIBLE_VAULT;"]
)
def test_beginnings_without_an_end_take_no_time(piece: str) -> None:
    """Searching each of them to the end would take minutes."""
    begun = time.process_time()
    assert find_long_secrets(piece * 20_000) == ()
    assert time.process_time() - begun < 20
