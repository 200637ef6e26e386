"""What people read is American English and uses the terms of docs/terms.md; both tables there are the rule."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from .sources import APPS, ROOT

PAGE = ROOT / "docs" / "terms.md"
EVERYWHERE = "everywhere"


WORD = re.compile(r"[a-z0-9_.:/-]*")  # a stored value, a name, a path
LISTS_OF_PHRASES = {  # what people write to us, and what a reminder must never say
    ROOT / "reminders" / name
    for name in ("crisis_words.py", "mail_replies.py", "meaning.py", "own_words.py", "wording.py")
}


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading of the page, without its head."""
    part = PAGE.read_text().split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip().strip("|") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.split("|")] for row in rows[2:]]


def listed(cell: str) -> list[str]:
    """What one cell lists, separated by dots in the middle of the line."""
    return [each.strip() for each in cell.split(" · ") if each.strip() not in ("", "—")]


def seeks(phrase: str) -> re.Pattern[str]:
    """A phrase as whole words, in any case, wherever a line breaks."""
    words = r"\s+".join(re.escape(word) for word in phrase.split())
    return re.compile(rf"(?<![\w-]){words}(?![\w-])", re.IGNORECASE)


SPELLINGS = [(seeks(british), american) for american, many in table("Spelling") for british in listed(many)]
TERMS = [
    (seeks(old), say, {each.strip() for each in where.split(",")})
    for say, instead, where in table("Terms")
    for old in listed(instead)
]


def strings(source: str) -> Iterator[str]:
    """The strings of a Python file that somebody may read: not its docstrings; of f-strings what stands in the file."""
    tree = ast.parse(source)
    documents, parts = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            documents.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts.update(node.values)
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in documents | parts:
            continue
        if not WORD.fullmatch(node.value):
            yield node.value


def shown(template: str) -> str:
    """The words of a template: its text, and its attributes that are read; no tags, no names of classes or fields."""
    text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", " ", template, flags=re.DOTALL)
    read = re.findall(
        r"""(?:\b(?:text|title|label|next|button|words|verb|empty)|aria-label|placeholder|alt)="([^"]*)\"""", text
    )
    text = re.sub(r"\{[%{].*?[%}]\}", "…", text, flags=re.DOTALL)
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return "\n".join([re.sub(r"<[^>]*>", " ", text), *read])


@cache
def read_by_people(path: Path) -> str:
    """What somebody reads of a file."""
    source = path.read_text()
    return "\n".join(strings(source)) if path.suffix == ".py" else shown(source)


FILES = [
    *(path for path in sorted((ROOT / "templates").rglob("*")) if path.suffix in (".html", ".txt")),
    *(
        path
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if not {"migrations", "management"} & set(path.parts) and path not in LISTS_OF_PHRASES
    ),
]


def app_of(path: Path) -> str:
    """The app that a file belongs to, also for its templates."""
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "templates" else parts[0]


def to_mend(text: str, app: str) -> list[str]:
    """Each British spelling and retired phrase in a text, with what to write."""
    rules = [(rule, say) for rule, say in SPELLINGS]
    rules += [(rule, say) for rule, say, where in TERMS if where & {EVERYWHERE, app}]
    return [f"“{match.group()}”: write {say}" for rule, say in rules for match in rule.finditer(text)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_words_are_american_and_the_glossarys(path: Path) -> None:
    assert to_mend(read_by_people(path), app_of(path)) == []


def test_the_page_lists_places_that_exist() -> None:
    places = {*APPS, EVERYWHERE, *(path.name for path in (ROOT / "templates").iterdir())}
    assert [sorted(where - places) for _, _, where in TERMS if where - places] == []
    assert len(SPELLINGS) > 20
    assert len(TERMS) > 20


def test_the_rule_sees_text_attributes_and_f_strings() -> None:
    page = shown(
        '{# labelled #}<p class="colour" title="Labelled">The\n  centre</p>{% include "x" with text="Licence" %}'
    )
    assert {each.partition("”")[0] for each in to_mend(page, "staff")} == {"“Labelled", "“centre", "“Licence"}
    code = '"""The colour."""\nx = f"cancelled {1}"\ny = "a licence"\nz = colour'
    assert len(to_mend("\n".join(strings(code)), "staff")) == 2
