"""Says in headers of each answer how many queries it took and how long the database took for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

QUERIES, SQL = "X-Bench-Queries", "X-Bench-SQL"  # a number, and milliseconds


class CountingMiddleware:
    """Outside of all others, so that it counts theirs, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        queries, spent = 0, 0.0

        def count(execute: Callable[..., Any], *arguments: Any) -> Any:
            nonlocal queries, spent
            began = time.perf_counter()
            try:
                return execute(*arguments)
            finally:
                queries += 1
                spent += time.perf_counter() - began

        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response[QUERIES], response[SQL] = str(queries), f"{spent * 1_000:.3f}"
        return response
