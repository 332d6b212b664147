"""Tests of what looks like a key or token, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.text.secrets import REMOVED, find, screen, screen_words

LONG = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6"

VALUES = [
    "ghp_" + LONG[:36],
    "gho_" + LONG[:36],
    "github_pat_11AAAAAAA0" + LONG,
    "glpat-" + LONG[:20],
    "sk-" + LONG,
    "sk-ant-api03-" + LONG,
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    "AIza" + LONG[:35],
    "xoxb-1234567890-abc",
    "sk_live_" + LONG[:24],
    "rk_test_" + LONG[:24],
    "npm_" + LONG[:36],
    "pypi-" + LONG,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE…",
    "postgresql://me:hunter2@db/x",
    "https://user:pass@example.org/",
]

HARMLESS = [
    "",
    "feat/login",
    "https://github.com/o/r/pull/8",
    "https://example.org:8080/path@2",
    "git@github.com:o/r.git",
    "ghp_short",
    "task-management-of-the-whole-team",
    "desk-lamp-and-chair-and-table",
    "2026-01-29T22:42:48.473Z",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "eyJust a word",
    "AKIA is how they begin",
    "a: b@c",
]


@pytest.mark.parametrize("value", VALUES)
def test_values_that_tell(value: str) -> None:
    assert list(find({"x": value}, "context")) == ["context.x"]
    assert list(find(f"before {value} after", "notes")) == ["notes"]


@pytest.mark.parametrize("value", HARMLESS)
def test_values_that_do_not(value: str) -> None:
    assert list(find({"x": value}, "context")) == []


@pytest.mark.parametrize(
    "key",
    ["token", "TOKEN", "github_token", "githubToken", "api_key", "apikey", "apiKey", "API-KEY", "client.secret",
     "password", "passwd", "db_password", "passphrase", "credentials", "private_key", "accessKey", "Authorization",
     "auth", "secrets", "tokens", "PGPASSWORD"],
)  # fmt: skip
def test_keys_that_tell(key: str) -> None:
    assert list(find({key: "hunter2hunter2"}, "context")) == [f"context.{key}"]


@pytest.mark.parametrize("key", ["author", "token_count", "secretary", "keyboard", "branch", "passed", "monkey"])
def test_keys_that_do_not(key: str) -> None:
    assert list(find({key: "hunter2hunter2"}, "context")) == []


@pytest.mark.parametrize("value", ["short", 12345678, True, None, [], {}])
def test_what_a_telling_key_holds_must_be_a_text_of_some_length(value: object) -> None:
    assert list(find({"token": value}, "context")) == []


def test_places_are_named_by_their_way() -> None:
    context = {"deploy": {"token": "hunter2hunter2", "hosts": ["a", "AKIAIOSFODNN7EXAMPLE"]}, "ok": 1}
    assert list(find(context, "context")) == ["context.deploy.token", "context.deploy.hosts[1]"]


def test_a_list_under_a_telling_key() -> None:
    assert list(find({"tokens": ["hunter2hunter2", "x"]}, "c")) == ["c.tokens[0]"]


def test_any_depth_ends() -> None:
    value: object = "AKIAIOSFODNN7EXAMPLE"
    for _ in range(100_000):
        value = [value]
    assert list(find(value, "c")) == []


@pytest.mark.parametrize("text", ["a." * 200_000, "eyJ-" * 100_000, "a://b:" * 70_000], ids=lambda text: text[:6])
def test_long_texts_take_time_in_proportion(text: str) -> None:
    """`save` looks for secrets while it holds the lock. A pattern with unlimited repetition would take minutes."""
    assert list(find(text, "notes")) == []


def test_long_lists_take_time_in_proportion() -> None:
    """`save` looks for secrets while it holds the lock. Removing items from a list's front would take minutes."""
    assert list(find({"rows": list(range(1_000_000))}, "c")) == []


PIECES = [
    *(
        "token",
        "=",
        ": ",
        "token=",
        'token="',
        "token='",
        'token=\\"',
        "--token ",
        "\\",
        '"',
        "'",
        "--",
        "abc",
        " ",
        "\n",
    ),
    *("Bearer ", REMOVED, "-----BEGIN", "-----END", " PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"),
    *("-----END PRIVATE KEY-----", "https://", "u:p@h", "eyJ-", "ghp_"),
]


def pem(kind: str) -> str:
    return f"-----BEGIN {kind}-----\nMII=\n-----END {kind}-----"


class TestScreen:
    @pytest.mark.parametrize("value", [value for value in VALUES if "PRIVATE" not in value])
    def test_values_that_tell(self, value: str) -> None:
        screened = screen(f"before\n{value} after")
        assert screened.startswith(f"before\n{REMOVED}")
        assert screened.endswith(" after")
        assert "hunter2" not in screened
        assert list(find(screened, "notes")) == []

    @pytest.mark.parametrize(
        "text", [*HARMLESS, "no token here", "-n 5 --verbose x", "a = b", "key: value", "x --tokens"]
    )
    def test_what_is_left_alone(self, text: str) -> None:
        assert screen(text) == text

    @pytest.mark.parametrize(
        ("text", "screened"),
        [
            ("TOKEN=abc next", f"TOKEN={REMOVED} next"),
            ("export GITHUB_TOKEN='a b' next", f"export GITHUB_TOKEN='{REMOVED}' next"),
            ('PASSWORD="a \\" b" next', f'PASSWORD="{REMOVED}" next'),
            ("password = abc", f"password = {REMOVED}"),
            ("password: abc", f"password: {REMOVED}"),
            (":apiKey => 'abc'", f":apiKey => '{REMOVED}'"),
            ('{"token": "abc", "n": 1}', f'{{"token": "{REMOVED}", "n": 1}}'),
            ('{"githubToken":"abc"}', f'{{"githubToken":"{REMOVED}"}}'),
            ('"{\\"token\\": \\"abc\\", \\"n\\": 1}"', f'"{{\\"token\\": \\"{REMOVED}\\", \\"n\\": 1}}"'),
            ("--token abc next", f"--token {REMOVED} next"),
            ("--token=abc next", f"--token={REMOVED} next"),
            ("--api-key 'a b' next", f"--api-key '{REMOVED}' next"),
            ("Authorization: Bearer abc.def", f"Authorization: Bearer {REMOVED}"),
            ("> authorization: basic YWJj", f"> authorization: basic {REMOVED}"),
            ("X-Api-Key: abc", f"X-Api-Key: {REMOVED}"),
            ("https://x/?a=1&token=abc", f"https://x/?a=1&token={REMOVED}"),
            ("url=https://x/?token=abc", f"url=https://x/?token={REMOVED}"),
            ("a_token=b token=c", f"a_token={REMOVED} token={REMOVED}"),
            ('"token": null, "auth": true', '"token": null, "auth": true'),
            ("token: \nnext", "token: \nnext"),
            ("token=", "token="),
            ("--token --verbose", "--token --verbose"),
        ],
    )
    def test_names_that_tell(self, text: str, screened: str) -> None:
        assert screen(text) == screened
        assert screen(screened) == screened

    @pytest.mark.parametrize(
        ("text", "screened"),
        [
            (f"a\n{pem('RSA PRIVATE KEY')}\nb\n{pem('PRIVATE KEY')}\nc", f"a\n{REMOVED}\nb\n{REMOVED}\nc"),
            ("a\n-----BEGIN OPENSSH PRIVATE KEY-----\nMII=\nMII", f"a\n{REMOVED}"),
            ("a\n-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIV", f"a\n{REMOVED}"),
            ("II=\nMII=\n-----END EC PRIVATE KEY-----\nb", f"{REMOVED}\nb"),
            (f"{pem('PGP PRIVATE KEY BLOCK')}\nb", f"{REMOVED}\nb"),
            (pem("PUBLIC KEY"), None),
            (pem("CERTIFICATE"), None),
        ],
    )
    def test_private_keys_go_whole(self, text: str, screened: str | None) -> None:
        assert screen(text) == (text if screened is None else screened)

    @pytest.mark.parametrize(
        ("words", "screened"),
        [
            (["gh", "--token", "abc", "x"], ["gh", "--token", REMOVED, "x"]),
            (["gh", "--token", "it's a b", "x"], ["gh", "--token", REMOVED, "x"]),
            (["env", "API_KEY=it's a b", "x"], ["env", f"API_KEY={REMOVED}", "x"]),
            (["gh", "--token", "--verbose", "x"], ["gh", "--token", "--verbose", "x"]),
            (["sh", "-c", "TOKEN=abc x --password def"], ["sh", "-c", f"TOKEN={REMOVED} x --password {REMOVED}"]),
            (["echo", "token", "abc"], ["echo", "token", "abc"]),
        ],
    )
    def test_the_words_of_a_command(self, words: list[str], screened: list[str]) -> None:
        assert screen_words(words) == screened

    @given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
    def test_whatever_is_around_it(self, text: str) -> None:
        assert VALUES[0] not in screen(f"{text} {VALUES[0]} {text}")

    @pytest.mark.parametrize(
        "text", [*PIECES, "token:\\", "token=Bearer    ", "token =", "a://b:", "-----BEGIN AAAA", "a."]
    )
    def test_long_texts_take_time_in_proportion(self, text: str) -> None:
        """A pattern with unlimited repetition would take minutes."""
        assert isinstance(screen(text * (400_000 // len(text))), str)
