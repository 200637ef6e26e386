"""What an act takes and returns is said in types: mypy is strict with every module that holds acts (pyproject.toml)."""

from __future__ import annotations

import ast
import tomllib

from tests.house.sources import APPS, ROOT, python_files

# Rows of any model, and the content of files, have no type of their own.
NOT_YET = {"cases.safety.concerns", "counseling.measures.instrument_texts"}


def strict_modules() -> set[str]:
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    return {name for each in overrides if each.get("disallow_any_explicit") for name in each["module"]}


def holds_acts(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and "by" in {each.arg for each in node.args.kwonlyargs}
        for node in tree.body
    )


def test_mypy_is_strict_with_every_module_that_holds_acts() -> None:
    found = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for app in APPS
        if app != "demo"  # it writes the rows of acts in bulk
        for path in python_files(app)
        if not {"management", "views", "models"} & set(path.parts) and holds_acts(ast.parse(path.read_text()))
    }
    assert found - NOT_YET <= strict_modules(), f"Add to pyproject.toml: {sorted(found - NOT_YET - strict_modules())}"
    there = {name for name in strict_modules() if (ROOT / f"{name.replace('.', '/')}.py").exists()}
    assert strict_modules() == there, f"Moved or gone: {sorted(strict_modules() - there)}"
