"""The modules that `set`, `reset` and every hook always load, all in one file: in the compiled form of this module.

In the source MODULES is empty. `_preload_writer` compiles this source with MODULES filled in, and puts the result where
Python keeps this module's compiled form: there it is read, or passed over, like any other. `load` trusts a module's
code on the terms of Python's own: as long as its source is as old and as long as it was. To find and read each
of them takes longer than to run what is in them; wherever anything is unusual, they are found and read.
"""

import _imp
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import SourceFileLoader
from marshal import loads

TYPE_CHECKING = False
if TYPE_CHECKING or sys.platform == "win32":
    from os import W_OK, access, stat
else:
    from posix import W_OK, access, stat  # not os: see _posix.py

if TYPE_CHECKING:
    from types import CodeType

# What each door loads, below the package and without `.py`: first what others import.
_WRITES = (
    *("_posix", "root", "output", "errors", "store/__init__", "store/paths", "store/disk", "store/lock"),
    *("store/files", "store/codec", "store/transaction", "workflow/__init__", "workflow/state", "workflow/sessions"),
)
_HOOKS = (
    *("_posix", "root", "output", "errors", "store/__init__", "store/paths", "store/disk", "store/codec"),
    *("arguments", "hooks/__init__", "hooks/payload"),
)
DOORS = {"set": (*_WRITES, "host/__init__", "host/clock"), "reset": (*_WRITES, "arguments"), "hook": _HOOKS}
# By the same names: the source's time of change in s since 1970, its size in bytes, and its code, marshalled.
MODULES: dict[str, tuple[int, int, bytes]] = {}


def load(door: str, *, running: bool = False) -> None:
    """Load the modules of `door`, and itself unless it is `running` already; or none of them, and have them bundled
    for the next time."""
    if sys.platform == "win32" or sys.implementation.name != "cpython":
        return  # nobody has measured whether it pays there
    folder = __file__.removesuffix("/_preload.py")
    found = _found(folder, DOORS[door] if running else (*DOORS[door], door))
    for module, code in found:
        _run(folder, module, code)
    if found or sys.dont_write_bytecode:
        return
    cached = __spec__.cached or ""
    if access(cached[: cached.rfind("/")], W_OK):
        from session import _preload_writer  # cost: once after an installation or a change

        _preload_writer.write(folder, cached)


def _found(folder: str, modules: tuple[str, ...]) -> "list[tuple[str, CodeType]]":
    """The code of all these modules, nothing if one of them is missing or not that of its source."""
    found = []
    try:
        for module in modules:
            changed_s, size, code = MODULES[module]
            source = stat(f"{folder}/{module}.py")
            if int(source.st_mtime) != changed_s or source.st_size != size:
                return []
            found.append((module, loads(code)))  # noqa: S302  it was read from where Python keeps code
    except (KeyError, OSError, EOFError, ValueError, TypeError):
        return []
    return found


def _run(folder: str, module: str, code: "CodeType") -> None:
    # what importlib does, but for its search, its locks, and its care for other kinds of modules
    name = "session." + module.removesuffix("/__init__").replace("/", ".")
    if name in sys.modules:
        return
    path = f"{folder}/{module}.py"
    _imp._fix_co_filename(code, path)  # type: ignore[attr-defined]  # the package may have been moved
    spec = ModuleSpec(name, SourceFileLoader(name, path), origin=path, is_package=module.endswith("/__init__"))
    spec.has_location = True
    new = type(sys)(name)
    new.__spec__ = spec
    new.__loader__ = spec.loader
    new.__file__ = path
    new.__package__ = spec.parent
    if spec.submodule_search_locations is not None:
        spec.submodule_search_locations.append(path.removesuffix("/__init__.py"))
        new.__path__ = spec.submodule_search_locations
    sys.modules[name] = new
    exec(code, new.__dict__)  # noqa: S102  what an import does
    above, _, last = name.rpartition(".")
    setattr(sys.modules[above], last, new)
