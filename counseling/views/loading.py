"""What several pages load alike, always through what the person may see."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from cases.models import Client, CopingStrategy, TreatmentEpisode, Trigger, WarningSign
from counseling import carry_over, formats, measures, plans
from counseling.board_lines import words_of
from counseling.codes import CarryOverKind, Verdict
from counseling.effectiveness import tries_of
from counseling.forms import NoteFilterForm
from counseling.homework_forms import HomeworkForm, HomeworkLine, HomeworkReviewForm
from counseling.known_before import LEARNED
from counseling.models import Goal, Homework, Objective, SessionNote
from staff.access import StaffRequest
from staff.models import StaffMember

_LEARNED: dict[str, tuple[CarryOverKind, Any]] = {
    "triggers": (CarryOverKind.TRIGGER, Trigger),
    "warning_signs": (CarryOverKind.WARNING_SIGN, WarningSign),
    "strategies": (CarryOverKind.STRATEGY, CopingStrategy),
}
_LAID_OUT = (*LEARNED, CarryOverKind.GOAL, CarryOverKind.HOMEWORK)  # beside a note; plans have their own place there


def client_of(request: StaffRequest, client_id: int) -> Client:
    """The client, if the person may see them; otherwise a 404."""
    return get_object_or_404(Client.objects.visible_to(request.user).select_related("clinic"), pk=client_id)


def note_of(request: StaffRequest, client_id: int, note_id: int) -> SessionNote:
    """One note of the client, if the person may see it; otherwise a 404."""
    notes = SessionNote.objects.visible_to(request.user).select_related(
        "client__clinic", "author__supervisor", "episode__program", "own_format"
    )
    return get_object_or_404(notes, pk=note_id, client=client_id)


def latest_episode(request: StaffRequest, client: Client) -> TreatmentEpisode | None:
    """The open episode that began last, or else the last one."""
    episodes = TreatmentEpisode.objects.visible_to(request.user).filter(client=client).select_related("program")
    return episodes.open().first() or episodes.first()


def episode_asked_for(request: StaffRequest, client: Client) -> tuple[TreatmentEpisode | None, list[TreatmentEpisode]]:
    """The episode whose number the address names (`?episode=`), else the latest one; and the client's others."""
    rows = TreatmentEpisode.objects.visible_to(request.user).filter(client=client).select_related("program")
    all_of_them = list(rows.order_by("-admitted_on", "-pk"))
    asked = request.GET.get("episode", "")
    chosen = next((each for each in all_of_them if str(each.pk) == asked), None)
    is_open = [each for each in all_of_them if each.is_open]
    chosen = chosen or next(iter(is_open or all_of_them), None)
    return chosen, [each for each in all_of_them if each != chosen]


def filter_form(request: StaffRequest, client: Client) -> NoteFilterForm:
    """The filters over a client's notes, filled from the address."""
    written = SessionNote.objects.visible_to(request.user).filter(client=client)
    return NoteFilterForm(
        request.GET or None,
        episodes=TreatmentEpisode.objects.visible_to(request.user).filter(client=client).select_related("program"),
        formats=formats.names(client.clinic),
        authors=StaffMember.objects.visible_to(request.user).filter(pk__in=written.values("author")),
    )


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


def known_of(request: StaffRequest, client: Client, episode: TreatmentEpisode | None) -> dict[str, Any]:
    """What is known about the person, as far as the reader may see it and as it counts in this episode.

    Triggers, warning signs and strategies stand under their names if they were learned in it or held from before. What
    nobody has gone through yet stands apart under `waiting`, what was found not to hold under `not_held`. In an episode
    that has ended nothing waits: all that is still true stands together.
    """
    items = carry_over.lay_out(episode) if episode is not None and episode.is_open else []
    apart = {(item.kind, item.source_id) for item in items if item.verdict != Verdict.HELD}
    known: dict[str, Any] = {}
    for name, (kind, model) in _LEARNED.items():
        rows = model.objects.visible_to(request.user).filter(client=client, no_longer_true_since=None)
        known[name] = [row for row in rows if (kind, row.pk) not in apart]
    waiting = [item for item in items if not item.is_decided and item.kind in _LAID_OUT]
    not_held = [item for item in items if item.verdict in (Verdict.DID_NOT_HOLD, Verdict.NEVER_USED)]
    known["waiting"] = [(CarryOverKind(kind), list(rows)) for kind, rows in groupby(waiting, lambda item: item.kind)]
    known["learned_waiting"] = [(kind, rows) for kind, rows in known["waiting"] if kind in LEARNED]
    known["waiting_count"] = sum(not item.is_decided for item in items)
    known["not_held"] = [(item, words_of(item.verdict, item.kind)) for item in not_held if item.kind in LEARNED]
    known["board"] = reverse("counseling:carry_over", args=[client.pk, episode.pk]) if items and episode else ""
    strategies = [*known["strategies"], *(item.strategy for item in items if item.strategy is not None)]
    tries = tries_of((row.pk for row in strategies), staff_member=request.user)
    for row in strategies:
        row.tried = tries[row.pk].words if row.pk in tries else ""
    known["homework"] = open_homework(request, client, episode) if episode is not None else []
    return known


def open_homework(
    request: StaffRequest, client: Client, episode: TreatmentEpisode, *, asked: HomeworkReviewForm | None = None
) -> list[HomeworkLine]:
    """Homework of the episode that nobody has come back to, the earliest due first.

    `asked` is a form that was sent and refused. It stays on the page with what was typed in it, also where its homework
    is not open any more because somebody else was quicker.
    """
    today = timezone.localdate(timezone=client.clinic.zone)
    rows = list(Homework.objects.visible_to(request.user).open().filter(episode=episode).for_reading())
    if asked is not None and asked.homework not in rows:
        rows.insert(0, asked.homework)
    return [
        HomeworkLine(
            row, row.is_overdue(today), asked if asked and asked.homework == row else HomeworkReviewForm(homework=row)
        )
        for row in rows
    ]


def beside(request: StaffRequest, client: Client, episode: TreatmentEpisode) -> dict[str, Any]:
    """What stands beside the page on which a note is written: goals, what is known, safety plan, last measures."""
    plan = plans.safety_plan_of(client)
    return {
        "goals": list(open_goals(request, episode)),
        "known": known_of(request, client, episode),
        "homework_form": HomeworkForm(prefix="give", use_required_attribute=False),
        "safety_plan": plan,
        "safety_plan_confirmed": plan is not None and plans.is_confirmed(plan, episode),
        "measures": measures.latest(client),
        "alarms": list(measures.unanswered_alarms().filter(client=client)),
    }
