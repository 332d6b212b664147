r"""Read JSON strictly, and write it in the form of `JSON.stringify(value, null, 2)`.

The output is byte for byte that of the original TypeScript scripts, numbers included: `1.0` becomes `1`, `1e21`
becomes `1e+21`, a lone surrogate stays `\ud800`. Unlike those scripts, this codec keeps integers of any size, the order
of keys, and numbers beyond a double (`1e400`).

This module imports only the C accelerator: the json package would cost as much as the whole command.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from session.errors import SessionError

try:
    from _json import encode_basestring as quote
    from _json import make_scanner as _make_scanner
except ImportError:  # an interpreter without the accelerator
    from session.store.codec_fallback import make_scanner as _make_scanner  # type: ignore[assignment]
    from session.store.codec_fallback import quote

__all__ = [
    "WHITE_SPACE",
    "Literal",
    "NotJSON",
    "compact",
    "decode",
    "decode_bytes",
    "encode",
    "quote",
    "real",
    "scalar",
]

WHITE_SPACE = " \t\n\r"
ROOM_BYTES = 1 << 27  # limit of indentation: it grows with the square of the depth, and could take all memory
_INT_DIGITS = 600  # digits; fewer than the lowest limit that sys.set_int_max_str_digits accepts, so int() always works


class NotJSON(ValueError):
    """The text is not JSON. The message says in one line what is wrong, and at which character."""


class Literal(str):
    """A number that no Python number can hold, kept as the text that the document has."""

    __slots__ = ()


def _integer(text: str) -> object:
    return int(text) if len(text) <= _INT_DIGITS else Literal(text)


def _real(text: str) -> object:
    value = float(text)
    return value if -1e999 < value < 1e999 else Literal(text)


def _finite(text: str) -> float:
    value = float(text)
    if -1e999 < value < 1e999:
        return value
    raise NotJSON(f"{text[:40]} is beyond the range of a number")


def _constant(text: str) -> object:
    raise NotJSON(f"{text} is not JSON")


class _Rules:
    """The attributes that the scanner reads, named as in json.JSONDecoder."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_int = staticmethod(_integer)
    parse_float = staticmethod(_real)
    parse_constant = staticmethod(_constant)


class _FiniteRules(_Rules):
    parse_float = staticmethod(_finite)


_SCANNERS = {rules: _make_scanner(rules) for rules in (_Rules, _FiniteRules)}  # type: ignore[arg-type]


def decode(text: str, *, finite: bool = False) -> "Any":
    """Return the value of a JSON text of any depth and size; raise NotJSON for any other text.

    A number beyond a double becomes a `Literal`; `finite` refuses it instead. If a key is repeated, its last value
    counts, at the place of the first, as in JavaScript.
    """
    rules = _FiniteRules if finite else _Rules
    start = 0 if text[:1] == "{" else len(text) - len(text.lstrip(WHITE_SPACE))
    try:
        value, end = _scan(text, start, rules)
    except StopIteration as stop:
        raise NotJSON(f"expected a value at character {stop.value}") from None
    except RecursionError:
        from session.store import codec_deep  # cost: only for nesting too deep for the scanner's stack

        value, end = codec_deep.decode(text, start, rules)
    except NotJSON:
        raise
    except ValueError as error:
        raise NotJSON(reason(error)) from None
    if end != len(text):
        rest = text[end:].lstrip(WHITE_SPACE)
        if rest:
            raise NotJSON(f"unexpected text after the value at character {len(text) - len(rest)}")
    return value


def _scan(text: str, start: int, rules: "type[_Rules]") -> "tuple[Any, int]":
    scan = _SCANNERS[rules]
    try:
        return scan(text, start)
    except SystemError:  # up to CPython 3.12 the C scanner needs json.decoder to raise its error
        import json.decoder  # noqa: F401  cost: only for text that is not JSON

        return scan(text, start)


def reason(error: ValueError) -> str:
    """Return the scanner's complaint in one form, whichever scanner raised it."""
    complaint = str(getattr(error, "msg", error)).removesuffix(" at")
    position = getattr(error, "pos", None)
    return complaint[:1].lower() + complaint[1:] + ("" if position is None else f" at character {position}")


def decode_bytes(body: bytes, *, exact: bool) -> "Any":
    """Return the JSON value in a file's bytes; skip a byte order mark. NotJSON if there is none.

    With `exact`, invalid UTF-8 raises NotJSON: a document that is about to be rewritten must not lose bytes.
    Otherwise it reads as U+FFFD.
    """
    try:
        text = body.decode("utf-8", "strict" if exact else "replace")
    except UnicodeDecodeError as error:
        raise NotJSON(f"invalid UTF-8 at byte {error.start}") from None
    return decode(text.removeprefix("\ufeff"))


def encode(value: object) -> bytes:
    """Return the value as `JSON.stringify(value, null, 2)` writes it, in UTF-8, without a final line break.

    SessionError if the indentation would take more than ROOM_BYTES.
    """
    parts: list[str] = []
    try:
        _write(value, "\n", parts.append, [ROOM_BYTES])
    except RecursionError:
        from session.store import codec_deep  # cost: only for nesting too deep for the interpreter's stack

        parts = codec_deep.encode(value)
    return "".join(parts).encode("utf-8", "backslashreplace")  # writes a lone surrogate as \udXXX


def compact(value: object) -> str:
    """Return the value on one line, as `JSON.stringify(value)` writes it, with lone surrogates escaped."""
    parts: list[str] = []
    try:
        _write(value, "", parts.append, [0])
    except RecursionError:
        from session.store import codec_deep  # cost: only for nesting too deep for the interpreter's stack

        parts = codec_deep.encode(value, pretty=False)
    return "".join(parts).encode("utf-8", "backslashreplace").decode()


def too_deep() -> "SessionError":
    """Return the error for a document whose indentation alone would be too large."""
    from session.errors import SessionError  # cost: only for a refusal

    return SessionError(f"nested so deeply that it would be too large: more than {ROOM_BYTES >> 20} MiB of indentation")


def _write(value: "Any", newline: str, put: "Callable[[str], None]", room: list[int]) -> None:
    """Pass the value's text to `put` in pieces; `newline` is a line break and the indentation, or "" for one line."""
    kind = type(value)
    if kind is str:
        put(quote(value))
    elif kind is dict or kind is list:
        opening, closing = "{}" if kind is dict else "[]"
        if not value:
            return put(opening + closing)
        inner = newline and newline + "  "
        room[0] -= len(inner) * len(value)
        if room[0] < 0:
            raise too_deep()
        lead = opening + inner
        if kind is dict:
            colon = ": " if newline else ":"
            for key, item in value.items():
                put(lead + quote(key) + colon)
                _write(item, inner, put, room)
                lead = "," + inner
        else:
            for item in value:
                put(lead)
                _write(item, inner, put, room)
                lead = "," + inner
        put(newline + closing)
    else:
        put(scalar(value))


def scalar(value: object) -> str:
    """Return the JSON text of a value that is neither a list nor a dict."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, Literal):
        return str(value)
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return real(value)
    raise TypeError(f"not JSON: {type(value).__name__}")


def real(value: float) -> str:
    """Return a double as JavaScript's `String(value)` writes it (ECMA-262, Number::toString)."""
    if value != value or value in (1e999, -1e999):
        return "null"
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    if fraction == "0":
        fraction = ""
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0)  # the value is 0.DIGITS times 10 to the power of point
    if whole == "0":
        point = len(digits) - len(fraction) + int(exponent or 0)
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    tail = "." + digits[1:] if count > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}"
