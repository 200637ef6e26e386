"""What the guide says is the clinic’s own to change, and earlier words stay."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from referrals import guide, guide_words
from referrals.models import GuideWords, Meeting
from staff.models import AuditEntry, Clinic, StaffMember
from staff.refusals import NotPermitted, Refusal
from tests.ownership import as_owner
from tests.places import NEW_YORK

Make = Callable[..., Meeting]
SignIn = Callable[[StaffMember], Browser]
MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
TUESDAY = datetime.date(2026, 3, 3)


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


def at(client: Client, stage: str) -> str:
    return reverse("referrals:guide_stage", args=[client.pk, stage])


def test_the_clinics_own_words_take_the_place_of_those_that_ship(
    supervisor: StaffMember, counselor: StaffMember, client_record: Client, desk: Browser, other_clinic: Clinic
) -> None:
    shipped = guide_words.BY_KEY["tried"].words
    assert guide_words.words_for(supervisor.clinic)["tried"] == shipped
    guide_words.rewrite(key="tried", words="Ever been to one?", by=supervisor)
    assert "Ever been to one?" in desk.get(at(client_record, "tried")).content.decode()
    assert guide_words.words_for(other_clinic)["tried"] == shipped
    assert guide_words.rewrite(key="tried", words="Ever been to one? ", by=supervisor) is None
    guide_words.rewrite(key="tried", words="", by=supervisor)
    assert guide_words.words_for(supervisor.clinic)["tried"] == shipped
    assert GuideWords.objects.count() == 2
    assert AuditEntry.objects.filter(act="referrals.guide_words").count() == 2
    with pytest.raises(NotPermitted):
        guide_words.rewrite(key="tried", words="Mine", by=counselor)
    with pytest.raises(guide_words.NoSuchWords):
        guide_words.rewrite(key="tired", words="x", by=supervisor)
    with pytest.raises(Refusal, match="longer than"):
        guide_words.rewrite(key="tried", words="x" * 2001, by=supervisor)


def test_earlier_words_cannot_be_rewritten(supervisor: StaffMember) -> None:
    guide_words.rewrite(key="day", words="Which day?", by=supervisor)
    for sql in (lambda: GuideWords.objects.update(words="x"), lambda: GuideWords.objects.all().delete()):
        with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            sql()


def test_the_page_of_the_words(signed_in: SignIn, supervisor: StaffMember, administrator: StaffMember) -> None:
    desk = signed_in(supervisor)
    url = reverse("referrals:guide_text", args=["went"])
    assert desk.post(url, {"words": "Well done for telling us."}).url == reverse("referrals:guide_words")
    assert "Well done for telling us." in desk.get(reverse("referrals:guide_words")).content.decode()
    page = signed_in(administrator).get(url).content.decode()
    assert "The words that ship" in page
    assert "History" in page
    assert desk.get(reverse("referrals:guide_text", args=["x"])).status_code == 404
    admin = signed_in(administrator)
    assert "Well done" in admin.get(reverse("admin:referrals_guidewords_changelist")).content.decode()
    assert admin.get(reverse("admin:referrals_guidewords_add")).status_code == 403


def test_every_text_that_a_page_says_is_there() -> None:
    needed = {*guide.KEYS, "went", "went_again", "missed", "missed_planned"}
    assert needed <= set(guide_words.BY_KEY)
    assert len(guide_words.BY_KEY) == len(guide_words.TEXTS)
