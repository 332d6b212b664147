"""Values that look like keys and tokens: found for a warning, removed from a record. A hint, not a guarantee."""

import re
from collections.abc import Iterable, Iterator

REMOVED = "[secret removed]"

_TELLING_KEY = re.compile(
    r"(?:^|[_.\-])(?:api_?key|secret|token|(?:pg)?passw(?:or)?d|passphrase|credentials?|private_?key|access_?key"
    r"|auth(?:orization)?)s?$",
    re.IGNORECASE,
)
_TELLING_VALUE = re.compile(
    r"""
      \b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})   # GitHub
    | \bglpat-[A-Za-z0-9_\-]{16,}                                     # GitLab
    | \bsk-[A-Za-z0-9_\-]{16,}                                        # OpenAI, Anthropic
    | \b(?:AKIA|ASIA)[A-Z0-9]{16}\b                                   # AWS
    | \bAIza[A-Za-z0-9_\-]{30,}                                       # Google
    | \bxox[abprs]-[A-Za-z0-9\-]{10,}                                 # Slack
    | \b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}                          # Stripe
    | \bnpm_[A-Za-z0-9]{30,} | \bpypi-[A-Za-z0-9_\-]{30,}             # registries
    | \beyJ[A-Za-z0-9_\-]{8,400}\.eyJ[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?  # a JSON web token
    | -----BEGIN[ A-Z]*PRIVATE\ KEY(?:\ BLOCK)?-----
    | \b[a-z][a-z0-9+.\-]{0,30}://[^\s/:@]{1,200}:[^\s/@]{1,200}@                      # a password in an address
    """,
    re.VERBOSE,
)
_DEPTH = 8

_END_OF_KEY = r"-----END[ A-Z]*PRIVATE KEY(?: BLOCK)?-----"
_KEY_BLOCK = re.compile(rf"-----BEGIN[ A-Z]*PRIVATE KEY(?: BLOCK)?-----.*?(?:{_END_OF_KEY}|\Z)", re.DOTALL)
_REST_OF_KEY = re.compile(rf"\A.*{_END_OF_KEY}", re.DOTALL)  # its beginning was cut off
# A name and what stands between it and its value. No repeat that is tried again from the same place is without a bound.
_NAMED = re.compile(
    r"""
    (?<![A-Za-z0-9_.\-])
    (?: (-[A-Za-z0-9_.\-]{1,200}+) [ \t]{1,4} (?!-)                       # --token value
      | ([A-Za-z0-9_.\-]{1,200}+) \\{0,3} ["']? [ \t]{0,4} (?: => | [:=] ) [ \t]{0,4}   # KEY=value, "key": "value"
    )
    """,
    re.VERBOSE,
)
# What a group holds of it stays.
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
    """The names (`context.deploy.token`) of what looks like a secret in `value`, itself called `name`."""
    todo: list[tuple[object, str, int]] = [(value, name, 0)]
    for value, name, depth in todo:  # which grows meanwhile
        if isinstance(value, str):
            key = name.rpartition(".")[2]
            if _TELLING_VALUE.search(value) or (len(value) >= 8 and _TELLING_KEY.search(_snake(key))):
                yield name
        elif isinstance(value, dict) and depth < _DEPTH:
            todo += [(item, f"{name}.{key}", depth + 1) for key, item in value.items()]
        elif isinstance(value, list) and depth < _DEPTH:
            todo += [(item, f"{name}[{index}]", depth + 1) for index, item in enumerate(value)]


def screen(text: str) -> str:
    """The text with REMOVED for all that looks like a secret, by itself or by the name before it: `TOKEN=…`,
    `"token": "…"`, `--token …`, `Authorization: Bearer …`. Private keys go whole, also where their beginning or
    end is missing."""
    text = _REST_OF_KEY.sub(REMOVED, _KEY_BLOCK.sub(REMOVED, text))
    return _TELLING_VALUE.sub(REMOVED, _without_named(text))


def screened_end(output: bytes, wanted: int) -> str:
    """The end of what a program wrote, to be cut to the `wanted` characters by the caller: screened with more before
    it, as what tells a secret may stand there."""
    return screen(output[-4 * wanted :].decode("utf-8", "replace"))


def screen_words(words: Iterable[str]) -> list[str]:
    """`screen` for the words of a command line, where a secret is the rest of a word, or the next one."""
    screened: list[str] = []
    before = ""
    for word in words:
        name, equals, _ = word.partition("=")
        if before[:1] == "-" and "=" not in before and _tells(before) and word[:1] != "-":
            screened.append(REMOVED)  # --token …
        elif equals and _tells(name) and before != "-c":  # after which comes a script
            screened.append(f"{name}={REMOVED}")
        else:
            screened.append(screen(word))
        before = word
    return screened


def _without_named(text: str) -> str:
    parts: list[str] = []
    at = 0
    for named in _NAMED.finditer(text):
        if named.start() < at or not _tells(named[1] or named[2]):
            continue
        value = _VALUE.match(text, named.end())
        if value is None:
            continue
        start = value.end(value.lastindex) if value.lastindex else value.start()
        if not text.startswith(REMOVED, start) and text[start : value.end()].rstrip(_CLOSING).lower() not in _NO_VALUES:
            parts += [text[at:start], REMOVED]
            at = value.end()
    return "".join(parts) + text[at:]


def _tells(name: str) -> bool:
    return _TELLING_KEY.search(_snake(name)) is not None


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key.partition("[")[0]).replace("-", "_")
