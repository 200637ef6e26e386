"""Measures: score on the server, record, and withdraw what was entered in error.

A missing answer means no score. An answer that is not on the form is refused, and nothing is stored. A scored measure
never changes: an error is withdrawn by a separate row, and from then on no count includes the measure.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from django.db.models import DateField, DateTimeField, Exists, F, Func, OuterRef, Q, TimeField
from django.db.models.functions import Cast
from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from cases.models.people.client import Sex
from cases.people.deaths import has_died
from cases.possible_days import check_possible
from counseling import instruments
from counseling.codes import Instrument
from counseling.instruments import FORMS, Form
from counseling.models import Measure, MeasureWithdrawal
from counseling.models.measures.measure import LONGEST_REASON, MeasureQuerySet
from staff import outside
from staff.access import Permission, demand
from staff.acts import act
from staff.models import AuditEntry, StaffMember
from staff.reading import Reading, query, reads, rows
from staff.refusals import Refusal

from . import withdrawal_care
from .item_text import Wording, wording_for

CLOCKS_DIFFER = datetime.timedelta(minutes=1)  # a time that far ahead is taken for now
SOME_TIME = datetime.time(12)  # used for an earlier day without a time
SENT_TWICE = datetime.timedelta(seconds=20)  # the same answers again within this are a form that was sent twice


class AnswerNotAllowed(Refusal):
    """An answer that is not on the form, e.g. 4 for gooseflesh on the COWS."""


class NothingAnswered(Refusal):
    sentence = "Answer at least one question before saving."


class NotTheirEpisode(Refusal):
    sentence = "That episode belongs to another client."


class NotYetFilledIn(Refusal):
    sentence = "That time is in the future. Enter when it was completed."


class WhyTakenBack(Refusal):
    sentence = "Enter a short reason, e.g. “wrong client”."


class AlreadyTakenBack(Refusal):
    sentence = "This measure is already marked as entered in error."


@dataclass(frozen=True)
class Score:
    """A scoring result. Unless all scored answers are there, there is no total, no band and no subscale."""

    instrument: Instrument
    rules_version: int
    answers: Mapping[str, int]
    total: int | None = None
    band: str = ""
    subscales: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    action: str = ""
    requires: Instrument | None = None  # the measure that must be taken before closing


class LocalTime(Func):  # type: ignore[explicit-any]
    """A moment by the clocks of a zone: `LocalTime(zone, moment)`."""

    function = "timezone"
    output_field = DateTimeField()


def _named(instrument: str) -> Instrument:
    """“phq-9”, “PHQ9” and “phq 9” are equal. Raises ValueError for an unknown instrument."""
    asked = re.sub(r"[^a-z0-9]", "", instrument.lower())
    found = next((each for each in Instrument if each.value.replace("-", "") == asked), None)
    return found or Instrument(instrument)


# By item key or number, or in item order; None or "" for no answer.
Answers: TypeAlias = Mapping[str, object] | Mapping[int, object] | Sequence[object]


def score(instrument: str, answers: Answers, *, sex: str = Sex.NOT_SAID) -> Score:
    """Score a set of answers: `answers` maps item keys (or numbers) to answers, or lists them in order.

    None is a missing answer. `sex` matters only for the AUDIT-C, whose cutoff is 4 for men and 3 for women. Raises
    AnswerNotAllowed.
    """
    form = FORMS[_named(instrument)]
    given = _checked(form, answers)
    action, requires = _action(form, given)
    missing = _missing(form, given)
    if missing:
        return Score(form.instrument, form.rules_version, given, missing=missing, action=action, requires=requires)
    total, band, subscales = _result(form, given, sex)
    return Score(form.instrument, form.rules_version, given, total, band, subscales, (), action, requires)


def record(
    *,
    client: Client,
    instrument: str,
    answers: Answers,
    by: StaffMember,
    taken_at: datetime.datetime | None = None,
    episode: TreatmentEpisode | None = None,
    wording: Wording | None = None,
) -> Measure:
    """Score a completed instrument and store it with its answers and the versions of rules and item text.

    `wording` is what was shown; by default, what the clinic shows now. A form that was sent twice is one measure.
    Raises AnswerNotAllowed, NothingAnswered, NotTheirEpisode, NotYetFilledIn.
    """
    demand(by, Permission.NOTE_WRITE, client)
    now = timezone.now()
    if taken_at is not None and taken_at > now + CLOCKS_DIFFER:
        raise NotYetFilledIn
    check_possible(client, taken_at and timezone.localdate(taken_at, client.clinic.zone))
    measure = filled_in(
        client=client,
        instrument=instrument,
        answers=answers,
        by=by,
        taken_at=min(taken_at or now, now),
        episode=episode,
        wording=wording or wording_for(client.clinic, _named(instrument)),
    )
    with act("counseling.record_measure", by=by, client=client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        again = _just_recorded(measure, now)
        if again is not None:
            entry.about(again, instrument=again.instrument, sent_twice=True)
            return again
        measure.save(force_insert=True)
        entry.about(measure, instrument=measure.instrument, complete=measure.is_scored)
    return measure


def keep(*, measure: Measure, by: StaffMember) -> Measure:
    """Store what a client completed on a tablet: the permission of `by` was checked at the handover."""
    with act("counseling.record_measure", by=by, client=measure.client) as entry:
        measure.save(force_insert=True)
        entry.about(measure, instrument=measure.instrument, complete=measure.is_scored)
    return measure


def _just_recorded(measure: Measure, now: datetime.datetime) -> Measure | None:
    """The same answers, entered by the same person a moment ago: a form that was sent twice."""
    entered = AuditEntry.objects.filter(
        clinic=measure.client.clinic_id,
        act="counseling.record_measure",
        client_id=measure.client_id,
        staff_member=measure.recorded_by,
        at__gt=now - SENT_TWICE,
    )
    return (
        Measure.objects.counted()
        .filter(
            pk__in=list(entered.values_list("subject_id", flat=True)),
            instrument=measure.instrument,
            answers=measure.answers,
            taken_at__range=(measure.taken_at - SENT_TWICE, measure.taken_at + SENT_TWICE),
        )
        .first()
    )


def filled_in(
    *,
    client: Client,
    instrument: str,
    answers: Answers,
    by: StaffMember,
    taken_at: datetime.datetime,
    episode: TreatmentEpisode | None = None,
    wording: Wording | None = None,
) -> Measure:
    """A scored measure that is not stored yet, for `record`, `keep` and the demo."""
    scored = score(instrument, answers, sex=client.sex)
    if not scored.answers:
        raise NothingAnswered
    if episode is not None and episode.client_id != client.pk:
        raise NotTheirEpisode
    return Measure(
        client=client,
        episode=episode,
        instrument=scored.instrument,
        rules_version=scored.rules_version,
        text=wording.text if wording else None,
        answers=dict(scored.answers),
        total=scored.total,
        subscales=dict(scored.subscales),
        band=scored.band,
        action=scored.action or withdrawal_care.asked_by(scored.instrument, scored.total, client.clinic),
        requires=scored.requires or "",
        taken_at=taken_at,
        recorded_by=by,
    )


def withdraw(*, measure: Measure, reason: str, by: StaffMember) -> MeasureWithdrawal:
    """Mark a measure as entered in error. It stays on record with the reason, but no longer counts.

    Anyone who may enter one may withdraw one. Raises NotPermitted, WhyTakenBack, AlreadyTakenBack.
    """
    demand(by, Permission.NOTE_WRITE, measure)
    words = " ".join(reason.split())
    if not words:
        raise WhyTakenBack
    with act("counseling.withdraw_measure", by=by, client=measure.client) as entry:
        stored = Measure.objects.select_for_update(of=("self",), no_key=True).get(pk=measure.pk)
        if stored.is_withdrawn:
            raise AlreadyTakenBack
        taken_back = MeasureWithdrawal.objects.create(
            measure=stored, reason=words[:LONGEST_REASON], by=by, at=timezone.now()
        )
        entry.about(stored, instrument=stored.instrument)
    return taken_back


def unanswered_alarms() -> MeasureQuerySet:
    """Measures that require another one not completed since, over all clients; filter before use.

    If one of the two has no time, one from the same day that was recorded after the question answers it.
    """
    zone = "client__clinic__time_zone"
    here, asked = LocalTime(F(zone), F("taken_at")), LocalTime(OuterRef(zone), OuterRef("taken_at"))
    done = (
        Measure.objects.counted()
        .filter(client=OuterRef("client"), instrument=OuterRef("requires"))
        .exclude(band="")
        .annotate(day=Cast(here, DateField()), time=Cast(here, TimeField()))
        .annotate(asked_day=Cast(asked, DateField()), asked_time=Cast(asked, TimeField()))
    )
    no_time = Q(time=SOME_TIME) | Q(asked_time=SOME_TIME)
    since = Q(taken_at__gte=OuterRef("taken_at")) | (Q(day=F("asked_day"), pk__gt=OuterRef("pk")) & no_time)
    asking = Measure.objects.counted().exclude(requires="").exclude(has_died("client"))  # else nobody is to be asked
    return asking.exclude(Exists(done.filter(since)))


@reads
def latest(client: Client) -> Reading[list[Measure]]:
    """The latest measure of each instrument."""
    last_of_each = query(
        lambda client: (
            Measure.objects.counted()
            .filter(client=client)
            .order_by("instrument", "-taken_at", "-pk")
            .distinct("instrument")
        ),
        client=client,
    )
    found = yield from rows(last_of_each)
    return sorted(found, key=lambda measure: measure.taken_at, reverse=True)


def _checked(form: Form, answers: Answers) -> dict[str, int]:
    """Answers by item key, without the missing ones; refuses unknown items and answers that are not on the form."""
    if not isinstance(answers, Mapping):
        if len(answers) > len(form.items):
            raise AnswerNotAllowed(f"{form.instrument.label} has {len(form.items)} questions, not {len(answers)}.")
        answers = dict(zip(form.keys, answers, strict=False))
    items = {item.key: item for item in form.items}
    given = {}
    for key, answer in answers.items():
        item = items.get(str(key))
        if item is None and (place := outside.number(key, lowest=1, highest=len(form.items))):
            item = form.items[place - 1]
        if item is None:
            raise AnswerNotAllowed(f"{form.instrument.label} has no question “{key}”.")
        if answer is None or answer == "":
            continue
        value = outside.number(answer)
        if value is None or value not in item.allowed:
            raise AnswerNotAllowed(_allowed(form, item, answer))
        given[item.key] = value
    if form.instrument == Instrument.CSSRS and given.get("6_recent") and given.get("6") == 0:
        raise AnswerNotAllowed(
            "C-SSRS screener, question 6: “no”, but “yes” within the past 3 months. Correct one of them."
        )
    for _, sentence in contradictions(form, given):
        raise AnswerNotAllowed(sentence)
    return given


def contradictions(form: Form, given: Mapping[str, object]) -> list[tuple[str, str]]:
    """Answers to questions that the form does not ask after the others: the key of each, and the sentence to show."""
    found = {}
    for skip in form.skips:
        if skip.is_firm and skip.holds(given):
            asked = " and ".join(skip.after)
            after = f"question {asked} is 0" if len(skip.after) == 1 else f"questions {asked} are both 0"
            for key in skip.skips:
                if str(given.get(key) or 0) != "0":
                    found[key] = (
                        f"{form.instrument.label}: {after}, so question {key} should be skipped, but is answered "
                        f"{given[key]}. Correct one of them."
                    )
    return list(found.items())


def _allowed(form: Form, item: instruments.Item, answer: object) -> str:
    allowed = ", ".join(map(str, item.allowed))
    return f"{form.instrument.label}, {item.label.lower()}: {answer} is not on the form. Allowed: {allowed}."


def _missing(form: Form, given: Mapping[str, int]) -> tuple[str, ...]:
    skipped = form.skipped(given)
    needed = [item.key for item in form.items if item.scored and item.key not in skipped]
    return tuple(key for key in needed if key not in given)


def _result(form: Form, given: Mapping[str, int], sex: str) -> tuple[int | None, str, dict[str, int]]:
    match form.instrument:
        case Instrument.CSSRS:
            return None, _cssrs_band(given), {}
        case Instrument.BAM:
            return None, "", {name: sum(given[key] for key in keys) for name, keys in instruments.BAM_SUBSCALES.items()}
        case Instrument.DAST10:
            total = sum(1 - value if key == instruments.DAST10_REVERSED else value for key, value in given.items())
        case _:
            total = sum(given.get(item.key, 0) for item in form.items if item.scored)  # what is skipped counts 0
    if form.instrument == Instrument.AUDIT_C:
        return total, _audit_c_band(total, sex), {}
    return total, next(band.name for band in reversed(form.bands) if total >= band.lowest), {}


def _audit_c_band(total: int, sex: str) -> str:
    if sex == Sex.NOT_SAID and total == 3:
        return "At the cutoff for women, below the one for men"
    cutoff = 3 if sex == Sex.FEMALE else 4
    return "At or above the cutoff" if total >= cutoff else "Below the cutoff"


def _cssrs_band(given: Mapping[str, int]) -> str:
    """The highest answer decides."""
    if given.get("4") or given.get("5") or given.get("6_recent"):
        return "High"
    if given.get("3") or given.get("6"):
        return "Moderate"
    return "Low" if given.get("1") or given.get("2") else "No risk identified"


def _action(form: Form, given: Mapping[str, int]) -> tuple[str, Instrument | None]:
    """The action that the answers require, even if others are missing: danger does not wait for a complete form."""
    if form.instrument == Instrument.PHQ9 and given.get("9", 0) >= 1:
        return "Question 9 is above 0. Complete the C-SSRS screener now, before the session ends.", Instrument.CSSRS
    if form.instrument == Instrument.CSSRS and _cssrs_band(given) == "High":
        return "High: immediate evaluation by a clinician; 988 Suicide and Crisis Lifeline.", None
    return "", None
