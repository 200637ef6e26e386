"""What colleagues are to be told of, as it stands at a moment: the rules of docs/, read anew (staff_oracle.py).

Each message is due at its own moment, and called for as long as its cause is on record: who is to do it may change.
Not here: “Task to do” (staff_task), which nothing in the product writes. Not in this month, and so not compared:
colleagues who leave, records that are merged, levels of care that change, a note whose session is moved.
"""

from __future__ import annotations

import calendar
import datetime
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .facts import DAY, HOUR, NOT_FOLLOWED_UP, TO_COME
from .staff_record import Record

MENTORS_NOTICE = "groups.mentor_approval_notice"
TWO_DAYS = 2 * DAY  # later, Today says it anyway


@dataclass(frozen=True)
class Nudge:
    """A message to a colleague. What it is about names it: who is told of the same twice is told once."""

    kind: str
    to: int
    about: tuple[Any, ...]
    due: datetime.datetime
    until: datetime.datetime | None = None
    by_act: bool = False  # put into the outbox by what was done, however far ahead or behind; the others by the hour

    @property
    def name(self) -> tuple[Any, ...]:
        return self.kind, self.to, self.about


def wanted(record: Record, at: datetime.datetime) -> Iterator[Nudge]:
    """All that is called for at that moment, whenever it is due."""
    for find in (_notes, _cosignatures, _meetings):
        yield from find(record, at)
    for find in (_plans, _measures, _consents, _mentors, _callers, _missed, _calls):
        for kind, to, due, about in find(record, at):
            if to is not None:
                yield Nudge(kind, to, about, due, due + TWO_DAYS)


Found = Iterator[tuple[str, int | None, datetime.datetime, tuple[Any, ...]]]


# --- notes ---


def _notes(record: Record, at: datetime.datetime) -> Iterator[Nudge]:
    """20 hours after the session, not within an hour of beginning the note, until it is signed or discarded."""
    for note in record.notes:
        done = [each for each in (note.signed_at, note.discarded_at) if each is not None and each <= at]
        if record.begin <= note.started_at <= at and not done:  # the demo's own past has no such messages
            over = note.session_ended_at or note.session_started_at
            due = max(over + 20 * HOUR, note.started_at + HOUR)
            yield Nudge("staff_note_unsigned", note.author_id, (note.pk, due), due, by_act=True)


def _cosignatures(record: Record, at: datetime.datetime) -> Iterator[Nudge]:
    """24 hours after the first signature, in office hours, to whoever supervises the author now."""
    for note in record.notes:
        if not note.needs_cosignature or note.signed_at is None or note.signed_at > at:
            continue
        to = record.supervisors[note.author_id]
        if to is not None and (note.cosigned_at is None or note.cosigned_at > at):
            due = record.in_office(note.signed_at + 24 * HOUR)
            yield Nudge("staff_cosign", to, (note.pk,), due, due + TWO_DAYS)


# --- plans and measures ---

AN_HOUR_COUNTS = {"3.7": 24, "4": 24, "3.3": 48, "3.5": 48}  # the plan, in hours
WITHIN_DAYS = {"3.1": 7}  # the others: 21
REVIEWED_EVERY = {"3.7": 3, "4": 3, "3.3": 7, "3.5": 7, "3.1": 30, "2.1": 30, "2.5": 14, "2.7": 14, "0.5": 90, "1": 90}


def _plans(record: Record, at: datetime.datetime) -> Found:
    """Three days before the plan or its review is due, to the primary counselor of someone in care."""
    for client in record.clients:
        for stay in record.open_stays(client, at):
            levels = [each for each in record.levels[stay.pk] if each.starts_at <= at]
            made = [each.started_at for each in record.plans[stay.pk] if each.started_at <= at][:1]
            if made:
                what, due_on = "review", _review_on(record, stay.pk, levels, made[0], at)
            else:
                what, due_on = "plan", record.day(min(_plan_by(record, each) for each in levels) - HOUR / 3600)
            admitted = stay.admitted_at or record.morning(stay.admitted_on)
            due = max(record.morning(due_on - 3 * DAY), admitted)
            yield "staff_plan_due", record.primary(client, at), due, (what, stay.pk, due_on)


def _plan_by(record: Record, level: Any) -> datetime.datetime:
    if level.level_code in AN_HOUR_COUNTS:
        return level.starts_at + AN_HOUR_COUNTS[level.level_code] * HOUR
    last = record.day(level.starts_at) + WITHIN_DAYS.get(level.level_code, 21) * DAY
    return record.at_local(last + DAY, datetime.time())


def _review_on(
    record: Record, stay: int, levels: list[Any], made: datetime.datetime, at: datetime.datetime
) -> datetime.date:
    last = [each for each in record.reviews[stay] if each.reviewed_at <= at][-1:]
    looked_at = last[0].reviewed_at if last else made
    every, day = REVIEWED_EVERY[levels[-1].level_code], record.day(looked_at)
    before = [each for each in levels if each.starts_at <= looked_at]
    due = day + every * DAY
    if before and before[-1] is not levels[-1] and every < (longer := REVIEWED_EVERY[before[-1].level_code]):
        due = min(day + longer * DAY, record.day(levels[-1].starts_at) + every * DAY)
    return min(due, last[0].next_review_on) if last and last[0].next_review_on else due


# (within so many days of the level, then every so many), as in the table of docs/measures.md; None: once.
OF_DAY_CARE = {"c-ssrs": (1, None), "phq-9": (7, 30), "gad-7": (7, 30), "bam": (7, 30), "barc-10": (30, 90)}
OF_HOURS = OF_DAY_CARE | {"bam": (14, 30)}
OF_RESIDENCE = {"c-ssrs": (1, None), "phq-9": (7, 14), "gad-7": (7, 14), "bam": (7, 30)}
OF_HOSPITAL = {"c-ssrs": (1, None), "phq-9": (7, 14), "gad-7": (7, 14)}
MEASURES: dict[str, dict[str, tuple[int, int | None]]] = {
    **dict.fromkeys(("2.1", "2.5", "2.7"), OF_DAY_CARE),
    **dict.fromkeys(("0.5", "1"), OF_HOURS),
    **dict.fromkeys(("3.1", "3.3", "3.5"), OF_RESIDENCE),
    **dict.fromkeys(("3.7", "4"), OF_HOSPITAL),
}


def _measures(record: Record, at: datetime.datetime) -> Found:
    """On the morning of the day by which one is due, one for all of that day, to the primary counselor."""
    for client in record.clients:
        first: dict[str, datetime.date] = {}
        for stay in record.open_stays(client, at):
            levels = [each for each in record.levels[stay.pk] if each.starts_at <= at]
            asked = MEASURES[levels[-1].level_code]
            came = levels[-1]
            for level in reversed(levels):
                if MEASURES[level.level_code] is not asked:
                    break
                came = level
            since = record.day(came.starts_at)
            for instrument, (within, every) in asked.items():
                if (day := _measure_on(record, client, stay, instrument, since, within, every, at)) is not None:
                    first[instrument] = min(day, first.get(instrument, day))
        for day in sorted(set(first.values())):
            yield "staff_measure_due", record.primary(client, at), record.morning(day), (client, day)


def _measure_on(
    record: Record,
    client: int,
    stay: Any,
    instrument: str,
    since: datetime.date,
    within: int,
    every: int | None,
    at: datetime.datetime,
) -> datetime.date | None:
    taken = [
        record.day(each.taken_at)
        for each in record.measures[client, instrument]
        if each.taken_at <= at and not (hasattr(each, "withdrawal") and each.withdrawal.at <= at)
    ]
    last = [day for day in taken if day >= stay.admitted_on][-1:]
    if not last:
        return since + within * DAY
    return None if every is None else max(last[0] + every * DAY, since + within * DAY)


# --- what expires ---


def _consents(record: Record, at: datetime.datetime) -> Found:
    """14 days before the last day of a consent, not on the day it was signed."""
    today = record.day(at)
    for consent in record.consents:
        steps = {each.status for each in record.statuses[consent.pk] if each.at <= at}
        if consent.expires_on is None or consent.signed_on is None or "active" not in steps or "revoked" in steps:
            continue
        if consent.signed_on <= today <= consent.expires_on and record.is_alive(consent.client_id, at):
            day = max(consent.expires_on - 14 * DAY, consent.signed_on + DAY)
            about = (consent.pk, consent.expires_on)
            yield "staff_consent_expiring", record.primary(consent.client_id, at), record.morning(day), about


def _mentors(record: Record, at: datetime.datetime) -> Found:
    """14 days before the approval of a peer mentor ends, or as many as the clinic wants."""
    own = [value for since, key, value in record.journal.numbers if key == MENTORS_NOTICE and since <= at]
    notice = own[-1] if own else 14
    today = record.day(at)
    for term in record.terms:
        member = term.membership
        approved = [each.valid_until for each in record.mentor_steps[member.pk] if each.at <= at and each.valid_until]
        ends = [each for each in (term.ended_on, member.left_on) if each is not None and each <= today]
        if term.started_on <= today and not ends and approved and record.is_alive(member.client_id, at):
            due = record.morning(max(approved) - notice * DAY)
            yield "staff_mentor_review", record.primary(member.client_id, at), due, (term.pk, max(approved))


# --- callers ---


def _callers(record: Record, at: datetime.datetime) -> Found:
    """When a call back is due; 24 hours before the law gives a day: 48 hours, 14 days, or 120 with interim services."""
    for row in record.inquiries:
        call = next((was for until, was in record.journal.inquiries.get(row.pk, []) if at < until), row)
        if call.taken_at > at or call.stage in {"admitted", "referred", "closed"}:
            continue
        to = call.assigned_to_id or call.taken_by_id
        if call.stage == "new" and call.next_action_at is not None:
            yield "staff_inquiry_callback", to, call.next_action_at, (call.pk, call.next_action_at)
        clocks, interim = [], call.interim_services_at
        if interim is None and (call.pregnant or (call.injects and call.stage == "waitlist")):
            clocks.append(("interim", call.taken_at + 48 * HOUR))
        if call.injects:
            in_time = interim is not None and interim <= call.taken_at + 48 * HOUR
            clocks.append(("admit", call.taken_at + (120 if in_time else 14) * DAY))
        for what, by_then in clocks:
            yield "staff_interim_clock", to, max(by_then - 24 * HOUR, call.taken_at), (call.pk, what, by_then)


# --- after a missed appointment, after a discharge, after a meeting ---


def _missed(record: Record, at: datetime.datetime) -> Found:
    """Another way on day 2, review on day 7, a letter on day 14, to whom they were to meet; of the latest one missed.

    Not of the call on the same day. Nothing more once they were reached, came, have a new appointment ahead, were
    discharged, or died.
    """
    for client in record.clients:
        own = record.appointments[client]
        missed = [each for each in own if record.step_at(each.pk, at)[0] == "no_show"]
        missed = [each for each in missed if record.step_at(each.pk, at)[1] > at - 44 * DAY < each.starts_at]
        if not missed or not record.is_alive(client, at):
            continue
        latest = missed[-1]
        contacts = [each for each in record.contacts[latest.pk] if each.at <= at]
        if any(each.outcome == "reached" for each in contacts) or _is_settled(record, client, latest, at):
            continue
        steps = ["call", "second", "review", "letter"]
        taken = [steps.index(each.step) for each in contacts]
        ahead = steps[max(taken) + 1 :] if taken else steps
        if ahead and ahead[0] != "call":
            day = record.day(latest.starts_at) + {"second": 2, "review": 7, "letter": 14}[ahead[0]] * DAY
            yield "staff_no_show_step", latest.staff_member_id, record.morning(day), (latest.pk, ahead[0], day)


def _is_settled(record: Record, client: int, missed: Any, at: datetime.datetime) -> bool:
    noted = record.step_at(missed.pk, at)[1]
    for other in record.appointments[client]:
        step, _ = record.step_at(other.pk, at)
        if other.starts_at > missed.starts_at and step in {"arrived", "kept"}:
            return True
        booked = record.appointment_steps[other.pk][0].at
        if step in TO_COME and noted <= booked <= at and record.day(other.starts_at) >= record.day(at):
            return True
    signed = [each for each in record.notes_of[client] if each.signed_at is not None and each.signed_at <= at]
    came = [each.session_started_at for each in signed if each.modality != "case_management"]
    came += [each.at for each in record.attended[client] if each.taken_at <= at]
    if any(each > missed.starts_at for each in came):
        return True
    last = record.last_ended(client, at)
    over = last is not None and not record.open_stays(client, at)
    return over and last.discharged_on >= record.day(missed.starts_at)


def _calls(record: Record, at: datetime.datetime) -> Found:
    """On the morning of each planned call after the last discharge, as long as they are not back in care."""
    for client in record.clients:
        stay = record.last_ended(client, at)
        if stay is None or record.open_stays(client, at) or not record.is_alive(client, at):
            continue
        if stay.discharge_reason in NOT_FOLLOWED_UP:
            continue
        for day in _call_days(record, stay, at):
            yield "staff_continuing_care", record.primary(client, at), record.morning(day), (stay.pk, day)


def _call_days(record: Record, stay: Any, at: datetime.datetime) -> list[datetime.date]:
    left, today = stay.discharged_on, record.day(at)
    levels = record.levels[stay.pk]
    high = (levels[-1].setting if levels else stay.program.setting) in (3, 4)
    said = [(record.day(each.at), each.pace) for each in record.choices[stay.pk] if each.at <= at]
    pace, changed = (said[-1][1], said[-1][0]) if said else ("full", left)
    days = {
        each for each in _planned(left, pace, high) if each >= changed or each in _planned(left, _was(said, each), high)
    }
    calls = [each for each in record.calls[stay.pk] if each.at <= at]
    reached = [record.day(each.at) for each in calls if each.outcome == "reached"]
    days = {each for each in days if not reached or each > reached[-1] + 3 * DAY}
    telling = [each for each in calls if each.outcome == "reached" or each.next_on]
    if telling and telling[-1].next_on and not (pace == "none" and record.day(telling[-1].at) <= changed):
        days = {each for each in days if each >= telling[-1].next_on} | {telling[-1].next_on}
    assert today >= left
    return sorted(days)


def _was(said: list[tuple[datetime.date, str]], on: datetime.date) -> str:
    return next((pace for day, pace in reversed(said) if day <= on), "full")


@functools.cache
def _planned(left: datetime.date, pace: str, high: bool) -> frozenset[datetime.date]:
    """First within 72 hours (24 after residential care), weekly through week 8 (day 30 in week 4), twice a month
    through month 12, monthly through month 24; each quarter a checkup. 14 days or more after the last weekly one."""
    quarters = {_months(left, month) for month in range(3, 25, 3)}
    first = {left + (1 if high else 3) * DAY, left + 30 * DAY}
    if pace == "full":
        weekly = {left + 7 * week * DAY for week in range(1, 9) if week != 4}
        later = {_months(left, month) for month in range(1, 25)}
        later |= {_months(left, month) + 15 * DAY for month in range(1, 12)}
        return frozenset(first | weekly | quarters | {each for each in later if each >= left + 70 * DAY})
    if pace == "monthly":
        return frozenset(first | quarters | {_months(left, month) for month in range(2, 25)})
    return frozenset(quarters if pace == "checkups" else ())


def _months(day: datetime.date, number: int) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _meetings(record: Record, at: datetime.datetime) -> Iterator[Nudge]:
    """The day after a planned meeting, 10 AM where the client is, in office hours: to the colleague who made the plan,
    or, if the client made it by a private link, the one before; for a week, until something came of it."""
    for steps in record.referral_steps.values():
        for plan in steps:
            if plan.step != "planned" or plan.at > at or plan.planned_for is None:
                continue
            client = record.clients[plan.referral.client_id]
            zone = record.journal.zones.get(client.pk, client.zone) if plan.at <= record.begin else client.zone
            day = plan.planned_for.astimezone(zone).date() + DAY
            asked = datetime.datetime.combine(day, datetime.time(10), zone).astimezone(datetime.UTC)
            later = [each.step for each in steps if each.pk > plan.pk and each.at <= at]
            told = [each for each in record.visits[plan.referral_id] if plan.at <= each.recorded_at <= at]
            if plan.own_report_id:  # it came with a visit, which is of an earlier day
                told = [each for each in told if each.own_report_id != plan.own_report_id]
            over = told or {"planned", "declined", "ended", "engaged", "visited"} & set(later)
            if asked + 7 * DAY >= max(plan.at, record.begin) and not over and record.is_alive(client.pk, at):
                due, until = record.in_office(asked), asked + 7 * DAY
                planners = [each.by_id for each in steps if each.pk <= plan.pk and each.planned_for and each.by_id]
                yield Nudge("staff_followup_call", planners[-1], (plan.pk,), due, until, by_act=True)
