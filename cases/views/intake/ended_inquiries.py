"""View of closed inquiries."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from cases.forms.intake.inquiry import EndedFilter
from cases.intake import ended_inquiries as ended
from staff import outside
from staff.access import Permission, StaffRequest, requires

WORDS = "cases.ended_words"  # kept in the session: names do not belong in addresses or logs


@requires(Permission.INQUIRY_VIEW)
def inquiries_ended(request: StaffRequest) -> HttpResponse:
    """Those that led somewhere: filtered, searched, paged by key."""
    if request.method == "POST":
        request.session[WORDS] = request.POST.get("words", "").strip()[:120]
        return redirect(request.path + _address(request, after=None))
    words = request.session.get(WORDS, "")
    form = EndedFilter(request.GET or None)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = ended.narrowed(ended.ended(request.user), wanted, words=words, staff_member=request.user)
    after = request.GET.get("after", "")
    page = ended.page(rows, after=outside.number(after))
    context = {
        "form": form,
        "words": words,
        "page": page,
        "total": rows.count(),
        "is_narrowed": bool(words or any(wanted.values())),
        "next_url": _address(request, after=page.after) if page.after else "",
        "first_url": _address(request, after=None) or request.path if after else "",
    }
    return render(request, "cases/intake/ended.html", context)


def _address(request: HttpRequest, *, after: int | None) -> str:
    """This page with its filter, from a row on; empty for the page as it is by itself."""
    query = request.GET.copy()
    query.pop("after", None)
    if after is not None:
        query["after"] = str(after)
    return f"?{query.urlencode()}" if query else ""
