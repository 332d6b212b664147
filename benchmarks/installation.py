"""Install the package as pip would, but without pip, a network or a build."""

import shutil
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent


def install(python: str, folder: Path) -> Path:
    """Make a virtual environment in `folder` with the package and its launchers; return its `bin` folder."""
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    commands = folder / "bin"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    process = subprocess.run([str(commands / "python"), "-c", code], capture_output=True, text=True, check=True)
    package = Path(process.stdout.strip()) / "session"
    shutil.copytree(REPOSITORY / "session", package, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([str(commands / "python"), "-m", "compileall", "-q", str(package)], check=True)
    # The first command of an installation bundles the modules of the hot path: do that before measuring.
    subprocess.run(
        [str(commands / "python"), "-I", "-m", "session.set", "--help"], stdout=subprocess.DEVNULL, check=True
    )
    for launcher in sorted((REPOSITORY / "scripts").glob("session*")):
        # an installation has no launcher with a suffix such as .py: only the original scripts have one
        if not launcher.suffix:
            shutil.copy(launcher, commands)
    return commands
