from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from desk.my_day import my_day
from desk.needs import grouped_needs
from desk.watched import watched
from staff.access import Permission, StaffRequest, requires
from staff.needs import Urgency
from staff.reading import answer


@requires(Permission.TODAY_VIEW)
def today(request: StaffRequest) -> HttpResponse:
    """The home page: what needs this person, in order, each with one button."""
    now = timezone.now()
    whole = request.GET.get("show") == "all"
    # the needs keep their plans; a day's calendar is asked by itself, since it has another plan for each day
    groups = answer(grouped_needs.part(staff_member=request.user, now=now, whole=whole), keep_plan=True)
    day = my_day(staff_member=request.user, now=now)
    context = {
        "groups": groups,
        "day": day,
        "has_urgent": bool(groups) and groups[0].urgency is Urgency.NOW,  # what cannot wait stays on top
        "now": now,
        "count": sum(each.total for each in groups),
        "watched": "" if groups else watched(request.user),
    }
    return render(request, "desk/today.html", context)
