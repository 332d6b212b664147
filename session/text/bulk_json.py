"""Write long lists of our own rows as JSON, with orjson if that saves more time than its import takes.

orjson takes about 11 ms to import; `codec` writes about 250 rows in a millisecond. Both write the same bytes.
Do not use it for text of a session or a document: orjson rounds integers beyond 64 bits.
"""

from session.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MANY_ROWS = 3000


def encode_rows(rows: "Sequence[object]") -> bytes:
    """Return the rows as indented JSON. They must contain no floats: orjson and `codec` write those differently."""
    if len(rows) >= MANY_ROWS:
        try:
            import orjson  # cost: the import takes 11 ms on a machine where `python -c pass` takes 8.5 ms

            return orjson.dumps(list(rows), option=orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_SUBCLASS)
        except (ImportError, TypeError):
            pass  # orjson is not installed, or a row holds a lone surrogate, a large integer, or a number kept as text
    return codec.encode(list(rows))
