"""Carry-over: what was known from earlier episodes, laid out in a new one and decided on with the client.

`lay_out` is a query; `gather` writes its result down; `decide` records what was found and lets it take effect.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from cases import learning
from cases.models import CopingStrategy, TreatmentEpisode, Trigger, WarningSign
from counseling import plans
from counseling.codes import CarryOverKind, GoalStatus, Verdict
from counseling.comparison import Comparison, compare
from counseling.models import CarryOverItem, DischargePlan, Goal, SafetyPlan
from counseling.models.carry_over import SOURCE_FIELDS
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

__all__ = ["Comparison", "EpisodeOver", "UnknownVerdict", "compare", "decide", "gather", "lay_out"]

_ORDER = {kind: place for place, kind in enumerate(CarryOverKind)}
_LEARNED: dict[CarryOverKind, type[Trigger | WarningSign | CopingStrategy]] = {
    CarryOverKind.TRIGGER: Trigger,
    CarryOverKind.WARNING_SIGN: WarningSign,
    CarryOverKind.STRATEGY: CopingStrategy,
}


class EpisodeOver(Refusal):
    sentence = "This episode has ended, so what carries over into it can no longer change."


class UnknownVerdict(Refusal):
    sentence = "Choose one of: held, did not hold, never used, no longer true."


def lay_out(episode: TreatmentEpisode) -> list[CarryOverItem]:
    """Everything known from the client's earlier episodes, as items of this one: saved if gathered, unsaved if new.

    Writes nothing, at a constant number of queries. Old notes are not here: they are linked, never copied.
    """
    items = {item.token: item for item in CarryOverItem.objects.filter(episode=episode).with_sources()}
    for item in _candidates(episode):
        items.setdefault(item.token, item)
    return sorted(items.values(), key=_place)


def gather(*, episode: TreatmentEpisode, by: StaffMember) -> list[CarryOverItem]:
    """Write down what earlier episodes know as undecided items of this one. Calling it again only adds what is new."""
    demand(by, Permission.PLAN_VIEW, episode.client)
    missing = [item for item in lay_out(episode) if item.pk is None]
    if missing:
        with act("counseling.gather_carry_over", by=by, client=episode.client) as entry:
            CarryOverItem.objects.bulk_create(missing, ignore_conflicts=True)
            entry.about(episode, items=len(missing))
    items = sorted(CarryOverItem.objects.filter(episode=episode).with_sources(), key=_place)
    for item in items:
        item.client = episode.client  # the same person: not one query an item
    return items


def decide(*, item: CarryOverItem, verdict: str, by: StaffMember, note: str = "") -> CarryOverItem:
    """Record what counselor and client found about an item; only “held” makes it part of the new episode.

    A goal that held enters the new plan as a goal of its own with its lineage; a trigger, sign or strategy that is no
    longer true stops being laid out; for the rest the verdict itself says whether it counts in this episode. It can be
    changed while the episode is open: a goal that an earlier verdict brought in is set aside, never deleted.

    Raises UnknownVerdict and EpisodeOver.
    """
    demand(by, Permission.CARRY_OVER_DECIDE, item.client)
    if verdict not in Verdict.values:
        raise UnknownVerdict
    with act("counseling.decide_carry_over", by=by, client=item.client) as entry:
        stored = CarryOverItem.objects.select_for_update().get(pk=item.pk)
        episode = TreatmentEpisode.objects.select_related("client__clinic").get(pk=stored.episode_id)
        if not episode.is_open:
            raise EpisodeOver
        before = stored.verdict
        stored.verdict = Verdict(verdict)
        stored.note = note.strip()
        stored.decided_at = timezone.now()
        stored.decided_by = by
        stored.save(update_fields=["verdict", "note", "decided_at", "decided_by"])
        if before != verdict:
            _take_effect(stored, before=before, episode=episode, by=by)
        entry.about(stored, kind=stored.kind, verdict=verdict, before=before)
    return stored


def _take_effect(item: CarryOverItem, *, before: str, episode: TreatmentEpisode, by: StaffMember) -> None:
    held, did_hold = item.verdict == Verdict.HELD, before == Verdict.HELD
    if item.goal is not None and held:
        _carry_goal(item.goal, episode=episode, by=by)
    elif item.goal is not None and did_hold:
        for goal in Goal.objects.active().filter(episode=episode, carried_from=item.goal):
            plans.close_goal(goal=goal, status=GoalStatus.SET_ASIDE, by=by)
    elif item.kind in _LEARNED:
        learned = item.source
        if item.verdict == Verdict.NO_LONGER_TRUE:
            today = timezone.localdate(timezone=episode.client.clinic.zone)
            learning.mark_no_longer_true(item=learned, on=today, by=by)
        elif before == Verdict.NO_LONGER_TRUE:
            learning.mark_still_true(item=learned, by=by)


def _carry_goal(goal: Goal, *, episode: TreatmentEpisode, by: StaffMember) -> None:
    """Bring a goal with its open objectives into the episode, or take up again the one that was brought before."""
    carried = Goal.objects.filter(episode=episode, carried_from=goal).first()
    if carried is not None:
        carried.objectives.filter(status=GoalStatus.SET_ASIDE, closed_on=carried.closed_on).update(
            status=GoalStatus.ACTIVE, closed_on=None
        )
        carried.status = GoalStatus.ACTIVE
        carried.closed_on = None
        carried.save(update_fields=["status", "closed_on"])
        return
    carried = plans.add_goal(episode=episode, wording=goal.wording, need=goal.need, carried_from=goal, by=by)
    for objective in goal.objectives.active():
        plans.add_objective(
            goal=carried,
            wording=objective.wording,
            intervention=objective.intervention,
            due_on=None,  # the old date has passed; the new one is agreed on with the client
            carried_from=objective,
            by=by,
        )


def _candidates(episode: TreatmentEpisode) -> Iterable[CarryOverItem]:
    """Unsaved items for all that earlier episodes know and that nobody has dropped since."""
    earlier = {each.pk: each for each in TreatmentEpisode.objects.before(episode).select_related("program")}
    if not earlier:
        return

    def item(kind: CarryOverKind, origin: int | None, **source: Any) -> CarryOverItem:
        return CarryOverItem(
            client_id=episode.client_id,
            episode=episode,
            kind=kind,
            origin_episode=earlier.get(origin) if origin else None,
            gathered_at=timezone.now(),
            **source,
        )

    for model, kind in (
        (SafetyPlan, CarryOverKind.SAFETY_PLAN),
        (DischargePlan, CarryOverKind.DISCHARGE_PLAN),
    ):
        last = model.objects.filter(episode__in=earlier).order_by("-written_at", "-pk").first()
        if last is not None:
            yield item(kind, last.episode_id, **{SOURCE_FIELDS[kind]: last})
    known_before = Q(first_seen_in__in=earlier) | Q(first_seen_in=None, first_seen_on__lte=episode.admitted_on)
    for kind, learned in _LEARNED.items():
        for row in learned._default_manager.filter(known_before, client=episode.client_id, no_longer_true_since=None):
            yield item(kind, row.first_seen_in_id, **{SOURCE_FIELDS[kind]: row})
    for goal in _open_goals(earlier):
        yield item(CarryOverKind.GOAL, goal.episode_id, goal=goal)
    for path in settings.CARRY_OVER_SOURCES:
        for known in import_string(path)(episode=episode):
            yield item(
                CarryOverKind.MUTUAL_HELP,
                known.origin_episode_id,
                source_key=known.key,
                source_wording=known.wording,
                source_detail=known.detail,
                source_url=known.url,
            )


def _open_goals(earlier: dict[int, TreatmentEpisode]) -> Iterable[Goal]:
    """Active goals of earlier episodes, each lineage once: neither taken over nor dropped in an episode in between."""
    settled = CarryOverItem.objects.filter(
        episode__in=earlier, verdict__in=(Verdict.HELD, Verdict.DID_NOT_HOLD, Verdict.NO_LONGER_TRUE)
    )
    taken_over = Goal.objects.filter(episode__in=earlier, carried_from__isnull=False).exclude(
        status=GoalStatus.SET_ASIDE
    )
    return (
        Goal.objects.active()
        .filter(episode__in=earlier)
        .exclude(pk__in=settled.filter(goal__isnull=False).values("goal"))
        .exclude(pk__in=taken_over.values("carried_from"))
    )


def _place(item: CarryOverItem) -> tuple[int, str]:
    since = getattr(item.source, "first_seen_on", None) or getattr(item.source, "opened_on", None)
    return _ORDER[CarryOverKind(item.kind)], f"{since or ''}{item.wording.lower()}"
