"""Too many wrong passwords: the owner gets back in by a link, and no server that is down ends in an error page."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client as Browser

from config.settings import base
from staff.models import AuditEntry, StaffMember
from tests.factories import PASSWORD
from tests.second_factor import code_of

NOW = datetime.datetime(2026, 3, 9, 14, 0, tzinfo=datetime.UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NO_BROKER = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}


def sign_in(person: StaffMember, password: str = PASSWORD) -> int:
    return Browser().post("/account/login/", {"login": person.email, "password": password}).status_code


@pytest.fixture
def locked(settings: Any, counselor: StaffMember) -> StaffMember:
    settings.AXES_ENABLED = True
    for _ in range(5):
        sign_in(counselor, "wrong")
    assert sign_in(counselor) == 429
    return counselor


def link() -> str:
    return next(word for word in mail.outbox[-1].body.split() if "/account/unlock/" in word)


def test_the_locked_page_sends_the_owner_a_link_that_lets_them_in(locked: StaffMember) -> None:
    page = Browser().post("/account/login/", {"login": locked.email, "password": "wrong"}).content.decode()
    assert f'name="email" value="{locked.email}"' in page
    asked = Browser().post("/account/unlock/", {"email": locked.email.upper()})
    assert asked.status_code == 200
    assert mail.outbox[-1].to == [locked.email]
    browser = Browser()
    assert b"Unlock my account" in browser.get(link()).content
    assert sign_in(locked) == 429, "a mail server that looks at the link unlocks nothing"
    assert browser.post(link())["Location"] == "/account/login/"
    assert sign_in(locked) == 302
    assert AuditEntry.objects.get(act="staff.unlock_by_link").staff_member == locked


def test_what_a_stranger_sees_is_the_same_for_every_address(locked: StaffMember) -> None:
    answers = [
        Browser().post("/account/unlock/", {"email": each}).content.decode().split("<main")[1]
        for each in (locked.email, "nobody@onward.example")
    ]
    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [[locked.email], ["nobody@onward.example"]]
    assert "/account/unlock/" not in mail.outbox[1].body


@pytest.mark.parametrize("change", ["made up", "an hour later", "another address", "left"])
def test_a_link_that_is_not_the_owners_any_more_unlocks_nothing(locked: StaffMember, change: str) -> None:
    Browser().post("/account/unlock/", {"email": locked.email})
    address = link()
    if change == "made up":
        address = address[:-8] + "AAAAAAA/"
    elif change == "another address":
        StaffMember.objects.filter(pk=locked.pk).update(email="elsewhere@onward.example")
    elif change == "left":
        StaffMember.objects.filter(pk=locked.pk).update(is_active=False)
    later = datetime.timedelta(hours=1, seconds=1) if change == "an hour later" else datetime.timedelta()
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + later, tick=False):
        for answer in (Browser().get(address), Browser().post(address)):
            assert answer.status_code == 410
            assert b"no longer works" in answer.content
    assert not AuditEntry.objects.filter(act="staff.unlock_by_link").exists()


def test_a_password_reset_lets_the_owner_in_too(locked: StaffMember) -> None:
    Browser().post("/account/password/reset/", {"email": locked.email})
    address = next(word for word in mail.outbox[-1].body.split() if "/reset/key/" in word)
    browser = Browser()
    form = browser.get(address, follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": "four small plain words", "password2": "four small plain words"})
    assert sign_in(locked, "four small plain words") == 302


def test_who_goes_on_trying_does_not_keep_the_account_locked(settings: Any, counselor: StaffMember) -> None:
    settings.AXES_ENABLED = True
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(5):
            sign_in(counselor, "wrong")
        for _ in range(5):
            clock.shift(datetime.timedelta(minutes=2))
            assert sign_in(counselor, "wrong") == 429
        clock.shift(datetime.timedelta(minutes=5, seconds=1))
        assert sign_in(counselor) == 302


def test_links_are_not_sent_by_the_dozen(settings: Any, counselor: StaffMember) -> None:
    settings.ACCOUNT_RATE_LIMITS = base.ACCOUNT_RATE_LIMITS
    answers = [Browser().post("/account/unlock/", {"email": counselor.email}).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert len(mail.outbox) == 3


def test_signing_in_and_its_limits_work_while_the_broker_is_down(settings: Any, counselor: StaffMember) -> None:
    from allauth.mfa.totp.internal.auth import TOTP

    settings.ACCOUNT_RATE_LIMITS = base.ACCOUNT_RATE_LIMITS
    settings.CACHES = {**base.CACHES, "brief": NO_BROKER}
    TOTP.activate(counselor, SECRET)
    browser = Browser()
    assert browser.post("/account/login/", {"login": counselor.email, "password": PASSWORD}).status_code == 302
    wrong = [browser.post("/account/2fa/authenticate/", {"code": "000000"}).status_code for _ in range(2)]
    assert wrong == [200, 200]
    browser.post("/account/2fa/authenticate/", {"code": code_of(SECRET)})
    assert browser.get("/stay/").status_code == 204
    assert Browser().post("/account/password/reset/", {"email": counselor.email}).status_code == 302
    assert sign_in(counselor, "wrong") == 200


@pytest.mark.parametrize("path", ["/account/password/reset/", "/account/unlock/"])
def test_without_a_mail_server_the_page_says_that_nothing_was_sent(
    settings: Any, counselor: StaffMember, path: str
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for email in (counselor.email, "nobody@onward.example"):
        answer = Browser().post(path, {"email": email})
        assert answer.status_code == 200
        assert "Nothing was sent" in answer.content.decode()


def test_a_link_works_once_and_so_do_several(locked: StaffMember) -> None:
    """Whoever finds it in a log or a mailbox could have undone the lock again and again, while trying passwords."""
    links = []
    for _ in range(2):
        Browser().post("/account/unlock/", {"email": locked.email})
        links.append(link())
    assert sign_in(locked, "wrong") == 429  # someone goes on trying: the link still works
    assert Browser().get(links[0]).status_code == 200  # opening it uses nothing up
    assert Browser().post(links[0]).status_code == 302
    for _ in range(5):
        sign_in(locked, "wrong")
    for each in (links[0], links[1]):
        assert Browser().get(each).status_code == 410
        assert Browser().post(each).status_code == 410
    assert sign_in(locked) == 429, "locked again, and it stays so"
    assert AuditEntry.objects.filter(act="staff.unlock_by_link").count() == 1
    Browser().post("/account/unlock/", {"email": locked.email})
    assert Browser().post(link()).status_code == 302
    assert sign_in(locked) == 302
