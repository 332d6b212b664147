"""Tests that a relayed command behaves as in a shell: its output, its terminal, its signals, its exit code."""

import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from session.host.relay_streams import KEPT_BYTES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and terminals as on Linux")

# Relays a command, and writes its exit code and the kept output to a file.
HARNESS = """
import os, sys
from session.host.relay import CannotRun, Relay
with Relay() as relay:
    try:
        code = relay.run(sys.argv[2:])
    except CannotRun as error:
        os.write(2, str(error).encode())
        code = error.code
    end, whole = relay.output()
    with open(sys.argv[1] + ".part", "wb") as file:
        file.write(b"%d %d\\n" % (code, whole) + end)
    os.rename(sys.argv[1] + ".part", sys.argv[1])
os._exit(code)
"""
WAIT_S = 60


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    """Return the file where the harness writes the exit code, whether the output is whole, and the output."""
    return tmp_path / "seen"


@pytest.fixture
def relayed(seen: Path) -> Callable[..., list[str]]:
    """Return a function that makes the words to relay a command, which is a shell script or a list of words."""

    def words(*command: str) -> list[str]:
        shell = ("sh", "-c", *command) if len(command) == 1 else command
        return [sys.executable, "-P", "-c", HARNESS, str(seen), *shell]

    return words


Words = Callable[..., list[str]]


def ended(words: list[str], **options: Any) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(words, capture_output=True, timeout=WAIT_S, check=False, **options)


@contextmanager
def started(words: list[str], **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """Start the relay in its own session with a pipe for stdout; kill what is left of it afterwards."""
    options = {"stdout": subprocess.PIPE, "start_new_session": True, **options}
    with subprocess.Popen(words, **options) as process:
        try:
            yield process
        finally:
            if process.stdout:
                process.stdout.close()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def until(holds: Callable[[], bool]) -> None:
    """Wait until the condition holds; fail after a minute."""
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] == "Z"
    except FileNotFoundError:
        return True


class TestStreams:
    def test_every_byte_passes_each_way(self, relayed: Words, seen: Path) -> None:
        data = bytes(range(256)) * 2000
        script = "cat; head -c 300000 /dev/zero >&2"
        done = ended(relayed(script), input=data)
        assert (done.returncode, done.stdout, done.stderr) == (0, data, bytes(300_000))
        assert len(seen.read_bytes()) == KEPT_BYTES + len(b"0 0\n")

    def test_what_is_kept_is_the_end_of_both(self, relayed: Words, seen: Path) -> None:
        ended(relayed("echo out; sleep 0.1; echo err >&2; sleep 0.1; printf 'no end'"))
        assert seen.read_bytes() == b"0 1\nout\nerr\nno end"

    def test_no_output(self, relayed: Words, seen: Path) -> None:
        assert ended(relayed("exit 0")).stdout == b""
        assert seen.read_bytes() == b"0 1\n"

    def test_the_order_of_two_that_go_one_way(self, relayed: Words, seen: Path) -> None:
        words = relayed("for n in $(seq 500); do echo out $n; echo err $n >&2; done")
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=WAIT_S, check=False)
        assert done.stdout == b"".join(b"out %d\nerr %d\n" % (n, n) for n in range(1, 501))
        assert done.stdout.endswith(seen.read_bytes()[4:])

    def test_who_does_not_read_one_does_not_hold_up_the_other(self, relayed: Words) -> None:
        with started(relayed("head -c 1000000 /dev/zero & echo heard >&2; wait"), stderr=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stderr
            assert process.stderr.readline() == b"heard\n"
            assert process.stdout.read() == bytes(1_000_000)

    def test_a_slow_reader_gets_everything(self, relayed: Words) -> None:
        with started(relayed("head -c 200000 /dev/zero")) as process:
            assert process.stdout
            time.sleep(1.5)  # by then, nobody could tell the command's last bytes from those of what it left running
            assert process.stdout.read() == bytes(200_000)
            assert process.wait() == 0

    def test_100_mb_take_no_memory(self, relayed: Words) -> None:
        script = "head -c 100000000 /dev/zero; grep VmHWM /proc/$PPID/status >&2"
        with started(relayed(script), stderr=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stderr
            size = 0
            while piece := process.stdout.read(1 << 20):
                size += len(piece)
            [most_kb] = re.findall(rb"\d+", process.stderr.read())
            assert (size, process.wait()) == (100_000_000, 0)
            assert int(most_kb) < 60_000

    def test_where_nobody_reads_any_more_the_command_ends_as_it_would(self, relayed: Words) -> None:
        with started(relayed("yes"), stderr=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stderr
            assert process.stdout.readline() == b"y\n"
            process.stdout.close()
            assert process.wait() == 128 + signal.SIGPIPE
            assert process.stderr.read() == b""

    @pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
    def test_what_is_closed_stays_closed(self, relayed: Words, seen: Path, closed: str, project: Path) -> None:
        script = 'for fd in 0 1 2; do [ -e /proc/$$/fd/$fd ] && echo $fd >> "$open"; done; exit 3'
        wanted = [str(fd) for fd, how in enumerate(("<&-", " >&-", "2>&-")) if how not in f" {closed}"]
        words = ["sh", "-c", f'exec "$@" {closed}', "sh", *relayed(script)]
        done = ended(words, env={**os.environ, "open": str(project / "open")})
        assert done.returncode == 3
        assert (project / "open").read_text().split() == wanted if wanted else not (project / "open").exists()
        assert seen.read_bytes()[:2] == b"3 "

    def test_further_descriptors_are_the_commands(self, relayed: Words) -> None:
        """A shell opens such descriptors for `<(…)`."""
        reading, writing = os.pipe()
        os.write(writing, b"through the back door")
        os.close(writing)
        done = ended(relayed(f"cat /dev/fd/{reading}"), pass_fds=[reading])
        os.close(reading)
        assert done.stdout == b"through the back door"


class TestEnds:
    @pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 3", 3), ("exit 255", 255)])
    def test_exit_codes_pass(self, relayed: Words, script: str, code: int) -> None:
        assert ended(relayed(script)).returncode == code

    @pytest.mark.parametrize("name", ["KILL", "TERM", "SEGV", "PIPE"])
    def test_signals_are_as_in_a_shell(self, relayed: Words, name: str) -> None:
        assert ended(relayed(f"kill -{name} $$")).returncode == 128 + signal.Signals[f"SIG{name}"]

    def test_not_found(self, relayed: Words) -> None:
        done = ended(relayed("no-such-command", "x"))
        assert (done.returncode, done.stderr) == (127, b"no-such-command: not found")

    def test_not_executable(self, relayed: Words, project: Path) -> None:
        (project / "file").write_text("")
        done = ended(relayed("./file", "x"))
        assert (done.returncode, done.stderr) == (126, b"./file cannot be run: permission denied")

    def test_no_room_for_a_pipe(self, relayed: Words) -> None:
        words = relayed("true")
        full = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))\nwith Relay()"
        words[words.index(HARNESS)] = HARNESS.replace("with Relay()", full)
        done = ended(words)
        assert (done.returncode, done.stdout) == (126, b"")
        assert b"sh cannot be run: too many open files" in done.stderr


class TestLeftRunning:
    def test_it_is_not_waited_for_and_not_cut_off(self, relayed: Words, seen: Path, project: Path) -> None:
        os.mkfifo(project / "go")
        with started(relayed("(read word < go; echo $word) & echo first")) as process:
            assert process.stdout
            assert process.wait(WAIT_S) == 0
            assert seen.read_bytes() == b"0 1\nfirst\n"
            (project / "go").write_text("late\n")  # which only now makes it write
            assert process.stdout.read() == b"first\nlate\n"

    def test_it_may_never_be_quiet(self, relayed: Words, project: Path) -> None:
        with started(relayed("yes & echo $! > pid; echo first")) as process:
            assert process.stdout
            lines = iter(process.stdout.readline, b"")
            while process.poll() is None:  # read, so that it is never held up
                next(lines)
            pid = int((project / "pid").read_text())
            assert next(lines) == b"y\n"
            assert not is_gone(pid)
            process.stdout.close()
            until(lambda: is_gone(pid))  # by the same signal as without us

    def test_it_keeps_open_only_what_it_has(self, relayed: Words, project: Path) -> None:
        """`x=$(…)` ends when no process has its stdout open any more."""
        os.mkfifo(project / "go")
        script = "(read word < go; echo $word >&2) > /dev/null & echo first"
        with started(relayed(script), stderr=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stderr
            assert process.stdout.read() == b"first\n"
            (project / "go").write_text("late\n")
            assert process.stderr.read() == b"late\n"

    def test_who_writes_nowhere_of_ours_leaves_nothing_behind(self, relayed: Words, project: Path) -> None:
        os.mkfifo(project / "go")
        with started(relayed("(read word < go) > /dev/null 2>&1 & echo first")) as process:
            assert process.stdout
            assert process.stdout.read() == b"first\n"
            assert process.wait(WAIT_S) == 0
            (project / "go").write_text("end\n")


class TestSignals:
    @pytest.mark.parametrize("name", ["INT", "QUIT", "TERM", "HUP", "USR1", "USR2"])
    def test_one_that_is_ours_alone_is_handed_on(self, relayed: Words, seen: Path, name: str) -> None:
        script = f"trap 'echo got {name}; exit 7' {name}; echo ready; while :; do sleep 0.01; done"
        with started(relayed(script)) as process:
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
            process.send_signal(signal.Signals[f"SIG{name}"])
            assert process.stdout.read() == f"got {name}\n".encode()
            assert process.wait() == 7
        assert seen.read_bytes().endswith(f"got {name}\n".encode())

    def test_one_that_ends_the_command(self, relayed: Words, seen: Path) -> None:
        with started(relayed("echo ready; exec sleep 60")) as process:
            assert process.stdout
            process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            assert process.wait(WAIT_S) == 128 + signal.SIGTERM
        assert seen.read_bytes() == b"143 1\nready\n"

    def test_one_that_is_ignored_stays_so(self, relayed: Words) -> None:
        """`nohup` ignores a signal in this way."""
        words = ["sh", "-c", 'trap "" HUP INT; exec "$@"', "sh", *relayed("kill -HUP $$; kill -INT $$; echo alive")]
        assert ended(words).stdout == b"alive\n"

    def test_what_is_blocked_or_ignored_for_the_command_is_what_was_for_us(self, relayed: Words) -> None:
        show = ["cat", "/proc/self/status"]
        plain, changed = ended(relayed(*show)).stdout, ended([sys.executable, "-c", BLOCKING, *relayed(*show)]).stdout
        assert masks(plain) == masks(ended(show).stdout)
        assert masks(changed) == masks(ended([sys.executable, "-c", BLOCKING, *show]).stdout) != masks(plain)

    def test_the_group_is_stopped_and_goes_on(self, relayed: Words, project: Path) -> None:
        """Ctrl-Z stops both processes."""
        os.mkfifo(project / "go")
        with started(relayed("echo $$; read word < go; echo done")) as process:
            assert process.stdout
            pid = int(process.stdout.readline())
            os.killpg(process.pid, signal.SIGSTOP)
            until(lambda: all(state_of(one) == "T" for one in (pid, process.pid)))
            os.killpg(process.pid, signal.SIGCONT)
            (project / "go").write_text("on\n")
            assert process.stdout.read() == b"done\n"
            assert process.wait() == 0

    def test_a_stopped_command_goes_on_when_we_are_told_so(self, relayed: Words) -> None:
        with started(relayed("echo $$; kill -STOP $$; echo done")) as process:
            assert process.stdout
            pid = int(process.stdout.readline())
            until(lambda: state_of(pid) == "T")
            process.send_signal(signal.SIGCONT)
            assert process.stdout.read() == b"done\n"

    def test_a_reader_who_does_not_read_does_not_keep_us_for_ever(
        self, relayed: Words, seen: Path, project: Path
    ) -> None:
        with started(relayed("head -c 100000 /dev/zero; touch written")) as process:
            until(lambda: (project / "written").exists() and children_of(process.pid) == [])
            process.send_signal(signal.SIGTERM)
            assert process.wait(WAIT_S) == 0
        assert seen.read_bytes()[:2] == b"0 "


BLOCKING = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGTERM])
signal.signal(signal.SIGUSR2, signal.SIG_IGN)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def masks(status: bytes) -> list[int]:
    """Return which of the signals 1 to 31 are blocked, and which are ignored."""
    return [int(mask, 16) & 0x7FFFFFFF for mask in re.findall(rb"^Sig(?:Blk|Ign):\s*(\w+)$", status, re.MULTILINE)]


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


def children_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


class Terminal:
    """A terminal that changes no byte and handles only Ctrl-C. `screen` is everything written to it."""

    def __init__(self, rows: int = 33, columns: int = 77) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        settings = termios.tcgetattr(self.slave)
        settings[3] |= termios.ISIG
        termios.tcsetattr(self.slave, termios.TCSANOW, settings)
        self.resize(rows, columns)
        self.screen = b""

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 5, 7))

    def start(self, words: list[str], **streams: Any) -> "subprocess.Popen[bytes]":
        """Start a process in the foreground, with all streams on the terminal except those in `streams`."""
        ends = {"stdin": self.slave, "stdout": self.slave, "stderr": self.slave, **streams}
        process = subprocess.Popen(words, preexec_fn=self._own, **ends)
        os.close(self.slave)
        return process

    def _own(self) -> None:
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def read(self, until: bytes | None = None) -> bytes:
        """Read from the terminal up to `until`, or to the end; return everything so far."""
        while until is None or until not in self.screen:
            try:
                data = os.read(self.master, 1 << 16)
            except OSError:
                break
            if not data:
                break
            self.screen += data
        return self.screen

    def close(self) -> None:
        os.close(self.master)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    made.close()


LOOK = """
import fcntl, os, sys, termios
size = fcntl.ioctl(1, termios.TIOCGWINSZ, bytes(8))
os.write(1, repr(([os.isatty(fd) for fd in (0, 1, 2)], list(size[::2]))).encode())
sys.exit(5)
"""


class TestTerminal:
    def test_the_command_has_one_too_of_the_same_size(self, relayed: Words, terminal: Terminal, seen: Path) -> None:
        process = terminal.start(relayed(sys.executable, "-c", LOOK))
        assert terminal.read() == b"([True, True, True], [33, 77, 5, 7])"
        assert process.wait() == 5
        assert seen.read_bytes() == b"5 1\n"  # nothing of it came by

    def test_each_stream_for_itself(self, relayed: Words, terminal: Terminal) -> None:
        process = terminal.start(relayed("test -t 1; echo $? >&2; test -t 2; echo $? >&2"), stdout=subprocess.DEVNULL)
        assert terminal.read() == b"1\n0\n"
        assert process.wait() == 0

    def test_no_byte_is_changed(self, relayed: Words, terminal: Terminal) -> None:
        data = bytes(range(256)) * 400
        writing = "import os; os.write(1, bytes(range(256)) * 400)"
        process = terminal.start(relayed(sys.executable, "-c", writing))
        assert terminal.read() == data
        assert process.wait() == 0

    def test_both_streams_in_their_order(self, relayed: Words, terminal: Terminal) -> None:
        process = terminal.start(relayed("for n in $(seq 300); do echo out $n; echo err $n >&2; done"))
        assert terminal.read() == b"".join(b"out %d\nerr %d\n" % (n, n) for n in range(1, 301))
        assert process.wait() == 0

    def test_it_grows_with_ours(self, relayed: Words, terminal: Terminal) -> None:
        script = """
import os, signal
told = lambda *_: os.write(1, b"<%d %d>" % os.get_terminal_size(1)[::-1])
signal.signal(signal.SIGWINCH, told)
told()
while True: signal.pause()
"""
        process = terminal.start(relayed(sys.executable, "-c", script))
        terminal.read(b"<33 77>")
        terminal.resize(44, 88)
        assert terminal.read(b"<44 88>").startswith(b"<33 77>")
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 143

    def test_keys_are_read_from_it(self, relayed: Words, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        """A full-screen program reads a key without a line end, and without an echo."""
        monkeypatch.setenv("TERM", "xterm")
        script = """
import curses
def work(screen):
    screen.addstr("ready")
    screen.refresh()
    return screen.getkey()
raise SystemExit(7 if curses.wrapper(work) == "x" else 1)
"""
        process = terminal.start(relayed(sys.executable, "-c", script))
        terminal.read(b"ready")
        os.write(terminal.master, b"x")
        assert process.wait(WAIT_S) == 7

    def test_what_the_terminal_sends_comes_once(self, relayed: Words, terminal: Terminal, seen: Path) -> None:
        script = """
import os, signal, time
count = 0
def interrupted(*_):
    global count
    count += 1
signal.signal(signal.SIGINT, interrupted)
os.write(1, b"ready")
while not count: time.sleep(0.01)
time.sleep(0.3)
os.write(1, b" %d" % count)
raise SystemExit(9)
"""
        process = terminal.start(relayed(sys.executable, "-c", script))
        terminal.read(b"ready")
        os.write(terminal.master, b"\x03")
        assert terminal.read() == b"ready 1"
        assert process.wait() == 9
        assert seen.read_bytes() == b"9 1\n"

    def test_what_it_sends_may_end_the_command(self, relayed: Words, terminal: Terminal, seen: Path) -> None:
        process = terminal.start(relayed("echo ready; exec sleep 60"))
        terminal.read(b"ready\n")
        os.write(terminal.master, b"\x03")
        assert process.wait(WAIT_S) == 128 + signal.SIGINT
        assert seen.read_bytes() == b"130 1\n"

    def test_the_terminal_goes_away(self, relayed: Words, seen: Path) -> None:
        terminal = Terminal()
        process = terminal.start(relayed("echo ready; exec sleep 60"))
        terminal.read(b"ready\n")
        terminal.close()
        assert process.wait(WAIT_S) == 128 + signal.SIGHUP
        assert seen.read_bytes() == b"129 1\n"

    def test_what_was_left_running_still_writes_there(self, relayed: Words, terminal: Terminal, project: Path) -> None:
        os.mkfifo(project / "go")
        process = terminal.start(relayed("trap '' HUP; (read word < go; echo $word) & echo first"))
        terminal.read(b"first\n")
        assert process.wait(WAIT_S) == 0
        (project / "go").write_text("late\n")
        assert terminal.read(b"late\n") == b"first\nlate\n"
