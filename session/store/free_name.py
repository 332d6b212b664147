"""Find a document name that nothing has yet."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.store.files import Key
    from session.store.transaction import Transaction


def free_key(tx: "Transaction", collection: str, name: str, separator: str = "-") -> "Key":
    """Return the key of the first free name: `name`, or else `name-2`, `name-3` and so on.

    `separator` stands between the name and the number. A name is taken if anything, even a folder, is in its place.
    """
    key, number = (collection, name), 1
    while tx.taken(key):
        number += 1
        key = (collection, f"{name}{separator}{number}")
    return key
