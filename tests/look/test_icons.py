"""Every icon that a page names is there: a wrong name is an error page."""

from __future__ import annotations

import re
from zipfile import ZipFile

import lucide
from django.template import Context, Template

from staff.navigation import RAIL
from staff.templatetags.onward import CALLOUT_ICONS, PILL_ICONS
from tests.house.sources import APPS, ROOT

NAMES = {name.removesuffix(".svg") for name in ZipFile(f"{lucide.__path__[0]}/lucide.zip").namelist()}


def named_icons() -> dict[str, str]:
    """Each icon named in a template or given to a line of Today, with a file that names it."""
    found = {}
    for path in (ROOT / "templates").rglob("*.html"):
        for name in re.findall(
            r'\{% lucide "([\w-]+)"|\bicon="([\w-]+)"|lucide \w+\|default:"([\w-]+)"', path.read_text()
        ):
            found["".join(name)] = path.name
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            for name in re.findall(r'\bicon="([\w-]+)"', path.read_text()):
                found[name] = path.name
    return found


def test_every_icon_exists() -> None:
    missing = {name: where for name, where in named_icons().items() if name not in NAMES}
    assert not missing
    assert {entry.icon for entry in RAIL} <= NAMES
    assert {*PILL_ICONS.values(), *CALLOUT_ICONS.values(), "circle", "info"} <= NAMES


def test_an_icon_drawn_before_is_drawn_as_it_would_be_anew() -> None:
    page = Template('{% load lucide %}{% lucide "sun" size=16 class=given %}')
    for given in ("quiet", "loud", "<b>", "quiet"):
        drawn = lucide._render_icon("sun", 16, **{"class": given})
        assert page.render(Context({"given": given})) == drawn
