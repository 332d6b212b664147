"""SESSION_STATE.md: what a conversation is about, has done and decided, in a document that agents edit (seed: 004).

from session.conversation import append_to_section, get_field, get_metadata, get_section
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.conversation.api import append_to_section, get_field, get_metadata, get_section

__all__ = ["append_to_section", "get_field", "get_metadata", "get_section"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from session.conversation import api  # cost: the store and the model, for those who ask

    return getattr(api, name)
