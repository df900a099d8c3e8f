"""What a value looks like on its own."""

import pytest

from lsp_server.guard import value_shapes


@pytest.mark.parametrize(
    "value",
    [
        "k9Lw2Zq8Xv",
        "9f86d081884c7d659a2feaa0c55ad015",
        "dXNlcjpwYXNzd29yZA==",
        "0b2f6f62-3c1d-4c8e-9a41-2f8c7d7b9e10",
    ],
)
def test_what_looks_random(value: str) -> None:
    assert value_shapes.looks_random(value)


@pytest.mark.parametrize(
    "value",
    [
        "pbkdf2_sha256",
        "ERR_TOKEN_EXPIRED_401",
        "color-primary-500",
        "settings.api_keys2",
        "${API_KEY_2}",
        "your-api-key-123",
        "https://host.example/v2",
        "user/settings/display2",
        "validateTokenV2",
        "letters",
    ],
)
def test_what_does_not(value: str) -> None:
    assert not value_shapes.looks_random(value)


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("hunter2", False),
        ("Summer!", True),
        ("swordfish", True),
        ("correct horse battery staple", True),
        ("correcthorsebatterystaple", True),
    ],
)
def test_what_somebody_may_have_chosen(value: str, quoted: bool) -> None:
    assert value_shapes.looks_chosen(value, quoted=quoted)


@pytest.mark.parametrize(
    "value",
    [
        "string",
        "required",
        "Password",
        "passwordField",
        "resetPassword",
        "must be at least 8 characters",
        "Forgot your password? Click here",
        "scrypt-sha512-v2",
        "form.password2",
        "<password1>",
        "$PASSWORD_1",
        "changeme",
    ],
)
def test_what_a_program_says_of_a_password(value: str) -> None:
    assert not value_shapes.looks_chosen(value, quoted=True)


def test_what_is_drawn_needs_no_name() -> None:
    assert value_shapes.looks_drawn("sUq3Xz91TbQm4Lk8Ws7VpR2c")
    assert not value_shapes.looks_drawn("9f86d081884c7d659a2feaa0c55ad015")
    assert not value_shapes.looks_drawn("authenticationTokenMiddleware2")
    assert not value_shapes.looks_drawn("short1A")


def test_text_in_base64() -> None:
    assert value_shapes.plain_text("aGVsbG8gd29ybGQ=") == "hello world"
    assert value_shapes.plain_text("/////w==") == ""
