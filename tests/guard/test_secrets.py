"""Which texts are taken for secrets, and which are not.

No secret is written here in one piece: programs that look for leaked secrets would find it.
"""

import random
import string
from itertools import pairwise

import pytest

from lsp_server.guard.secrets import find_long_secrets, find_secrets

_HEX = "0123456789abcdef"
_LETTERS = string.ascii_letters + string.digits
_BASE64 = _LETTERS + "+/"


def random_text(count: int, of: str = _LETTERS, seed: int = 7) -> str:
    """`count` random characters, the same ones for the same seed."""
    return "".join(random.Random(seed).choices(of, k=count))


def found_secrets(text: str) -> list[str]:
    return [span.text(text) for span in find_secrets(text)]


@pytest.mark.parametrize(
    ("before", "secret", "after"),
    [
        ("aws_secret_access_key = ", random_text(40, _BASE64), "\n"),
        ('"SecretAccessKey": "', random_text(40, _BASE64), '"'),
        (
            "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=",
            random_text(86, _BASE64) + "==",
            ";E=1",
        ),
        ("https://x.example/a?se=1&sig=", random_text(43) + "%3D", ""),
        ("secret: ", "abc" + "8Q~" + random_text(33), "\n"),
        ("define( 'DB_PASSWORD', '", "home" + "stead", "' );\n"),
        ("env:\n  - value: ", "k9" + "Lw2Zq8Xv", "\n    name: DB_PASSWORD\n"),
        (
            "cookie ",
            "eyJ" + random_text(20) + "." + "eyJ" + random_text(30) + "." + random_text(40),
            " end",
        ),
        ("bot ", "123456789" + ":AA" + random_text(33), " end"),
        (
            "discord.login('",
            "M" + random_text(24) + "." + random_text(6) + "." + random_text(30),
            "')",
        ),
        ("https://hooks.slack.com/services/", "T0123456/B0123456/" + random_text(24), ""),
        ("https://discord.com/api/webhooks/123/", random_text(68), "')"),
        ("postgres://admin:", "hunter2!", "@db.example/x"),
        ("redis://:", "p4ss", "@localhost:6379"),
        ("amqps://user.name:", "x" * 40, "@host"),
        ('"Authorization": "Bearer ', random_text(30), '"'),
        ("Authorization: Basic ", random_text(16) + "==", "\r\n"),
        ("//registry.example/:_authToken=", random_text(36), "\n"),
        ("DB_PASSWORD = '", "c0rrect-h0rse-b4ttery", "'"),
        ("const apiKey: string = `", random_text(24), "`;"),
        ("client_secret=", random_text(32), "\n"),
        ('{"access_token": "', random_text(40), '"}'),
        ("token := r'", random_text(24), "'"),
        ("DB_PASSWORD=", "hunter2", "\n"),
        ("  - MYSQL_ROOT_PASSWORD=", "p4ssw0rd", "\n  - X=1\n"),
        ("db:\n  password: ", "hunter2", "\r\n  user: bob\r\n"),
        ("spring.datasource.password=", "Sommer!Regen", "\n"),
        ("[db]\npassword = ", "hunter2", ""),
        ('  master_password = "', "Sup3rS3cret!", '"\n}\n'),
        ('{"db": {"user": "x", "pass": "', "s3cr3t!", '"}}'),
        ("Server=tcp:x;User ID=z;Password=", "Hunter2!x9", ";Encrypt=True"),
        ("export SECRET_KEY_BASE=", random_text(64), "  # of production\n"),
        ('curl -H "X-Api-Key: ', random_text(20), '" https://x.example'),
        ("curl -s -u admin:", "S3cret99", " https://x.example"),
        ("machine x.example login y password ", "hunter2x9", "\n"),
        ("<Password>", "hunter2", "</Password>"),
        ("Log in as bob with password: ", "hunter2", "\n"),
        ('<add key="apiKey" value="', random_text(20), '"/>'),
        ("data:\n  tls.key: ", "LS0tLS1CRUdJTi" + random_text(60, _BASE64), "\n"),
        ('user.setPassword("', "hunter2", '");'),
    ],
)
def test_what_is_a_secret(before: str, secret: str, after: str) -> None:
    assert found_secrets(before + secret + after) == [secret]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def total(cart):\n    return sum(cart)\n",
        "token = tokens[index]\n",
        'token = "placeholder-for-tests"\n',
        "    password: string;\n    secret: Buffer\n",
        "password: { type: String, required: true },\n",
        '"password": "Passwort vergessen? 1x",\n',
        "password = user.password2\n",
        "password=hash2(given)\n",
        "const secret = sha256\n",
        "master_password = var.db1_password\n",
        "DB_PASSWORD=${DB_PASSWORD_1}\nDB_PASSWORD=$PASSWORD_1\n",
        "password: <redacted1>\n",
        "if (password == other1) { return }\n",
        "password = os.environ['DATABASE_PASSWORD_1']\n",
        'password = getpass.getpass("Password (12 characters): ")\n',
        'secret_name = "user/settings/display"\n',
        'key = "first_name"\n',
        "api_key = settings.api_keys[profile.name]\n",
        'url = "https://user@example.org/path"\n',
        'url = f"postgres://{user}:{password}@{host}/x"\n',
        'url = "postgres://user:${DB_PASSWORD}@host/x"\n',
        "https://example.org:8080/a@b\n",
        "see https://example.org/a:b\nmail me@example.org\n",
        "risk-management-of-the-whole-house\n",
        "task_key-0123456789abcdef0123456789abcdef\n",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\n",
        "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n",
        'password = "Passwordgeneration"\n',
        "password = getpasswordfromuser\n",
        'password: "passwordmissing"\n',
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----\n",
    ],
)
def test_what_is_not(text: str) -> None:
    assert found_secrets(text) == []


def _key(lines: int, end: str, label: str = "RSA PRIVATE KEY") -> tuple[str, list[str]]:
    body = [random_text(64, _BASE64, seed) for seed in range(lines - 1)] + [
        random_text(30, _BASE64) + "=="
    ]
    head, tail = f"-----BEGIN {label}-----", f"-----END {label}-----"
    return end.join([head, *body, tail]), body


@pytest.mark.parametrize("end", ["\n", "\r\n", "\\n", "\n    ", '"\n    "'])
@pytest.mark.parametrize(
    "label", ["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]
)
def test_the_lines_of_a_private_key(label: str, end: str) -> None:
    text, body = _key(12, end, label)
    assert found_secrets(f"x = '''{text}'''\ny = 1\n") == body


def test_a_private_key_that_the_scope_cuts() -> None:
    text, body = _key(6, "\n")
    cut = text[: text.index(body[4])]
    assert found_secrets(cut + "\nreturn somethingElseEntirely(1)\n") == body[:4]


def test_private_keys_alone() -> None:
    text, body = _key(6, "\n")
    context = f"token = '{random_text(36)}'\n{text}\n"
    assert [span.text(context) for span in find_long_secrets(context)] == body


def test_spans_are_sorted_disjoint_and_within_lines() -> None:
    key, _ = _key(5, "\n")
    secret = "gh" + "p_" + random_text(36)
    text = f"{key}\ntoken = '{secret}'\nhttps://u:{secret}@host/\n"
    spans = find_secrets(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert not any("\n" in span.text(text) for span in spans)
    assert [s.text(text) for s in spans].count(secret) == 2


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY-----\n" * 35_000,
        "-----BEGIN " + "A" * 1_000_000,
        "secret" * 160_000,
        "token:" * 160_000,
        ("access_key" + " " * 1000 + "x") * 1000,
        "://" + "x" * 1_000_000,
        "M" * 1_000_000 + " discord",
        "curl " * 200_000,
        "login " * 160_000,
    ],
    ids=lambda text: text[:20],
)
def test_a_megabyte_that_looks_like_many_beginnings_is_read_in_one_pass(text: str) -> None:
    # A search that starts again at each of them would take minutes.
    assert found_secrets(text) == []


def test_letters_that_grow_in_lower_case_shift_nothing() -> None:
    text = "İ" * 50 + "\npassword = '" + random_text(20) + "'\n"
    assert found_secrets(text) == [random_text(20)]


@pytest.mark.parametrize("length", [300, 700, 1500])
@pytest.mark.parametrize(
    ("before", "start"),
    [
        ("cookie ", "eyJhbGciOiJIUzI1NiJ9.eyJ"),
        ("token = '", ""),
        ("API_TOKEN=", ""),
        ("Authorization: Bearer ", ""),
        ("use ", "EAAB"),
    ],
)
def test_a_long_secret_is_masked_to_its_end(before: str, start: str, length: int) -> None:
    secret = (
        start + random_text(length) + ("." + random_text(43) if start.startswith("eyJ") else "")
    )
    quote = "'" if before.endswith("'") else ""
    assert found_secrets(f"x = 1\n{before}{secret}{quote}\ny = 2\n") == [secret]
