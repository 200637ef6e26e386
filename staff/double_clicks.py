"""Double submissions: a form sent twice, by a double click or an impatient second press, is carried out once.

Each time a page is shown, its CSRF token is masked differently. So two forms that are equal to the last character,
including the token, are one form sent twice: the second waits for the first and gets the same redirect. A refused form
redirects nowhere and may be sent again unchanged.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

WITHIN = 10  # seconds after the first one was done; after that, it may be intentional
PATIENCE = 20  # seconds that the second one waits for the first
LONGEST = 60  # seconds after which no worker is still processing it
UNDER_WAY = "?"
ACCOUNT = "/account/"  # signing in and out gives another session each time
log = logging.getLogger("onward.double_clicks")
Answer = Callable[[HttpRequest], HttpResponse]


class OnceMiddleware:
    """Lets the second of two equal forms wait for the first, and answers it as the first was answered."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if form := getattr(request, "sent_once", ""):
            _remember(form, request, response)
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:  # noqa: ARG002
        """If the same form was sent a moment ago, redirect to where it led instead of doing it again."""
        form = _form(request)
        if not form:
            return None
        try:
            if caches["brief"].add(form, UNDER_WAY, LONGEST):
                request.sent_once = form  # type: ignore[attr-defined]
                return None
            until = time.monotonic() + PATIENCE
            while (led_to := caches["brief"].get(form)) == UNDER_WAY and time.monotonic() < until:
                time.sleep(0.05)
        except Exception:  # whatever the cache's server says: without it, work goes on
            log.warning("Forms that are sent twice are not seen as such: the cache does not answer.")
            return None
        return HttpResponseRedirect(led_to) if led_to and led_to != UNDER_WAY else None


def _form(request: HttpRequest) -> str:
    """A key for this form in this session; empty if it is not a form from one of our pages."""
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if request.method != "POST" or not session or request.path.startswith(ACCOUNT):
        return ""
    if "csrfmiddlewaretoken" not in request.POST or request.FILES:
        return ""
    said = json.dumps([session, request.get_full_path(), dict(request.POST.lists())])
    return f"form:{hashlib.sha256(said.encode()).hexdigest()}"


def _is_refused(request: HttpRequest) -> bool:
    """Whether the view redirected with an error: nothing was done, so the next submission is processed."""
    said = getattr(getattr(request, "_messages", None), "_queued_messages", ())
    return any(each.level >= messages.ERROR for each in said)


def _remember(form: str, request: HttpRequest, response: HttpResponse) -> None:
    given = response.cookies.get(settings.SESSION_COOKIE_NAME)
    same_session = given is None or given.value == request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    try:
        if isinstance(response, HttpResponseRedirect) and same_session and not _is_refused(request):
            caches["brief"].set(form, response["Location"], WITHIN)
        else:
            caches["brief"].delete(form)
    except Exception:
        log.warning("Forms that are sent twice are not seen as such: the cache does not answer.")
