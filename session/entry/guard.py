"""Refuse edits of the sources while the project is BROKEN. It is on the hot path, so it copies constants."""

from session.host.project_store import open_store
from session.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Payload = dict[str, Any]

STATE = ("progress", "state")  # copies documents.STATE: an import would slow down every tool call
BROKEN = "BROKEN"  # copies states.BROKEN
PROTECTED = ("src",)
_BROKEN_APP = "BLOCKED: App is broken - fix health check first"
REFUSAL = f"{_BROKEN_APP}\nRun: ./scripts/session-entry.sh to see status"  # byte for byte as the original script
DENIAL = f"{_BROKEN_APP}\nRun: session enter"
# these tools only read; any other tool that names a path may change the file
_READERS = (
    "Read",
    "Grep",
    "Glob",
    "LS",
    "NotebookRead",
    "read_file",
    "read_many_files",
    "list_directory",
    "view_image",
)
_PATCHED = ("*** Update File: ", "*** Add File: ", "*** Delete File: ", "*** Move to: ")  # Codex's patch format


def refuses(payload: "Payload") -> bool:
    """Return True if the hook must refuse this tool call; raise SessionError if the project's state is unreadable."""
    tool_input = payload.get("tool_input")
    if not isinstance(tool_input, dict) or payload.get("tool_name") in _READERS:
        return False
    paths = _paths(tool_input)
    if not paths:
        return False
    store = open_store()
    body = store.read(STATE)
    if body is None or BROKEN.encode() not in body:  # cost: nearly every call ends here, without parsing JSON
        return False
    state = codec.decode_bytes(body, exact=False)
    if not isinstance(state, dict) or state.get("health_status") != BROKEN:
        return False
    protected = [_parts(path) for path in _protected(store.root)]
    return any(_is_below(_parts(_relative(path, store.root)), protected) for path in paths)


def _paths(tool_input: "Payload") -> list[str]:
    """Return the paths that the tool call names, also those in the headers of a patch."""
    values = [tool_input.get(key) for key in ("file_path", "notebook_path", "path", "absolute_path")]
    for key in ("command", "input", "patch"):
        patch = tool_input.get(key)
        if isinstance(patch, str) and "*** Begin Patch" in patch:
            for line in patch.splitlines():
                values += [line[len(start) :].strip() for start in _PATCHED if line.startswith(start)]
    return [path for path in values if isinstance(path, str) and path]


def _protected(root: str) -> list[str]:
    """Return the configured `protected_paths`, or `src` if the configuration has no usable ones."""
    from session.host.project_config import configuration  # cost: only for broken projects

    try:
        listed = (configuration(root) or {}).get("protected_paths")
    except Exception:  # an unusable configuration must not lift the protection
        listed = None
    usable = isinstance(listed, list) and all(isinstance(path, str) and _parts(path) for path in listed)
    return listed if usable and listed else list(PROTECTED)


def _relative(path: str, root: str) -> str:
    """Return the path relative to the root, if it is below it: a folder `src` above the root must not count."""
    path, root = path.replace("\\", "/"), root.replace("\\", "/").rstrip("/") + "/"
    return path[len(root) :] if path.startswith(root) else path


def _parts(path: str) -> list[str]:
    return [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]


def _is_below(path: list[str], protected: list[list[str]]) -> bool:
    """Return True if the parts of a protected path occur in `path`, one after the other."""
    starts = range(len(path))
    return any(path[at : at + len(each)] == each for each in protected for at in starts)
