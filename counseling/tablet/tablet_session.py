"""The browser session of a tablet: it holds only the handover's token, nothing of the staff member before."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers

from counseling.models import Handover
from staff.access import Permission, can
from staff.models import StaffMember
from staff.refusals import NotPermitted

from . import handover

TOKEN = "tablet"  # noqa: S105  # the key in the session, not the token
STAFF = "tablet_staff"  # “Staff” was pressed: the sign-in page opens
LASTS = 24 * 60 * 60  # seconds: longer than any handover, because the tablet may sleep; the handover itself ends it
NOT_THEIRS = "This account can’t open this client’s record. Ask a colleague who can."


def begin(request: HttpRequest, token: str) -> HttpResponse:
    """Sign the user out, here and on the server, start the tablet's own session, and redirect to its page.

    The browser is asked to clear its cached pages, but not its storage: unsaved text is there, encrypted.
    """
    logout(request)
    _begin(request, token)
    rotate_token(request)  # forms of other windows are signed with the one before
    response = redirect("counseling:tablet")
    response["Clear-Site-Data"] = '"cache"'
    add_never_cache_headers(response)
    return response


def handover_of(request: HttpRequest) -> Handover | None:
    """The one handover that this session opens, ended if its time ran out; None in any other session."""
    token = request.session.get(TOKEN)
    return handover.opened_by_token(token) if token else None


def only_the_questions(request: HttpRequest) -> None:
    """Close the sign-in page again, and forget a sign-in that was started there and not finished."""
    for key in set(request.session.keys()) - {TOKEN, "_session_expiry"}:
        del request.session[key]


def came_back(request: HttpRequest) -> HttpResponse:
    """Someone signed in on the tablet: end the session if they may see the client, and free the browser.

    If they may not see the client while questions are open, they are signed out again and the questions stay.
    """
    person: StaffMember = request.user  # type: ignore[assignment]
    token = request.session[TOKEN]
    out = handover.opened_by_token(token)
    try:
        ended = handover.take_back(handover=out, by=person) if out is not None and out.ended_at is None else out
    except NotPermitted:
        _forget_messages(request)
        logout(request)
        _begin(request, token)
        request.session[STAFF] = True
        messages.error(request, NOT_THEIRS)
        return redirect("account_login")
    _forget_messages(request)
    for key in (TOKEN, STAFF):
        request.session.pop(key, None)
    request.session.set_expiry(None)
    if ended is None or not can(person, Permission.NOTE_VIEW, ended.client):
        return redirect("/")
    return redirect("counseling:measures", client_id=ended.client_id)


def _begin(request: HttpRequest, token: str) -> None:
    request.session[TOKEN] = token
    request.session.set_expiry(LASTS)


def _forget_messages(request: HttpRequest) -> Any:
    """Drop the sign-in library's welcome messages."""
    return list(messages.get_messages(request))
