"""Load the modules that `set`, `reset` and every hook need from one file: the compiled form of this module.

In the source, MODULES is empty. `_preload_writer` compiles this source with MODULES filled in, and writes the result to
the place where Python caches this module's bytecode. Python reads that file, or ignores it, like any other bytecode.
`load` trusts the code of a module on the same condition as Python does: the source still has the recorded time of
change and size. This pays because finding and reading the modules one by one takes longer than running them. In any
unusual case `load` loads nothing, and Python imports the modules one by one.
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
    from posix import W_OK, access, stat  # `posix` instead of `os`, for the reason in _posix.py

if TYPE_CHECKING:
    from types import CodeType

# The modules of each command, as paths below the package without `.py`. A module comes after those that it imports.
_WRITES = (
    *("_posix", "root", "output", "errors", "store/__init__", "store/paths", "store/disk", "store/lock"),
    *("store/files", "store/codec", "store/transaction", "workflow/__init__", "workflow/state", "workflow/sessions"),
)
_HOOKS = (
    *("_posix", "root", "output", "errors", "store/__init__", "store/paths", "store/disk", "store/codec"),
    *("arguments", "hooks/__init__", "hooks/payload"),
)
COMMANDS = {"set": (*_WRITES, "host/__init__", "host/clock"), "reset": (*_WRITES, "arguments"), "hook": _HOOKS}
# For each module: the time when its source changed (s since 1970), the source's size in bytes, the marshalled code.
MODULES: dict[str, tuple[int, int, bytes]] = {}


def load(command: str, *, running: bool = False) -> None:
    """Load all modules of `command`, or none of them; if none, write the bundle for the next time.

    The command's own module is one of them, unless it is already `running`.
    """
    if sys.platform == "win32" or sys.implementation.name != "cpython":
        return  # nobody has measured if the bundle saves time on these systems
    folder = __file__.removesuffix("/_preload.py")
    bundle = _read_bundle(folder, COMMANDS[command] if running else (*COMMANDS[command], command))
    for module, code in bundle:
        _run(folder, module, code)
    if bundle or sys.dont_write_bytecode:
        return
    cached = __spec__.cached or ""
    if access(cached[: cached.rfind("/")], W_OK):
        from session import _preload_writer  # cost: runs only once after an installation or a change

        _preload_writer.write(folder, cached)


def _read_bundle(folder: str, modules: tuple[str, ...]) -> "list[tuple[str, CodeType]]":
    """Return the code of all `modules`, or an empty list if one is missing or its source has changed."""
    bundle = []
    try:
        for module in modules:
            changed_s, size, code = MODULES[module]
            source = stat(f"{folder}/{module}.py")
            if int(source.st_mtime) != changed_s or source.st_size != size:
                return []
            bundle.append((module, loads(code)))  # noqa: S302  it comes from the place where Python keeps bytecode
    except (KeyError, OSError, EOFError, ValueError, TypeError):
        return []
    return bundle


def _run(folder: str, module: str, code: "CodeType") -> None:
    """Import a module from its code, as importlib does, but without its search and its locks."""
    name = "session." + module.removesuffix("/__init__").replace("/", ".")
    if name in sys.modules:
        return
    path = f"{folder}/{module}.py"
    _imp._fix_co_filename(code, path)  # type: ignore[attr-defined]  # somebody may have moved the package
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
    exec(code, new.__dict__)  # noqa: S102  an import does the same
    package, _, last = name.rpartition(".")
    setattr(sys.modules[package], last, new)
