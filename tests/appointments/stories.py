"""What the stories about follow-up start from."""

from __future__ import annotations

import datetime
from typing import Any

import time_machine

from cases.models import Client, LevelOfCarePeriod, TreatmentEpisode
from counseling import notes, signing
from counseling.models import SessionNote
from staff.models import StaffMember
from staff.models.clinic import Setting
from tests import factories


def discharged(
    client: Client, on: datetime.date, *, setting: int = Setting.OUTPATIENT, reason: str = "completed", **facts: Any
) -> TreatmentEpisode:
    """An episode that ended on a day, at a level of care of this setting."""
    noon = datetime.datetime.combine(on, datetime.time(12), client.clinic.zone)
    stay: TreatmentEpisode = factories.TreatmentEpisodeFactory(
        client=client,
        admitted_on=on - datetime.timedelta(days=60),
        discharged_on=on,
        discharge_reason=reason,
        discharged_at=noon,
        **facts,
    )
    LevelOfCarePeriod.objects.create(
        episode=stay,
        level_code="1",
        setting=setting,
        starts_at=noon - datetime.timedelta(days=60),
        ends_at=noon,
        decided_by=stay.admitted_by,
    )
    return stay


def signed_note(client: Client, by: StaffMember, at: datetime.datetime, **facts: Any) -> SessionNote:
    """A signed note of a session of fifty minutes, written in the client's last episode right after it."""
    episode = client.episodes.first()
    assert episode is not None
    with time_machine.travel(at + datetime.timedelta(hours=1), tick=False):
        note = notes.start(
            client=client,
            episode=episode,
            by=by,
            session_started_at=at,
            session_ended_at=at + datetime.timedelta(minutes=50),
            **facts,
        )
        notes.save_draft(
            note=note, version=note.version, by=by, sections={each["key"]: "Talked." for each in note.layout}
        )
        note.refresh_from_db()
        signing.sign(note=note, by=by)
    return note
