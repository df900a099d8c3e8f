"""Secrets that span several lines or are recognised by lines above."""

from lsp_server.guard.block_secrets import values_of_secrets
from tests.guard.test_secrets import found_secrets, random_text


def test_the_values_of_a_secret_of_kubernetes() -> None:
    text = (
        "kind: ConfigMap\ndata:\n  level: debug-2\n---\n"
        "apiVersion: v1\nkind: Secret\ndata:\n  user: YWRtaW4=\n  other: c2VjcmV0\n"
        "stringData:\n  plain: 'wordalone'\n  ref: ${OTHER}\ntype: Opaque\n---\n"
        "kind: ConfigMap\ndata:\n  level: debug-3\n"
    )
    values = [span.text(text) for span in values_of_secrets(text)]
    assert values == ["YWRtaW4=", "c2VjcmV0", "wordalone"]


def test_comments_and_blocks_in_a_secret_of_kubernetes_end_nothing() -> None:
    text = (
        "kind: Secret\nstringData:\n  # of the shop\n  one: wordalone\n\n  conf: |\n"
        "    user admin\n\n    quiet\n  two: another\nmetadata:\n  name: shop\n"
    )
    assert found_secrets(text) == ["wordalone", "user admin", "quiet", "another"]


def test_data_may_stand_before_the_kind() -> None:
    assert found_secrets("data:\n  user: YWRtaW4=\nkind: Secret\n") == ["YWRtaW4="]


def test_half_a_megabyte_of_secrets_is_read_in_one_pass() -> None:
    """One pass for each of them would take minutes."""
    text = "kind: Secret\ndata:\n" * 25_000
    assert list(values_of_secrets(text)) == []


def test_the_lines_of_a_key_of_putty() -> None:
    first, last, mac = random_text(64), random_text(20), random_text(40, "0123456789abcdef")
    text = (
        f"PuTTY-User-Key-File-2: ssh-rsa\nPublic-Lines: 1\n{random_text(64, seed=9)}\n"
        f"Private-Lines: 2\n{first}\n{last}\nPrivate-MAC: {mac}\n"
    )
    assert found_secrets(text) == [first, last, mac]
