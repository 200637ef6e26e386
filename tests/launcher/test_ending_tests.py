"""Ctrl-C ends pytest and everything it has started, whatever they are doing, and without a word of ours."""

from __future__ import annotations

import select
import signal
import subprocess
import sys

import pytest

from launcher import testing

# Starts a child, as pytest starts its workers, says that it is there and waits. Both hold the pipe until they end.
WAITS = """
import signal, subprocess, sys
signal.signal(signal.SIGINT, {handler})
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print("there", flush=True)
signal.pause()
"""
WILLING = "lambda *_: (child.kill(), child.wait(), sys.exit(1))"
DEAF = "signal.SIG_IGN"


@pytest.mark.parametrize(("handler", "code"), [(WILLING, 1), (DEAF, -signal.SIGKILL)])
def test_the_whole_group_ends(handler: str, code: int) -> None:
    source = WAITS.format(handler=handler)
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, start_new_session=True) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline() == b"there\n"
        testing.end(leader, within=10 if handler == WILLING else 0.2)
        assert leader.returncode == code
        assert select.select([leader.stdout], [], [], 10)[0], "somebody still holds the pipe"
        assert leader.stdout.read() == b""


def test_what_has_ended_by_itself_is_no_trouble() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"], start_new_session=True) as leader:
        leader.wait()
        testing.end(leader, within=0.2)
        assert leader.returncode == 0
