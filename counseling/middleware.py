"""While a tablet session runs in a browser, every other page is closed to it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from .tablet import tablet_session

SIGN_IN = ("account_login", "account_inactive", "mfa_authenticate", "mfa_login_webauthn")


class HandedOverMiddleware:
    """While a session belongs to a tablet, redirect every request to the tablet's own pages.

    It runs before anything that reads a record. The sign-in pages open once someone presses “Staff”; after sign-in, no
    one sees another page while the handover is still in the session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if tablet_session.TOKEN not in request.session or request.path.startswith(settings.STATIC_URL):
            return self.get_response(request)
        request.on_tablet = True  # type: ignore[attr-defined]  # read by the sign-in pages
        response = self._answer(request)
        add_never_cache_headers(response)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return tablet_session.came_back(request)
        signing_in = request.path in map(reverse, SIGN_IN) and tablet_session.STAFF in request.session
        if not signing_in and not request.path.startswith(reverse("counseling:tablet")):
            return _to_the_tablet(request)
        response = self.get_response(request)
        if request.user.is_authenticated:
            return tablet_session.came_back(request)
        # A form that was open too long, an address that is none: on the tablet these have no page of their own.
        astray = not signing_in and response.status_code in (400, 403, 404, 405)
        return _to_the_tablet(request) if astray else response


def _to_the_tablet(request: HttpRequest) -> HttpResponse:
    """Redirect a page request. Refuse a script's request for part of a page, and say where the whole page must go."""
    address = reverse("counseling:tablet")
    if not request.headers.get("HX-Request"):
        response: HttpResponse = redirect(address)
        response.status_code = 303  # what was sent is not sent again
        return response
    return HttpResponse(status=403, headers={"HX-Redirect": address})
