"""Tablet sessions: a client completes measures alone, and the session ends by itself.

The client, a colleague or the clock ends it under its row's lock, once. The answers so far become one measure per
instrument. Docs: docs/tablet.md.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pghistory
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from counseling import measures
from counseling.codes import ASKED_BY_A_CLINICIAN, HandoverEnd, Instrument
from counseling.measures.item_text import WordedItem, Wording, shipped, wording_of, wordings_for
from counseling.models import Handover, HandoverMeasure
from counseling.thresholds import TABLET_IDLE_MINUTES, TABLET_LONGEST_MINUTES
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal
from staff.thresholds import values_for

log = logging.getLogger("onward.tablet")


class NothingToFillIn(Refusal):
    sentence = "Choose at least one measure."


class NotForTheClient(Refusal):
    """An instrument that a clinician must complete, or without item text at this clinic."""


class InTheirHands(Refusal):
    sentence = "This client already has a tablet session. End it first; its answers are kept."


class Closed(Refusal):
    sentence = "These questions are closed."


@dataclass(frozen=True)
class Question:
    """One question as the tablet shows it, with the answer so far. `number` counts across all measures."""

    number: int
    part: HandoverMeasure
    introduction: str
    item: WordedItem

    @property
    def is_reached(self) -> bool:
        """Whether there is an answer, be it that the client would rather not."""
        return self.item.key in self.part.answers

    @property
    def answer(self) -> int | None:
        """The number of the choice, or None."""
        number: int | None = self.part.answers.get(self.item.key)
        return number

    @property
    def answer_words(self) -> str:
        """The choice in words, or nothing."""
        return next((words for value, words in self.item.choices if value == self.answer), "")


def offered(clinic: Clinic) -> list[Wording]:
    """Measures for the tablet: those that clients complete and for which this clinic has all item text."""
    possible = (each for each in Instrument if each.value not in ASKED_BY_A_CLINICIAN)
    return [
        wording
        for wording in wordings_for(clinic, possible)
        if wording is not None and _says_what_answers_mean(wording)
    ]


def _says_what_answers_mean(wording: Wording) -> bool:
    """Whether each question labels at least its lowest and highest answer: no one can answer “0 2 4” alone."""
    ends = (end for item in wording.items for end in (min(item.choices), max(item.choices)))
    return all(words.strip() not in ("", str(value)) for value, words in ends)


def open(*, client: Client, instruments: Iterable[str], by: StaffMember) -> Handover:
    """Open a handover; its `token` is known to the caller alone, who puts it into the tablet's session.

    Raises NotPermitted, NothingToFillIn, NotForTheClient, InTheirHands.
    """
    demand(by, Permission.NOTE_WRITE, client)
    chosen = list(dict.fromkeys(Instrument(each) for each in instruments))
    if not chosen:
        raise NothingToFillIn
    possible = {wording.form.instrument: wording for wording in offered(client.clinic)}
    for each in chosen:
        if each not in possible:
            raise NotForTheClient(f"Clients can’t complete the {each.label} on their own here.")
    now = timezone.now()
    limits = values_for(client.clinic, [TABLET_IDLE_MINUTES, TABLET_LONGEST_MINUTES])
    idle = limits[TABLET_IDLE_MINUTES.key]
    ends_at = now + datetime.timedelta(minutes=limits[TABLET_LONGEST_MINUTES.key])
    token = secrets.token_urlsafe(32)
    for old in Handover.objects.due(now).filter(client=client):
        _end(old.pk, HandoverEnd.TIMED_OUT, now)
    with act("counseling.hand_over", by=by, client=client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)  # two windows that open one at once
        if Handover.objects.filter(client=client, ended_at=None).exists():
            raise InTheirHands
        handover = Handover.objects.create(
            client=client,
            episode=TreatmentEpisode.objects.filter(client=client).open().first(),
            token_hash=_hash(token),
            opened_by=by,
            opened_at=now,
            idle_minutes=idle,
            active_at=now,
            closes_at=min(now + datetime.timedelta(minutes=idle), ends_at),
            ends_at=ends_at,
        )
        HandoverMeasure.objects.bulk_create(
            HandoverMeasure(handover=handover, place=place, instrument=each, text=possible[each].text)
            for place, each in enumerate(chosen, 1)
        )
        entry.about(handover, instruments=[each.value for each in chosen], ends_at=ends_at.isoformat())
    handover.token = token
    return handover


def opened_by_token(token: str) -> Handover | None:
    """The handover that a tablet's session opens; if its time ran out, it is ended first."""
    handover = Handover.objects.for_reading().filter(token_hash=_hash(token)).first()
    if handover is not None and handover.ended_at is None and timezone.now() >= handover.closes_at:
        return _end(handover.pk, HandoverEnd.TIMED_OUT, timezone.now())
    return handover


def questions(handover: Handover) -> list[Question]:
    """All questions in order, without those the form skips because of earlier answers."""
    return [
        Question(number, part, introduction, item)
        for number, (part, introduction, item) in enumerate(_worded(handover), 1)
    ]


def answer(*, handover: Handover, question: Question, choice: str | None) -> Handover:
    """Save one answer from whoever holds the tablet; None means “I’d rather not answer”.

    Raises Closed and AnswerNotAllowed. Giving the same answer again counts as activity.
    """
    given = measures.score(question.part.instrument, {question.item.key: choice}).answers.get(question.item.key)
    if choice is not None and given not in dict(question.item.choices):
        raise measures.AnswerNotAllowed("Choose one of the answers.")
    with transaction.atomic(), pghistory.context(staff_member=None, act="counseling.answer_on_tablet"):
        row = _still_open(handover)
        part = row.parts.get(pk=question.part.pk)
        if part.answers.get(question.item.key, "") != given:
            answers = part.answers | {question.item.key: given}
            skipped = part.form.skipped(answers)  # after a changed answer the form may not ask what it asked before
            part.answers = {key: said for key, said in answers.items() if key not in skipped}
            part.save(update_fields=["answers"])
        return _active(row)


def stay(*, handover: Handover) -> Handover:
    """The client is still there: extend the session. Raises Closed."""
    with transaction.atomic(), pghistory.context(staff_member=None, act="counseling.stay_on_tablet"):
        return _active(_still_open(handover))


def finish(*, handover: Handover) -> Handover:
    """The client has checked the answers and is done."""
    return _end(handover.pk, HandoverEnd.FINISHED, timezone.now())


def take_back(*, handover: Handover, by: StaffMember) -> Handover:
    """End the session as a staff member who may see the client; an ended one does not change. Raises NotPermitted."""
    demand(by, Permission.CLIENT_VIEW, handover.client)
    return _end(handover.pk, HandoverEnd.TAKEN_BACK, timezone.now(), by=by)


def end_due(now: datetime.datetime) -> int:
    """End sessions that timed out; returns how many. Run by beat, any number of times.

    One that cannot be ended stays out for the next time and keeps no other from being ended.
    """
    ended = 0
    for pk in list(Handover.objects.due(now).values_list("pk", flat=True)):
        try:
            ended += _end(pk, HandoverEnd.TIMED_OUT, now).ended_how == HandoverEnd.TIMED_OUT
        except SoftTimeLimitExceeded:
            raise  # the task is to end
        except Exception as error:
            # Its number and the kind of fault: what a database says about a row can hold a name.
            log.error("Tablet %s: could not be ended (%s)", pk, type(error).__name__)
    return ended


def asks_for_more(handover: Handover) -> bool:
    """Whether an answer needs attention at once (PHQ-9 question 9)."""
    return any(measures.score(part.instrument, part.given).requires is not None for part in handover.parts.all())


def _end(pk: int, how: HandoverEnd, now: datetime.datetime, by: StaffMember | None = None) -> Handover:
    """End a handover exactly once; its answers become measures. One that is not due yet stays open.

    Once its time has run out, timeout is the recorded reason, whoever comes first.
    """
    with transaction.atomic():
        # The client first, as a merge does: otherwise the two could wait for each other.
        list(Client.objects.select_for_update(no_key=True).filter(handovers=pk).values_list("pk", flat=True))
        rows = Handover.objects.select_for_update(of=("self",), no_key=True)
        handover = rows.select_related("client__clinic", "opened_by", "episode").get(pk=pk)
        is_due = now >= handover.closes_at
        if handover.ended_at is not None or (how == HandoverEnd.TIMED_OUT and not is_due):
            return handover
        if is_due:
            how, by = HandoverEnd.TIMED_OUT, None
        with act("counseling.end_handover", by=by, client=handover.client) as entry:
            kept = list(_keep(handover))
            handover.ended_at = handover.closes_at if is_due else now
            handover.ended_how, handover.ended_by = how, by
            handover.save(update_fields=["ended_at", "ended_how", "ended_by"])
            entry.about(handover, how=how.value, answered=handover.answered, of=handover.asked, measures=kept)
    return handover


def _keep(handover: Handover) -> Iterator[int]:
    """A measure for each instrument with any answer, recorded by the person who handed over the tablet.

    It does not matter what has happened to their account or their care team since: they had permission then. An episode
    that is no longer this client's is left out; the answers are still the client's.
    """
    episode = handover.episode
    if episode is not None and episode.client_id != handover.client_id:
        episode = None
    for part in handover.parts.select_related("text"):
        if part.given:
            stands = {key for key, said in part.answers.items() if said is None} | part.given.keys()
            part.answers = {key: said for key, said in part.answers.items() if key in stands}
            measure = measures.filled_in(
                client=handover.client,
                instrument=part.instrument,
                answers=part.given,
                by=handover.opened_by,
                taken_at=handover.active_at,
                episode=episode,
                wording=_wording(part),
            )
            part.measure = measures.keep(measure=measure, by=handover.opened_by)
            part.save(update_fields=["answers", "measure"])
            yield part.measure.pk


def _still_open(handover: Handover) -> Handover:
    row = Handover.objects.select_for_update(no_key=True).get(pk=handover.pk)
    if row.ended_at is not None or timezone.now() >= row.closes_at:
        raise Closed
    return row


def _active(row: Handover) -> Handover:
    row.active_at = timezone.now()
    row.closes_at = min(row.active_at + datetime.timedelta(minutes=row.idle_minutes), row.ends_at)
    row.save(update_fields=["active_at", "closes_at"])
    return row


def _worded(handover: Handover) -> Iterator[tuple[HandoverMeasure, str, WordedItem]]:
    for part in handover.parts.all():
        wording = _wording(part)
        skipped = part.form.skipped(part.answers)
        for item in wording.items if wording else ():
            if item.key in skipped:
                continue
            yield part, wording.introduction if wording else "", item


def _wording(part: HandoverMeasure) -> Wording | None:
    """The words that were chosen when the tablet was handed over, whatever the clinic has installed since."""
    return wording_of(part.text) if part.text else shipped(part.instrument)


def _hash(token: str) -> str:
    """The token is random and as long as the hash: it needs no salt and cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()
