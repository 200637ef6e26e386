"""Safety plans (six steps) and discharge plans: each save writes a complete new version.

A version is never edited. The latest is current, and earlier ones stay readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from django.db import models
from django.db.models import F, QuerySet
from django.utils import timezone

from cases.models import Client, CopingStrategy, TreatmentEpisode, Trigger, WarningSign
from cases.models.recovery.learning import Learned
from counseling.codes import CarryOverKind, Verdict
from counseling.models import CarryOverItem, DischargePlan, SafetyPlan
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, each, first, query, reads, rows
from staff.refusals import Refusal

from .planning import NothingSaid, SomebodyElses, locked_episode, open_episode

Written = TypeVar("Written", SafetyPlan, DischargePlan)


class WrittenMeanwhile(Refusal):
    """Someone saved a new version since the form was opened. `latest` is that version; nothing is saved."""

    def __init__(self, latest: SafetyPlan | DischargePlan) -> None:
        self.latest = latest
        at = f"{timezone.localtime(latest.written_at, latest.client.clinic.zone):%b %-d, %Y, %-I:%M %p}"
        super().__init__(
            f"{latest.written_by} updated this plan on {at}, after you opened it. Their version is shown above "
            "yours. Add what is missing, then save again."
        )


def write_safety_plan(
    *,
    episode: TreatmentEpisode,
    by: StaffMember,
    carried_from: SafetyPlan | None = None,
    read: int | None = None,
    **steps: str,
) -> SafetyPlan:
    """Save a new version of the safety plan, which becomes current. `steps` are its six text fields.

    `read` is the number of the version the writer saw, 0 for none; None skips the check. Unchanged text returns the
    current version. Raises NotPermitted, PlanEpisodeEnded, NothingSaid, SomebodyElses, WrittenMeanwhile.
    """
    demand(by, Permission.PLAN_WRITE, episode.client)
    if carried_from is not None and carried_from.client_id != episode.client_id:
        raise SomebodyElses
    with act("counseling.write_safety_plan", by=by, client=episode.client) as entry:
        episode = open_episode(episode)
        plan = _written(SafetyPlan, episode, by, steps)
        plan.carried_from = carried_from
        stands = _stands(plan, safety_plan_of(episode.client), by=by, read=read)
        if stands is None:
            plan.save()
        entry.about(stands or plan)
    return stands or plan


def write_discharge_plan(
    *,
    episode: TreatmentEpisode,
    by: StaffMember,
    triggers: Iterable[Trigger] = (),
    warning_signs: Iterable[WarningSign] = (),
    strategies: Iterable[CopingStrategy] = (),
    read: int | None = None,
    **parts: str,
) -> DischargePlan:
    """Save a new version of the discharge plan, which becomes current. The next episode starts from its parts.

    It may be written after discharge too: not everyone leaves as planned, and the next counselor needs it. `read` is as
    for the safety plan. Raises NotPermitted, NothingSaid, SomebodyElses, WrittenMeanwhile.
    """
    client = episode.client
    demand(by, Permission.PLAN_WRITE, client)
    named: dict[str, Sequence[Learned]] = {
        "triggers": list(triggers),
        "warning_signs": list(warning_signs),
        "strategies": list(strategies),
    }
    if any(row.client_id != client.pk for rows in named.values() for row in rows):
        raise SomebodyElses
    if not any(named.values()) and not any(text.strip() for text in parts.values()):
        raise NothingSaid
    with act("counseling.write_discharge_plan", by=by, client=client) as entry:
        episode = locked_episode(episode)
        plan = _written(DischargePlan, episode, by, parts, may_be_empty=True)
        latest = DischargePlan.objects.filter(episode=episode).select_related("written_by", "client__clinic").first()
        stands = _stands(plan, latest, by=by, read=read, named=named)
        if stands is None:
            plan.save()
            for name, rows in named.items():
                getattr(plan, name).set(rows)
        entry.about(stands or plan)
    return stands or plan


@reads
def safety_plan_of(client: Client) -> Reading[SafetyPlan | None]:
    """A person's current safety plan: the latest version, from whichever episode.

    In danger an old plan is better than none, so it is shown before it is confirmed; `is_confirmed` says whether it is.
    """
    plans = query(
        lambda client: (
            SafetyPlan.objects.filter(client=client)
            .select_related("written_by", "client__clinic")
            .order_by("-written_at", "-pk")
        ),
        client=client,
    )
    return (yield from first(plans))


@reads
def discharge_plan_of(client: Client) -> Reading[DischargePlan | None]:
    """The latest version of the discharge plan of the person's latest stay that has one, with all that it names."""
    plans = query(
        lambda client: (
            DischargePlan.objects.filter(client=client)
            .select_related("written_by", "client__clinic")
            .latest_stay_first()
        ),
        client=client,
    )
    plan = yield from first(plans)
    if plan is not None:
        yield from read_named.part([plan])
    return plan


@reads
def read_named(plans: Sequence[DischargePlan]) -> Reading[None]:
    """Read what these plans name, so that nobody asks for it."""
    names, keys = DischargePlan.named(), [plan.pk for plan in plans]
    found = yield from each(rows(query(_named, name=name, plans=keys)) for name in names)
    for plan in plans:
        held: dict[str, object] = plan.__dict__.setdefault("_prefetched_objects_cache", {})
        for name, named in zip(names, found, strict=True):
            shown = held[name] = getattr(plan, name).all()
            shown._result_cache = [row for row in named if vars(row)["of_plan"] == plan.pk]


_NAMED: dict[str, type[Learned]] = {"triggers": Trigger, "warning_signs": WarningSign, "strategies": CopingStrategy}


def _named(name: str, plans: list[int]) -> QuerySet[Learned]:
    rows_of = _NAMED[name]._default_manager.annotate(of_plan=F("discharge_plans"))
    return rows_of.filter(IsOneOf("of_plan", plans))


def is_confirmed(plan: SafetyPlan | DischargePlan, episode: TreatmentEpisode) -> bool:
    """Whether the plan was written in this episode, or confirmed when the client came back."""
    return stands(plan, episode, found_on_return(plan, episode))


def stands(plan: SafetyPlan | DischargePlan, episode: TreatmentEpisode, verdict: str) -> bool:
    """The same where the verdict on it is at hand."""
    return plan.episode_id == episode.pk or verdict == Verdict.HELD


def found_on_return(plan: SafetyPlan | DischargePlan, episode: TreatmentEpisode) -> str:
    """The verdict on an earlier plan on the episode's board; empty until someone has reviewed it."""
    return verdict_on(plan, verdicts_in(episode))


Verdicts = Mapping[tuple[CarryOverKind, int], str]


@reads
def verdicts_in(episode: TreatmentEpisode) -> Reading[Verdicts]:
    """The verdicts on all earlier written plans on the episode's board, where someone has reviewed them."""
    items = query(
        lambda episode: (
            CarryOverItem.objects.standing()
            .decided()
            .filter(episode=episode, kind__in=(CarryOverKind.SAFETY_PLAN, CarryOverKind.DISCHARGE_PLAN))
            .values_list("kind", "safety_plan", "discharge_plan", "verdict")
        ),
        episode=episode.pk,
    )
    found = yield from rows(items)
    return {(CarryOverKind(kind), safety or discharge): verdict for kind, safety, discharge, verdict in found}


def verdict_on(plan: SafetyPlan | DischargePlan, verdicts: Verdicts) -> str:
    """Of these verdicts the one on this plan, or an empty one."""
    kind = CarryOverKind.SAFETY_PLAN if isinstance(plan, SafetyPlan) else CarryOverKind.DISCHARGE_PLAN
    return verdicts.get((kind, plan.pk), "")


def text_fields(model: type[models.Model]) -> list[str]:
    """Names of the parts of a written plan, in order."""
    return [field.name for field in model._meta.fields if isinstance(field, models.TextField)]


def _stands(
    plan: Written,
    latest: Written | None,
    *,
    by: StaffMember,
    read: int | None,
    named: Mapping[str, Sequence[Learned]] | None = None,
) -> Written | None:
    """The latest version if it has the same text, episode and author, as when a form is sent twice."""
    if latest is None:
        return None
    same = (latest.episode_id, latest.written_by_id) == (plan.episode_id, by.pk)
    same = same and all(getattr(latest, name) == getattr(plan, name) for name in text_fields(type(plan)))
    same = same and all(set(getattr(latest, name).all()) == set(rows) for name, rows in (named or {}).items())
    if same and read is not None:
        return latest
    if read is not None and latest.pk != read:
        raise WrittenMeanwhile(latest)
    return None


def _written(
    model: type[Written],
    episode: TreatmentEpisode,
    by: StaffMember,
    parts: dict[str, str],
    *,
    may_be_empty: bool = False,
) -> Written:
    """The plan as written, unsaved."""
    unknown = set(parts) - set(text_fields(model))
    if unknown:
        raise TypeError(f"This plan has no part {', '.join(sorted(unknown))}.")
    if not may_be_empty and not any(text.strip() for text in parts.values()):
        raise NothingSaid
    plan = model(client_id=episode.client_id, episode=episode, written_at=timezone.now(), written_by=by)
    for name, text in parts.items():
        setattr(plan, name, text.strip())
    return plan
