"""Values that look like keys and tokens. A hint for a warning, not a guarantee."""

import re
from collections.abc import Iterator

_TELLING_KEY = re.compile(
    r"(?:^|[_.\-])(?:api_?key|secret|token|passw(?:or)?d|passphrase|credentials?|private_?key|access_?key"
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
    | \beyJ[A-Za-z0-9_\-]{8,400}\.eyJ[A-Za-z0-9_\-]{8,}                  # a JSON web token
    | -----BEGIN[ A-Z]*PRIVATE\ KEY-----
    | \b[a-z][a-z0-9+.\-]{0,30}://[^\s/:@]{1,200}:[^\s/@]{1,200}@                      # a password in an address
    """,
    re.VERBOSE,
)
_DEPTH = 8


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


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key.partition("[")[0]).replace("-", "_")
