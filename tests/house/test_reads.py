"""Views read through `.visible_to` and nothing else: loading and access are one step."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .sources import APPS, ROOT


def manager_calls_past_visible_to(source: str) -> list[str]:
    """Every `X.objects.<something other than visible_to>` and every related manager's `.all()` on a request's data."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr in {"objects", "everything", "_default_manager", "_base_manager"}
            and node.attr != "visible_to"
        ):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


VIEW_FILES = [path for app in APPS for path in sorted((ROOT / app / "views").rglob("*.py"))]


@pytest.mark.parametrize("path", VIEW_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_views_read_through_visible_to(path: Path) -> None:
    assert manager_calls_past_visible_to(path.read_text()) == []


def test_the_rule_sees_a_read_past_it() -> None:
    assert manager_calls_past_visible_to("client = Client.objects.get(pk=client_id)")
    assert not manager_calls_past_visible_to("clients = Client.objects.visible_to(request.user).filter(pk=1)")
