"""What looks like a key or token, and what does not."""

import pytest

from session.text.secrets import find

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
     "auth", "secrets", "tokens"],
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
    """`save` looks while it holds the lock; with repeats that have no bound this takes minutes."""
    assert list(find(text, "notes")) == []


def test_long_lists_take_time_in_proportion() -> None:
    """As above: taking from the front of a list takes a quarter of an hour."""
    assert list(find({"rows": list(range(1_000_000))}, "c")) == []
