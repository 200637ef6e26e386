from __future__ import annotations

from collections.abc import Collection

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.models import ContactPoint
from cases.people.chart_page import client_or_404
from reminders import choices, contacts, languages, number_facts, opt_outs, preferred_order, task_links
from reminders.filters import colleagues_with_tasks
from reminders.forms import ChooseForm, ReasonForm, WordsForm
from reminders.kinds import KINDS, KindRow
from reminders.models import NumberFact, Reminder, StaffTask
from reminders.reach import by_contact
from reminders.status_text import client_statuses, may_see_kind
from reminders.task_lines import lines, with_hands
from staff.access import Permission, StaffRequest, requires
from staff.paging import newest_first
from staff.reading import answer, together
from staff.reading import rows as rows_of
from staff.refusals import refusal_as_message


@requires(Permission.REMINDER_VIEW)
def client_reminders(request: StaffRequest, client_id: int) -> HttpResponse:
    """What was and will be sent to one client, and how to reach them."""
    client = client_or_404(request, client_id)
    rows = Reminder.objects.visible_to(request.user).filter(client=client).select_related("client__clinic", "clinic")
    now = timezone.now()
    tasks_left = StaffTask.objects.visible_to(request.user).filter(client=client).open()
    still, tasks, points, facts, unwanted, links = answer(
        together(
            rows_of(rows.waiting().order_by("due_at")),
            rows_of(with_hands(StaffTask.objects.visible_to(request.user)).filter(client=client)),
            rows_of(ContactPoint.objects.visible_to(request.user).filter(client=client)),
            rows_of(_facts(request, client.pk)),
            choices.unwanted_by.part([client.pk]),
            task_links.of.part(tasks=tasks_left.values("pk"), staff_member=request.user, back=request.get_full_path()),
        )
    )
    reached = contacts.read_for([client], now, points=points)
    waiting = client_statuses(still, client.zone, now, reached=reached)
    past = newest_first(
        rows.exclude(pk__in=[each.reminder.pk for each in waiting]),
        key=("due_at", "pk"),
        after=request.GET.get("after", ""),
    )
    order = contacts.ways(client, now, known=reached)
    context = {
        "client": client,
        "waiting": waiting,
        "past": client_statuses(past.rows, client.zone, now, reached=reached),
        "next": past.next,
        "kinds": _kinds({kind for _, kind in unwanted}),
        "language": languages.of(client).label,
        "lines": lines(tasks, reader=request.user, now=now, links=links),
        "colleagues": colleagues_with_tasks(request.user),
        "ways": by_contact(order, facts),
        "order": order,
        "with_kind": may_see_kind(request.user),
        "here_differs": client.zone != client.clinic.zone,
    }
    return render(request, "reminders/client_reminders.html", context)


@requires(Permission.REMINDER_VIEW)
@require_POST
def opted_out(request: StaffRequest, client_id: int, pk: int) -> HttpResponse:
    """The client told staff to stop writing to a number or address."""
    point = get_object_or_404(ContactPoint.objects.visible_to(request.user), pk=pk, client=client_id)
    form = WordsForm(request.POST)
    if form.is_valid():
        opt_outs.record(
            client=point.client, contact_value=point.normalized, words=form.cleaned_data["words"], by=request.user
        )
        messages.success(request, "Opted out. No more messages will be sent there.")
    else:
        messages.error(request, "Enter what they said.")
    return redirect("reminders:client_reminders", client_id=client_id)


@requires(Permission.CONSENT_MANAGE)
@require_POST
def opted_in(request: StaffRequest, client_id: int, pk: int) -> HttpResponse:
    """The client asks for messages again."""
    point = get_object_or_404(ContactPoint.objects.visible_to(request.user), pk=pk, client=client_id)
    with refusal_as_message(request):
        opt_outs.lift(client=point.client, contact_value=point.normalized, by=request.user)
        messages.success(request, "Opted back in. Messages can be sent while the consent is active.")
    return redirect("reminders:client_reminders", client_id=client_id)


@requires(Permission.CLIENT_EDIT)
@require_POST
def way_up(request: StaffRequest, client_id: int) -> HttpResponse:
    """Try one of the client's ways earlier: it changes places with the one before."""
    client = client_or_404(request, client_id)
    keys = [way.key for way in contacts.ways(client, timezone.now())]
    place = keys.index(request.POST.get("way", "")) if request.POST.get("way") in keys else 0
    if place:
        keys[place - 1], keys[place] = keys[place], keys[place - 1]
        with refusal_as_message(request):
            preferred_order.set_order(client=client, ways=keys, by=request.user)
            messages.success(request, "Order saved.")
    return redirect("reminders:client_reminders", client_id=client_id)


@requires(Permission.CLIENT_EDIT)
@require_POST
def lift_fact(request: StaffRequest, client_id: int, pk: int) -> HttpResponse:
    """What was learned about a number no longer holds."""
    client_or_404(request, client_id)
    fact = get_object_or_404(_facts(request, client_id), pk=pk)
    form = ReasonForm(request.POST)
    with refusal_as_message(request):
        number_facts.lift(fact=fact, why=form.cleaned_data["reason"] if form.is_valid() else "", by=request.user)
        messages.success(request, "Messages to this number are tried again.")
    return redirect("reminders:client_reminders", client_id=client_id)


def _facts(request: StaffRequest, client_id: int) -> QuerySet[NumberFact]:
    """What was learned about the client's numbers."""
    values = ContactPoint.objects.visible_to(request.user).current().filter(client=client_id).values("normalized")
    return NumberFact.objects.visible_to(request.user).in_force().filter(contact_value__in=values)


@requires(Permission.REMINDER_VIEW)
@require_POST
def choose(request: StaffRequest, client_id: int, kind: str) -> HttpResponse:
    """The client says whether they want a kind of message."""
    client = client_or_404(request, client_id)
    form = ChooseForm(request.POST)
    with refusal_as_message(request):
        if not form.is_valid() or kind not in KINDS:
            raise choices.NotForClients
        is_wanted = form.cleaned_data["is_wanted"]
        choices.choose(client=client, kind=kind, is_wanted=is_wanted, by=request.user)
        messages.success(request, f"{KINDS[kind].kind.label}: {'sent' if is_wanted else 'not sent'} from now on.")
    return redirect("reminders:client_reminders", client_id=client_id)


def _kinds(unwanted: Collection[str]) -> list[tuple[KindRow, bool]]:
    """The kinds of message for clients, each with whether this one wants it."""
    return [(row, row.kind not in unwanted) for row in KINDS.values() if row.for_clients]
