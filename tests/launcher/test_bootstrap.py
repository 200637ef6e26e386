"""The launcher installs once, and again only when what it installs has changed."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from launcher import bootstrap, ports
from launcher.console import Problem
from launcher.servers import only_one


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    for name in ("bootstrap.txt", "dev.txt"):
        (tmp_path / name).write_text(f"{name}==1")
    return tmp_path


def test_the_stamp_changes_with_each_lock_and_with_the_place(locks: Path) -> None:
    first = bootstrap.wanted_stamp(locks)
    assert bootstrap.wanted_stamp(locks) == first
    assert bootstrap.wanted_stamp(locks, Path("/elsewhere/.venv")) != first  # an environment that was moved is broken
    (locks / "dev.txt").write_text("dev.txt==2")
    assert bootstrap.wanted_stamp(locks) != first


def test_a_taken_port_is_passed_over_and_the_choice_remembered(tmp_path: Path) -> None:
    remembered = tmp_path / "ports.json"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        chosen = ports.choose("web", number, remembered)
        assert chosen != number
    assert json.loads(remembered.read_text()) == {"web": chosen}
    assert ports.choose("web", number, remembered) == chosen  # the same address as last time


def test_a_second_start_says_where_the_first_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launcher.servers.LOCAL", tmp_path)
    with only_one("run") as note:
        note.write_text("http://127.0.0.1:8000/")
        with pytest.raises(Problem, match=r"http://127\.0\.0\.1:8000/"), only_one("run"):
            pass
    with only_one("run"):
        pass  # free again


def test_locks_are_hashed_and_name_no_registry() -> None:
    for path in bootstrap.LOCKS.glob("*.txt"):
        text = path.read_text()
        assert "--hash=sha256:" in text
        assert "http" not in text
