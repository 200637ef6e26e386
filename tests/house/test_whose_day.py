"""Today is somebody's: at nine in the evening in Albany the database's day is already tomorrow.

Within a request the clinic's clock is set, so that what reads a form or answers a page may ask for today without saying
whose. Everything else names the zone, tests too: a test that doesn't is wrong for five hours of each night.
"""

from __future__ import annotations

import ast

import pytest

from .sources import APPS, ROOT, parsed, python_files

ASKED = {"localdate", "localtime"}
WITHIN_A_REQUEST = {"views", "forms", "filters", "filters.py", "forms.py", "typed_fields.py"}


def nobodys(tree: ast.AST) -> list[int]:
    """The lines that ask for the day or the time of day without a zone."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            (node.func.attr in ASKED and not node.args and not node.keywords)
            or (ast.unparse(node.func.value) == "timezone.now()" and node.func.attr == "date")
            or (ast.unparse(node.func.value) == "timezone.now()" and any(each.arg == "hour" for each in node.keywords))
            or (node.func.attr == "today" and ast.unparse(node.func.value) in {"date", "datetime.date"})
        )
    ]


def test_todays_date_is_asked_with_a_zone() -> None:
    files = [path for app in APPS for path in python_files(app)] + sorted((ROOT / "tests").rglob("*.py"))
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in files
        if path.relative_to(ROOT).parts[0] == "tests" or not WITHIN_A_REQUEST & set(path.relative_to(ROOT).parts)
        for line in nobodys(parsed(path))
    }
    assert not found, f"Say whose day it is, as localdate(timezone=clinic.zone) or client.today: {sorted(found)}"


@pytest.mark.parametrize(
    "source",
    [
        "timezone.localdate()",
        "timezone.localtime()",
        "datetime.date.today()",
        "timezone.now().date()",
        "timezone.now().replace(hour=9)",
    ],
)
def test_nobodys_day_is_noticed(source: str) -> None:
    assert nobodys(ast.parse(source)) == [1]
