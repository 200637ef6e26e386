"""Imports run one way: an app imports only from those below it."""

from __future__ import annotations

import pytest

from .sources import APPS, FLOORS, ROOT, imported_roots, imported_roots_of, python_files

ABOVE = {
    app: set().union(*FLOORS[:floor]) | (FLOORS[floor] - {app}) for floor, apps in enumerate(FLOORS) for app in apps
}


def forbidden(app: str, roots: set[str]) -> set[str]:
    return roots & (ABOVE[app] | {"tests", "launcher", "bench"})


@pytest.mark.parametrize("app", APPS)
def test_no_floor_imports_from_above_or_beside(app: str) -> None:
    for path in python_files(app):
        relative = path.relative_to(ROOT)
        if "commands" in relative.parts:
            continue  # management commands may import anything
        found = forbidden(app, imported_roots(path))
        assert not found, f"{relative} imports {', '.join(sorted(found))}, which stands above or beside {app}"


@pytest.mark.parametrize("app", APPS)
def test_nothing_imports_commands_or_config(app: str) -> None:
    for path in python_files(app):
        source = path.read_text()
        assert "management.commands" not in source.replace('"', ""), f"{path} imports a management command"


@pytest.mark.parametrize(
    ("app", "line"),
    [
        ("cases", "from counseling.models import SessionNote"),
        ("groups", "import referrals"),
        ("staff", "def f():\n    from cases.models import Client"),
        ("privacy", "from config import celery_app"),
    ],
)
def test_the_rule_sees_a_wrong_import(app: str, line: str) -> None:
    assert forbidden(app, imported_roots_of(line))


def test_no_module_is_named_utils_or_helpers() -> None:
    names = {"utils", "helpers", "services", "common", "misc"}
    drawers = [path for app in APPS for path in (ROOT / app).rglob("*") if path.stem in names]
    assert not drawers
