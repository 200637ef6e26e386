"""The breach register: what happened, whose records, how it was assessed, and who was told (45 CFR 164.400–414).

42 CFR 2.16(b) applies these rules to records under Part 2. Anyone who works here may report; the privacy officer keeps
the register. Every step is a row that stays. What is owed until when: `breach_clocks`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.utils import timezone

from cases.models import Client
from privacy.models import Breach, BreachAssessment, BreachClient, BreachNotice, BreachStep
from staff.access import Permission, demand
from staff.acts import act
from staff.days import day_in_words
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.saying import says_something
from staff.typed_days import check_days

Kind = BreachStep.Kind
FACTORS = ("nature", "whom", "viewed", "mitigated")


class DescribeBreach(Refusal):
    """The register would say nothing."""

    sentence = "Describe what happened in a sentence, and which kinds of information were involved."


class DescribeFactors(Refusal):
    """The clinic has to be able to show its assessment (45 CFR 164.414(b))."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__("Describe this factor in a few words: the assessment must show how you decided (164.414(b)).")


class StepNeedsMore(Refusal):
    """A step without what the rule asks to document."""


class NotDiscoveredYet(Refusal):
    """A step before the breach was known."""

    sentence = "This date is before the breach was discovered. Check the date."


class NotOnTheList(Refusal):
    """No such person among those whose records were involved."""

    sentence = "No one on the list is left to notify. Add the clients first."


class NoSuchClient(Refusal):
    """A number that is no current record of the clinic."""

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no client No. {number}. Check the number at the top of the chart.")


class LawEnforcementWaits(Refusal):
    """A notice would impede an investigation (45 CFR 164.412)."""

    def __init__(self, until: datetime.date) -> None:
        super().__init__(
            f"Law enforcement asked to wait until {day_in_words(until)} (45 CFR 164.412). If they no longer do, "
            "record that the wait ended first."
        )


class EnteredInError(Refusal):
    """The entry is crossed out."""

    sentence = "This entry is marked as entered in error. Record the breach anew."


def report(
    *,
    discovered_on: datetime.date,
    what_happened: str,
    information: str,
    by: StaffMember,
    happened_on: datetime.date | None = None,
) -> Breach:
    """Put a possible breach on the register: whoever notices it. Raises DescribeBreach, DayNotPossible."""
    demand(by, Permission.BREACH_REPORT)
    today = _today(by)
    check_days(discovered_on, happened_on, ahead=0, today=today)
    if not says_something(what_happened, least=3, length=15) or not says_something(information):
        raise DescribeBreach
    if happened_on is not None and happened_on > discovered_on:
        raise DescribeBreach("It can’t be discovered before it happened. Check the dates.")
    with act("privacy.report_breach", by=by) as entry:
        breach = Breach.objects.create(
            clinic=by.clinic,
            discovered_on=discovered_on,
            happened_on=happened_on,
            what_happened=what_happened.strip(),
            information=information.strip(),
            recorded_at=timezone.now(),
            recorded_by=by,
        )
        entry.about(breach)
    return breach


def add_clients(*, breach: Breach, numbers: Iterable[int], by: StaffMember) -> list[BreachClient]:
    """List the clients whose records were involved; those listed already stay as they are. Raises NoSuchClient."""
    demand(by, Permission.BREACH_KEEP, breach)
    with act("privacy.add_breach_clients", by=by) as entry:
        _lock(breach)
        asked = list(dict.fromkeys(numbers))
        clients = {each.pk: each for each in Client.objects.visible_to(by).current().filter(pk__in=asked)}
        for number in asked:
            if number not in clients:
                raise NoSuchClient(number)
        listed = set(BreachClient.objects.filter(breach=breach).current().values_list("client_id", flat=True))
        made = BreachClient.objects.bulk_create(
            BreachClient(
                clinic=breach.clinic, breach=breach, client=clients[each], added_at=timezone.now(), added_by=by
            )
            for each in asked
            if each not in listed
        )
        if not made:
            entry.nothing_changed()
        entry.about(breach, clients=[each.client_id for each in made])
    return made


def take_off(*, listed: BreachClient, reason: str, by: StaffMember) -> BreachClient:
    """Someone was listed by mistake: their records were not involved. Raises StepNeedsMore."""
    demand(by, Permission.BREACH_KEEP, listed)
    if not says_something(reason, least=2):
        raise StepNeedsMore("Enter why this person’s records weren’t involved.")
    with act("privacy.take_off_breach", by=by, client=listed.client, on_merged=True) as entry:
        row = BreachClient.objects.select_for_update(no_key=True).get(pk=listed.pk)
        if row.taken_off_at is None:
            row.taken_off_at, row.taken_off_by, row.taken_off_reason = timezone.now(), by, reason.strip()
            row.save(update_fields=["taken_off_at", "taken_off_by", "taken_off_reason"])
        entry.about(row)
    return row


def assess(
    *, breach: Breach, nature: str, whom: str, viewed: str, mitigated: str, decision: str, by: StaffMember
) -> BreachAssessment:
    """Assess the risk by the four factors of 45 CFR 164.402(2) and decide; a later one counts in its place.

    Raises DescribeFactors.
    """
    demand(by, Permission.BREACH_KEEP, breach)
    said = dict(zip(FACTORS, (nature, whom, viewed, mitigated), strict=True))
    for field, text in said.items():
        if not says_something(text, least=2, length=8):
            raise DescribeFactors(field)
    with act("privacy.assess_breach", by=by) as entry:
        _lock(breach)
        made = BreachAssessment.objects.create(
            clinic=breach.clinic,
            breach=breach,
            decision=BreachAssessment.Decision(decision),
            decided_at=timezone.now(),
            decided_by=by,
            **{field: text.strip() for field, text in said.items()},
        )
        entry.about(made, breach=breach.pk, decision=decision)
    return made


def count_others(*, breach: Breach, number: int, note: str, by: StaffMember) -> BreachStep:
    """How many people are affected besides the clients listed, such as callers; the last count is the one."""
    return _step(breach, Kind.OTHERS, by=by, happened_on=_today(by), number=number, note=note)


def notify_people(
    *,
    breach: Breach,
    sent_on: datetime.date,
    way: str,
    by: StaffMember,
    listed: BreachClient | None = None,
    others: int = 0,
) -> list[BreachNotice]:
    """Record the notice to one person listed, or to all who had none yet, and to so many others (45 CFR 164.404).

    Raises NotOnTheList, LawEnforcementWaits, NotDiscoveredYet.
    """
    demand(by, Permission.BREACH_KEEP, breach)
    with act("privacy.notify_of_breach", by=by) as entry:
        _lock(breach)
        _check_day(breach, sent_on, by)
        _check_delay(breach, sent_on)
        rows = BreachClient.objects.visible_to(by).filter(breach=breach).current()
        whom = list(rows.filter(pk=listed.pk) if listed is not None else rows.filter(notices=None))
        if not whom and not others:
            raise NotOnTheList
        made = BreachNotice.objects.bulk_create(
            BreachNotice(
                clinic=breach.clinic,
                listed=each,
                sent_on=sent_on,
                way=BreachNotice.Way(way),
                recorded_at=timezone.now(),
                recorded_by=by,
            )
            for each in whom
        )
        if others:
            _add(breach, Kind.OTHERS_TOLD, by=by, happened_on=sent_on, number=others)
        entry.about(breach, clients=[each.client_id for each in whom], others=others)
    return made


def notify(*, breach: Breach, whom: str, on: datetime.date, note: str, by: StaffMember) -> BreachStep:
    """Record the notice to the media (45 CFR 164.406) or to HHS (164.408), with the outlet or submission number.

    Raises LawEnforcementWaits, NotDiscoveredYet, StepNeedsMore.
    """
    if whom not in (Kind.MEDIA, Kind.HHS) or not says_something(note):
        raise StepNeedsMore("Enter the media outlet, or HHS’s submission number.")
    return _step(breach, Kind(whom), by=by, happened_on=on, note=note, tells=True)


def delay(
    *,
    breach: Breach,
    official: str,
    on: datetime.date,
    until: datetime.date,
    in_writing: bool,
    by: StaffMember,
    note: str = "",
) -> BreachStep:
    """Law enforcement states that a notice would impede an investigation or harm national security (45 CFR 164.412).

    In writing it holds for the time that they name; by word of mouth for at most 30 days. Raises StepNeedsMore.
    """
    if not says_something(official, least=2):
        raise StepNeedsMore("Enter the official’s name and agency (45 CFR 164.412).")
    if until < on:
        raise StepNeedsMore("This date is before the statement. Check the dates.")
    if not in_writing and until > on + datetime.timedelta(days=30):
        raise StepNeedsMore("Unless it’s in writing, it holds for at most 30 days (45 CFR 164.412(b)).")
    return _step(
        breach, Kind.DELAY, by=by, happened_on=on, until=until, official=official, in_writing=in_writing, note=note
    )


def end_delay(*, breach: Breach, on: datetime.date, by: StaffMember, note: str = "") -> BreachStep:
    """Law enforcement no longer asks to wait."""
    return _step(breach, Kind.DELAY_ENDED, by=by, happened_on=on, until=on, note=note)


def add_note(*, breach: Breach, note: str, by: StaffMember) -> BreachStep:
    """Anything else that was found or done. Raises StepNeedsMore."""
    if not says_something(note, least=2):
        raise StepNeedsMore("Enter what was found or done.")
    return _step(breach, Kind.NOTE, by=by, happened_on=_today(by), note=note)


def mark_in_error(*, breach: Breach, note: str, by: StaffMember) -> BreachStep:
    """Mark the whole entry as entered in error: it stays, and nothing is owed for it. Raises StepNeedsMore."""
    if not says_something(note, least=2):
        raise StepNeedsMore("Enter why this entry was an error.")
    return _step(breach, Kind.ERROR, by=by, happened_on=_today(by), note=note)


def _step(
    breach: Breach, kind: BreachStep.Kind, *, by: StaffMember, tells: bool = False, **facts: object
) -> BreachStep:
    demand(by, Permission.BREACH_KEEP, breach)
    with act(f"privacy.breach_{kind.name.lower()}", by=by) as entry:
        _lock(breach)
        on = facts["happened_on"]
        assert isinstance(on, datetime.date)
        _check_day(breach, on, by)
        if tells:
            _check_delay(breach, on)
        made = _add(breach, kind, by=by, **facts)
        entry.about(made, breach=breach.pk)
    return made


def _add(breach: Breach, kind: BreachStep.Kind, *, by: StaffMember, **facts: object) -> BreachStep:
    said = {name: value.strip() if isinstance(value, str) else value for name, value in facts.items()}
    return BreachStep.objects.create(
        clinic=breach.clinic, breach=breach, kind=kind, recorded_at=timezone.now(), recorded_by=by, **said
    )


def _lock(breach: Breach) -> None:
    """One step after the other; none on an entry made in error."""
    list(Breach.objects.select_for_update(no_key=True).filter(pk=breach.pk))
    if BreachStep.objects.filter(breach=breach, kind=Kind.ERROR).exists():
        raise EnteredInError


def _check_day(breach: Breach, on: datetime.date, by: StaffMember) -> None:
    check_days(on, ahead=0, today=_today(by))
    if on < breach.discovered_on:
        raise NotDiscoveredYet


def _check_delay(breach: Breach, on: datetime.date) -> None:
    """No notice on a day for which law enforcement has asked to wait."""
    last = BreachStep.objects.filter(breach=breach, kind__in=(Kind.DELAY, Kind.DELAY_ENDED)).last()
    if last is not None and last.kind == Kind.DELAY and last.until and last.happened_on <= on <= last.until:
        raise LawEnforcementWaits(last.until)


def _today(by: StaffMember) -> datetime.date:
    return timezone.localdate(timezone=by.clinic.zone)
