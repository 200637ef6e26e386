"""View of closed inquiries."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from cases.filters import ClosedInquiryFilter
from cases.intake import ended_inquiries as ended
from staff import outside
from staff.access import Permission, StaffRequest, requires

WORDS = "cases.ended_words"  # kept in the session: names do not belong in addresses or logs


@requires(Permission.INQUIRY_VIEW)
def inquiries_ended(request: StaffRequest) -> HttpResponse:
    """Ended inquiries: filtered, searched, paged by key."""
    if request.method == "POST":
        request.session[WORDS] = request.POST.get("words", "").strip()[:120]
        return redirect(request.path + _address(request, after=None))
    words = request.session.get(WORDS, "")
    filters = ClosedInquiryFilter(request, ended.ended(request.user))
    rows = ended.matching(filters.qs, words)
    after = request.GET.get("after", "")
    page = ended.page(rows, after=outside.number(after))
    context = {
        "filters": filters,
        "words": words,
        "page": page,
        "total": rows.count(),
        "is_narrowed": bool(words) or filters.is_narrowed,
        "next_url": _address(request, after=page.after) if page.after else "",
        "first_url": _address(request, after=None) or request.path if after else "",
    }
    return render(request, "cases/intake/ended.html", context)


def _address(request: HttpRequest, *, after: int | None) -> str:
    """This page's URL with its filter, from a row on; empty for the plain page."""
    query = request.GET.copy()
    query.pop("after", None)
    if after is not None:
        query["after"] = str(after)
    return f"?{query.urlencode()}" if query else ""
