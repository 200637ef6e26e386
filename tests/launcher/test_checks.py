"""Each check is one command in one table; make, CI and pre-commit read the same."""

from __future__ import annotations

import re
import shlex

import pytest

from launcher import __main__ as launcher
from launcher import checks
from launcher.console import Problem
from launcher.paths import ROOT, VENV


def test_every_command_of_the_launcher_is_one_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text()
    listed = re.search(r"^COMMANDS := (.*)$", makefile, re.MULTILINE)[1].split()
    assert sorted(listed) == sorted(launcher.COMMANDS)
    assert set(re.findall(r"^(\w+): ## ", makefile, re.MULTILINE)) == {"help", *launcher.COMMANDS}


@pytest.mark.parametrize("command", [*checks.LINT.values(), *checks.TYPES.values(), *checks.FORMATTERS.values()])
def test_its_program_is_installed(command: str) -> None:
    program = shlex.split(command)[0]
    assert program == "python" or (VENV / "bin" / program).exists()


def test_a_check_that_does_not_exist_is_said() -> None:
    with pytest.raises(Problem, match="spelling"):
        checks.lint(["nonsense"])


def test_the_reason_of_a_failure_comes_last(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {"first": "python -c 'print(1/0)'", "second": "python -c 'print(2)'"}
    monkeypatch.setattr(checks, "LINT", broken)
    assert checks.lint([]) == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert said.strip().endswith("first failed; the reason stands above. Alone: make lint ARGS=first")


def test_pre_commit_asks_no_registry() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"repo: (.*)", text) == ["local"]
    assert set(re.findall(r"language: (.*)", text)) == {"system"}
    assert "http" not in text
