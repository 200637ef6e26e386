"""Referrals: the list, a client's referral history, and each step."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.models import Client
from cases.people.chart_page import client_or_404
from cases.possible_days import ask_about
from referrals import (
    concerns,
    cries,
    followups,
    guide_words,
    handout,
    involvement,
    involvement_course,
    involvement_picture,
    journals,
    own_goals,
    own_reports,
    referring,
    sources,
)
from referrals.filters import ReferralFilter
from referrals.forms import (
    HomeGroupForm,
    InvolvementForm,
    LinkForm,
    NoteForm,
    OfferForm,
    OwnGoalForm,
    PlanForm,
    SponsorForm,
    UntilForm,
    VisitForm,
)
from referrals.models import (
    Conversation,
    FollowThrough,
    Involvement,
    Meeting,
    MeetingVisit,
    PrivateLink,
    Referral,
    Tie,
)
from referrals.models.conversation import Barrier
from referrals.views import meanwhile
from referrals.views.plan_forms import Reach, plan_form, reach_of
from reminders.models import CrisisReply, Reminder
from staff.access import Permission, StaffRequest, can, requires
from staff.models import StaffMember
from staff.reading import Reading, first, reads, rows, together
from staff.refusals import Refusal, refusal_as_message, refusal_on

PAGE = 25
VISITS = 20  # a page of a client's visits
ANSWERS = 5  # sets of answers that the page spells out; all are in the picture


@requires(Permission.REFERRAL_VIEW)
def referrals(request: StaffRequest) -> HttpResponse:
    """Referrals of the clients the reader may see, open ones by default."""
    rows = (
        Referral.objects.visible_to(request.user)
        .with_state()
        .with_lead()
        .select_related("client__clinic", "offered_by")
    )
    filters = ReferralFilter(request, rows)
    page = Paginator(filters.qs, PAGE).get_page(request.GET.get("page"))
    return render(request, "referrals/referrals.html", {"filters": filters, "page": page, "query": filters.kept})


@requires(Permission.REFERRAL_VIEW)
def client_referrals(request: StaffRequest, client_id: int) -> HttpResponse:
    """A client's mutual help: referrals, visits, involvement."""
    client = client_or_404(request, client_id)
    return client_page(request, client)


def meetings_of(
    request: StaffRequest, client: Client, *, referred: Iterable[Referral] | None = None, its_own: Tie | None = None
) -> QuerySet[Meeting]:
    """The meetings that the client was referred to, one of which may be their home group: each once, whatever list it
    was found in. A home group that is recorded keeps `its_own` listing. `referred`: `with_lead`, if they were read.
    """
    if referred is None:
        referred = Referral.objects.visible_to(request.user).filter(client=client).with_lead()
    found = {each.lead.pk: each.lead.pk for each in referred if each.lead is not None}
    if its_own is not None and its_own.meeting_id is not None and its_own.lead is not None:
        found[its_own.lead.pk] = its_own.meeting_id
    return sources.referred_to(found.values())


@dataclass(frozen=True)
class _OfClient:
    """What the page of a client's mutual help begins with."""

    referrals: list[Referral]  # with what leads for each
    talk: Conversation | None  # that is open
    visits: list[tuple[int]]  # the keys of all, the latest first
    cries: list[CrisisReply]


@reads
def _referred(*, client: Client, by: StaffMember) -> Reading[_OfClient]:
    rows_of_client = Referral.objects.visible_to(by).filter(client=client).with_state().with_lead()
    talks = Conversation.objects.visible_to(by).filter(client=client).open()
    read = _OfClient(
        *(
            yield from together(
                rows(rows_of_client.select_related("offered_by")),
                first(talks),
                rows(MeetingVisit.objects.visible_to(by).filter(client=client).values_list("pk")),
                rows(cries.of_client(client=client, by=by)),
            )
        )
    )
    for each in read.referrals:
        each.client = client
    return read


def _visits(request: StaffRequest, read: _OfClient) -> dict[str, object]:
    """A page of the visits, each with what was heard as danger in the client's own report, and the way to the rest."""
    page = Paginator(read.visits, VISITS).get_page(request.GET.get("page"))
    shown = MeetingVisit.objects.visible_to(request.user).filter(pk__in=[pk for (pk,) in page.object_list])
    visits = list(shown.select_related("meeting", "own_report"))
    for visit in visits:
        if visit.own_report is not None:
            visit.own_report.heard = cries.heard_in(visit.own_report, read.cries)
    pager = {
        "words": f"{page.start_index()}–{page.end_index()} of {page.paginator.count} visits",
        "previous": f"?page={page.previous_page_number()}#visits" if page.has_previous() else "",
        "next": f"?page={page.next_page_number()}#visits" if page.has_next() else "",
    }
    return {"visits": visits, "visits_pager": pager if page.has_other_pages() else None}


def client_page(request: StaffRequest, client: Client, **extra: Any) -> HttpResponse:
    """The page of a client's mutual help, also with a form that was refused."""
    today = client.today
    may_refer = can(request.user, Permission.REFERRAL_MAKE)
    read = _referred(client=client, by=request.user)
    context: dict[str, object] = {
        "client": client,
        "referrals": read.referrals,
        **_visits(request, read),
        "may_refer": may_refer,
        "today": today,
    }
    facts = involvement_course.facts(client=client, staff_member=request.user)
    context["involvements"] = _answers(facts.answers[:ANSWERS])
    context["picture"] = involvement_picture.draw(facts, today)
    goals = own_goals.pictures(client=client, staff_member=request.user, visited=facts.visited)
    changes = extra.pop("change_forms", {})
    context["goals"] = [
        {
            "picture": each,
            "form": changes.get(each.goal.pk) or OwnGoalForm(prefix=f"goal{each.goal.pk}", goal=each.goal),
        }
        for each in goals
        if each.goal.put_away_on is None
    ]
    context["goals_put_away"] = [each for each in goals if each.goal.put_away_on is not None]
    if may_refer:
        context["goal_form"] = OwnGoalForm(prefix="goal")
        context["offer_form"] = OfferForm(prefix="offer")
        context["involvement_form"] = InvolvementForm(initial={"on": today})
        context["sponsor_form"] = SponsorForm(prefix="sponsor")
        context["home_group_form"] = HomeGroupForm(
            prefix="home", meetings=meetings_of(request, client, referred=read.referrals)
        )
        context["talk"] = read.talk
    refused = extra.pop("until_forms", {})
    context["ties"] = [
        {"tie": tie, "form": refused.get(tie.pk) or UntilForm(prefix=f"tie{tie.pk}", initial={"until": today})}
        for tie in facts.ties
        if tie.withdrawn_at is None
    ]
    context["withdrawn_ties"] = [tie for tie in facts.ties if tie.withdrawn_at is not None]
    return render(request, "referrals/client_referrals.html", context | extra)


def _answers(rows: Any) -> list[dict[str, object]]:
    """Each set of answers as the sentences that were answered yes, and no."""
    names = {name: Involvement._meta.get_field(name).verbose_name for name in Involvement.QUESTIONS}  # type: ignore[union-attr]
    return [
        {
            "row": row,
            "yes": [label for name, label in names.items() if getattr(row, name) is True],
            "no": [label for name, label in names.items() if getattr(row, name) is False],
        }
        for row in rows
    ]


@requires(Permission.REFERRAL_MAKE)
@require_POST
def offer(request: StaffRequest, client_id: int) -> HttpResponse:
    """Offer a fellowship without a particular meeting yet."""
    client = client_or_404(request, client_id)
    form = OfferForm(request.POST, prefix="offer")
    if form.is_valid():
        with refusal_on(form):
            referral = referring.offer(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, "Referral offered.")
            return redirect("referrals:referral", client_id=client.pk, referral_id=referral.pk)
    return client_page(request, client, offer_form=form)


@requires(Permission.REFERRAL_MAKE)
@require_POST
def record_involvement(request: StaffRequest, client_id: int) -> HttpResponse:
    """Keep the client's answers about how far they take part."""
    client = client_or_404(request, client_id)
    form = InvolvementForm(request.POST)
    ask_about(form, client)
    if form.is_valid():
        with refusal_on(form):
            involvement.record(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, "Recorded.")
            return redirect("referrals:client_referrals", client_id=client.pk)
    return client_page(request, client, involvement_form=form)


Step = tuple[type[forms.Form], Callable[..., object], str]
STEPS: dict[str, Step] = {
    "plan": (PlanForm, referring.plan, "Plan saved. You’ll get a reminder to ask how it went."),
    "link": (LinkForm, referring.link, "Volunteer contact recorded."),
    "visit": (VisitForm, referring.record_visit, "Visit recorded by client report."),
    "engage": (NoteForm, referring.engage, "Recorded: client attends on their own."),
    "note": (NoteForm, referring.add_note, "Note added."),
    "decline": (NoteForm, referring.decline, "Decline recorded. You can offer it again at any time."),
    "end": (NoteForm, referring.end, "Referral ended."),
    "ask-again": (forms.Form, own_reports.send_again, "A new private link goes out with the next message."),
    "turn-off": (forms.Form, own_reports.turn_off, "The private link is off. Its page says that it is closed."),
}


@requires(Permission.REFERRAL_VIEW)
def referral(request: StaffRequest, client_id: int, referral_id: int) -> HttpResponse:
    """One referral: its status, its history, its reminders, and what can be done next."""
    return _referral_page(request, _referral(request, client_id, referral_id))


@requires(Permission.REFERRAL_MAKE)
@require_POST
def take_step(request: StaffRequest, client_id: int, referral_id: int, step: str) -> HttpResponse:
    """Take one step of the journal."""
    if step not in STEPS:
        raise Http404
    row = _referral(request, client_id, referral_id)
    _, function, done = STEPS[step]
    form = _form(step, row, request.POST, reach=reach_of(request, row.client) if step == "plan" else None)
    ask_about(form, row.client)
    has_fields, is_valid = STEPS[step][0] is not forms.Form, form.is_valid()
    if not row.is_open and has_fields and step != "note":  # also for what has a fault of its own: no form shows it
        return closed_meanwhile(request, row, form, referring.ReferralClosed())
    if is_valid:
        try:
            with (
                refusal_on(form, fields=dict.fromkeys(ASKS, "visited_on"), but=(referring.ReferralClosed,))
                if has_fields
                else refusal_as_message(request)
            ):
                _asking(form, function, referral=row, by=request.user, **form.cleaned_data)
                messages.success(request, done)
                return redirect("referrals:referral", client_id=client_id, referral_id=referral_id)
        except referring.ReferralClosed as refusal:
            return closed_meanwhile(request, row, form, refusal)
    return _referral_page(request, row, **{f"{step}_form": form, "open_step": step})


def closed_meanwhile(request: StaffRequest, row: Referral, form: forms.Form, refusal: Refusal) -> HttpResponse:
    """The page of a referral that was closed while a step was typed, with the step's words as a note."""
    found = _rows(request).get(pk=row.pk)  # as it is now
    return meanwhile.as_note(
        request,
        form,
        refusal,
        keep=functools.partial(referring.add_note, referral=found),
        note_form=NoteForm,
        shown=lambda again: _referral_page(request, found, note_form=again, open_step="note"),
        done=lambda: redirect("referrals:referral", client_id=found.client_id, referral_id=found.pk),
    )


# What a visit may be asked about once more, and the field that answers it.
ASKS: dict[type[Refusal], str] = {
    referring.BeforePlan: "other_day",
    referring.BeforePlanMade: "other_day",
    referring.BeforeItBegan: "other_day",
    referring.AfterPlan: "other_day",
    referring.AlreadyRecorded: "replace",
}


def _asking(form: forms.Form, function: Callable[..., object], **said: object) -> None:
    """Carry out the step; where it is refused for now, show the box that confirms it."""
    try:
        function(**said)
    except tuple(ASKS) as refusal:
        if isinstance(form, VisitForm):
            form.ask_again(ASKS[type(refusal)], may_replace=not isinstance(refusal, referring.BeforePlanMade))
        raise


def _rows(request: StaffRequest) -> QuerySet[Referral]:
    rows = Referral.objects.visible_to(request.user).with_state().with_wish().with_lead()
    return rows.select_related("client__clinic", "offered_by", "conversation")


def _referral(request: StaffRequest, client_id: int, referral_id: int) -> Referral:
    return get_object_or_404(_rows(request), pk=referral_id, client=client_id)


def _form(step: str, row: Referral, data: Any = None, *, reach: Reach | None = None) -> forms.Form:
    kind = STEPS[step][0]
    today = row.client.today
    if reach is not None and kind is PlanForm:
        return plan_form(row, data, prefix=step, reach=reach)
    if kind is VisitForm:
        return _visit_form(row, data, step, today)
    return kind(data, prefix=step)


def _visit_form(row: Referral, data: Any, prefix: str, today: datetime.date) -> VisitForm:
    """With the planned day filled in; before that day, no day is, and it says why."""
    planned = timezone.localdate(row.promised_for, row.client.clinic.zone) if row.promised_for else None
    is_ahead = planned is not None and not row.is_to_ask(timezone.now())
    form = VisitForm(data, prefix=prefix, initial={"visited_on": "" if is_ahead else planned or today})
    if planned is not None:
        form.fields["visited_on"].help_text = (
            f"The plan is for {row.promised_words}, which is still ahead."
            if is_ahead
            else f"The planned day was {planned:%b %-d}."
        )
    for box in set(ASKS.values()):
        if data is not None and data.get(f"{prefix}-{box}"):
            form.ask_again(box)
    return form


def _said_after(row: Referral, latest: FollowThrough | None, went: int) -> dict[str, object]:
    """What to say after the visit that was just recorded, until something else is."""
    visit = latest.visit if latest is not None and latest.told is not None else None  # none of another person's
    if latest is None or visit is None or not row.is_open:
        return {}
    if danger := _danger_told(latest):
        return {"visit": visit, "danger": danger}
    key = ("went" if went == 1 else "went_again") if visit.attended else f"missed_{visit.missed_because}"
    words = guide_words.words_for(row.client.clinic)
    key = key if key in words else "missed"
    if row.promised_for and key in guide_words.ASK_FOR_A_DAY:
        key = "missed_planned"
    fit = concerns.FITS_AFTER.get(visit.missed_because, "")
    return {
        "visit": visit,
        "words": words[key],
        "fit": fit,
        "fit_label": concerns.FITS[fit].label if fit else "",
        "used": visit.missed_because == Barrier.USED,
    }


def _danger_told(step: FollowThrough) -> CrisisReply | bool:
    """What a step tells of danger: as staff ticked it, or heard in the client's own words by a private link."""
    report = step.visit.own_report if step.visit is not None and not step.by_id else None
    return getattr(report, "heard", None) or step.reports_danger


def _said_of_link(row: Referral, links: list[PrivateLink], journal: list[FollowThrough]) -> dict[str, object]:
    """What became of the latest private link, what can be done about it, and reports that the history doesn't show."""
    now, link = timezone.now(), links[-1] if links else None
    shown = {each.visit.own_report_id for each in journal if each.visit and not each.by_id}
    waits = link is not None and link.used_at is None and link.revoked_at is None and now < link.expires_at
    return {
        "words": link.state_words(now) if link is not None else "None was made yet",
        "waits": waits,
        "beside": [each.report for each in links if hasattr(each, "report") and each.report.pk not in shown],
        "may_ask": row.promised_for is not None and row.promised_for <= now,
        "is_shown": link is not None or (row.promised_for is not None and row.promised_for <= now),
    }


def _referral_page(request: StaffRequest, row: Referral, **extra: object) -> HttpResponse:
    journal, links = journals.read(referral=row, by=request.user)
    went = {each.visit_id for each in journal if each.told and each.visit and each.visit.attended}
    plans = [each.pk for each in journal if each.planned_for]
    keys = [*followups.keys_of(plans), *(link.reminder_key for link in links)]
    reminders = Reminder.objects.visible_to(request.user).filter(dedupe_key__in=keys)
    context: dict[str, object] = {
        "client": row.client,
        "referral": row,
        "private_link": _said_of_link(row, links, journal),
        "cries": [cry for link in reversed(links) for cry in link.cries if cry.resolved_at is None],
        "journal": journal,
        # A plan that followed from the client's own report comes after it, and takes nothing away from it.
        "after": _said_after(row, next((each for each in journal if not each.own_report_id), None), len(went)),
        "reminders": reminders.select_related("staff_member"),
        "handout_url": handout.address_for(row.client, [row]),
        "may_refer": can(request.user, Permission.REFERRAL_MAKE) and row.is_open,
        "may_note": can(request.user, Permission.REFERRAL_MAKE),
    }
    if context["may_note"]:
        context["reach"] = reach = reach_of(request, row.client) if context["may_refer"] else None
        kept = [step for step in STEPS if STEPS[step][0] is not forms.Form]
        context |= {f"{step}_form": _form(step, row, reach=reach) for step in kept}
    return render(request, "referrals/referral.html", context | extra)
