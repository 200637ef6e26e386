"""docs/owners.md names who answers what: each name is there, and so is each test that shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "owners.md").read_text()
ROWS = [line.split("|")[1:4] for line in PAGE.splitlines() if line.startswith("| ") and "`" in line]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_row_names_an_owner_and_a_test() -> None:
    assert len(ROWS) > 20
    assert all(named(owner) and named(shown) for _, owner, shown in ROWS)


@pytest.mark.parametrize("path", sorted({path for _, owner, _ in ROWS for path in named(owner)}))
def test_the_owner_is_there(path: str) -> None:
    try:
        found = import_string(path)
    except ImportError:  # a method: the class is what can be imported
        holder, _, method = path.rpartition(".")
        found = getattr(import_string(holder), method)
    assert callable(found)
    assert found.__doc__, f"{path} does not say what it answers."


@pytest.mark.parametrize("path", sorted({path for *_, shown in ROWS for path in named(shown)}))
def test_the_test_is_there(path: str) -> None:
    assert (ROOT / path).is_file()
