"""Homework given in sessions: most of it come back to in the next one, some of it open when the person was gone."""

from __future__ import annotations

import datetime
import random
from collections import defaultdict
from collections.abc import Sequence

from django.utils import timezone

from counseling.codes import HomeworkOutcome
from counseling.models import Homework, SessionNote

from .lives import DAY, Life

HOMEWORK = (
    "Write down three evenings: when it was hard, and what I did",
    "Call one person from the list before payday, not after",
    "Walk the long way home twice this week, past no store",
    "Ask at the library about the evening course",
    "Put the two phone numbers in the wallet",
    "Talk with my partner about where the medication is kept",
    "Go to one meeting with somebody, and stay for the coffee",
    "Keep the sleep log until the next session",
)
CAME_OF_IT = {
    HomeworkOutcome.DONE: ("Easier than it looked from here.", "Wants to keep doing it.", ""),
    HomeworkOutcome.PARTLY: ("Once of twice; mornings work, evenings do not.", "Began, and was interrupted."),
    HomeworkOutcome.NOT_DONE: ("Too big a step. Half of it next time.", "Forgot, and was sorry; the list helps."),
    HomeworkOutcome.LET_GO: ("No longer needed: it sorted itself out.",),
}
MOST = 3  # of one stay
_WEIGHTS = (50, 25, 20, 5)


def give(lives: Sequence[Life], *, now: datetime.datetime, chance: random.Random) -> int:
    """Given and reviewed in signed notes of the stay. The last one of a stay is open for a good part of people."""
    zone = lives[0].client.clinic.zone
    today = timezone.localdate(now, zone)
    signed: dict[int, list[SessionNote]] = defaultdict(list)
    episodes = [episode.pk for life in lives for episode in life.episodes]
    notes = (
        SessionNote.objects.signed().filter(episode__in=episodes).only("pk", "episode", "session_started_at", "author")
    )
    for note in notes.order_by("session_started_at", "pk"):
        signed[note.episode_id].append(note)
    given: list[Homework] = []
    for life in lives:
        for episode in life.episodes:
            sessions = signed[episode.pk][-MOST - 1 :]
            for place, note in enumerate(sessions):
                following = sessions[place + 1] if place + 1 < len(sessions) else None
                if following is None and (note.pk % 5 == 0 or (episode.discharged_on and note.pk % 3)):
                    continue
                on = timezone.localdate(note.session_started_at, zone)
                row = Homework(
                    client=life.client,
                    episode=episode,
                    text=chance.choice(HOMEWORK),
                    due_on=on + DAY * 7,
                    given_on=on,
                    given_by_id=note.author_id,
                    note=note,
                )
                if following is not None:
                    _review(row, following, chance)
                elif episode.discharged_on is None and on < today - DAY * 10:
                    row.due_on = today + DAY * chance.randint(-3, 9)
                given.append(row)
    Homework.objects.bulk_create(given, batch_size=1000)
    return len(given)


def _review(row: Homework, note: SessionNote, chance: random.Random) -> None:
    outcome = chance.choices(list(HomeworkOutcome), weights=_WEIGHTS)[0]
    row.outcome = outcome
    row.learned = chance.choice(CAME_OF_IT[outcome])
    row.reviewed_at = note.session_started_at
    row.reviewed_by_id = note.author_id
    row.reviewed_in = note
