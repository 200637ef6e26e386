"""Loading shared by several pages, always limited to what the reader may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, QuerySet, When
from django.http import Http404
from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from cases.people.chart_page import client_or_404
from counseling import measures, plans
from counseling.codes import GoalStatus, Verdict
from counseling.forms.notes.notes import NoteHeaderForm
from counseling.forms.plans.homework import HomeworkForm
from counseling.measures import measure_due
from counseling.models import DischargePlan, Goal, Handover, Objective, SafetyPlan, SessionNote
from counseling.notes import draft_merge
from counseling.panels import note_panels
from counseling.plans import written_plans
from counseling.plans.written_plans import Verdicts
from counseling.views.carry_over.known_items import known_of
from staff.access import StaffRequest
from staff.models import StaffMember
from staff.reading import Reading, answer, first, query, reads, rows, together


def client_of(request: StaffRequest, client_id: int) -> Client:
    """The client, if the person may see them; otherwise a 404."""
    return client_or_404(request, client_id)


def note_of(request: StaffRequest, client_id: int, note_id: int) -> SessionNote:
    """One note of the client, if the person may see it; otherwise a 404."""
    note = answer(_note(request, client_id, note_id), keep_plan=True)
    if note is None:
        raise Http404
    return note


def _note(request: StaffRequest, client_id: int, note_id: int) -> Reading[SessionNote | None]:
    note = yield from first(
        query(
            lambda note_id, client_id, by: (
                SessionNote.objects.visible_to(by)
                .filter(pk=note_id, client=client_id)
                .select_related(
                    "client__clinic", "author__supervisor", "taken_over_by", "episode__program", "own_format"
                )
            ),
            note_id=note_id,
            client_id=client_id,
            by=request.user,
        )
    )
    if note is not None:
        note.episode.client = note.client  # the same person: what hangs on the episode asks for its clinic's zone
    return note


@dataclass(frozen=True)
class Offered:
    """What a draft can name: goals, each with its `open_objectives`; all objectives of them."""

    goals: list[Goal]
    objectives: list[Objective]


def note_to_save(request: StaffRequest, client_id: int, note_id: int) -> tuple[SessionNote, Offered]:
    """The same with what it can name, in one statement."""
    note, (offered, linked) = answer(
        together(_note(request, client_id, note_id), _offered(request, note_id)), keep_plan=True
    )
    if note is None:
        raise Http404
    draft_merge.hold(note, linked)
    return note, offered


@reads
def latest_episode(request: StaffRequest, client: Client) -> Reading[TreatmentEpisode | None]:
    """The latest open episode, or else the latest one."""
    return (
        yield from first(
            query(
                lambda client, by: (
                    TreatmentEpisode.objects.visible_to(by)
                    .filter(client=client)
                    .select_related("program")
                    .order_by(Case(When(discharged_on=None, then=0), default=1), "-admitted_on", "-pk")
                ),
                client=client,
                by=request.user,
            )
        )
    )


def latest_of(episodes: Iterable[TreatmentEpisode]) -> TreatmentEpisode | None:
    """The same among all of a client's episodes, where they are at hand."""
    return max(episodes, key=lambda each: (each.is_open, each.admitted_on, each.pk), default=None)


@reads
def tablet_out(request: StaffRequest, client: Client) -> Reading[Handover | None]:
    """The tablet that is with the client now."""
    open_ones = query(
        lambda client, by, now: Handover.objects.visible_to(by).open(now).filter(client=client).for_reading(),
        client=client,
        by=request.user,
        now=timezone.now(),
    )
    return (yield from first(open_ones))


@reads
def episode_asked_for(
    request: StaffRequest, client: Client
) -> Reading[tuple[TreatmentEpisode | None, list[TreatmentEpisode]]]:
    """The episode named in the URL (`?episode=`), or else the latest one; and the client's others."""
    episodes = query(
        lambda client, by: (
            TreatmentEpisode.objects.visible_to(by)
            .filter(client=client)
            .select_related("program")
            .order_by("-admitted_on", "-pk")
        ),
        client=client,
        by=request.user,
    )
    all_of_them = yield from rows(episodes)
    asked = request.GET.get("episode", "")
    chosen = next((each for each in all_of_them if str(each.pk) == asked), latest_of(all_of_them))
    return chosen, [each for each in all_of_them if each != chosen]


@reads
def offered_to(request: StaffRequest, note: SessionNote) -> Reading[Offered]:
    """What a draft can name; its own goals and objectives are read along."""
    offered, linked = yield from _offered(request, note.pk)
    draft_merge.hold(note, linked)
    return offered


def _offered(request: StaffRequest, note_id: int) -> Reading[tuple[Offered, draft_merge.Linked]]:
    """Goals and objectives a draft can name: active ones, and those it already names; and what it names.

    A goal met or discontinued since the session is still what the session worked on.
    """
    goals, objectives, linked = yield from together(
        rows(query(lambda note_id, by: _goals_offered(note_id, by).distinct(), note_id=note_id, by=request.user)),
        rows(
            query(
                lambda note_id, by: Objective.objects.visible_to(by).filter(
                    goal__in=_goals_offered(note_id, by).order_by().values("pk")
                ),
                note_id=note_id,
                by=request.user,
            )
        ),
        draft_merge.linked_to(note_id),
    )
    already = {each.pk for each in linked[1]}
    for goal in goals:
        goal.open_objectives = [  # type: ignore[attr-defined]
            each
            for each in objectives
            if each.goal_id == goal.pk and (each.status == GoalStatus.ACTIVE or each.pk in already)
        ]
    return Offered(goals, objectives), linked


def _goals_offered(note_id: int, by: StaffMember) -> QuerySet[Goal]:
    episode = SessionNote.objects.visible_to(by).filter(pk=note_id).values("episode")
    named, steps_named = draft_merge.named_in(note_id)
    return Goal.objects.visible_to(by).filter(
        Q(episode__in=episode, status=GoalStatus.ACTIVE) | Q(pk__in=named) | Q(objectives__in=steps_named)
    )


def header_form(
    request: StaffRequest, note: SessionNote, data: Any = None, *, offered: Offered | None = None
) -> NoteHeaderForm:
    """The header form of a draft, offering its episode's goals and objectives."""
    offered = offered or answer(offered_to.part(request, note), keep_plan=True)
    return NoteHeaderForm(data, note=note, goals=offered.goals, objectives=offered.objectives)


@reads
def beside(request: StaffRequest, note: SessionNote) -> Reading[dict[str, Any]]:
    """The panels beside the note editor: known facts, safety plan, measures, and those of other apps."""
    client, episode = note.client, note.episode
    known, plan, verdicts, measured, panels = yield from together(
        known_of.part(request, client, episode),
        plans.safety_plan_of.part(client),
        written_plans.verdicts_in.part(episode),
        together(
            measures.latest.part(client),
            measure_due.of_client.part(client, timezone.now()),
            rows(query(lambda client: measures.unanswered_alarms().filter(client=client), client=client)),
        ),
        note_panels.shown.part(client=client, staff_member=request.user, now=timezone.now()),
    )
    latest, due, alarms = measured
    return {
        "panels": panels,
        "known": known,
        "homework_form": HomeworkForm(prefix="give", use_required_attribute=False),
        "safety_plan": plan,
        "safety_pill": plan_pill(plan, episode, verdicts),
        "measures": latest,
        "measures_due": [each for each in due if each.is_asked_for],
        "alarms": alarms,
    }


def plan_pill(
    plan: SafetyPlan | DischargePlan | None, episode: TreatmentEpisode | None, verdicts: Verdicts
) -> tuple[str, str]:
    """Label and tone for a written plan's status in this episode."""
    if plan is None or episode is None or plan.episode_id == episode.pk:
        return ("Confirmed", "good")
    found = written_plans.verdict_on(plan, verdicts)
    if found == Verdict.HELD:
        return ("From earlier episode, held up", "good")
    words = Verdict(found).label.lower() if found else "not confirmed"
    return (f"From earlier episode, {words}", "attention")
