"""The package as an installer would leave it, without needing one, a network or a build."""

import shutil
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent


def install(python: str, folder: Path) -> Path:
    """A virtual environment of `python` in `folder` with the package and its launchers; its `bin` folder."""
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    commands = folder / "bin"
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run([str(commands / "python"), "-c", asked], capture_output=True, text=True, check=True)
    package = Path(found.stdout.strip()) / "session"
    shutil.copytree(REPOSITORY / "session", package, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([str(commands / "python"), "-m", "compileall", "-q", str(package)], check=True)
    # and what the first command does: bundle the hot modules
    subprocess.run(
        [str(commands / "python"), "-I", "-m", "session.set", "--help"], stdout=subprocess.DEVNULL, check=True
    )
    for launcher in sorted((REPOSITORY / "scripts").glob("session*")):
        if launcher.suffix:  # of the seeds' names, which an installation has not
            continue
        text = launcher.read_text(encoding="utf-8")
        # what pip and uv do with the first line of a wheel's scripts
        text = text.replace("#!python", f"#!{commands / 'python'}", 1)
        target = commands / launcher.name
        target.write_text(text, encoding="utf-8")
        target.chmod(0o755)
    return commands
