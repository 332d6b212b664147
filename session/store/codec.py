r"""JSON in and out: strict reading, and `JSON.stringify(value, null, 2)`'s form when writing.

Byte for byte what the TypeScript scripts (seed: 002) write, numbers too: `1.0` is `1`, `1e21` is `1e+21`,
a lone surrogate stays `\ud800`. Unlike them, integers of any size, key order and numbers beyond a double
(`1e400`) are kept as they were written.

Only the C accelerator is imported: the json package would cost as much as the whole command.
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
ROOM_BYTES = 1 << 27  # for indentation, which grows with the square of the depth: a small text can ask for all memory
_INT_DIGITS = 600  # under every limit that int() can be given (sys.set_int_max_str_digits)


class NotJSON(ValueError):
    """The text is not JSON. The message says what is wrong and where, on one line."""


class Literal(str):
    """A number that no Python number can carry, kept as it was written."""

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


class _Reading:
    """What the scanner asks for, in the shape of json.JSONDecoder."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_int = staticmethod(_integer)
    parse_float = staticmethod(_real)
    parse_constant = staticmethod(_constant)


class _ReadingFinite(_Reading):
    parse_float = staticmethod(_finite)


_SCANNERS = {reading: _make_scanner(reading) for reading in (_Reading, _ReadingFinite)}  # type: ignore[arg-type]


def decode(text: str, *, finite: bool = False) -> "Any":
    """The value of a JSON text; NotJSON for anything else, at any depth and size.

    `finite` refuses numbers beyond a double; else they become `Literal`.
    Of duplicate keys the last value counts, in the first one's place, as in JavaScript.
    """
    reading = _ReadingFinite if finite else _Reading
    start = 0 if text[:1] == "{" else len(text) - len(text.lstrip(WHITE_SPACE))
    try:
        value, end = _scan(text, start, reading)
    except StopIteration as stop:
        raise NotJSON(f"expected a value at character {stop.value}") from None
    except RecursionError:
        from session.store import codec_deep  # cost: for nesting that the scanner's stack can't hold

        value, end = codec_deep.decode(text, start, reading)
    except NotJSON:
        raise
    except ValueError as error:
        raise NotJSON(reason(error)) from None
    if end != len(text):
        rest = text[end:].lstrip(WHITE_SPACE)
        if rest:
            raise NotJSON(f"unexpected text after the value at character {len(text) - len(rest)}")
    return value


def _scan(text: str, start: int, reading: "type[_Reading]") -> "tuple[Any, int]":
    scan = _SCANNERS[reading]
    try:
        return scan(text, start)
    except SystemError:  # up to CPython 3.12 the scanner can't raise its error before this is imported
        import json.decoder  # noqa: F401  cost: only for what is not JSON

        return scan(text, start)


def reason(error: ValueError) -> str:
    """What the scanner found wrong, in one form for every scanner."""
    said = str(getattr(error, "msg", error)).removesuffix(" at")
    where = getattr(error, "pos", None)
    return said[:1].lower() + said[1:] + ("" if where is None else f" at character {where}")


def decode_bytes(body: bytes, *, exact: bool) -> "Any":
    """The value of a file's bytes: a byte order mark is skipped.

    Invalid UTF-8 raises NotJSON when `exact`, as what is about to be rewritten must not lose bytes;
    else it reads as U+FFFD.
    """
    try:
        text = body.decode("utf-8", "strict" if exact else "replace")
    except UnicodeDecodeError as error:
        raise NotJSON(f"invalid UTF-8 at byte {error.start}") from None
    return decode(text.removeprefix("\ufeff"))


def encode(value: object) -> bytes:
    """The value as `JSON.stringify(value, null, 2)` writes it, in UTF-8, without a final line break.

    SessionError where its nesting would take more than ROOM_BYTES of indentation.
    """
    parts: list[str] = []
    try:
        _write(value, "\n", parts.append, [ROOM_BYTES])
    except RecursionError:
        from session.store import codec_deep  # cost: for nesting that the interpreter's stack can't hold

        parts = codec_deep.encode(value)
    return "".join(parts).encode("utf-8", "backslashreplace")  # a lone surrogate as \udXXX


def compact(value: object) -> str:
    """The value on one line, as `JSON.stringify(value)` writes it, lone surrogates escaped."""
    parts: list[str] = []
    try:
        _write(value, "", parts.append, [0])
    except RecursionError:
        from session.store import codec_deep  # cost: as above

        parts = codec_deep.encode(value, pretty=False)
    return "".join(parts).encode("utf-8", "backslashreplace").decode()


def too_deep() -> "SessionError":
    """What is said of a document whose indentation alone would be too large."""
    from session.errors import SessionError  # cost: when something is refused

    return SessionError(f"nested so deeply that it would be too large: more than {ROOM_BYTES >> 20} MiB of indentation")


def _write(value: "Any", newline: str, put: "Callable[[str], None]", room: list[int]) -> None:
    # `newline` is the line break and indentation of the enclosing level; "" writes compactly
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
    """The text of anything that is neither a list nor a dict."""
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
    """A double as JavaScript's `String(value)` writes it (ECMA-262, Number::toString)."""
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
    point = len(whole) + int(exponent or 0)  # the value is 0.DIGITS times ten to the power of point
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
