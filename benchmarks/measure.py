"""Measure whole processes from outside: wall time, processor time, peak memory, instructions."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

# The options -I -S make the parent as small as a Python process can be.
# On Linux, the peak memory of a child includes the memory that its parent had when the child began.
_PEAK = """
import os, sys
out = os.open(os.devnull, os.O_WRONLY)
actions = [(os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, out, 2)]
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=actions)
os.write(1, str(os.wait4(pid, 0)[2].ru_maxrss).encode())
"""


@dataclass(frozen=True)
class Sample:
    """One run of a command."""

    wall_s: float
    cpu_s: float  # processor time of all threads, in user mode and in the kernel
    code: int


@dataclass(frozen=True)
class Ratio:
    """Ratios of the times of one command to those of another, measured in the same rounds."""

    median: float
    low: float  # the first quartile: half of all ratios lie between `low` and `high`
    high: float
    of_fastest: float  # the fastest run of one command, divided by the fastest run of the other
    pairs: int


def run(argv: list[str], env: dict[str, str], expect: int = 0, stdin: str = os.devnull) -> Sample:
    """Run a command in the working folder, discard its output, and return the measurements of this run.

    `stdin` is the path of a file. RuntimeError if the exit code is not `expect`.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    source = os.open(stdin, os.O_RDONLY)
    actions = [(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
    start_s = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, env, file_actions=actions)
    _, status, used = os.wait4(pid, 0)
    wall_s = time.perf_counter() - start_s
    os.close(null)
    os.close(source)
    code = os.waitstatus_to_exitcode(status)
    if code != expect:
        raise RuntimeError(f"exit code {code}: {' '.join(argv)}")
    return Sample(wall_s, used.ru_utime + used.ru_stime, code)


def rounds(
    commands: dict[str, list[str]],
    env: dict[str, str],
    n: int,
    expect: dict[str, int] | None = None,
    stdin: str = os.devnull,
) -> dict[str, list[Sample]]:
    """Run all commands once in each of `n` rounds; return each command's measurements.

    The order changes from round to round, so that each command runs after different ones.
    """
    expect = expect or {}
    # a first run that is not measured: it fills the caches of the disk and of compiled code
    for name, argv in commands.items():
        run(argv, env, expect.get(name, 0), stdin)
    samples: dict[str, list[Sample]] = {name: [] for name in commands}
    names = list(commands)
    for turn in range(n):
        first = turn % len(names)
        order = names[first:] + names[:first]
        for name in order if turn // len(names) % 2 == 0 else reversed(order):
            samples[name].append(run(commands[name], env, expect.get(name, 0), stdin))
    return samples


def ratio(ours: list[float], theirs: list[float]) -> Ratio:
    """Return the ratio of two series of times that were measured in the same rounds."""
    pairs = [one / other for one, other in zip(ours, theirs, strict=True)]
    low, median, high = statistics.quantiles(pairs, n=4) if len(pairs) > 1 else (pairs[0],) * 3
    return Ratio(median, low, high, min(ours) / min(theirs), len(pairs))


def peak_kib(argv: list[str], env: dict[str, str], python: str = sys.executable) -> int:
    """Run the command once and return its peak resident memory in KiB."""
    process = subprocess.run([python, "-I", "-S", "-c", _PEAK, *argv], env=env, capture_output=True, check=True)
    peak = int(process.stdout)
    return peak // 1024 if sys.platform == "darwin" else peak


def instructions(argv: list[str], env: dict[str, str], stdin: str = os.devnull) -> int | None:
    """Run the command once and return its user-space instructions, from perf or else valgrind; None without either.

    On a busy machine, times vary, but instructions differ only by a few thousandths.
    """
    env = {**env, "PYTHONHASHSEED": "0"}
    perf, valgrind = shutil.which("perf"), shutil.which("valgrind")
    if perf:
        words = [perf, "stat", "-x,", "-e", "instructions:u", "--", *argv]
        with open(stdin, encoding="utf-8") as source:  # noqa: PTH123
            process = subprocess.run(words, env=env, stdin=source, capture_output=True, text=True, check=False)
        match = re.search(r"^(\d+),.*instructions", process.stderr, re.MULTILINE)
        if match:
            return int(match[1])
    if valgrind:
        words = [valgrind, "--trace-children=yes", "--tool=callgrind", f"--callgrind-out-file={os.devnull}", *argv]
        with open(stdin, encoding="utf-8") as source:  # noqa: PTH123
            process = subprocess.run(words, env=env, stdin=source, capture_output=True, text=True, check=True)
        # A launcher replaces itself with Python by exec; valgrind does not report the instructions before that.
        counts = re.findall(r"Collected : (\d+)", process.stderr)
        if counts:
            return sum(map(int, counts))
    return None


def about(folder: str) -> dict[str, str]:
    """Return facts about the machine that affect the results. `folder` is where the sessions are written."""
    processor = ""
    if os.path.exists("/proc/cpuinfo"):  # noqa: PTH110
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123
            match = re.search(r"model name\s*: (.*)", file.read())
            processor = match[1] if match else ""
    system = os.uname()
    load = os.getloadavg()[0]
    return {
        "processor": f"{processor or system.machine} × {os.cpu_count()}",
        "system": f"{system.sysname} {system.release}",
        "python": sys.version.split()[0],
        "files": _file_system(folder),
        "load": f"{load:.2f}",
    }


def _file_system(folder: str) -> str:
    df = subprocess.run(["df", "-T", folder], capture_output=True, text=True, check=False)
    words = df.stdout.splitlines()[-1].split() if df.returncode == 0 else []
    return words[1] if len(words) > 1 else "unknown"
