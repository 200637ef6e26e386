from __future__ import annotations

import re
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from staff.typed_numbers import LARGEST_KEY

LONG_NUMBER = re.compile(r"(?<=/)\d{19,}(?=/)")
Answer = Callable[[HttpRequest], HttpResponse]


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
    """Answers what no page of ours would ever send: numbers larger than any row's, and NUL, which no text may hold."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if any("\0" in value for values in request.GET.lists() for value in (values[0], *values[1])):
            return HttpResponseBadRequest("The address holds a character that no text may hold.")
        if any(int(number) > LARGEST_KEY for number in LONG_NUMBER.findall(request.path)):
            raise Http404
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: dict[str, object]) -> None:  # noqa: ARG002
        """NUL is taken out of what was typed."""
        if request.method == "POST" and any("\0" in value for _, values in request.POST.lists() for value in values):
            cleaned = request.POST.copy()
            for name, values in request.POST.lists():
                cleaned.setlist(name, [str(value).replace("\0", "") for value in values])
            request.POST = cleaned  # type: ignore[assignment]


class NoCopiesMiddleware:
    """Tells browsers to keep no copy of what was seen while signed in: the next person at the desk may press Back."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


class SecondFactorMiddleware:
    """Where the installation requires a second factor, lets nobody past its set-up who has none.

    Account pages stay open (signing out, changing a password, setting the factor up), all else leads to the set-up.
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
