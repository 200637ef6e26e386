"""Signing in: who may, who may not, and what a stranger learns from trying."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.urls import NoReverseMatch, reverse

from staff.accounts import unlock
from staff.models import AuditEntry, StaffMember
from staff.refusals import NotPermitted
from staff.sign_in import tried_address
from tests.second_factor import code_of

PASSWORD = "sample-password-1"
NOW = datetime.datetime(2026, 3, 9, 14, 0, tzinfo=datetime.UTC)
PAGES = ("/account/login/", "/admin/login/")


def sign_in(
    person: StaffMember, password: str = PASSWORD, *, page: str = "/account/login/", browser: Browser | None = None
) -> HttpResponse:
    return (browser or Browser()).post(page, {"login": person.email, "password": password}, follow=False)


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/stay/").status_code == 204


@pytest.fixture
def axes(settings: object) -> None:
    settings.AXES_ENABLED = True  # type: ignore[attr-defined]


def test_a_counselor_signs_in_with_address_and_password_whatever_its_capitals(counselor: StaffMember) -> None:
    browser = Browser()
    answer = browser.post("/account/login/", {"login": counselor.email.upper(), "password": PASSWORD})
    assert answer.status_code == 302
    assert is_signed_in(browser)


def test_the_sign_in_page_says_its_language_and_offers_no_account(db: None) -> None:
    page = Browser().get("/account/login/").content.decode()
    assert '<html lang="en">' in page
    assert "sign up" not in page.lower()


@pytest.mark.parametrize("name", ["account_email", "account_set_password", "account_request_login_code"])
def test_nobody_makes_an_account_or_moves_one_to_another_mailbox(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("path", ["/account/signup/", "/account/email/", "/account/3rdparty/"])
def test_those_pages_are_not_there(db: None, path: str) -> None:
    assert Browser().get(path).status_code == 404


def test_a_deactivated_colleague_cannot_sign_in_and_is_out_at_once(counselor: StaffMember) -> None:
    browser = Browser()
    sign_in(counselor, browser=browser)
    assert is_signed_in(browser)
    counselor.is_active = False
    counselor.save()
    assert not is_signed_in(browser)
    again = Browser()
    sign_in(counselor, browser=again)
    assert not is_signed_in(again)


def test_the_administration_has_no_sign_in_of_its_own(administrator: StaffMember) -> None:
    browser = Browser()
    for answer in (browser.get("/admin/login/"), sign_in(administrator, page="/admin/login/", browser=browser)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/")
    assert not is_signed_in(browser), "the second step would be left out"


@pytest.mark.parametrize("page", PAGES)
def test_five_wrong_passwords_close_both_pages_with_one_answer(
    axes: None, administrator: StaffMember, page: str
) -> None:
    def try_with(password: str) -> HttpResponse:
        browser = Browser()
        form = browser.get(page, follow=True)  # wherever one comes from, this is the form
        action = form.redirect_chain[-1][0] if form.redirect_chain else page
        return sign_in(administrator, password, page=action, browser=browser)

    assert [try_with("wrong").status_code for _ in range(5)] == [200] * 4 + [429]
    for password in ("wrong", PASSWORD):
        closed = try_with(password)
        assert closed.status_code == 429
        assert b"Too many attempts" in closed.content


def test_an_address_that_nobody_has_gets_the_same_answers(axes: None, administrator: StaffMember) -> None:
    known = [sign_in(administrator, "wrong").content for _ in range(6)]
    administrator.email = "nobody@onward.example"
    unknown = [sign_in(administrator, "wrong").content for _ in range(6)]

    def words(pages: list[bytes]) -> list[str]:
        return [page.decode().split("<main")[1].split("csrf")[0] for page in pages]

    assert words(known) == words(unknown)


def test_capitals_do_not_give_five_more_tries(axes: None, administrator: StaffMember) -> None:
    for _ in range(5):
        sign_in(administrator, "wrong")
    answer = Browser().post("/account/login/", {"login": administrator.email.upper(), "password": PASSWORD})
    assert answer.status_code == 429


@pytest.mark.parametrize("key", ["email", "username", "login"])
def test_tries_are_counted_by_the_address_whoever_passes_it_on(key: str) -> None:
    assert tried_address(HttpRequest(), {key: " Dana@Onward.example "}) == "dana@onward.example"


def test_after_fifteen_minutes_the_page_opens_again(axes: None, administrator: StaffMember) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(5):
            sign_in(administrator, "wrong")
        assert sign_in(administrator).status_code == 429
        clock.shift(datetime.timedelta(minutes=15, seconds=1))
        assert sign_in(administrator).status_code == 302


def test_an_administrator_lets_a_colleague_in_sooner(
    axes: None, administrator: StaffMember, counselor: StaffMember
) -> None:
    for _ in range(5):
        sign_in(counselor, "wrong")
    with pytest.raises(NotPermitted):
        unlock(staff_member=administrator, by=counselor)
    assert unlock(staff_member=counselor, by=administrator) >= 1
    assert sign_in(counselor).status_code == 302
    assert AuditEntry.objects.filter(act="staff.unlock", staff_member=administrator, subject_id=counselor.pk).exists()


def test_the_session_ends_after_fifteen_idle_minutes_and_not_before(counselor: StaffMember) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        browser = Browser()
        sign_in(counselor, browser=browser)
        clock.shift(datetime.timedelta(minutes=14))
        assert is_signed_in(browser)  # which begins the time anew
        clock.shift(datetime.timedelta(minutes=14))
        assert is_signed_in(browser)
        clock.shift(datetime.timedelta(minutes=15, seconds=1))
        assert not is_signed_in(browser)


def test_asking_for_a_new_password_does_not_say_who_works_here(counselor: StaffMember) -> None:
    answers = [
        Browser().post("/account/password/reset/", {"email": email}, follow=True)
        for email in (counselor.email, "nobody@onward.example")
    ]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    shown = [answer.content.decode().split("<main")[1] for answer in answers]
    assert shown[0] == shown[1]
    # both send a message, so that neither answers faster
    assert [message.to for message in mail.outbox] == [[counselor.email], ["nobody@onward.example"]]
    assert "/account/password/reset/key/" in mail.outbox[0].body
    assert "/account/password/reset/key/" not in mail.outbox[1].body


def test_the_link_sets_a_new_password_once(counselor: StaffMember) -> None:
    Browser().post("/account/password/reset/", {"email": counselor.email})
    link = next(word for word in mail.outbox[0].body.split() if "/reset/key/" in word)
    browser = Browser()
    form = browser.get(link, follow=True)
    browser.post(
        form.redirect_chain[-1][0], {"password1": "four small plain words", "password2": "four small plain words"}
    )
    assert sign_in(counselor, "four small plain words").status_code == 302
    assert b"no longer works" in Browser().get(link, follow=True).content


def test_no_copy_of_a_page_stays_in_the_browser_for_the_next_person(counselor: StaffMember) -> None:
    browser = Browser()
    sign_in(counselor, browser=browser)
    assert "no-store" in browser.get("/stay/")["Cache-Control"]
    assert "no-store" in browser.get("/account/2fa/")["Cache-Control"]


SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_totp(person: StaffMember) -> None:
    TOTP.activate(person, SECRET)


def test_with_a_second_step_the_password_alone_opens_nothing(counselor: StaffMember) -> None:
    give_totp(counselor)
    browser = Browser()
    answer = sign_in(counselor, browser=browser)
    assert answer["Location"].startswith("/account/2fa/authenticate/")
    assert not is_signed_in(browser)
    wrong = browser.post("/account/2fa/authenticate/", {"code": "000000"})
    assert b"Incorrect code" in wrong.content
    browser.post("/account/2fa/authenticate/", {"code": code_of(SECRET)})
    assert is_signed_in(browser)


@pytest.mark.parametrize(("steps_ago", "opens"), [(0, True), (1, True), (2, False)])
def test_a_code_that_changed_while_it_was_typed_still_counts(
    counselor: StaffMember, steps_ago: int, opens: bool
) -> None:
    give_totp(counselor)
    browser = Browser()
    with time_machine.travel(1_800_000_000, tick=False):
        sign_in(counselor, browser=browser)
        browser.post("/account/2fa/authenticate/", {"code": code_of(SECRET, steps_ago=steps_ago)})
        assert is_signed_in(browser) is opens


def test_codes_cannot_be_guessed_one_after_the_other(counselor: StaffMember, settings: object) -> None:
    from config.settings import base

    settings.ACCOUNT_RATE_LIMITS = base.ACCOUNT_RATE_LIMITS  # type: ignore[attr-defined]
    give_totp(counselor)
    browser = Browser()
    sign_in(counselor, browser=browser)
    for _ in range(5):
        browser.post("/account/2fa/authenticate/", {"code": "000000"})
    right = browser.post("/account/2fa/authenticate/", {"code": code_of(SECRET)})
    assert right.status_code == 200
    assert not is_signed_in(browser)


def test_where_a_second_step_is_required_nobody_gets_past_setting_it_up(
    counselor: StaffMember, administrator: StaffMember, signed_in: Callable[[StaffMember], Browser], settings: object
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True  # type: ignore[attr-defined]
    for person, path in ((counselor, "/stay/"), (administrator, "/admin/")):
        answer = signed_in(person).get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/account/2fa/")
    browser = signed_in(counselor)
    assert browser.get("/account/2fa/").status_code == 200
    assert browser.post("/account/logout/").status_code == 302
    give_totp(counselor)
    browser = signed_in(counselor)
    assert is_signed_in(browser)
    Authenticator.objects.filter(user=counselor).delete()
    browser.get("/account/2fa/")
    assert not is_signed_in(browser), "who removed their second step on the account page must set one up again"


def test_a_password_is_kept_as_a_hash_that_is_slow_to_guess() -> None:
    from config.settings import base

    assert base.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    assert make_password("x").startswith("md5$"), "only the tests' own settings use a fast one"
