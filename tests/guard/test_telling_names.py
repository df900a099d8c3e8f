"""How strongly a name suggests that its value is a secret."""

import pytest

from lsp_server.guard.telling_names import Trust, trust_in_code


@pytest.mark.parametrize(
    ("name", "trust"),
    [
        ("DB_PASSWORD", Trust.PASSWORD),
        ("dbPass", Trust.PASSWORD),
        ("spring.datasource.password", Trust.PASSWORD),
        ("userPw", Trust.PASSWORD),
        ("HASH_SALT", Trust.SECRET),
        ("clientSecret", Trust.SECRET),
        ("SESSION_KEY", Trust.TOKEN),
        ("RAILS_MASTER_KEY", Trust.TOKEN),
        ("HMAC_KEY", Trust.TOKEN),
        ("ALGOLIA_ADMIN_KEY", Trust.TOKEN),
        ("AUTH_KEY", Trust.TOKEN),
        ("accessToken", Trust.TOKEN),
        ("key", Trust.KEY),
        ("admin_pin", Trust.PIN),
        ("cache_key", Trust.NONE),
        ("public_key", Trust.NONE),
        ("primaryKey", Trust.NONE),
        ("token_type", Trust.NONE),
        ("tokenFile", Trust.NONE),
        ("PASSWORD_MIN_LENGTH", Trust.NONE),
        ("passwordHasher", Trust.NONE),
        ("invalid_password", Trust.NONE),
        ("compass", Trust.NONE),
        ("keyboard", Trust.NONE),
        ("author", Trust.NONE),
        ("passenger", Trust.NONE),
        ("total", Trust.NONE),
    ],
)
def test_a_name_says_so_much(name: str, trust: Trust) -> None:
    assert trust_in_code(name) is trust
