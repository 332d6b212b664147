"""Our entries among the hooks of Claude Code's settings: put in, brought up to date, taken out."""

from typing import Any, NamedTuple

from session.errors import SessionError
from session.integrations.claude_code import HOOK
from session.integrations.json_edit import Document, Item

HOOKS = "hooks"


def merge(settings: Document, entries: dict[str, list[Any]]) -> list[str]:
    """Have the settings hold our entries, and none that an earlier version made elsewhere.

    The names of what had to be made for them: "hooks", events. SessionError, without the file's name, for settings of
    another shape.
    """
    hooks = _hooks(settings)
    if hooks is None:
        settings.append(settings.root, entries, HOOKS)
        return [HOOKS, *entries]
    _drop(settings, hooks, keep=entries)
    made = []
    for event, groups in entries.items():
        item = _member(settings, hooks, event)
        if item is None:
            settings.append(hooks, groups, event)
            made.append(event)
            continue
        if settings.text[item.value] != "[":
            raise SessionError(f'has "{event}" in its "hooks", which is not an array')
        if not _ours(settings, item.value):
            settings.append(item.value, groups[0])
            continue
        while len(found := _ours(settings, item.value)) > 1:
            _remove(settings, item.value, found[-1])
        for key in ("command", "args"):
            _update(settings, _ours(settings, item.value)[0].handler.value, key, groups[0][HOOKS][0][key])
    return made


def strip(settings: Document, made: list[str] | None) -> None:
    """Take our entries out, and of what is empty then, what was `made` for them; None: all of it.

    SessionError as in `merge`.
    """
    hooks = _hooks(settings)
    if hooks is None:
        return
    before = len(settings.undo)
    _drop(settings, hooks, made=made)
    if len(settings.undo) > before and not settings.items(hooks) and (made is None or HOOKS in made):
        items = settings.items(settings.root)
        settings.remove(settings.root, next(index for index, item in enumerate(items) if item.key == HOOKS))


def has_ours(settings: Document) -> bool:
    """Whether any entry of the settings is ours. SessionError as in `merge`."""
    hooks = _hooks(settings)
    return hooks is not None and any(_ours(settings, item.value) for item in settings.items(hooks))


def doubts(settings: Document) -> list[str]:
    """Why the hooks may not work as they should, according to the settings."""
    value = settings.value(settings.root)
    found = []
    if value.get("disableAllHooks") is True:
        found.append("disableAllHooks is set, so no hook works")
    plugins = value.get("enabledPlugins")
    if isinstance(plugins, dict) and any(name.startswith("session@") and on is True for name, on in plugins.items()):
        found.append("the plugin is enabled, too: everything would be said twice; keep one of them")
    return found


class _Place(NamedTuple):
    """A handler: the index of its group, the array that it is in, its index there."""

    group: int
    array: int
    number: int
    handler: Item


def _hooks(settings: Document) -> int | None:
    """Where the object of all hooks begins."""
    if settings.text[settings.root] != "{":
        raise SessionError("is not a JSON object")
    item = _member(settings, settings.root, HOOKS)
    if item is not None and settings.text[item.value] != "{":
        raise SessionError('has "hooks" that are not an object')
    return None if item is None else item.value


def _member(settings: Document, at: int, key: str) -> Item | None:
    found = [item for item in settings.items(at) if item.key == key]
    if len(found) > 1:
        raise SessionError(f'has "{key}" twice', "keep one of them")
    return found[0] if found else None


def _ours(settings: Document, event: int) -> list[_Place]:
    found = []
    for number, group in enumerate(settings.items(event) if settings.text[event] == "[" else ()):
        for inner in settings.items(group.value):
            if inner.key == HOOKS and settings.text[inner.value] == "[":
                for index, handler in enumerate(settings.items(inner.value)):
                    if _is_ours(settings.value(handler.value)):
                        found.append(_Place(number, inner.value, index, handler))
    return found


def _is_ours(handler: object) -> bool:
    if not isinstance(handler, dict) or handler.get("type") != "command":
        return False
    called = handler.get("command")
    return isinstance(called, str) and called.replace("\\", "/").rpartition("/")[2] == HOOK


def _drop(
    settings: Document, hooks: int, *, keep: "dict[str, list[Any]] | None" = None, made: list[str] | None = None
) -> None:
    """Remove our handlers, but those of the events to `keep`; and events that are empty then, if we `made` them."""
    for index in reversed(range(len(settings.items(hooks)))):
        event = settings.items(hooks)[index]
        if event.key in (keep or ()) or not _ours(settings, event.value):
            continue
        while found := _ours(settings, event.value):
            _remove(settings, event.value, found[-1])
        if not settings.items(event.value) and (made is None or event.key in made):
            settings.remove(hooks, index)


def _remove(settings: Document, event: int, place: _Place) -> None:
    if len(settings.items(place.array)) > 1:
        settings.remove(place.array, place.number)
    else:
        settings.remove(event, place.group)


def _update(settings: Document, handler: int, key: str, wanted: object) -> None:
    """What else a handler says, how long it may take, say, is the user's by now."""
    items = [item for item in settings.items(handler) if item.key == key]
    if not items:
        settings.append(handler, wanted, key)
    elif settings.value(items[-1].value) != wanted:
        settings.put(items[-1], wanted)
