"""The picture in ARCHITECTURE.md is the one that its script draws from the imports as they are."""

from __future__ import annotations

import importlib.util

from .sources import FLOORS, ROOT

SCRIPT = ROOT / "docs" / "pictures" / "architecture.py"
spec = importlib.util.spec_from_file_location("architecture", SCRIPT)
assert spec is not None
assert spec.loader is not None
architecture = importlib.util.module_from_spec(spec)
spec.loader.exec_module(architecture)


def test_the_picture_is_what_the_imports_say() -> None:
    assert architecture.PICTURE.read_text() == architecture.drawn(), "Draw it again: make fmt"


def test_the_floors_are_those_of_the_house() -> None:
    drawn = [set(row) - {"demo"} for row in architecture.rows(architecture.between_apps())]
    assert [row for row in drawn if row] == [floor for floor in FLOORS if floor != {"demo"}]


def test_a_row_imports_only_from_those_below() -> None:
    assert architecture.rows({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}) == [["a"], ["b", "c"], ["d"]]
    assert architecture.rows({"a": {"b", "c"}, "b": {"d"}, "c": set(), "d": set()}) == [["a"], ["b", "c"], ["d"]]
    assert architecture.rows({"a": {"b"}, "b": {"a", "c"}, "c": set()}) == [["a", "b"], ["c"]]  # a circle shares a row


def test_the_page_names_every_room() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    table = {line.split("`")[1].rstrip("/"): line.split("|")[3] for line in page.splitlines() if line.startswith("| `")}
    for app in architecture.between_apps():
        named = {each.strip() for each in table[app].split(",")}
        assert set(architecture.between_rooms(app)) <= named, f"ARCHITECTURE.md: rooms of {app}"
