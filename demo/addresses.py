"""Every address of ours, as the URLconf has them, and of the administration; other libraries’ obey their own rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.contrib import admin
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from staff.access import Permission


def walk(
    patterns: Sequence[URLPattern | URLResolver], prefix: str = "", spaces: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Route, name and pattern of each."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = f"{spaces}{pattern.namespace}:" if pattern.namespace else spaces
            yield from walk(pattern.url_patterns, prefix + str(pattern.pattern), space)
        else:
            yield prefix + str(pattern.pattern), f"{spaces}{pattern.name}", pattern


def permissions_of(pattern: URLPattern) -> set[Permission]:
    """What its view requires (`@requires`); none if it is public."""
    return set(getattr(pattern.callback, "permissions", ()))


OURS = [
    (route, name, pattern)
    for route, name, pattern in walk(get_resolver().url_patterns)
    if not route.startswith(("admin/", "account/"))
]

# Pages of the administration that show or change rows of a model, by the end of their name.
PAGES_OF_A_MODEL = ("changelist", "add", "change", "history", "delete")


def administration() -> Iterator[tuple[str, str, type[Model]]]:
    """Route, name and model of each page of the administration about rows: every list and form that is registered."""
    models = {f"{each._meta.app_label}_{each._meta.model_name}": each for each in admin.site._registry}
    for route, name, _ in walk(get_resolver().url_patterns):
        of_model, _, page = name.removeprefix("admin:").rpartition("_")
        if name.startswith("admin:") and page in PAGES_OF_A_MODEL and of_model in models:
            yield route, name, models[of_model]
