"""Slow guessing: from many addresses at one account, and from one address at many accounts."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from axes.models import AccessFailureLog
from django.core import mail
from django.test import Client as Browser

from config.settings import base
from staff.accounts import unlock
from staff.models import StaffMember
from tests import factories
from tests.factories import PASSWORD

NOW = datetime.datetime(2026, 3, 9, 14, 0, tzinfo=datetime.UTC)
OFFICE, HOME = "203.0.113.7", "198.51.100.9"
A_DAY, AN_HOUR = 12, 8


def sign_in(person: StaffMember, password: str = PASSWORD, *, at: str = HOME) -> int:
    said = {"login": person.email, "password": password}
    return Browser(REMOTE_ADDR=at).post("/account/login/", said).status_code


def attack(person: StaffMember, tries: int, *, since: int = 1) -> list[int]:
    """So many wrong passwords, each from an address that was never seen before."""
    return [sign_in(person, "wrong", at=f"192.0.2.{since + number}") for number in range(tries)]


@pytest.fixture(autouse=True)
def few(settings: Any) -> None:
    settings.AXES_ENABLED = True
    settings.SIGN_IN_FAILURES_OF_ACCOUNT_A_DAY = A_DAY
    settings.SIGN_IN_FAILURES_FROM_ADDRESS_AN_HOUR = AN_HOUR


def test_the_numbers_are_slow_for_who_guesses_and_far_for_who_mistypes() -> None:
    assert (base.SIGN_IN_FAILURES_OF_ACCOUNT_A_DAY, base.SIGN_IN_FAILURES_FROM_ADDRESS_AN_HOUR) == (100, 50)


class TestOneAccount:
    def test_a_thousand_addresses_have_no_thousand_tries(self, counselor: StaffMember) -> None:
        assert attack(counselor, A_DAY + 3) == [200] * A_DAY + [429] * 3
        assert sign_in(counselor, at="192.0.2.250") == 429, "with the right password, too: or it would be found"

    def test_the_owner_signs_in_from_where_they_did_before(self, counselor: StaffMember) -> None:
        assert sign_in(counselor, at=OFFICE) == 302
        attack(counselor, A_DAY + 1)
        assert sign_in(counselor, at=HOME) == 429
        assert sign_in(counselor, "wrong", at=OFFICE) == 200
        assert sign_in(counselor, at=OFFICE) == 302

    def test_capitals_of_the_address_that_is_on_record_do_not_matter(self, counselor: StaffMember) -> None:
        StaffMember.objects.filter(pk=counselor.pk).update(email="Dana.Sample@Onward.example")
        counselor.refresh_from_db()
        assert sign_in(counselor, at=OFFICE) == 302
        attack(counselor, A_DAY + 1)
        assert sign_in(counselor, at=OFFICE) == 302

    def test_an_address_is_known_for_ninety_days(self, counselor: StaffMember) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            assert sign_in(counselor, at=OFFICE) == 302
            clock.shift(datetime.timedelta(days=91))
            attack(counselor, A_DAY)
            assert sign_in(counselor, at=OFFICE) == 429

    def test_a_colleagues_address_is_not_the_owners(self, counselor: StaffMember, supervisor: StaffMember) -> None:
        assert sign_in(supervisor, at=OFFICE) == 302
        attack(counselor, A_DAY)
        assert sign_in(counselor, at=OFFICE) == 429

    def test_a_known_address_has_an_end_too(self, counselor: StaffMember) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            assert sign_in(counselor, at=OFFICE) == 302
            for _ in range(A_DAY):
                assert sign_in(counselor, "wrong", at=OFFICE) in (200, 429)
                clock.shift(datetime.timedelta(minutes=16))
            assert sign_in(counselor, at=OFFICE) == 429

    def test_the_link_by_email_lets_the_owner_in(self, counselor: StaffMember) -> None:
        attack(counselor, A_DAY + 1)
        Browser().post("/account/unlock/", {"email": counselor.email})
        link = next(word for word in mail.outbox[-1].body.split() if "/account/unlock/" in word)
        Browser().post(link)
        assert sign_in(counselor) == 302

    def test_so_does_an_administrator(self, counselor: StaffMember, administrator: StaffMember) -> None:
        attack(counselor, A_DAY)
        with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)):
            assert sign_in(counselor) == 429
            assert unlock(staff_member=counselor, by=administrator) == A_DAY
            assert sign_in(counselor) == 302

    def test_a_day_later_it_is_open_again_whoever_went_on(self, counselor: StaffMember) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            attack(counselor, A_DAY)
            clock.shift(datetime.timedelta(hours=23))
            assert attack(counselor, 3, since=100) == [429] * 3
            clock.shift(datetime.timedelta(hours=1, seconds=1))
            assert sign_in(counselor) == 302

    def test_an_account_that_does_not_exist_answers_alike(self, clinic: Any) -> None:
        nobody = StaffMember(email="nobody@onward.example")
        assert attack(nobody, A_DAY + 1) == [200] * A_DAY + [429]

    def test_what_is_older_than_a_day_is_forgotten(self, counselor: StaffMember) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            attack(counselor, 3)
            clock.shift(datetime.timedelta(hours=25))
            sign_in(counselor, "wrong")
            assert AccessFailureLog.objects.count() == 1


class TestOneAddress:
    def test_it_does_not_try_every_account(self, clinic: Any) -> None:
        people = [factories.StaffMemberFactory(clinic=clinic) for _ in range(AN_HOUR + 2)]
        with time_machine.travel(NOW, tick=False) as clock:
            assert [sign_in(each, "wrong") for each in people] == [200] * AN_HOUR + [429] * 2
            assert sign_in(people[-1]) == 429
            assert sign_in(people[-1], at=OFFICE) == 302, "elsewhere nothing is closed"
            clock.shift(datetime.timedelta(hours=1, seconds=1))
            assert sign_in(people[0]) == 302

    def test_a_guest_in_the_office_does_not_lock_out_the_office(self, clinic: Any, counselor: StaffMember) -> None:
        people = [factories.StaffMemberFactory(clinic=clinic) for _ in range(AN_HOUR)]
        assert sign_in(counselor, at=OFFICE) == 302
        for each in people:
            sign_in(each, "wrong", at=OFFICE)
        assert sign_in(people[0], at=OFFICE) == 429
        assert sign_in(counselor, at=OFFICE) == 302

    def test_the_link_lets_someone_in_there_who_is_new(self, clinic: Any, counselor: StaffMember) -> None:
        for _ in range(AN_HOUR):
            sign_in(factories.StaffMemberFactory(clinic=clinic), "wrong", at=OFFICE)
        assert sign_in(counselor, at=OFFICE) == 429
        Browser().post("/account/unlock/", {"email": counselor.email})
        Browser().post(next(word for word in mail.outbox[-1].body.split() if "/account/unlock/" in word))
        assert sign_in(counselor, at=OFFICE) == 302


def test_signing_again_is_not_closed_by_strangers(counselor: StaffMember) -> None:
    """Who is signed in confirms with the password what they sign: their address is one they signed in from."""
    browser = Browser(REMOTE_ADDR=OFFICE)
    browser.post("/account/login/", {"login": counselor.email, "password": PASSWORD})
    attack(counselor, A_DAY)
    answer = browser.post("/account/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302
