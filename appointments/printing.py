"""Calendars and lists on paper: the same page as a sheet, `?print=on`.

It works without scripts, too: by the browser's own print.
"""

from __future__ import annotations

from django.http import HttpRequest


def is_asked(request: HttpRequest) -> bool:
    """Whether the page is wanted as a sheet."""
    return request.GET.get("print") == "on"


def context(request: HttpRequest) -> dict[str, object]:
    """Which layout a page takes, the way to its sheet, and the way back."""
    asked = request.GET.copy()
    asked.pop("print", None)
    asked.pop("page", None)  # a sheet has the whole list
    back = f"{request.path}?{asked.urlencode()}" if asked else request.path
    asked["print"] = "on"
    return {
        "layout": "layout/print.html" if is_asked(request) else "layout/page.html",
        "printing": is_asked(request),
        "print_url": f"{request.path}?{asked.urlencode()}",
        "back_url": back,
    }
