"""While the project is BROKEN, no new work: edits of its sources are refused (seed: 001). On the hot floor."""

from session.store import codec
from session.store.files import open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Payload = dict[str, Any]

STATE = ("progress", "state")
PROTECTED = ("src",)
SAID = "BLOCKED: App is broken - fix health check first\nRun: ./scripts/session-entry.sh to see status"
# what only looks; any other tool that names a path may change what is there
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
_PATCHED = ("*** Update File: ", "*** Add File: ", "*** Delete File: ", "*** Move to: ")  # how Codex names files


def refuses(payload: "Payload") -> bool:
    """Whether the tool may not be used as it is about to be. SessionError where the project can't be read."""
    tool_input = payload.get("tool_input")
    if not isinstance(tool_input, dict) or payload.get("tool_name") in _READERS:
        return False
    paths = _paths(tool_input)
    if not paths:
        return False
    store = open_store()
    body = store.read(STATE)
    if body is None or b"BROKEN" not in body:  # which nearly every call ends with
        return False
    state = codec.decode_bytes(body, exact=False)
    if not isinstance(state, dict) or state.get("health_status") != "BROKEN":
        return False
    protected = [_parts(path) for path in _protected(store.root)]
    return any(_is_below(_parts(_within(path, store.root)), protected) for path in paths)


def _paths(tool_input: "Payload") -> list[str]:
    named = [tool_input.get(key) for key in ("file_path", "notebook_path", "path", "absolute_path")]
    for key in ("command", "input", "patch"):
        patch = tool_input.get(key)
        if isinstance(patch, str) and "*** Begin Patch" in patch:
            for line in patch.splitlines():
                named += [line[len(start) :].strip() for start in _PATCHED if line.startswith(start)]
    return [path for path in named if isinstance(path, str) and path]


def _protected(root: str) -> list[str]:
    """What the repository says is to be protected, `src` where it says nothing that can be used."""
    from session.host.project_config import configuration  # cost: for projects that are broken

    try:
        listed = (configuration(root) or {}).get("protected_paths")
    except Exception:  # whatever is wrong with the file, the project is broken
        listed = None
    usable = isinstance(listed, list) and all(isinstance(path, str) and _parts(path) for path in listed)
    return listed if usable and listed else list(PROTECTED)


def _within(path: str, root: str) -> str:
    """The path from the root, if it lies below: a project may itself be in some folder `src`."""
    path, root = path.replace("\\", "/"), root.replace("\\", "/").rstrip("/") + "/"
    return path[len(root) :] if path.startswith(root) else path


def _parts(path: str) -> list[str]:
    return [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]


def _is_below(path: list[str], protected: list[list[str]]) -> bool:
    """Whether one of the protected paths stands in the path, part by part."""
    starts = range(len(path))
    return any(path[at : at + len(each)] == each for each in protected for at in starts)
