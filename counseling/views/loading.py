"""Loading shared by several pages, always limited to what the reader may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, Q
from django.shortcuts import get_object_or_404
from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from cases.people.chart_page import client_or_404
from counseling import measures, plans
from counseling.codes import GoalStatus, Verdict
from counseling.forms.notes.notes import NoteHeaderForm
from counseling.forms.plans.homework import HomeworkForm
from counseling.measures import measure_due
from counseling.models import DischargePlan, Goal, Handover, Objective, SafetyPlan, SessionNote
from counseling.plans import written_plans
from counseling.views.carry_over.known_items import known_of
from staff.access import StaffRequest


def client_of(request: StaffRequest, client_id: int) -> Client:
    """The client, if the person may see them; otherwise a 404."""
    return client_or_404(request, client_id)


def note_of(request: StaffRequest, client_id: int, note_id: int) -> SessionNote:
    """One note of the client, if the person may see it; otherwise a 404."""
    notes = SessionNote.objects.visible_to(request.user).select_related(
        "client__clinic", "author__supervisor", "episode__program", "own_format"
    )
    note = get_object_or_404(notes, pk=note_id, client=client_id)
    note.episode.client = note.client  # the same person: what hangs on the episode asks for its clinic's zone
    return note


def latest_episode(request: StaffRequest, client: Client) -> TreatmentEpisode | None:
    """The latest open episode, or else the latest one."""
    episodes = TreatmentEpisode.objects.visible_to(request.user).filter(client=client).select_related("program")
    return episodes.open().first() or episodes.first()


def tablet_out(request: StaffRequest, client: Client) -> Handover | None:
    """The tablet that is with the client now."""
    open_ones = Handover.objects.visible_to(request.user).open(timezone.now())
    return open_ones.filter(client=client).for_reading().first()


def episode_asked_for(request: StaffRequest, client: Client) -> tuple[TreatmentEpisode | None, list[TreatmentEpisode]]:
    """The episode named in the URL (`?episode=`), or else the latest one; and the client's others."""
    rows = TreatmentEpisode.objects.visible_to(request.user).filter(client=client).select_related("program")
    all_of_them = list(rows.order_by("-admitted_on", "-pk"))
    asked = request.GET.get("episode", "")
    chosen = next((each for each in all_of_them if str(each.pk) == asked), None)
    is_open = [each for each in all_of_them if each.is_open]
    chosen = chosen or next(iter(is_open or all_of_them), None)
    return chosen, [each for each in all_of_them if each != chosen]


def open_goals(request: StaffRequest, episode: TreatmentEpisode) -> Any:
    """Active goals of the episode with their active objectives."""
    objectives = Objective.objects.visible_to(request.user).active()
    return (
        Goal.objects.visible_to(request.user)
        .active()
        .filter(episode=episode)
        .select_related("carried_from__episode__program")
        .prefetch_related(Prefetch("objectives", queryset=objectives, to_attr="open_objectives"))
    )


def goals_of(request: StaffRequest, note: SessionNote) -> Any:
    """Goals and objectives a draft can name: active ones, and those it already names.

    A goal met or discontinued since the session is still what the session worked on.
    """
    named, steps_named = note.goals.values("pk"), note.objectives.values("pk")
    active = Q(status=GoalStatus.ACTIVE)
    objectives = Objective.objects.visible_to(request.user).filter(active | Q(pk__in=steps_named))
    goals = Goal.objects.visible_to(request.user).filter(
        Q(episode=note.episode_id) & active | Q(pk__in=named) | Q(objectives__in=steps_named)
    )
    return goals.distinct().prefetch_related(Prefetch("objectives", queryset=objectives, to_attr="open_objectives"))


def header_form(request: StaffRequest, note: SessionNote, data: Any = None) -> NoteHeaderForm:
    """The header form of a draft, offering its episode's goals and objectives."""
    goals = goals_of(request, note)
    objectives = Objective.objects.visible_to(request.user).filter(goal__in=goals.values("pk"))
    return NoteHeaderForm(data, note=note, goals=goals, objectives=objectives)


def beside(request: StaffRequest, note: SessionNote) -> dict[str, Any]:
    """The panels beside the note editor: goals, known facts, safety plan, measures."""
    client, episode = note.client, note.episode
    plan = plans.safety_plan_of(client)
    return {
        "goals": list(goals_of(request, note)),
        "known": known_of(request, client, episode),
        "homework_form": HomeworkForm(prefix="give", use_required_attribute=False),
        "safety_plan": plan,
        "safety_pill": plan_pill(plan, episode),
        "measures": measures.latest(client),
        "measures_due": [each for each in measure_due.of_client(client, timezone.now()) if each.is_asked_for],
        "alarms": list(measures.unanswered_alarms().filter(client=client)),
    }


def plan_pill(plan: SafetyPlan | DischargePlan | None, episode: TreatmentEpisode | None) -> tuple[str, str]:
    """Label and tone for a written plan's status in this episode."""
    if plan is None or episode is None or plan.episode_id == episode.pk:
        return ("Confirmed", "good")
    found = written_plans.found_on_return(plan, episode)
    if found == Verdict.HELD:
        return ("From earlier episode, held up", "good")
    words = Verdict(found).label.lower() if found else "not confirmed"
    return (f"From earlier episode, {words}", "attention")
