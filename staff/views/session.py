from __future__ import annotations

import uuid

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from staff import accounts
from staff.access import Permission, StaffRequest, requires
from staff.account_filters import SessionFilter
from staff.models import Session
from staff.paging import newest_first


@require_GET
@requires(Permission.TODAY_VIEW)
def stay(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Renew the session when the person says they are still there (WCAG 2.2.1); the request alone does it."""
    return HttpResponse(status=204)


@requires(Permission.TODAY_VIEW)
def sessions(request: StaffRequest) -> HttpResponse:
    """Where the person themselves is signed in."""
    rows = Session.objects.visible_to(request.user).filter(staff_member=request.user).order_by("-used_at")
    context = {"sessions": rows, "current": request.session.session_key}
    return render(request, "staff/sessions.html", context)


@requires(Permission.TODAY_VIEW)
@require_POST
def session_end(request: StaffRequest) -> HttpResponse:
    """Sign out in another browser, or in all of them but this one."""
    own = Session.objects.visible_to(request.user).filter(staff_member=request.user)
    only = None if "all" in request.POST else str(_named(request, own).handle)
    ended = accounts.end_sessions(
        staff_member=request.user, by=request.user, only=only, but=request.session.session_key
    )
    messages.success(request, f"Signed out in {ended} other browser{'' if ended == 1 else 's'}.")
    return redirect("staff:sessions")


@requires(Permission.STAFF_MANAGE)
def colleagues_sessions(request: StaffRequest) -> HttpResponse:
    """Who in the clinic is signed in, the latest first."""
    rows = Session.objects.visible_to(request.user).select_related("staff_member")
    filters = SessionFilter(request, rows)
    page = newest_first(filters.qs, key=("began_at", "handle"), after=request.GET.get("after", ""))
    context = {"filters": filters, "page": page, "kept": filters.kept, "current": request.session.session_key}
    return render(request, "staff/colleagues_sessions.html", context)


@requires(Permission.STAFF_MANAGE)
@require_POST
def colleagues_session_end(request: StaffRequest) -> HttpResponse:
    """Sign a colleague out in one browser."""
    session = _named(request, Session.objects.visible_to(request.user).select_related("staff_member__clinic"))
    person = session.staff_member
    assert person is not None  # who is visible is signed in
    accounts.end_sessions(staff_member=person, by=request.user, only=str(session.handle))
    messages.success(request, f"{person} was signed out there.")
    return redirect("staff:colleagues_sessions")


def _named(request: StaffRequest, rows: QuerySet[Session]) -> Session:
    try:
        handle = uuid.UUID(request.POST.get("handle", ""))
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(rows, handle=handle)
