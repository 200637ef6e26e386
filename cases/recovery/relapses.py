"""Returns to use: recorded in pieces if need be. Everything that follows is derived from the row."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict, Unpack

from django.utils import timezone

from cases.codes import OPIOIDS, CopingOutcome, Precision, Substance
from cases.models import (
    Client,
    CopingStrategy,
    Relapse,
    RelapseCoping,
    RelapseSubstance,
    TreatmentEpisode,
    Trigger,
    WarningSign,
)
from cases.models.recovery.learning import Learned
from cases.possible_days import check_possible
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

from . import learning


class SubstanceUsed(TypedDict, total=False):
    """One substance of a return to use."""

    substance: str
    route: str
    typical_amount: str
    peak_amount: str


class RelapseLists(TypedDict, total=False):
    """Its rows of substances, triggers, signs and strategies."""

    substances: Iterable[str | SubstanceUsed]
    triggers: Iterable[learning.Named[Trigger]]
    warning_signs: Iterable[learning.Named[WarningSign]]
    coping_tried: Iterable[tuple[CopingStrategy | str, str]]


class RelapseFacts(RelapseLists, total=False):
    """What is known about a return to use besides its first day."""

    kind: str
    started_precision: str
    started_source: str
    ended_on: datetime.date | None
    ended_precision: str
    ended_source: str
    days_used: int | None
    is_confirmed: bool
    longest_abstinence_before_days: int | None
    injected: bool | None
    used_alone: bool | None
    overdosed_on: datetime.date | None
    naloxone_given: bool | None
    emergency_department: bool | None
    situations: Sequence[str]
    primary_situation: str
    abstinence_violation: bool
    emotional_state: str
    precipitant: str
    worked_before: str
    learned: str
    plan_change: str
    supports_contacted: str
    medication_status: str


class AmendedFacts(RelapseFacts, total=False):
    """The same with the first day, which may have been another one."""

    started_on: datetime.date


LISTS = frozenset(RelapseLists.__annotations__)
FACTS = frozenset(AmendedFacts.__annotations__) - LISTS


class EndsBeforeItStarts(Refusal):
    """The last day of use is before the first."""

    sentence = "The last day of use can’t be before the first."


class MoreDaysThanThereWere(Refusal):
    """More days of use than days in between."""

    sentence = "Days of use can’t be more than the days from first to last use."


class NoDaysOfUse(Refusal):
    """A return to use without a day of use."""

    sentence = "Enter at least 1 day of use, or leave it blank if unknown."


class StillToCome(Refusal):
    """A date in the future."""

    sentence = "This date is in the future. For ongoing use, choose “Still using.”"


class NotAmongThem(Refusal):
    """The main situation is not one of those selected."""

    sentence = "The main situation must be one of the situations selected."


class AlreadyVoided(Refusal):
    """A return to use that was entered by mistake, and voided."""

    sentence = "This return to use was marked as entered in error. Restore it first."


class NotVoided(Refusal):
    """The return to use is not voided."""

    sentence = "This return to use is active; there is nothing to restore."


class WhyVoided(Refusal):
    """Voided without a reason."""

    sentence = "Enter why this was entered in error."


class AlreadyEnded(Refusal):
    """A return to use that has its last day."""

    sentence = "This return to use already has a last day. Correct it on its page."


def record(*, client: Client, started_on: datetime.date, by: StaffMember, **facts: Unpack[RelapseFacts]) -> Relapse:
    """Record a return to use. Without `ended_on` the client is using as far as known.

    `facts` are fields of Relapse (FACTS) and these lists: `substances` (codes, or dicts with substance, route,
    typical_amount, peak_amount), `triggers` and `warning_signs` (rows or wordings; a new wording becomes the person's
    own), `coping_tried` (pairs of a row or wording and an outcome). Raises NotPermitted, EndsBeforeItStarts,
    NoDaysOfUse, MoreDaysThanThereWere, StillToCome, BeforeBirth, LongPast, NotAmongThem, and TypeError for a fact
    that does not exist.
    """
    demand(by, Permission.RELAPSE_RECORD, client)
    given = _fields(facts)
    with act("cases.record_relapse", by=by, client=client) as entry:
        relapse = Relapse(client=client, started_on=started_on, recorded_by=by, recorded_at=timezone.now())
        for name, value in given.items():
            setattr(relapse, name, value)
        _check(relapse)
        relapse.episode = TreatmentEpisode.objects.filter(client=client).covering(started_on).first()
        relapse.save()
        _write_lists(relapse, facts, by, replace=False)
        entry.about(relapse, open=relapse.is_open)
    return relapse


def amend(*, relapse: Relapse, by: StaffMember, **facts: Unpack[AmendedFacts]) -> Relapse:
    """Add to or correct a return to use. Lists that are given replace earlier ones. Raises like `record`."""
    demand(by, Permission.RELAPSE_RECORD, relapse.client)
    given = _fields(facts)
    with act("cases.amend_relapse", by=by, client=relapse.client) as entry:
        relapse = Relapse.everything.select_for_update(no_key=True).select_related("client__clinic").get(pk=relapse.pk)
        changed = [name for name, value in given.items() if getattr(relapse, name) != value]
        for name in changed:
            setattr(relapse, name, given[name])
        _check(relapse)
        if "started_on" in changed:
            relapse.episode = (
                TreatmentEpisode.objects.filter(client=relapse.client).covering(relapse.started_on).first()
            )
        relapse.save()
        _write_lists(relapse, facts, by, replace=True)
        entry.about(relapse, changed=sorted([*changed, *(LISTS & facts.keys())]))
    return relapse


def close(*, relapse: Relapse, ended_on: datetime.date, by: StaffMember) -> Relapse:
    """Record the last day of use. Raises AlreadyEnded, and like `record`."""
    demand(by, Permission.RELAPSE_RECORD, relapse.client)
    with act("cases.close_relapse", by=by, client=relapse.client) as entry:
        relapse = Relapse.everything.select_for_update(no_key=True).select_related("client__clinic").get(pk=relapse.pk)
        if relapse.ended_on is not None:
            raise AlreadyEnded
        relapse.ended_on = ended_on
        _check(relapse)
        relapse.save(update_fields=["ended_on"])
        entry.about(relapse)
    return relapse


def warn_of_tolerance(*, relapse: Relapse, by: StaffMember, again: bool = False) -> Relapse:
    """Record that the client was warned how far tolerance falls after a break from opioids.

    The first warning is kept. If it was given while use was ongoing, `again` records the one after the break.
    """
    demand(by, Permission.RELAPSE_RECORD, relapse.client)
    with act("cases.warn_of_tolerance", by=by, client=relapse.client) as entry:
        relapse = Relapse.everything.select_for_update(no_key=True).get(pk=relapse.pk)
        if relapse.is_voided:
            raise AlreadyVoided
        if relapse.tolerance_warned_at is None or again:
            relapse.tolerance_warned_at, relapse.tolerance_warned_by = timezone.now(), by
            relapse.save(update_fields=["tolerance_warned_at", "tolerance_warned_by"])
        entry.about(relapse)
    return relapse


def void(*, relapse: Relapse, reason: str, by: StaffMember) -> Relapse:
    """Exclude a return to use entered in error from every count. It stays on record, crossed out.

    Anyone who may record one may void it. Raises NotPermitted, WhyVoided, AlreadyVoided.
    """
    demand(by, Permission.RELAPSE_RECORD, relapse.client)
    reason = " ".join(reason.split())
    if not reason:
        raise WhyVoided
    with act("cases.void_relapse", by=by, client=relapse.client) as entry:
        relapse = Relapse.everything.select_for_update(no_key=True).get(pk=relapse.pk)
        if relapse.is_voided:
            raise AlreadyVoided("This return to use is already marked as entered in error.")
        relapse.voided_at, relapse.voided_by, relapse.void_reason = timezone.now(), by, reason[:200]
        relapse.save(update_fields=["voided_at", "voided_by", "void_reason"])
        entry.about(relapse)
    return relapse


def unvoid(*, relapse: Relapse, by: StaffMember) -> Relapse:
    """Restore a voided return to use. Raises NotPermitted, NotVoided, and like `record` for impossible days."""
    demand(by, Permission.RELAPSE_RECORD, relapse.client)
    with act("cases.unvoid_relapse", by=by, client=relapse.client) as entry:
        relapse = Relapse.everything.select_for_update(no_key=True).select_related("client__clinic").get(pk=relapse.pk)
        if not relapse.is_voided:
            raise NotVoided
        relapse.voided_at, relapse.voided_by, relapse.void_reason = None, None, ""
        _check(relapse)
        relapse.save(update_fields=["voided_at", "voided_by", "void_reason"])
        entry.about(relapse)
    return relapse


def involves_opioids(relapse: Relapse) -> bool:
    """Whether an opioid was used: after any break from them the risk of an overdose is higher."""
    known = getattr(relapse, "uses_opioids", None)  # where the query said so already (recovery.returns_of)
    return known if known is not None else any(each.substance in OPIOIDS for each in relapse.substances.all())


def _fields(facts: Mapping[str, object]) -> dict[str, object]:
    """The facts without the lists. An unknown fact is a bug in the caller and is refused."""
    given = {name: value for name, value in facts.items() if name not in LISTS}
    if unknown := given.keys() - FACTS:
        raise TypeError(f"A return to use has no {', '.join(sorted(unknown))}.")
    return given


def _check(relapse: Relapse) -> None:
    if relapse.is_voided:
        raise AlreadyVoided
    today = relapse.client.today
    for day in (relapse.started_on, relapse.ended_on, relapse.overdosed_on):
        if day is not None and day > today:
            raise StillToCome
    check_possible(relapse.client, relapse.started_on, relapse.ended_on, relapse.overdosed_on)
    if relapse.ended_on is not None and relapse.ended_on < relapse.started_on:
        raise EndsBeforeItStarts
    if relapse.days_used is not None and relapse.days_used < 1:
        raise NoDaysOfUse
    last = today if relapse.ended_on is None or relapse.ended_precision == Precision.UNKNOWN else relapse.ended_on
    if relapse.days_used is not None and relapse.days_used > (last - relapse.started_on).days + 1:
        raise MoreDaysThanThereWere
    if relapse.primary_situation and relapse.primary_situation not in relapse.situations:
        raise NotAmongThem


def _write_lists(relapse: Relapse, lists: RelapseLists, by: StaffMember, *, replace: bool) -> None:
    """Write the lists that are given; `replace` existing ones, which a new return to use does not have."""
    seen: learning.Seen = {"first_seen_on": relapse.started_on, "first_seen_in": relapse.episode}
    named: list[Learned] = []  # for the first time in this return to use
    if "substances" in lists:
        _write_substances(relapse, lists["substances"], replace=replace)
    if "triggers" in lists:
        triggers = learning.found_or_added(Trigger, relapse.client, lists["triggers"], by, **seen)
        named += _link(relapse, "triggers", triggers, replace=replace)
    if "warning_signs" in lists:
        signs = learning.found_or_added(WarningSign, relapse.client, lists["warning_signs"], by, **seen)
        named += _link(relapse, "warning_signs", signs, replace=replace)
    if "coping_tried" in lists:
        named += _write_coping(relapse, lists["coping_tried"], by, seen, replace=replace)
    learning.true_again(items=named, on=relapse.begun_by, by=by)


def _link(relapse: Relapse, name: str, rows: Sequence[Learned], *, replace: bool) -> list[Learned]:
    """Write one list; returns the rows that the return to use did not name before."""
    linked = getattr(relapse, name)
    before = set(linked.values_list("pk", flat=True)) if replace else set()
    linked.set(rows) if replace else linked.add(*rows)
    return [row for row in rows if row.pk not in before]


def _write_substances(relapse: Relapse, given: Iterable[str | SubstanceUsed], *, replace: bool) -> None:
    wanted: dict[Substance, SubstanceUsed] = {}
    for each in given:
        row: SubstanceUsed = {"substance": each} if isinstance(each, str) else each
        wanted[Substance(row["substance"])] = row
    if replace:
        RelapseSubstance.objects.filter(relapse=relapse).exclude(substance__in=wanted).delete()
    RelapseSubstance.objects.bulk_create(
        (RelapseSubstance(relapse=relapse, **row) for row in wanted.values()),
        update_conflicts=True,
        unique_fields=["relapse", "substance"],
        update_fields=["route", "typical_amount", "peak_amount"],
    )


def _write_coping(
    relapse: Relapse,
    given: Iterable[tuple[CopingStrategy | str, str]],
    by: StaffMember,
    seen: learning.Seen,
    *,
    replace: bool,
) -> list[CopingStrategy]:
    """Write what was tried; returns strategies the return to use did not name before."""
    pairs = [(named, CopingOutcome(outcome)) for named, outcome in given]
    strategies = learning.each_found_or_added(CopingStrategy, relapse.client, [named for named, _ in pairs], by, **seen)
    outcomes = {strategy.pk: outcome for strategy, (_, outcome) in zip(strategies, pairs, strict=True)}
    before: set[int] = set()
    if replace:
        before = set(RelapseCoping.objects.filter(relapse=relapse).values_list("strategy", flat=True))
        RelapseCoping.objects.filter(relapse=relapse).exclude(strategy__in=outcomes).delete()
    RelapseCoping.objects.bulk_create(
        (RelapseCoping(relapse=relapse, strategy_id=pk, outcome=outcome) for pk, outcome in outcomes.items()),
        update_conflicts=True,
        unique_fields=["relapse", "strategy"],
        update_fields=["outcome"],
    )
    return [strategy for strategy in strategies if strategy.pk not in before]
