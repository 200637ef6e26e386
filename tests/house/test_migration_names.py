"""What docs, docstrings and comments say a migration holds, it holds: they name its file, never a number alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .sources import APPS, ROOT, parsed, python_files
from .test_docs import PAGES

NAMED = re.compile(rf"\b[Mm]igrations?\s+(?:({'|'.join(APPS)})\s+)?`?(\d{{4}}\w*)")
SENTENCE = re.compile(r"(?<=[.!?])\s+")
FUNCTION = re.compile(rf"\b(?:{'|'.join(APPS)})_\w+")


@dataclass(frozen=True)
class Mention:
    """A migration that a text names, the database's functions that its sentence names, and the model it is about."""

    where: str
    app: str
    name: str
    held: frozenset[str]


def mentions(text: str, where: str, app: str, about: frozenset[str] = frozenset()) -> Iterator[Mention]:
    for sentence in SENTENCE.split(text):
        for named_app, name in NAMED.findall(sentence):
            yield Mention(where, named_app or app, name, about | frozenset(FUNCTION.findall(sentence)))


def in_python(path: Path) -> Iterator[Mention]:
    """In its docstrings, with what their class is about, and in its comments."""
    app, where = path.relative_to(ROOT).parts[0], path.relative_to(ROOT).as_posix()
    for node in ast.walk(parsed(path)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            about = in_the_database(node, app) if isinstance(node, ast.ClassDef) else frozenset()
            yield from mentions(ast.get_docstring(node) or "", where, app, about)
    comments = re.findall(r"#\s+(.+)", path.read_text())
    yield from mentions("\n".join(comments), where, app)


def in_the_database(node: ast.ClassDef, app: str) -> frozenset[str]:
    """The table of a model, the function of an expression."""
    bases = {ast.unparse(base) for base in node.bases}
    if {"models.Model", "NumberedFirst"} & bases:
        return frozenset({node.name.lower()})
    set_there = {ast.unparse(each.targets[0]): each.value for each in node.body if isinstance(each, ast.Assign)}
    function = set_there.get("function")
    return frozenset({function.value}) if isinstance(function, ast.Constant) else frozenset()


def everywhere() -> list[Mention]:
    found = [each for page in PAGES for each in mentions(page.read_text(), page.relative_to(ROOT).as_posix(), "")]
    for app in APPS:
        for path in python_files(app):
            if "migrations" not in path.parts:
                found += in_python(path)
    return found


MENTIONS = everywhere()


@pytest.mark.parametrize("said", MENTIONS, ids=lambda said: f"{said.where}: {said.name}")
def test_it_is_there_and_has_what_is_said(said: Mention) -> None:
    assert said.app, f"{said.where}: say of which app {said.name} is"
    assert "_" in said.name, f"{said.where}: numbers move when migrations are rebuilt: name the file of {said.name}"
    path = ROOT / said.app / "migrations" / f"{said.name}.py"
    assert path.exists(), f"{said.where} names {said.app} {said.name}"
    missing = {each for each in said.held if each not in path.read_text().lower()}
    assert not missing, f"{said.where}: {said.app} {said.name} has no {', '.join(sorted(missing))}"


def test_it_finds_what_it_looks_for() -> None:
    text = "Rows stand (`referrals_next_start`, migration referrals `0003`). See migration 0002_append_only."
    assert [(each.app, each.name, each.held) for each in mentions(text, "here", "cases")] == [
        ("referrals", "0003", {"referrals_next_start"}),
        ("cases", "0002_append_only", frozenset()),
    ]
    assert len(MENTIONS) > 25
