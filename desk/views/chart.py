from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from cases.models import Client
from desk.panels import cards_for
from desk.timeline import Span, draw
from staff.access import Permission, StaffRequest, requires


@requires(Permission.CLIENT_VIEW)
def chart(request: StaffRequest, client_id: int) -> HttpResponse:
    """The overview: who, where in care, since when in recovery, what is dangerous, what was learned, what is next."""
    client = get_object_or_404(Client.objects.visible_to(request.user).select_related("clinic"), pk=client_id)
    asked = request.GET.get("span", "")
    span = Span(asked) if asked in {each.value for each in Span} else Span.LIFE
    context = {
        "client": client,
        "timeline": draw(client=client, staff_member=request.user, span=span),
        "spans": Span,
        "cards": cards_for(client=client, request=request, now=timezone.now()),
    }
    return render(request, "desk/chart.html", context)
