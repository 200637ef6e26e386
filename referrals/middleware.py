"""Below the address of private pages, every answer says as little as they do."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from reminders.pages import PATH

from .views import own_page

# A near miss, too: cut off, in capitals, with something after it.
_BELOW = re.compile(rf"/+{PATH}(?:/|$)", re.IGNORECASE)


class NothingOfUsMiddleware:
    """Puts a page that names nobody in the place of pages of errors, which name the product and say whom it is for.

    It stands outside whatever may refuse a request or fail on the way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, own_page.OwnPage) or not _BELOW.match(request.path):
            return response
        if getattr(request, "on_tablet", False):  # a tablet's own answers lead back to it, and say nothing
            return response
        if response.status_code < 400:
            # Led elsewhere (a missing slash), a browser leaves behind what was typed.
            led_away = 300 <= response.status_code < 400
            return (own_page.heard(request, status=404) if led_away else None) or response
        neutral = own_page.failed(request, status=response.status_code)
        for header in ("Allow", "Retry-After"):
            if header in response:
                neutral[header] = response[header]
        return neutral
