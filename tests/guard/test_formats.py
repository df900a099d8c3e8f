"""Each documented format, as it appears in code, in a shell and in configuration files."""

import re

import pytest

from lsp_server.guard import prefixes
from tests.guard.test_secrets import found_secrets, random_text


@pytest.mark.parametrize(("start", "rest", "least", "whose"), prefixes.PREFIXED)
def test_every_documented_prefix_is_known(start: str, rest: str, least: int, whose: str) -> None:
    alphabet = "".join(c for c in map(chr, range(33, 127)) if re.match(f"[{rest}]", c))
    secret = start + random_text(least, alphabet.replace(".", "").replace("-", "") or alphabet)
    assert found_secrets(f'use("{secret}")\n') == [secret], whose
    assert found_secrets(f"KEY: {secret}\nnext: 1\n") == [secret], whose
    assert found_secrets(f"word{secret}") in ([], [secret]), "a prefix inside of a word is none"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("mysql -u root -p", " shop < dump.sql\n"),
        ("mysql -uroot -p'", "' shop\n"),
        ("mysqldump --user=root --password=", " --all-databases\n"),
        ("mariadb-dump -h db.example -P 3306 -p", "\n"),
        ('test: ["CMD", "mysqladmin", "ping", "-p', '"]\n'),
        ("sshpass -p ", " ssh me@host.example\n"),
        ("redis-cli -h cache.example -a '", "' ping\n"),
        ("docker login registry.example -u me -p ", "\n"),
        ("mongosh --username me --password ", " --eval 1\n"),
        ("openssl rsa -in a.pem -passin pass:", " -out b.pem\n"),
        ("PGPASSWORD=", " psql -h db.example\n"),
        ('os.environ["PGPASSWORD"] = "', '"\n'),
        ('env = {"MYSQL_PWD": "', '"}\n'),
        ("      POSTGRES_PASSWORD: ", "\n      POSTGRES_USER: me\n"),
        ("ENV MYSQL_ROOT_PASSWORD=", "\n"),
        ("CREATE USER me IDENTIFIED BY '", "';\n"),
        ("ALTER USER 'me'@'%' IDENTIFIED WITH mysql_native_password BY '", "';\n"),
        ("CREATE ROLE shop WITH LOGIN PASSWORD '", "';\n"),
        ("export SSHPASS=", "\n"),
    ],
)
@pytest.mark.parametrize("secret", ["swordfish", "Tr0ub4dor+3"])
def test_where_a_manual_says_that_a_password_stands(before: str, after: str, secret: str) -> None:
    """In such a place even letters alone are a password."""
    assert found_secrets(before + secret + after) == [secret]


def test_letters_alone_that_are_no_word() -> None:
    assert found_secrets('password = "correcthorsebatterystaple"\n') == [
        "correcthorsebatterystaple"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "mysql -u root -p shop\n",
        "mysql -u root -p\n",
        "mysql -u root -p$MYSQL_PASS -P 3306\n",
        'mysql -p"${PASS}" shop\n',
        "mysql --protocol=tcp --port 3306\n",
        "mysql -p<password> shop\n",
        "import mysql.connector\n",
        "mysql_connect(host, user) | less -page\n",
        "sshpass -p $PASS ssh host\n",
        "sshpass -e ssh host\n",
        "redis-cli -a $REDIS ping\n",
        "docker run -p 8080:80 web\n",
        "docker login -u me --password-stdin\n",
        "mongosh --port 27017 --password\n",
        "openssl rsa -passin env:PASS\n",
        "PGPASSWORD=$PASS psql\n",
        "PGPASSWORD = os.environ['PASS']\n",
        "POSTGRES_PASSWORD: str\n",
        "POSTGRES_PASSWORD: ${PASS}\n",
        "dict(POSTGRES_PASSWORD=settings.password)\n",
        "MYSQL_PASSWORD: string;\n",
        "CREATE USER me IDENTIFIED BY '$PASS';\n",
        "the user must give a password 'twice' here\n",
    ],
)
def test_where_none_stands(text: str) -> None:
    assert found_secrets(text) == []


@pytest.mark.parametrize("word", ["mysql ", "mysql -", "docker login ", "create user "])
def test_a_megabyte_of_commands_is_read_in_one_pass(word: str) -> None:
    """One pass takes well under a second; a pass for each command would never end."""
    assert found_secrets(word * (2**20 // len(word))) == []
