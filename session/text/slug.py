"""Names for files out of names for branches."""

from slugify import slugify


def slug(text: str, room: int) -> str:
    """`text` as ASCII letters, digits and dashes, case kept, at most `room` characters; may be empty."""
    return slugify(text, lowercase=False, max_length=room) if room > 0 else ""
