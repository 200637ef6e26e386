"""The same rows as a good programmer shows them in an afternoon: no rules of access, one query a kind, one template."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.db.models import Count, F, Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from cases.models import CareTeamMember, Client, Inquiry, Relapse, TreatmentEpisode, Trigger
from counseling.models import CarryOverItem, Goal, Measure, SessionNote, TreatmentPlan
from groups.models import Attendance, Group, GroupSession
from referrals.finder import apart
from referrals.models import Meeting
from reminders.models import Reminder

SHOWN = 50


class Section(NamedTuple):
    """A heading with a table."""

    heading: str
    rows: Iterable[Sequence[object]]


def _of(heading: str, found: QuerySet[Any], *fields: str) -> Section:
    return Section(heading, [[_value(row, field) for field in fields] for row in found])


def _value(row: Model, path: str) -> object:
    found: Any = row
    for part in path.split("__"):
        found = getattr(found, part, None)
    return found() if callable(found) else found


def _page(request: HttpRequest, title: str, *sections: Section) -> HttpResponse:
    return render(request, "bench/plain.html", {"title": title, "sections": sections})


def _notes(client: Client) -> Section:
    found = client.session_notes.select_related("author", "episode__program").defer("words")
    return _of("Notes", found.order_by("-session_started_at")[:SHOWN], "session_started_at", "author", "opening")


def _episodes(client: Client) -> Section:
    found = client.episodes.select_related("program", "admitted_by").order_by("-admitted_on")
    return _of("Episodes", found, "program", "admitted_on", "discharged_on", "admitted_by")


def _returns(client: Client) -> Section:
    return _of("Returns to use", client.relapses.all(), "started_on", "ended_on", "get_kind_display", "precipitant")


@login_required
def empty(_: HttpRequest) -> HttpResponse:
    """Nothing: what the middleware costs."""
    return HttpResponse("")


@login_required
def chart(request: HttpRequest, pk: int) -> HttpResponse:
    """Person, care team, episodes, returns, triggers, strategies, goals, latest notes, measures, groups, reminders."""
    client = get_object_or_404(Client.objects.select_related("clinic"), pk=pk)
    return _page(
        request,
        str(client),
        _of("Contact", client.contact_points.all(), "kind", "value"),
        _of("Care team", client.care_team.select_related("staff_member"), "staff_member", "part"),
        _episodes(client),
        _returns(client),
        _of("Triggers", client.trigger_set.all(), "wording", "strength"),
        _of("Warning signs", client.warningsign_set.all(), "wording"),
        _of("Strategies", client.copingstrategy_set.all(), "wording"),
        _of("Goals", client.goals.filter(status="active").prefetch_related("objectives"), "wording", "opened_on"),
        _of("Notes", client.session_notes.select_related("author").defer("words")[:5], "session_started_at", "opening"),
        _of("Measures", client.measures.order_by("-taken_at")[:5], "instrument", "total", "taken_at"),
        _of("Groups", client.group_memberships.select_related("group"), "group", "joined_on", "left_on"),
        _of("Reminders", client.reminders.order_by("-due_at")[:5], "kind", "due_at", "state"),
    )


@login_required
def today(request: HttpRequest) -> HttpResponse:
    """A caseload with its drafts, groups of the week and reminders."""
    mine = CareTeamMember.objects.filter(staff_member=request.user.pk, client__episodes__discharged_on=None)
    drafts = SessionNote.objects.filter(author=request.user.pk, signed_at=None, discarded_at=None).defer("words")
    since = timezone.now() - datetime.timedelta(days=7)
    held = GroupSession.objects.filter(group__facilitators=request.user.pk, starts_at__gte=since)
    failed = Reminder.objects.filter(state="failed").select_related("client")
    return _page(
        request,
        "Today",
        _of("Drafts", drafts.select_related("client"), "client", "session_started_at"),
        _of("Clients", mine.select_related("client").distinct()[:SHOWN], "client", "part"),
        _of("Groups", held.select_related("group"), "group", "starts_at"),
        _of("Failed reminders", failed[:SHOWN], "client", "due_at", "reason"),
    )


@login_required
def clients(request: HttpRequest) -> HttpResponse:
    """Fifty names with their open episode."""
    in_care = TreatmentEpisode.objects.filter(discharged_on=None).select_related("program")
    found = Client.objects.order_by("family_name", "given_name", "pk")
    found = found.prefetch_related(Prefetch("episodes", in_care, to_attr="open_now"))[:SHOWN]
    return _page(request, "Clients", _of("Names", found, "given_name", "family_name", "birth_date", "open_now"))


@login_required
def search(request: HttpRequest) -> HttpResponse:
    """Twenty names most alike, by one materialized trigram query."""
    asked = request.GET.get("q", "").lower()
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH alike AS MATERIALIZED (SELECT id, given_name, family_name, birth_date,"
            " word_similarity(%(asked)s, name_words) AS how FROM cases_client WHERE %(asked)s <%% name_words)"
            " SELECT given_name, family_name, birth_date, how FROM alike ORDER BY how DESC, id LIMIT 20",
            {"asked": asked},
        )
        return _page(request, "Search", Section("Names", cursor.fetchall()))


@login_required
def editor(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft with goals and earlier notes; a POST saves its text."""
    note = get_object_or_404(SessionNote.objects.select_related("client", "author").defer("words"), pk=pk)
    if request.method == "POST":
        sections = {name[8:]: text for name, text in request.POST.items() if name.startswith("section_")}
        SessionNote.objects.filter(pk=pk, version=request.POST["version"], signed_at=None).update(
            sections=sections, version=F("version") + 1, saved_at=timezone.now()
        )
        return redirect("bench:editor", pk)
    goals = Goal.objects.filter(episode=note.episode_id).prefetch_related("objectives")
    return _page(
        request,
        str(note.client),
        Section("Text", [(part["label"], part["text"]) for part in note.parts]),
        _of("Goals", goals, "wording", "status"),
        _of("Triggers", note.client.trigger_set.all(), "wording"),
        _notes(note.client),
    )


@login_required
def board(request: HttpRequest, pk: int) -> HttpResponse:
    """What was carried over into an episode."""
    sources = ("trigger", "warning_sign", "strategy", "goal", "safety_plan", "discharge_plan", "homework", "decided_by")
    found = CarryOverItem.objects.filter(episode=pk).select_related("client", *sources)
    return _page(request, "Carried over", _of("Items", found, "kind", *sources[:4], "source_wording", "verdict"))


@login_required
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan with goals and objectives."""
    found = get_object_or_404(TreatmentPlan.objects.select_related("client", "started_by"), episode=pk)
    steps = [
        (goal, step, step.due_on)
        for goal in found.goals.prefetch_related("objectives")
        for step in goal.objectives.all()
    ]
    return _page(request, str(found.client), Section("Goals", steps))


@login_required
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """A note with signatures and addenda."""
    found = get_object_or_404(SessionNote.objects.select_related("client", "author", "episode__program"), pk=pk)
    return _page(
        request,
        str(found.client),
        Section("Text", [(part["label"], part["text"]) for part in found.parts]),
        _of("Signatures", found.signatures.all(), "name", "credential", "at"),
        _of("Addenda", found.addenda.all(), "text", "name", "at"),
    )


@login_required
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """Members and the last sessions."""
    found = get_object_or_404(Group, pk=pk)
    held = found.sessions.annotate(marks=Count("attendances")).order_by("-starts_at")[:10]
    members = found.memberships.filter(left_on=None).select_related("client")
    return _page(
        request,
        found.name,
        _of("Members", members, "client", "joined_on"),
        _of("Sessions", held, "starts_at", "topic", "marks"),
    )


@login_required
def worklist(request: HttpRequest) -> HttpResponse:
    """Drafts and what waits for a cosignature, of those whom the reader supervises; marks without a note."""
    theirs = (
        SessionNote.objects.filter(author__supervisor=request.user.pk).select_related("client", "author").defer("words")
    )
    waiting = theirs.filter(needs_cosignature=True, cosigned_at=None, signed_at__isnull=False)
    unwritten = Attendance.objects.filter(signed_at=None, mark="present", session__group__facilitators=request.user.pk)
    return _page(
        request,
        "Worklist",
        _of("Drafts", theirs.filter(signed_at=None)[:SHOWN], "client", "author", "session_started_at"),
        _of("To cosign", waiting[:SHOWN], "client", "author", "session_started_at"),
        _of("Group notes", unwritten.select_related("session__group", "membership__client")[:SHOWN], "session"),
    )


@login_required
def inquiries(request: HttpRequest) -> HttpResponse:
    """Open calls by stage, fifty each."""
    found = Inquiry.objects.order_by("taken_at")
    stages = ("new", "called_back", "screening", "offered", "waitlist")
    fields = ("given_name", "family_name", "taken_at", "reason")
    return _page(request, "Inquiries", *(_of(stage, found.filter(stage=stage)[:SHOWN], *fields) for stage in stages))


@login_required
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Episodes, returns to use and notes by date."""
    client = get_object_or_404(Client, pk=pk)
    return _page(request, str(client), _episodes(client), _returns(client), _notes(client))


@login_required
def notes(request: HttpRequest, pk: int) -> HttpResponse:
    """The latest notes."""
    client = get_object_or_404(Client, pk=pk)
    return _page(request, str(client), _notes(client))


@login_required
def patterns(request: HttpRequest, pk: int) -> HttpResponse:
    """Returns to use with what was learned."""
    client = get_object_or_404(Client, pk=pk)
    found = Relapse.objects.filter(client=pk).prefetch_related("triggers", "warning_signs")
    learned = Trigger.objects.filter(client=pk)
    return _page(
        request,
        str(client),
        _of("Returns to use", found, "started_on", "situations", "learned"),
        _of("Triggers", learned, "wording"),
    )


@login_required
def measures(request: HttpRequest, pk: int) -> HttpResponse:
    """The latest measures."""
    client = get_object_or_404(Client, pk=pk)
    found = Measure.objects.filter(client=pk).select_related("recorded_by").order_by("-taken_at")[:SHOWN]
    return _page(request, str(client), _of("Measures", found, "instrument", "total", "band", "taken_at", "recorded_by"))


@login_required
def returns(request: HttpRequest, pk: int) -> HttpResponse:
    """Returns to use."""
    client = get_object_or_404(Client, pk=pk)
    return _page(request, str(client), _returns(client))


@login_required
def meetings(request: HttpRequest) -> HttpResponse:
    """The 25 meetings nearest to a place."""
    latitude, longitude = (float(each) for each in request.GET["near"].split(","))
    found = Meeting.objects.filter(retired_at=None).select_related("feed").order_by(apart((latitude, longitude)))[:25]
    fields = ("name", "get_fellowship_display", "when", "get_attendance_display", "venue", "address", "types", "notes")
    return _page(request, "Meetings", _of("Nearest", found, *fields, "feed"))
