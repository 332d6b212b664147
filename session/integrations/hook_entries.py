"""Add, update and remove our entries among the hooks of Claude Code's settings."""

from typing import Any, NamedTuple

from session.errors import SessionError
from session.integrations.claude_code import is_ours
from session.integrations.json_edit import Document, Item

HOOKS = "hooks"


def merge(settings: Document, entries: dict[str, list[Any]]) -> list[str]:
    """Edit the settings so that they hold our entries; remove those that an earlier version added for other events.

    Return the names of the containers that had to be created: "hooks", and events. SessionError, without the file's
    name, if the settings have another structure.
    """
    hooks = _hooks(settings)
    if hooks is None:
        settings.append(settings.root, entries, HOOKS)
        return [HOOKS, *entries]
    _remove_handlers(settings, hooks, except_events=entries)
    created = []
    for event, groups in entries.items():
        item = _member(settings, hooks, event)
        if item is None:
            settings.append(hooks, groups, event)
            created.append(event)
            continue
        if settings.text[item.value] != "[":
            raise SessionError(f'has "{event}" in its "hooks", which is not an array')
        if not _ours(settings, item.value):
            settings.append(item.value, groups[0])
            continue
        while len(places := _ours(settings, item.value)) > 1:
            _remove(settings, item.value, places[-1])
        at = _ours(settings, item.value)[0].handler.value  # half updated, it would not be found again
        for key in ("command", "args"):
            _update(settings, at, key, groups[0][HOOKS][0][key])
    return created


def strip(settings: Document, created: list[str] | None) -> None:
    """Remove our entries, and the containers in `created` that are empty then; None stands for all containers.

    SessionError, without the file's name, if the settings have another structure.
    """
    hooks = _hooks(settings)
    if hooks is None:
        return
    edits_before = len(settings.undo)
    _remove_handlers(settings, hooks, created=created)
    if len(settings.undo) > edits_before and not settings.items(hooks) and (created is None or HOOKS in created):
        items = settings.items(settings.root)
        settings.remove(settings.root, next(index for index, item in enumerate(items) if item.key == HOOKS))


def has_ours(settings: Document) -> bool:
    """Return True if the settings hold an entry of ours.

    SessionError, without the file's name, if the settings have another structure.
    """
    hooks = _hooks(settings)
    return hooks is not None and any(_ours(settings, item.value) for item in settings.items(hooks))


def problems(settings: Document) -> list[str]:
    """Return the reasons in the settings why the hooks may not work as they should."""
    value = settings.value(settings.root)
    reasons = []
    if value.get("disableAllHooks") is True:
        reasons.append("disableAllHooks is set, so no hook works")
    plugins = value.get("enabledPlugins")
    if isinstance(plugins, dict) and any(name.startswith("session@") and on is True for name, on in plugins.items()):
        reasons.append("the plugin is enabled, too: each hook would run twice; keep one of them")
    return reasons


class _Place(NamedTuple):
    """The place of a handler: the index of its group, the position of its array, its index in that array."""

    group: int
    array: int
    number: int
    handler: Item


def _hooks(settings: Document) -> int | None:
    """Return the position of the object "hooks", or None if there is none."""
    if settings.text[settings.root] != "{":
        raise SessionError("is not a JSON object")
    item = _member(settings, settings.root, HOOKS)
    if item is not None and settings.text[item.value] != "{":
        raise SessionError('has "hooks" that are not an object')
    return None if item is None else item.value


def _member(settings: Document, at: int, key: str) -> Item | None:
    items = [item for item in settings.items(at) if item.key == key]
    if len(items) > 1:
        raise SessionError(f'has "{key}" twice', "keep one of them")
    return items[0] if items else None


def _ours(settings: Document, event: int) -> list[_Place]:
    places = []
    for number, group in enumerate(settings.items(event) if settings.text[event] == "[" else ()):
        for inner in settings.items(group.value):
            if inner.key == HOOKS and settings.text[inner.value] == "[":
                for index, handler in enumerate(settings.items(inner.value)):
                    if is_ours(settings.value(handler.value)):
                        places.append(_Place(number, inner.value, index, handler))
    return places


def _remove_handlers(
    settings: Document,
    hooks: int,
    *,
    except_events: "dict[str, list[Any]] | None" = None,
    created: list[str] | None = None,
) -> None:
    """Remove our handlers, but not those of the `except_events`.

    An event that is empty then is removed too if it is in `created`; None stands for all events.
    """
    for index in reversed(range(len(settings.items(hooks)))):
        event = settings.items(hooks)[index]
        if event.key in (except_events or ()) or not _ours(settings, event.value):
            continue
        while places := _ours(settings, event.value):
            _remove(settings, event.value, places[-1])
        if not settings.items(event.value) and (created is None or event.key in created):
            settings.remove(hooks, index)


def _remove(settings: Document, event: int, place: _Place) -> None:
    if len(settings.items(place.array)) > 1:
        settings.remove(place.array, place.number)
    else:
        settings.remove(event, place.group)


def _update(settings: Document, handler: int, key: str, value: object) -> None:
    """Set one key of the handler. Its other keys, such as the timeout, stay: the user may have changed them."""
    items = [item for item in settings.items(handler) if item.key == key]
    if not items:
        settings.append(handler, value, key)
    elif settings.value(items[-1].value) != value:
        settings.put(items[-1], value)
