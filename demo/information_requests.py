"""What people asked of the front desk: a mother's question, a subpoena, and a client's own record."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from privacy import minors, request_queue
from privacy.models import AskedAbout
from staff.models import StaffMember

from .lives import DAY, Life

Kind, Relation, Way = AskedAbout.Kind, AskedAbout.Relation, AskedAbout.Way


def ask_some(lives: Sequence[Life], *, desk: StaffMember, officer: StaffMember, today: datetime.date) -> int:
    """Some are answered by that, others wait for the privacy officer. Returns how many wait."""
    client = next(life.client for life in lives[3:] if life.open_episode)
    minors.record_asked(
        about="Jules Sampleteen", asked_by="Maria Example", relation=Relation.PARENT, way=Way.PHONE, by=desk
    )
    minors.record_asked(
        about="Robin Mockwell",
        asked_by="Pat Example, attorney",
        relation=Relation.POLICE,
        way=Way.IN_PERSON,
        kind=Kind.SUBPOENA,
        answer_by=today + DAY * 5,
        by=desk,
    )
    own = minors.record_asked(
        about=client.full_name,
        asked_by=client.full_name,
        relation=Relation.SELF,
        way=Way.LETTER,
        kind=Kind.RECORD_COPY,
        received_on=today - DAY * 12,
        by=desk,
    )
    request_queue.take(request=own, owner=officer, by=officer)
    request_queue.identify(request=own, client=client, by=officer)
    request_queue.note(request=own, reason="Called the number on file; comes in with an ID on Friday.", by=officer)
    return 2
