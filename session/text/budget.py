"""How much of a model's context a text takes, and what of a value fits."""

from session.store import codec
from session.text.untrusted import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BYTES_PER_TOKEN = 3  # a model's tokens are longer than that in English and in JSON; a CJK character takes three bytes
_LONGEST_NAME = 90  # bytes


def tokens(text: str) -> int:
    """An estimate that errs on the high side: a token for every three bytes of UTF-8, rounded up."""
    return -(-size(text) // BYTES_PER_TOKEN)


def size(text: str) -> int:
    """The bytes that the text takes in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def quoted(text: str) -> str:
    """The text as a JSON string, on one line and harmless to show."""
    return visible(codec.quote(text))


def named(text: str) -> str:
    """A name from a record as it stands in a line of ours: quoted, and of bounded length."""
    return quoted(cut(text, _LONGEST_NAME))


def cut(text: str, limit: int) -> str:
    """The text, or its beginning and `…`, such that it takes at most `limit` bytes (5 at least) when it is quoted."""
    if len(text) <= limit and size(quoted(text)) <= limit:
        return text
    room = limit - size(quoted("…"))
    beginning = text[:room]
    if size(quoted(beginning)) == len(beginning) + 2:  # usually, nothing in it takes more than a byte
        return beginning + "…"
    for index, char in enumerate(text[:limit]):
        room -= size(quoted(char)) - 2
        if room < 0:
            return text[:index] + "…"
    return text[:limit]


def cut_value(value: object, limit: int) -> object:
    """The JSON value itself if it takes at most `limit` bytes when it is shown, else the beginning of its text."""
    if isinstance(value, str) and not isinstance(value, codec.Literal):
        return cut(value, limit)
    text = ""
    for piece in _pieces(value, limit):
        text += piece
        if len(text) > limit:
            return cut(text, limit)
    return value if size(visible(text)) <= limit else cut(text, limit)


def _pieces(value: object, longest: int) -> "Iterator[str]":
    """The value's compact JSON, piece by piece, strings up to a little more than `longest`: for a value of any size
    and depth of which only the beginning is wanted."""
    begun: list[tuple[Iterator[tuple[str, object]], str]] = [(iter([("", value)]), "")]
    while begun:
        items, closing = begun[-1]
        lead, item = next(items, (None, None))
        if lead is None:
            begun.pop()
            yield closing
            continue
        yield lead
        if isinstance(item, dict):
            yield "{"
            begun.append((_members(item, longest), "}"))
        elif isinstance(item, list):
            yield "["
            begun.append((((",", each) if at else ("", each) for at, each in enumerate(item)), "]"))
        elif isinstance(item, str):
            yield item[: longest + 1] if isinstance(item, codec.Literal) else codec.compact(item[: longest + 1])
        else:
            yield codec.scalar(item)


def _members(item: "dict[str, object]", longest: int) -> "Iterator[tuple[str, object]]":
    for at, (key, value) in enumerate(item.items()):
        yield f"{',' if at else ''}{codec.compact(key[: longest + 1])}:", value
