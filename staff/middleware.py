from __future__ import annotations

import re
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotAllowed,
    HttpResponseNotFound,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from staff import client_address, clinic_scope, outside, thresholds
from staff.sessions import SessionStore

LONG_NUMBER = re.compile(r"(?<=/)[0-9]{19,}(?=/|$)")
METHODS = ["GET", "HEAD", "POST", "OPTIONS"]  # what pages, forms and browsers send; TRACE and the like nobody needs
OWN_CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii"}
Answer = Callable[[HttpRequest], HttpResponse]


class KeepSignedInMiddleware:
    """Starts the time after which an idle person is signed out (settings.SESSION_COOKIE_AGE) anew with each request."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(request.session, SessionStore):
            browser = outside.text(request.headers.get("User-Agent", ""), longest=300)
            request.session.keep(address=client_address.of(request), browser=browser)
        return response


class ClinicNumbersMiddleware:
    """Reads a clinic's own numbers (staff/thresholds.py) at most once for each request."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with thresholds.read_once():
            return self.get_response(request)


class ClinicScopeMiddleware:
    """Lets whoever is signed in meet the rows of their own clinic alone, in pages and in what is sent bit by bit."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with clinic_scope.only(request.user.clinic_id):
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = clinic_scope.streamed(response.streaming_content)
            return response


class ClinicTimeZoneMiddleware:
    """Shows each page in the time zone of the reader's clinic."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(request.user.clinic.zone):
            return self.get_response(request)


class ReadableRequestMiddleware:
    """Refuses what none of our pages would send, and cleans what was typed, before anything else reads either.

    URLs and cookies with characters that no text may contain are refused; forms lose such characters, because pasted
    text may contain them.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        named = (name for name, values in request.GET.lists() for name in (name, *values))
        if not all(outside.is_fit(value) for value in (*named, *request.COOKIES.values())):
            return HttpResponseBadRequest("The address contains an invalid character.")
        if (request.content_params or {}).get("charset", "utf-8").lower() not in OWN_CHARSETS:
            return HttpResponseBadRequest("This request isn’t in UTF-8.")
        if not outside.is_fit(request.path):
            return HttpResponseNotFound("This page doesn’t exist.")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: dict[str, object]) -> None:  # noqa: ARG002
        """Remove characters that no text may contain."""
        if request.method != "POST":
            return
        sent = [(name, [str(value) for value in values]) for name, values in request.POST.lists()]
        if all(outside.is_fit(each) for name, values in sent for each in (name, *values)):
            return
        cleaned = request.POST.copy()
        cleaned.clear()
        for name, values in sent:
            for value in values:
                cleaned.appendlist(outside.text(name), outside.text(value))
        request.POST = cleaned  # type: ignore[assignment]


class NoSuchRowMiddleware:
    """Answers URLs with a number larger than any row's before it reaches a query.

    It comes after the tablet middleware: on a client's tablet, every URL redirects to the tablet's own pages.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if any(outside.number(each) is None for each in LONG_NUMBER.findall(request.path)):
            return HttpResponseNotFound("This page doesn’t exist.")
        return self.get_response(request)


class CompiledCodeFailed(Exception):
    """A library of compiled code gave up below Python."""


class PanicMiddleware:
    """Turns a panic of a compiled library into an ordinary error: it costs one response, not the whole worker.

    Such a panic is not an `Exception`, so it bypasses every handler and ends the process. This middleware is innermost,
    so the handlers around it still run.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        except BaseException as panic:
            if type(panic).__module__ != "pyo3_runtime":
                raise
            raise CompiledCodeFailed(type(panic).__name__) from panic


class NoCopiesMiddleware:
    """Tells browsers not to cache pages seen while signed in: the next person at the desk may press Back."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


class SecondFactorMiddleware:
    """If the installation requires a second factor, redirects users without one to set it up.

    Account pages stay open (signing out, changing a password, setting up the factor); everything else redirects to the
    set-up.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._must_set_up(request):
            return redirect("mfa_index")
        return self.get_response(request)

    def _must_set_up(self, request: HttpRequest) -> bool:
        if not settings.REQUIRE_SECOND_FACTOR or not request.user.is_authenticated:
            return False
        if request.path.startswith(reverse("account_login").removesuffix("login/")):
            request.session.pop("has_second_factor", None)  # it may be removed here
            return False
        # asked of the database once a session, not with each page
        if request.session.get("has_second_factor") == request.user.pk:
            return False
        if not is_mfa_enabled(request.user):
            return True
        request.session["has_second_factor"] = request.user.pk
        return False
