"""A killed child process is restarted and reported; one that ends by itself ends everything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launcher.child import Child, birth_of, end_leftover
from launcher.console import Problem
from launcher.paths import ROOT
from launcher.supervisor import TRIES, Watch

SLEEPER = [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(60)"]


def wait_until(fact: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    return birth_of(pid) != ""


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Child]:
    child = Child("The sleeper", SLEEPER, tmp_path / "sleeper.log")
    child.start()
    yield child
    child.stop()


def test_a_killed_program_is_restarted_and_reported(sleeper: Child, capsys: pytest.CaptureFixture[str]) -> None:
    before = sleeper.process.pid
    sleeper.process.kill()
    sleeper.process.wait()
    Watch([sleeper]).look()
    assert sleeper.ended() is None
    assert sleeper.process.pid != before
    assert "The sleeper was killed; starting it again." in capsys.readouterr().err


def test_a_program_killed_again_and_again_is_given_up(sleeper: Child) -> None:
    watch = Watch([sleeper])
    for _ in range(TRIES):
        sleeper.process.kill()
        sleeper.process.wait()
        watch.look()
    sleeper.process.kill()
    sleeper.process.wait()
    with pytest.raises(Problem):
        watch.look()


def test_a_program_that_ends_is_reported_with_its_last_log_lines(tmp_path: Path) -> None:
    child = Child("The worker", [sys.executable, "-c", "raise SystemExit('no such queue')"], tmp_path / "worker.log")
    child.start()
    child.process.wait()
    with pytest.raises(Problem, match=r"(?s)The worker ended by itself \(exit code 1\).*no such queue"):
        Watch([child]).look()
    child.stop()


def test_stopping_takes_along_what_it_had_started(tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    starts = (
        f"import subprocess, time; p = subprocess.Popen(['sleep', '60']); open({str(note)!r}, 'w').write(str(p.pid))"
    )
    child = Child("The parent", [sys.executable, "-c", f"{starts}; time.sleep(60)"], tmp_path / "parent.log")
    child.start()
    wait_until(lambda: note.exists() and note.read_text() != "")
    child.stop()
    wait_until(lambda: not is_alive(int(note.read_text())))


def test_a_leftover_is_ended_but_never_a_stranger_with_its_number(sleeper: Child) -> None:
    pid = sleeper.process.pid
    true_note = sleeper.note.read_text()
    sleeper.note.write_text(f"{pid} 12345")  # the number is taken, by a process that began at another time
    end_leftover(sleeper.note)
    assert sleeper.ended() is None
    sleeper.note.write_text(true_note)
    end_leftover(sleeper.note)
    wait_until(lambda: sleeper.ended() is not None)


DEMO_OF_ITS_OWN = """
import sys
from pathlib import Path
from launcher import servers
from launcher.supervisor import Stopped, Watch, stop_on_signals
stop_on_signals()
try:
    folder = Path(sys.argv[1])
    with servers.servers(folder, durable=False, first_ports=(25440, 26390), database="onward") as found:
        print("up", *[server.child.process.pid for server in found.started], flush=True)
        Watch(found.started).forever()
except Stopped:
    print("down", flush=True)
"""


@pytest.fixture
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """A launcher with a real database and a real broker in a folder of its own."""
    folder = tmp_path_factory.mktemp("launcher")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)  # pytest closes its folders to others; a checkout is open
    servers = ("DATABASE_URL", "REDIS_URL")
    environment = {name: value for name, value in os.environ.items() if not name.endswith(servers)}
    process = subprocess.Popen(
        [sys.executable, "-c", DEMO_OF_ITS_OWN, str(folder)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_process_outlives_the_launcher(launcher: subprocess.Popen[str], how: signal.Signals) -> None:
    assert launcher.stdout
    word, *pids = launcher.stdout.readline().split()
    assert (word, len(pids)) == ("up", 2)
    assert all(is_alive(int(pid)) for pid in pids)
    launcher.send_signal(how)
    launcher.send_signal(how)  # impatient
    launcher.wait(20)
    if how is not signal.SIGKILL:
        assert launcher.stdout.read() == "down\n"
        assert launcher.returncode == 0
    wait_until(lambda: not any(is_alive(int(pid)) for pid in pids))
