"""No template without a page: each is rendered by a view, or included or extended by one that is."""

from __future__ import annotations

import ast
import re

from .sources import APPS, ROOT

TEMPLATES = ROOT / "templates"
LONGEST_LINE = 120
FRAMEWORK = ("auth/", "account/", "mfa/", "allauth/", "admin/", "registration/", "socialaccount/", "usersessions/")
BY_DJANGO = {"404.html", "403.html", "500.html", "400.html", "403_csrf.html", "429.html"}


def mentioned() -> set[str]:
    """Every template named in code or in another template."""
    named = set()
    sources = [*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt")]
    sources += [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    for path in sources:
        for name in re.findall(r"""["']([\w/.-]+\.(?:html|txt|svg))(?:#[\w-]+)?["']""", path.read_text()):
            if path.suffix == ".py" or path.relative_to(TEMPLATES).as_posix() != name:
                named.add(name)
    return named


def test_no_template_without_a_page() -> None:
    own = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*")
        if path.suffix in {".html", ".txt", ".svg"}
    }
    orphans = {name for name in own - mentioned() - BY_DJANGO if not name.startswith(FRAMEWORK)}
    assert not orphans, f"nobody renders {', '.join(sorted(orphans))}"


def test_no_template_that_is_named_but_missing() -> None:
    from django.template import TemplateDoesNotExist
    from django.template.loader import get_template

    missing = []
    for name in mentioned():
        if not name.endswith(".html"):
            continue
        try:
            get_template(name)
        except TemplateDoesNotExist:
            missing.append(name)
    assert not missing


def test_no_inline_script_or_style() -> None:
    """The content security policy would block them; better to know before a browser does."""
    bad = [
        path.relative_to(ROOT).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if re.search(
            r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json)|\sstyle=|\son(click|load|submit|change)=|<style",
            path.read_text(),
        )
    ]
    assert not bad


def test_no_part_of_a_page_is_rendered_with_the_request_again() -> None:
    """Each such rendering asks the context processors anew: in a loop, once a row. `{% include %}` does not."""
    bad = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == "render_to_string"
        and (len(node.args) > 2 or any(each.arg == "request" for each in node.keywords))
    ]
    assert not bad


def test_lines_are_at_most_120_characters_long() -> None:
    """Put what repeats into a partial, or break the line; long sentences go between the block tags of onward.py."""
    too_long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ]
    assert not too_long
