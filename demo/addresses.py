"""Every address of ours, as the URLconf has them; those of libraries obey rules of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
