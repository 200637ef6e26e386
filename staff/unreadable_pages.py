"""A page instead of an error where an encrypted value can't be read (staff/field_keys.py)."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from staff import field_keys

log = logging.getLogger("onward.encryption")


class UnreadableMiddleware:
    """Says that the record is kept, and what it takes to open it; the log says which value it is.

    503 while only its key is missing, since the same page works once it is back; 500 for a value that was changed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Whatever page or act met it; its transaction is undone."""
        if not isinstance(exception, field_keys.Unreadable):
            return None
        log.error("%s", exception)
        lacks_key = isinstance(exception, field_keys.KeyMissing)
        context = {"lacks_key": lacks_key, "was_write": request.method == "POST"}
        return render(request, "staff/unreadable.html", context, status=503 if lacks_key else 500)
