from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from reminders import inbox as acts
from reminders.models import InboxItem
from staff.access import Permission, StaffRequest, requires
from staff.paging import newest_first


@requires(Permission.TODAY_VIEW)
def inbox(request: StaffRequest) -> HttpResponse:
    """One's own reminders, the newest first; unread alone, or all."""
    own = InboxItem.objects.visible_to(request.user).select_related("reminder")
    is_all = request.GET.get("show") == "all"
    rows = newest_first(
        own if is_all else own.unread(), key=("arrived_at", "pk"), after=request.GET.get("after", ""), size=30
    )
    context = {
        "lines": acts.lines(rows.rows, by=request.user),
        "next": rows.next,
        "is_all": is_all,
        "unread": getattr(request.user, "unread", 0),
    }
    return render(request, "reminders/inbox.html", context)


@requires(Permission.TODAY_VIEW)
@require_POST
def inbox_open(request: StaffRequest, pk: int) -> HttpResponse:
    """Mark it as read and go where it leads."""
    item = _own(request, pk)
    acts.mark(item=item, is_read=True, by=request.user)
    [line] = acts.lines([item], by=request.user)
    if not line.url:
        messages.info(request, "You can no longer open the page this was about.")
    return redirect(line.url or "reminders:inbox")


@requires(Permission.TODAY_VIEW)
@require_POST
def inbox_mark(request: StaffRequest, pk: int) -> HttpResponse:
    """Mark it as read, or as unread."""
    acts.mark(item=_own(request, pk), is_read=request.POST.get("as") != "unread", by=request.user)
    return _back(request)


@requires(Permission.TODAY_VIEW)
@require_POST
def inbox_all_read(request: StaffRequest) -> HttpResponse:
    """Mark everything as read."""
    count = acts.mark_all_read(by=request.user)
    messages.success(request, f"Marked {count} as read." if count else "Nothing was unread.")
    return redirect("reminders:inbox")


@requires(Permission.TODAY_VIEW)
@require_POST
def inbox_email(request: StaffRequest) -> HttpResponse:
    """Whether an email says that something has arrived."""
    wanted = request.POST.get("email") == "on"
    acts.set_email(wanted=wanted, by=request.user)
    messages.success(request, "You will get an email." if wanted else "You will get no more emails about your inbox.")
    return redirect("reminders:inbox")


def _own(request: StaffRequest, pk: int) -> InboxItem:
    return get_object_or_404(InboxItem.objects.visible_to(request.user).select_related("reminder"), pk=pk)


def _back(request: StaffRequest) -> HttpResponse:
    address = redirect("reminders:inbox")
    if request.POST.get("show") == "all":
        address["Location"] += "?show=all"
    return address
