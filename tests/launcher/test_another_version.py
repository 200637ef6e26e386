"""A database made by migrations that are gone: the demo's own is made anew, no other is touched."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from launcher import demo
from launcher.console import Problem
from launcher.prepare import gone
from tests.ownership import as_owner


class OwnDatabase:
    def __init__(self) -> None:
        self.emptied: list[str] = []

    def make_anew(self, name: str) -> None:
        self.emptied.append(name)


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What launcher.prepare answers, time after time."""
    answers: list[int] = []
    monkeypatch.setattr(demo, "_prepared", lambda environment: answers.pop(0))
    return answers


def test_the_demos_own_database_is_made_anew(codes: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    codes += [demo.OF_ANOTHER_VERSION, 0]
    own = OwnDatabase()
    demo.prepare({}, own)
    assert own.emptied == [demo.DATABASE]
    assert "made anew" in capsys.readouterr().err


def test_a_database_that_somebody_named_is_refused_and_left_alone(codes: list[int]) -> None:
    codes.append(demo.OF_ANOTHER_VERSION)
    with pytest.raises(Problem, match="Nothing in it was changed"):
        demo.prepare({}, None)


def test_a_database_of_this_version_stays(codes: list[int]) -> None:
    codes.append(0)
    own = OwnDatabase()
    demo.prepare({}, own)
    assert own.emptied == []


def test_migrations_that_are_gone_are_told_from_those_of_packages(db: None) -> None:
    assert gone(MigrationExecutor(connection)) == []
    recorder = MigrationRecorder(connection)
    with as_owner():
        recorder.record_applied("axes", "0011_of_a_later_version_of_the_package")
    assert gone(MigrationExecutor(connection)) == []
    with as_owner():
        recorder.record_applied("cases", "0002_of_another_version")
    assert gone(MigrationExecutor(connection)) == ["cases.0002_of_another_version"]
