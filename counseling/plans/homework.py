"""Homework between sessions: assign, review, carry over."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone

from cases.models import TreatmentEpisode
from cases.possible_days import check_possible
from counseling import notes
from counseling.codes import HomeworkOutcome
from counseling.models import Homework, SessionNote
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.typed_days import PLANS


class NothingToDo(Refusal):
    sentence = "Describe the homework as one small task."


class DueInThePast(Refusal):
    sentence = "The due date has passed. Choose a later date, or leave it blank."


class HomeworkEpisodeEnded(Refusal):
    sentence = "This episode has ended, so homework can’t be assigned in it."


class OfAnotherEpisode(Refusal):
    sentence = "That note or homework belongs to another episode."


class AlreadyReviewed(Refusal):
    sentence = "This homework was already reviewed."


class UnknownOutcome(Refusal):
    sentence = "Choose an outcome: done, partly done, not done, or dropped."


def give_homework(
    *,
    episode: TreatmentEpisode,
    text: str,
    by: StaffMember,
    due_on: datetime.date | None = None,
    note: SessionNote | None = None,
    carried_from: Homework | None = None,
) -> Homework:
    """Assign homework today; with `note`, in that draft's session.

    The same text in one note is assigned once. Raises NotPermitted, NothingToDo, DueInThePast, HomeworkEpisodeEnded,
    OfAnotherEpisode, and what notes.lock_draft raises for a note that is not the author's own draft.
    """
    client = episode.client
    demand(by, Permission.NOTE_WRITE, client)
    text = " ".join(text.split())
    if not text:
        raise NothingToDo
    today = timezone.localdate(timezone=client.clinic.zone)
    if due_on is not None and due_on < today:
        raise DueInThePast
    check_possible(client, due_on, ahead=PLANS)
    with act("counseling.give_homework", by=by, client=client) as entry:
        stored = TreatmentEpisode.objects.select_for_update(no_key=True).get(pk=episode.pk)
        if not stored.is_open:
            raise HomeworkEpisodeEnded
        if carried_from is not None and carried_from.client_id != client.pk:
            raise OfAnotherEpisode
        _check_note(note, stored.pk, by)
        same = Homework.objects.open().filter(episode=stored, note=note, text=text[:500], given_on=today)
        homework = same.filter(due_on=due_on, carried_from=carried_from).first()
        if homework is None:
            homework = Homework.objects.create(
                client=client,
                episode=stored,
                text=text[:500],
                due_on=due_on,
                given_on=today,
                given_by=by,
                note=note,
                carried_from=carried_from,
            )
        entry.about(homework, note=note.pk if note else None)
    return homework


def review_homework(
    *,
    homework: Homework,
    outcome: str,
    by: StaffMember,
    learned: str = "",
    note: SessionNote | None = None,
    give_again: bool = False,
    due_on: datetime.date | None = None,
) -> Homework:
    """Review homework: its outcome and what was learned; with `give_again`, assign it again, due on `due_on`.

    Allowed after the episode too: not everyone says goodbye, and the record should show the outcome. Submitting the
    same review twice changes nothing. Raises NotPermitted, UnknownOutcome, AlreadyReviewed, what `give_homework`
    raises.
    """
    demand(by, Permission.NOTE_WRITE, homework.client)
    if outcome not in HomeworkOutcome.values:
        raise UnknownOutcome
    learned = learned.strip()[:1000]
    with transaction.atomic():
        stored = (
            Homework.objects.select_for_update(of=("self",), no_key=True)
            .select_related("client__clinic")
            .get(pk=homework.pk)
        )
        if not stored.is_open:
            if (stored.outcome, stored.learned) == (outcome, learned):
                return stored
            raise AlreadyReviewed
        with act("counseling.review_homework", by=by, client=stored.client) as entry:
            _check_note(note, stored.episode_id, by)
            stored.outcome = HomeworkOutcome(outcome)
            stored.learned = learned
            stored.reviewed_at = timezone.now()
            stored.reviewed_by = by
            stored.reviewed_in = note
            stored.save(update_fields=["outcome", "learned", "reviewed_at", "reviewed_by", "reviewed_in"])
            entry.about(stored, outcome=outcome)
        if give_again:
            give_homework(
                episode=stored.episode, text=stored.text, by=by, due_on=due_on, note=note, carried_from=stored
            )
    return stored


def carry(*, homework: Homework, into: TreatmentEpisode, by: StaffMember) -> Homework:
    """Carry homework of an earlier episode into this one, with its lineage and without a due date.

    Homework that one verdict carried and another dropped is restored. Part of the caller's act.
    """
    carried = Homework.objects.filter(episode=into, carried_from=homework).first()
    if carried is None:
        return give_homework(episode=into, text=homework.text, by=by, carried_from=homework)
    if carried.outcome == HomeworkOutcome.LET_GO:
        carried.outcome = carried.learned = ""
        carried.reviewed_at = carried.reviewed_by = carried.reviewed_in = None
        carried.save(update_fields=["outcome", "learned", "reviewed_at", "reviewed_by", "reviewed_in"])
    return carried


def _check_note(note: SessionNote | None, episode_id: int, by: StaffMember) -> None:
    if note is None:
        return
    if note.episode_id != episode_id:
        raise OfAnotherEpisode
    notes.lock_draft(note, by=by)
