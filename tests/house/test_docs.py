"""What the pages for engineers name is there: files, folders, functions, links between pages, and commands of make."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from django.apps import apps

from .sources import APPS, ROOT

PAGES = [
    ROOT / "README.md",
    *(ROOT / name for name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "bench" / "README.md",
]
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")} | {*APPS, "demo"}
# What a walkthrough in CONTRIBUTING tells its reader to make.
TO_BE_MADE = {"counseling/plans/homework_reminders.py", "counseling.plans.homework_reminders.gone"}


def in_backticks(text: str) -> set[str]:
    """What stands between backticks on one line, outside fenced blocks."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)))


def paths_in(text: str) -> set[str]:
    """Files and folders: `cases/models/`, `.ci/run`, `docs/owners.md`, `tests/cases/test_*.py`."""
    found = {each for each in in_backticks(text) if re.fullmatch(r"\.?[\w-]+(/[\w.*-]*)+", each)}
    return {each for each in found if each.split("/")[0] in FOLDERS | {".ci"}}


def names_in(text: str) -> set[str]:
    """Dotted names that begin with an app: `counseling.signing.sign`, with or without `(…)`."""
    found = {re.sub(r"\(.*\)$", "", each) for each in in_backticks(text)}
    return {each for each in found if re.fullmatch(rf"({'|'.join(APPS)})(\.\w+)+", each)}


def is_there(name: str) -> bool:
    """Whether a dotted name leads to a module, or to something in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
            if found is None:
                return False
        return True
    return False


def of_pages(find) -> list[tuple[str, str]]:
    return sorted((page.relative_to(ROOT).as_posix(), each) for page in PAGES for each in find(page.read_text()))


@pytest.mark.parametrize(("doc", "path"), of_pages(paths_in))
def test_the_path_is_there(doc: str, path: str) -> None:
    there = list(ROOT.glob(path.rstrip("/"))) or list((ROOT / "templates").glob(path))
    assert path in TO_BE_MADE or there, f"{doc} names {path}"


@pytest.mark.parametrize(("doc", "name"), of_pages(names_in))
def test_the_name_is_there(doc: str, name: str) -> None:
    assert name in TO_BE_MADE or is_there(name) or is_a_key(name), f"{doc} names {name}"


def is_a_key(name: str) -> bool:
    """Models, acts of the audit log and thresholds are called by texts with a dot, too."""
    app, _, rest = name.partition(".")
    if rest.lower() in apps.get_app_config(app).models:
        return True
    return any(f'"{name}"' in path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py"))


@pytest.mark.parametrize("doc", PAGES, ids=lambda doc: doc.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(doc: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#[^)]*)?\)", doc.read_text())
    assert [link for link in links if link and not (doc.parent / link).exists()] == []


def test_commands_of_make_are_in_the_makefile() -> None:
    known = set(re.findall(r"^([a-z]+): .*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {command for page in PAGES for command in re.findall(r"`make ([a-z]+)", page.read_text())}
    assert named <= known
    assert {"help", "run", "test", "lint", "fmt", "types", "check", "cover", "shell", "manage", "bench"} <= known


def test_each_dependency_is_explained() -> None:
    wanted = set()
    for path in (ROOT / "requirements").glob("*.in"):
        for line in path.read_text().splitlines():
            if line and not line.startswith(("#", "-")):
                wanted.add(re.match(r"[\w-]+", line)[0])
    page = (ROOT / "docs" / "dependencies.md").read_text()
    missing = {name for name in wanted if not re.search(rf"^\| `{re.escape(name)}`", page, re.MULTILINE)}
    assert not missing, f"docs/dependencies.md does not say what {', '.join(sorted(missing))} is for"


@pytest.mark.parametrize("doc", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda doc: doc.stem)
def test_a_decision_says_when_whether_it_holds_and_what_follows(doc: Path) -> None:
    text = doc.read_text()
    assert re.search(r"^\*\*Date:\*\* [A-Z][a-z]{2} \d{1,2}, \d{4} · \*\*Status:\*\* \w+", text, re.MULTILINE)
    assert "**Consequences.**" in text
