"""Measure texts in tokens and bytes, and cut values to a size that fits a model's context."""

from session.store import codec
from session.text.untrusted import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Most tokens of English and JSON have more bytes: so a text that is counted like this stays within its budget.
BYTES_PER_TOKEN = 3
_LONGEST_NAME = 90  # the most bytes of a name


def tokens(text: str) -> int:
    """Return an estimate of the text's tokens, usually too high: one for every three bytes of UTF-8, rounded up."""
    return -(-size(text) // BYTES_PER_TOKEN)


def size(text: str) -> int:
    """Return how many bytes the text takes in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def quoted(text: str) -> str:
    """Return the text as a JSON string on one line, with invisible characters escaped."""
    return visible(codec.quote(text))


def named(text: str) -> str:
    """Return a name from a record in the form for a line of text: quoted, and cut to 90 bytes."""
    return quoted(cut(text, _LONGEST_NAME))


def cut(text: str, limit: int) -> str:
    """Return the text, or its beginning and `…`, so that it takes at most `limit` bytes (at least 5) when quoted."""
    if len(text) <= limit and size(quoted(text)) <= limit:
        return text
    room = limit - size(quoted("…"))
    beginning = text[:room]
    if size(quoted(beginning)) == len(beginning) + 2:  # the usual case: each character takes one byte
        return beginning + "…"
    for index, char in enumerate(text[:limit]):
        room -= size(quoted(char)) - 2
        if room < 0:
            return text[:index] + "…"
    return text[:limit]


def cut_value(value: object, limit: int) -> object:
    """Return the JSON value if its text takes at most `limit` bytes, else the beginning of its text as a string."""
    if isinstance(value, str) and not isinstance(value, codec.Literal):
        return cut(value, limit)
    text = ""
    for piece in _pieces(value, limit):
        text += piece
        if len(text) > limit:
            return cut(text, limit)
    return value if size(visible(text)) <= limit else cut(text, limit)


def _pieces(value: object, longest: int) -> "Iterator[str]":
    """Yield the value's compact JSON in pieces; a string is cut a little after `longest` characters.

    The caller needs only the beginning, and the value may have any size and depth. So this keeps its own stack.
    """
    stack: list[tuple[Iterator[tuple[str, object]], str]] = [(iter([("", value)]), "")]
    while stack:
        items, closing = stack[-1]
        lead, item = next(items, (None, None))
        if lead is None:
            stack.pop()
            yield closing
            continue
        yield lead
        if isinstance(item, dict):
            yield "{"
            stack.append((_members(item, longest), "}"))
        elif isinstance(item, list):
            yield "["
            stack.append((((",", element) if at else ("", element) for at, element in enumerate(item)), "]"))
        elif isinstance(item, str):
            yield item[: longest + 1] if isinstance(item, codec.Literal) else codec.compact(item[: longest + 1])
        else:
            yield codec.scalar(item)


def _members(item: "dict[str, object]", longest: int) -> "Iterator[tuple[str, object]]":
    """Yield, for each member of the object, the JSON text before its value, such as `,"key":`, and the value."""
    for at, (key, value) in enumerate(item.items()):
        yield f"{',' if at else ''}{codec.compact(key[: longest + 1])}:", value
