"""A few counselors keep SUD counseling notes about some of the people they see."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from counseling.models import SeparateNote
from privacy import consents
from privacy.models import Consent
from staff.models import StaffMember

from . import history
from .lives import DAY, Life

SAID = (
    "Came back twice to the evening his father left, and each time changed the subject to the car. I did not press. "
    "The next time it comes up I want to stay with it a little longer, and say that I noticed.",
    "Laughed while telling me about the hospital. I felt tired afterward, more than the hour explains; something was "
    "kept out of the room. Ask in consultation how others hear it.",
    "Spoke to the empty chair at last: “You could have called.” Long silence, then talk of the weather. My hunch is "
    "that the anger is newer than it sounds.",
    "Asked whether I would still see somebody who had lied to me. I think the question is about her sister, not about "
    "the two of us.",
)
EVERY = 9


def hold_some(lives: Sequence[Life], *, today: datetime.date, by: StaffMember) -> int:
    """Two or three signed ones about the first person and some others; the first has signed a consent for them."""
    here = [life for life in lives if life.open_episode]
    written = []
    for place, life in enumerate(here[::EVERY]):
        episode = life.episodes[-1]
        for number in range(2 + place % 2):
            day = max(episode.admitted_on, today - DAY * (5 + 11 * number))
            at = datetime.datetime.combine(day, datetime.time(17, 40), life.client.clinic.zone)
            written.append(
                SeparateNote(
                    client=life.client,
                    episode=episode,
                    author=life.counselor,
                    session_on=day,
                    text=SAID[(place + number) % len(SAID)],
                    started_at=at,
                    saved_at=at,
                )
            )
    first = here[0].client
    consents.record(
        client=first,
        type=Consent.Type.SUD_NOTES,
        by=here[0].counselor,
        discloser=first.clinic.name,
        recipients="Dr. Ada Example, psychotherapist",
        description="Notes of the last two months that her counselor holds separately",
        purpose="Psychotherapy after discharge",
        right_to_revoke_stated=True,
        refusal_stated=True,
        signed_on=today - DAY * 3,
        signed_by_name=first.full_name,
        expires_on=today + DAY * 87,
    )
    return history.add_separate_notes(written=written, by=by)
