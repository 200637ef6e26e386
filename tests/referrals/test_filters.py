"""The filters above referrals and meetings, over rows of two clinics."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from referrals import referring
from referrals.models import Meeting, MeetingFeed
from staff.models import Clinic, StaffMember
from tests import factories

from .conftest import sent_by

SignIn = Callable[[StaffMember], Browser]


@pytest.fixture
def desk(client_record: Client, other_clinic: Clinic, counselor: StaffMember, signed_in: SignIn) -> Browser:
    theirs = factories.StaffMemberFactory(clinic=other_clinic)
    stranger = factories.ClientFactory(clinic=other_clinic, counselor=theirs)
    for client, by in ((client_record, counselor), (stranger, theirs)):
        referring.offer(client=client, fellowship="aa", by=by)
        declined = referring.offer(client=client, fellowship="na", by=by)
        referring.decline(referral=declined, by=by)
    return signed_in(counselor)


def referrals(desk: Browser, **asked: Any) -> list[tuple[str, str]]:
    answer = desk.get(reverse("referrals:referrals"), asked)
    assert answer.status_code == 200
    return sorted((row.client.family_name, row.fellowship) for row in answer.context["page"])


def test_each_filter_narrows_the_own_clients_referrals_only(desk: Browser) -> None:
    aa, na = ("Sample", "aa"), ("Sample", "na")
    assert referrals(desk) == [aa]
    assert referrals(desk, state="all") == [aa, na]
    assert referrals(desk, state="declined") == [na]
    assert referrals(desk, state="offered") == [aa]
    assert referrals(desk, state="all", fellowship="na") == [na]
    assert referrals(desk, fellowship="na") == []


@pytest.mark.parametrize("wrong", ["²", "9" * 5000])
def test_a_bad_status_is_said_and_open_ones_are_shown(desk: Browser, wrong: str) -> None:
    assert referrals(desk, state=wrong, fellowship="aa") == [("Sample", "aa")]
    assert referrals(desk, state=wrong) == [("Sample", "aa")]
    page = desk.get(reverse("referrals:referrals"), {"state": wrong}).content.decode()
    assert "is not one of the available choices" in page


@pytest.fixture
def finder(
    make_meeting: Callable[..., Meeting], other_clinic: Clinic, counselor: StaffMember, signed_in: SignIn
) -> Browser:
    make_meeting(name="Evening", types=["O"])
    make_meeting(name="Noon", start=datetime.time(12))
    make_meeting(name="Far", latitude=40.7, longitude=-74.0, weekday=3)
    make_meeting(name="NA", fellowship="na")
    make_meeting(name="Online", attendance="online")
    theirs = MeetingFeed.objects.create(clinic=other_clinic, name="Theirs", fellowship="aa")
    make_meeting(name="Theirs", feed=theirs, types=["O"])
    return signed_in(counselor)


def meetings(desk: Browser, **asked: Any) -> set[str]:
    answer = desk.get(reverse("referrals:finder"), asked)
    assert answer.status_code == 200
    return {meeting.name for meeting in answer.context["page"]}


EVERY = {"Evening", "Noon", "Far", "NA", "Online"}


def test_each_question_finds_among_the_own_clinics_meetings_only(finder: Browser) -> None:
    assert meetings(finder) == EVERY
    assert meetings(finder, program="na") == {"NA"}
    assert meetings(finder, how="online") == {"Online"}
    assert meetings(finder, how="in_person") == EVERY - {"Online"}
    assert meetings(finder, near="12207", within="10") == {"Evening", "Noon", "NA"}
    assert meetings(finder, weekday="3") == {"Far"}
    assert meetings(finder, after="18:00") == EVERY - {"Noon"}
    assert meetings(finder, program="aa", types="O") == meetings(finder, needs="open") == {"Evening"}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("near", "nowhere at all"), ("after", "99:99"), ("weekday", "²"), ("within", "1e9"), ("types", "x"), ("how", "?")],
)
def test_a_bad_answer_is_said_and_leaves_its_question_open(finder: Browser, name: str, wrong: str) -> None:
    assert meetings(finder, **{name: wrong}) == EVERY
    assert meetings(finder, program="na", **{name: wrong}) == {"NA"}
    assert finder.get(reverse("referrals:finder"), {name: wrong}).context["form"].errors.keys() == {name}


def test_pages_of_meetings_keep_every_answer(finder: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("referrals.views.meetings.PAGE", 1)
    asked = {"after": "10:00", "needs": ["open", "women"], "page": "1"}
    page = finder.get(reverse("referrals:finder"), asked).content.decode()
    kept = sent_by(page)
    assert sorted(kept.getlist("needs")) == ["open", "women"]
    assert (kept["after"], "page" in kept) == ("10:00", False)
    again = finder.get(reverse("referrals:finder"), {**dict(kept.lists()), "page": "2"})
    assert sorted(again.context["form"].cleaned_data["needs"]) == ["open", "women"]
