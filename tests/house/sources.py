"""The product's own files, as the house rules read them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Top to bottom; those on one line are neighbors and never import each other.
FLOORS: list[set[str]] = [
    {"demo"},
    {"config"},
    {"desk"},
    {"counseling", "groups", "referrals"},
    {"appointments"},
    {"reminders"},
    {"privacy"},
    {"cases"},
    {"staff"},
]
APPS = [app for floor in FLOORS for app in sorted(floor)]


def python_files(app: str) -> list[Path]:
    """Every Python file of an app, migrations included."""
    return sorted((ROOT / app).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    """A file's syntax tree, read once; nobody changes it."""
    return ast.parse(path.read_text(), str(path))


def imported_roots(path: Path) -> set[str]:
    """The top-level packages that a file imports, wherever in the file it does so."""
    return imported_roots_of(path.read_text(), path)


def imported_roots_of(source: str, path: Path | None = None) -> set[str]:
    """The same, for source at hand."""
    found = set()
    for node in ast.walk(ast.parse(source, str(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found
