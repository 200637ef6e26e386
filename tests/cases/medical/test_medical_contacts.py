"""Whose session with a medical provider meets whose need: of several needs each by its own moment."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from cases import assessments
from cases.medical import medical_standings
from cases.models import Client
from staff.models import StaffMember
from staff.models.clinic import MedicalIntensity

SEEN: list[tuple[int, datetime.datetime]] = []


def seen(**asked: Any) -> list[tuple[int, datetime.datetime]]:
    return SEEN


def test_a_session_before_a_need_was_decided_does_not_meet_it(
    make_client: Any, counselor: StaffMember, settings: Any
) -> None:
    settings.MEDICAL_CONTACTS = [f"{__name__}.seen"]
    now, day = timezone.now(), datetime.timedelta(days=1)

    def need(client: Client, since: datetime.datetime) -> medical_standings.MedicalNeed:
        row = assessments.record(client=client, by=counselor)
        return medical_standings.MedicalNeed(MedicalIntensity.EVALUATION, since, row)

    first, second = make_client(counselor=counselor), make_client(counselor=counselor)
    asked = [need(first, now - 3 * day), need(second, now - day)]
    SEEN[:] = [(first.pk, now - 2 * day), (second.pk, now - 2 * day)]
    assert [each.need for each in medical_standings.as_they_stand(asked, [])] == [
        MedicalIntensity.NONE,
        MedicalIntensity.EVALUATION,
    ]
