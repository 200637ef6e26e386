from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from cases import safety
from cases.models import Client, ContactPoint
from reminders import crisis
from reminders.forms import CrisisForm
from reminders.models import CrisisReply
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import refusal_on


@requires(Permission.CRISIS_ANSWER)
def crisis_reply(request: StaffRequest, client_id: int, pk: int) -> HttpResponse:
    """A client's message about danger, how to reach them, and what was done."""
    return _page(request, get_object_or_404(_replies(request), pk=pk, client=client_id))


@requires(Permission.CRISIS_ANSWER)
def crisis_reply_of_nobody(request: StaffRequest, pk: int) -> HttpResponse:
    """The same from a number or address that is on no one's record."""
    return _page(request, get_object_or_404(_replies(request), pk=pk, client=None))


def _replies(request: StaffRequest) -> QuerySet[CrisisReply]:
    return CrisisReply.objects.visible_to(request.user).select_related("client__clinic", "clinic", "resolved_by")


def _is_open(client: Client) -> bool:
    """Whether no clinician has evaluated the client's safety since: responding to a reply is not an evaluation."""
    return bool(safety.open_concerns(client=client, on=timezone.localdate(timezone=client.clinic.zone)))


def _page(request: StaffRequest, reply: CrisisReply) -> HttpResponse:
    form = CrisisForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, "what_was_done"):
            crisis.resolve(reply=reply, what_was_done=form.cleaned_data["what_was_done"], by=request.user)
            messages.success(request, "Follow-up recorded.")
            return redirect(crisis.page(reply))
    same = CrisisReply.objects.visible_to(request.user).filter(
        client=reply.client_id, contact_value=reply.contact_value, received_at__lte=reply.received_at
    )
    context = {
        "client": reply.client,
        "reply": reply,
        "earlier": same.exclude(pk=reply.pk).order_by("-received_at", "-pk")[:10],
        "points": ContactPoint.objects.visible_to(request.user).filter(client=reply.client_id).current()
        if reply.client_id
        else [],
        "form": form,
        "not_evaluated": bool(reply.client and reply.resolved_at and _is_open(reply.client)),
        "may_evaluate": can(request.user, Permission.SAFETY_EVALUATE, reply.client),
    }
    return render(request, "reminders/crisis_of_client.html" if reply.client_id else "reminders/crisis.html", context)
