"""A password that somebody else would think of is refused, wherever one is set."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client as Browser

from staff.models import StaffMember
from tests import factories
from tests.factories import PASSWORD

GOOD = "four small plain words"
EASY = (
    "aaaaaaaaaaaa", "abcabcabcabc", "abcdefghijkl", "qwertyuiop12", "asdfghjkl;zxcv", "123456789012", "zaq12wsxcde3",
    "letmeinletmein", "Password123456", "P@ssw0rd1234", "iloveyou2026", "Summer2026!!", "counselor1234",
    "0123456789" * 30,
)  # fmt: skip


@pytest.fixture
def person(db: None) -> StaffMember:
    clinic = factories.ClinicFactory(name="Marigold Hollow Center")
    return factories.StaffMemberFactory(
        clinic=clinic, given_name="Wilhelmina", family_name="Quillfeather", email="w.quillfeather@onward.example"
    )


@pytest.mark.parametrize("password", EASY)
def test_what_a_machine_guesses_soon_is_refused(person: StaffMember, password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, person)
    assert all(len(sentence) < 200 for sentence in refused.value.messages)


@pytest.mark.parametrize(
    "password", ["Quillfeather85", "wilhelmina.quill", "w.quillfeather", "MarigoldHollow", "marigoldhollow1"]
)
def test_what_everybody_at_the_clinic_would_try_is_refused(person: StaffMember, password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, person)


@pytest.mark.parametrize(
    "password", [GOOD, "lantern-hollow-pear-91", "x7$kQ2!vPz9w", "вчера мы пили холодный чай", "ß" * 2 + GOOD]
)
def test_what_is_hard_to_guess_is_taken(person: StaffMember, password: str) -> None:
    validate_password(password, person)


def test_the_page_says_why_and_what_to_do(person: StaffMember) -> None:
    browser = Browser()
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    def change(password: str) -> str:
        said = {"oldpassword": PASSWORD, "password1": password, "password2": password}
        return browser.post("/account/password/change/", said, follow=True).content.decode()

    page = re.sub(r"\s+", " ", change("aaaaaaaaaaaa"))
    assert "too easy to guess" in page
    assert "four or more unrelated words" in page
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    change(GOOD)
    person.refresh_from_db()
    assert person.check_password(GOOD)


def test_a_reset_link_takes_no_easier_one(person: StaffMember) -> None:
    Browser().post("/account/password/reset/", {"email": person.email})
    link = next(word for word in mail.outbox[0].body.split() if "/reset/key/" in word)
    browser = Browser()
    form = browser.get(link, follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": "aaaaaaaaaaaa", "password2": "aaaaaaaaaaaa"})
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
