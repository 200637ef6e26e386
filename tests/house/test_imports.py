"""Imports run one way, between floors and between rooms. The contracts are in pyproject.toml, [tool.importlinter]."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .sources import APPS, ROOT, python_files

LINT = Path(sys.executable).with_name("lint-imports")


def broken(root: Path) -> str:
    """What import-linter says of a tree; empty when every contract is kept."""
    ran = subprocess.run([LINT, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)
    return "" if ran.returncode == 0 else ran.stdout


def test_every_contract_is_kept() -> None:
    assert not broken(ROOT)


@pytest.mark.parametrize(
    ("module", "line", "said"),
    [
        ("cases/people/names.py", "from counseling.models import SessionNote", "cases.people.names -> counseling"),
        ("groups/rosters.py", "import referrals.models", "groups.rosters -> referrals.models"),
        ("staff/access.py", "def f():\n    from cases.models import Client", "staff.access -> cases.models"),
        ("privacy/consents.py", "from config import celery_app", "privacy.consents -> config"),
        ("desk/needs.py", "import tests.factories", "desk.needs -> tests"),
        ("cases/people/finding.py", "import cases.intake.board", "cases.people.finding -> cases.intake.board"),
        ("cases/people/phones.py", "import cases.middleware", "cases.people.phones -> cases.middleware"),
        (
            "counseling/notes/drafts.py",
            "import counseling.signing.canonical",
            "counseling.notes.drafts -> counseling.s",
        ),
    ],
)
def test_a_wrong_arrow_is_noticed(tmp_path: Path, module: str, line: str, said: str) -> None:
    for name in APPS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=lambda _, names: {n for n in names if _is_data(n)})
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / module).open("a") as source:
        source.write(f"\n\n{line}\n")
    assert said in broken(tmp_path)


def _is_data(name: str) -> bool:
    return "." in name and not name.endswith(".py")


@pytest.mark.parametrize("app", APPS)
def test_nothing_imports_a_management_command(app: str) -> None:
    for path in python_files(app):
        source = path.read_text()
        ours = source.replace('"', "").replace("django.core.management.commands", "")
        assert "management.commands" not in ours, f"{path} imports a management command"


def test_no_drawer_that_says_nothing() -> None:
    names = {"utils", "helpers", "services", "common", "misc"}
    drawers = [path for app in APPS for path in (ROOT / app).rglob("*") if path.stem in names]
    assert not drawers
