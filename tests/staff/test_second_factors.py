"""Secrets of the second step in the database: encrypted, read with older keys, encrypted anew, and codes used once."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command
from django.test import Client as Browser

from staff import field_keys, second_factors
from staff.models import StaffMember
from tests.ownership import as_owner
from tests.second_factor import code_of
from tests.staff.test_encrypted_fields import dump
from tests.staff.test_sign_in import SECRET, is_signed_in, sign_in

pytestmark = pytest.mark.django_db
OLD, NEW = "tests-only-field-key", "tests-only-newer-field-key"
NOON = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)


@pytest.fixture
def rotate(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    monkeypatch.setattr("staff.management.commands.rotate_field_keys.as_owner", as_owner)
    return lambda **options: call_command("rotate_field_keys", **options)


def opens(person: StaffMember, code: str) -> bool:
    """Whether the password and this code sign the person in, in a new browser."""
    browser = Browser()
    sign_in(person, browser=browser)
    browser.post("/account/2fa/authenticate/", {"code": code})
    return is_signed_in(browser)


def plain(person: StaffMember, seed: str = "ab" * 40) -> None:
    """As the library stored them before."""
    Authenticator.objects.create(user=person, type="totp", data={"secret": SECRET})
    Authenticator.objects.create(user=person, type="recovery_codes", data={"seed": seed, "used_mask": 0})


def test_a_copy_of_the_database_has_no_secret(counselor):
    TOTP.activate(counselor, SECRET)
    codes = RecoveryCodes.activate(counselor)
    seed = second_factors.MFAAdapter().decrypt(codes.instance.data["seed"])
    copied = dump()
    assert counselor.email in copied
    assert SECRET not in copied
    assert seed not in copied
    assert opens(counselor, code_of(SECRET))
    assert opens(counselor, RecoveryCodes(codes.instance).get_unused_codes()[0])


def test_secrets_from_before_open_and_a_rotation_encrypts_them(counselor, make_staff, rotate, capsys):
    plain(counselor)
    Authenticator.objects.create(user=make_staff(), type="recovery_codes", data={"migrated_codes": ["11112222", "33"]})
    passkey = Authenticator.objects.create(user=make_staff(), type="webauthn", data={"name": "Key", "credential": {}})
    codes = RecoveryCodes(Authenticator.objects.get(user=counselor, type="recovery_codes")).generate_codes()
    assert opens(counselor, codes[0])
    assert second_factors.not_under_newest() == 3
    rotate()
    assert "mfa_authenticator.data: 3 encrypted anew" in capsys.readouterr().out
    assert second_factors.not_under_newest() == 0
    for each in (SECRET, "ab" * 40, "11112222"):
        assert each not in dump()
    assert not opens(counselor, codes[0]), "that it was used is still known"
    assert opens(counselor, codes[1])
    assert opens(counselor, code_of(SECRET))
    passkey.refresh_from_db()
    assert passkey.data == {"name": "Key", "credential": {}}
    rotate()
    assert "mfa_authenticator.data: 0 encrypted anew" in capsys.readouterr().out


def test_after_a_rotation_the_new_key_alone_opens(counselor, settings, rotate):
    TOTP.activate(counselor, SECRET)
    settings.FIELD_KEYS = [NEW, OLD]
    rotate()
    settings.FIELD_KEYS = [NEW]
    assert opens(counselor, code_of(SECRET))
    settings.FIELD_KEYS = [OLD]
    assert second_factors.under_missing_keys() == 1


def test_a_check_counts_them_and_changes_nothing(counselor, rotate, capsys, settings):
    plain(counselor)
    rotate(check=True)
    assert "2 values are under older keys" in capsys.readouterr().out
    assert Authenticator.objects.get(type="totp").data == {"secret": SECRET}
    settings.FIELD_KEYS = ["a key that was lost"]
    rotate()
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(CommandError, match=r"mfa_authenticator \d+: .*lacks its key"):
        rotate()


def test_without_its_key_nobody_gets_in_and_the_page_says_why(counselor, settings):
    TOTP.activate(counselor, SECRET)
    settings.FIELD_KEYS = [NEW]
    browser = Browser()
    sign_in(counselor, browser=browser)
    answer = browser.post("/account/2fa/authenticate/", {"code": code_of(SECRET)})
    assert answer.status_code == 503
    assert "doesn’t have the encryption key" in answer.content.decode()
    assert not is_signed_in(browser)


def test_a_secret_of_another_column_is_refused():
    moved = field_keys.encrypt(SECRET, column="cases.Client.ssn_last4", row=0)
    with pytest.raises(field_keys.Unreadable, match="it was moved here"):
        second_factors.MFAAdapter().decrypt(moved)


@pytest.mark.parametrize("later", [0, 29, 31, 59])
def test_a_code_opens_once_for_as_long_as_it_is_good(counselor, time_machine: Any, later):
    """With one step of tolerance a code is good for 90 seconds."""
    time_machine.move_to(NOON, tick=False)
    TOTP.activate(counselor, SECRET)
    code = code_of(SECRET)
    assert opens(counselor, code)
    time_machine.move_to(NOON + datetime.timedelta(seconds=later), tick=False)
    assert not opens(counselor, code)
    assert opens(counselor, code_of(SECRET)) == (later > 29)


def test_a_recovery_code_opens_once(counselor):
    TOTP.activate(counselor, SECRET)
    code = RecoveryCodes.activate(counselor).generate_codes()[0]
    assert opens(counselor, code)
    assert not opens(counselor, code)
