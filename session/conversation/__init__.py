"""SESSION_STATE.md: the document about one conversation, which agents edit. Described in docs/formats.md.

    from session.conversation import append_to_section, get_field, get_metadata, get_section

The names are loaded on first use.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.conversation.api import append_to_section, get_field, get_metadata, get_section

__all__ = ["append_to_section", "get_field", "get_metadata", "get_section"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from session.conversation import api  # cost: the store and the document's model, only for callers that use them

    return getattr(api, name)
