"""The demo clinic is made at one moment, even if midnight comes while it is being made."""

from __future__ import annotations

import datetime
import io
from typing import Any

import time_machine
from django.core.management import call_command
from django.db.models import Max
from django.utils import timezone

from cases.models import Inquiry, Relapse, TreatmentEpisode
from counseling.models import NoteSignature, SessionNote
from referrals.models import FollowThrough
from staff.models import Clinic

LAST_DAY = datetime.date(2027, 1, 12)
MIDNIGHT = datetime.datetime(2027, 1, 13, 5, tzinfo=datetime.UTC)  # in New York


def latest(model: Any, field: str) -> Any:
    return model.objects.aggregate(latest=Max(field))["latest"]


def test_midnight_while_the_demo_is_made_changes_nothing(db: None, settings: Any) -> None:
    settings.SHOW_DEMO_LOGINS, settings.DEMO_EMAIL_DOMAIN = True, "demo.example"
    settings.DEMO_PASSWORD = "onward-demo-password"
    with time_machine.travel(MIDNIGHT - datetime.timedelta(milliseconds=300), tick=True):
        call_command("seed_demo", clients=12, stdout=io.StringIO())
        today = timezone.localdate(timezone=Clinic.objects.get().zone)
        assert today > LAST_DAY, "midnight came meanwhile, and the clock goes on afterwards"
    offered = Inquiry.objects.filter(stage=Inquiry.Stage.OFFERED).values_list("offer_lapses_on", flat=True)
    assert min(offered) == LAST_DAY  # one of the offers is on its last day
    for model, field in ((TreatmentEpisode, "admitted_on"), (Relapse, "started_on")):
        assert latest(model, field) <= LAST_DAY
    for model, field in (
        (SessionNote, "session_started_at"),
        (NoteSignature, "at"),
        (Inquiry, "taken_at"),
        (FollowThrough, "at"),
    ):
        assert latest(model, field) <= MIDNIGHT
