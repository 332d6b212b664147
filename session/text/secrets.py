"""Find values that look like keys or tokens, for a warning, and remove them from text. It can miss some."""

import re
from collections.abc import Iterable, Iterator

REMOVED = "[secret removed]"

_SECRET_NAME = re.compile(
    r"(?:^|[_.\-])(?:api_?key|secret|token|(?:pg)?passw(?:or)?d|passphrase|credentials?|private_?key|access_?key"
    r"|auth(?:orization)?)s?$",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"""
      \b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})   # GitHub
    | \bglpat-[A-Za-z0-9_\-]{16,}                                     # GitLab
    | \bsk-[A-Za-z0-9_\-]{16,}                                        # OpenAI, Anthropic
    | \b(?:AKIA|ASIA)[A-Z0-9]{16}\b                                   # AWS
    | \bAIza[A-Za-z0-9_\-]{30,}                                       # Google
    | \bxox[abprs]-[A-Za-z0-9\-]{10,}                                 # Slack
    | \b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}                          # Stripe
    | \bnpm_[A-Za-z0-9]{30,} | \bpypi-[A-Za-z0-9_\-]{30,}             # npm, PyPI
    | \beyJ[A-Za-z0-9_\-]{8,400}\.eyJ[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?  # a JSON web token
    | -----BEGIN[ A-Z]*PRIVATE\ KEY(?:\ BLOCK)?-----
    | \b[a-z][a-z0-9+.\-]{0,30}://[^\s/:@]{1,200}:[^\s/@]{1,200}@                      # a password in a URL
    """,
    re.VERBOSE,
)
_DEPTH = 8

_END_OF_KEY = r"-----END[ A-Z]*PRIVATE KEY(?: BLOCK)?-----"
_KEY_BLOCK = re.compile(rf"-----BEGIN[ A-Z]*PRIVATE KEY(?: BLOCK)?-----.*?(?:{_END_OF_KEY}|\Z)", re.DOTALL)
_REST_OF_KEY = re.compile(rf"\A.*{_END_OF_KEY}", re.DOTALL)  # the end of a key whose first lines were cut off
# A name, and the characters between it and its value. Every repetition has a limit, so that matching takes linear time.
_NAMED = re.compile(
    r"""
    (?<![A-Za-z0-9_.\-])
    (?: (-[A-Za-z0-9_.\-]{1,200}+) [ \t]{1,4} (?!-)                       # --token value
      | ([A-Za-z0-9_.\-]{1,200}+) \\{0,3} ["']? [ \t]{0,4} (?: => | [:=] ) [ \t]{0,4}   # KEY=value, "key": "value"
    )
    """,
    re.VERBOSE,
)
# A value after a name. Text in a group, such as the opening quote, is kept; the rest is removed.
_VALUE = re.compile(
    r"""
      (\\{1,3}["']) [^"'\\\n]+
    | (") (?: [^"\\\n] | \\. )+
    | (') [^'\n]+
    | ((?:Bearer|Basic|Digest|Token)[ ]{1,4})? [^\s"']+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CLOSING = ",;)]}"
_NO_VALUES = frozenset(("null", "none", "true", "false", "undefined"))


def find(value: object, name: str) -> Iterator[str]:
    """Yield the path (`context.deploy.token`) of each text in `value` that looks like a secret.

    `name` is the path of `value` itself.
    """
    pending: list[tuple[object, str, int]] = [(value, name, 0)]
    for value, name, depth in pending:  # the loop also visits what is appended below
        if isinstance(value, str):
            key = name.rpartition(".")[2]
            if _SECRET_VALUE.search(value) or (len(value) >= 8 and _SECRET_NAME.search(_snake(key))):
                yield name
        elif isinstance(value, dict) and depth < _DEPTH:
            pending += [(item, f"{name}.{key}", depth + 1) for key, item in value.items()]
        elif isinstance(value, list) and depth < _DEPTH:
            pending += [(item, f"{name}[{index}]", depth + 1) for index, item in enumerate(value)]


def screen(text: str) -> str:
    """Return the text with REMOVED in place of everything that looks like a secret.

    A secret is known by its form, or by the name before it: `TOKEN=…`, `"token": "…"`, `--token …`,
    `Authorization: Bearer …`. A private key is removed completely, even if its beginning or end is missing.
    """
    text = _REST_OF_KEY.sub(REMOVED, _KEY_BLOCK.sub(REMOVED, text))
    return _SECRET_VALUE.sub(REMOVED, _without_named(text))


def screened_end(output: bytes, length: int) -> str:
    """Return the end of a program's output without secrets, longer than `length` characters; the caller cuts it.

    It is longer because the name that reveals a secret may stand before the last `length` characters.
    """
    return screen(output[-4 * length :].decode("utf-8", "replace"))


def screen_words(words: Iterable[str]) -> list[str]:
    """Return the words of a command line with REMOVED in place of secrets: `--token …`, `--token=…`, `TOKEN=…`."""
    screened: list[str] = []
    previous = ""
    for word in words:
        name, equals, _ = word.partition("=")
        if previous[:1] == "-" and "=" not in previous and _names_secret(previous) and word[:1] != "-":
            screened.append(REMOVED)  # the word after an option such as --token
        elif equals and _names_secret(name) and previous != "-c":  # the word after -c is a script, not an assignment
            screened.append(f"{name}={REMOVED}")
        else:
            screened.append(screen(word))
        previous = word
    return screened


def _without_named(text: str) -> str:
    """Return the text with REMOVED in place of each value whose name reveals a secret."""
    parts: list[str] = []
    at = 0
    for match in _NAMED.finditer(text):
        if match.start() < at or not _names_secret(match[1] or match[2]):
            continue
        value = _VALUE.match(text, match.end())
        if value is None:
            continue
        start = value.end(value.lastindex) if value.lastindex else value.start()
        if not text.startswith(REMOVED, start) and text[start : value.end()].rstrip(_CLOSING).lower() not in _NO_VALUES:
            parts += [text[at:start], REMOVED]
            at = value.end()
    return "".join(parts) + text[at:]


def _names_secret(name: str) -> bool:
    """Return True if a value with this name is probably a secret."""
    return _SECRET_NAME.search(_snake(name)) is not None


def _snake(key: str) -> str:
    """Return the key with `_` between its words, without an index: `apiKey[0]` gives `api_Key`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key.partition("[")[0]).replace("-", "_")
