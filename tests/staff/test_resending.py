"""Signed out while typing: the submitted form comes back to be submitted again, and nothing else does."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from staff.models import StaffMember

pytestmark = pytest.mark.django_db
PASSWORD = "sample-password-1"
WORDS = '\nHe said: <b>"I called her"</b>\nand meant it.'


def carried(page: str) -> dict[str, str]:
    """The hidden fields as a browser reads them: it drops one line end after the tag."""
    fields = re.findall(r'<textarea name="(\w+)" hidden>\n?(.*?)</textarea>', page, re.DOTALL)
    return {name: html.unescape(text) for name, text in fields}


def test_what_was_typed_comes_back_and_goes_through_after_signing_in(
    client_record: Client, counselor: StaffMember
) -> None:
    address = reverse("counseling:goal_add", args=[client_record.pk])
    browser = Browser()
    answer = browser.post(address, {"wording": WORDS, "password": PASSWORD})
    page = answer.content.decode()
    assert (answer.status_code, carried(page)) == (403, {"wording": WORDS})
    assert PASSWORD not in page
    assert "<b>" not in page
    assert "no-store" in answer["Cache-Control"]


def test_a_form_without_words_and_an_autosave_are_led_to_sign_in(client_record: Client) -> None:
    address = reverse("counseling:goal_add", args=[client_record.pk])
    for sent, headers in (
        ({}, {}),
        ({"wording": "x"}, {"X-Autosave": "1"}),
    ):
        answer = Browser().post(address, sent, headers=headers)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))


def test_a_part_of_a_page_is_refused_and_no_sign_in_page_takes_its_place(client_record: Client) -> None:
    address = reverse("counseling:goal_add", args=[client_record.pk])
    for answer in (
        Browser().post(address, {"wording": "x"}, headers={"HX-Request": "true"}),
        Browser().get(reverse("referrals:finder"), headers={"HX-Request": "true"}),
    ):
        assert (answer.status_code, answer.content) == (401, b"")
        assert "HX-Redirect" not in answer


def signed_in_with_an_old_token(person: StaffMember) -> Browser:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def test_a_token_of_an_earlier_sign_in_costs_a_second_press_and_no_words(
    client_record: Client, counselor: StaffMember
) -> None:
    browser = signed_in_with_an_old_token(counselor)
    address = reverse("counseling:goal_add", args=[client_record.pk])
    sent = {"wording": WORDS, "csrfmiddlewaretoken": "x" * 64}
    ours = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    answer = browser.post(address, sent, headers=ours)
    assert (answer.status_code, carried(answer.content.decode())) == (403, {"wording": WORDS})


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
        {},
    ],
)
def test_a_form_of_another_site_is_not_offered_to_be_sent_again(
    client_record: Client, counselor: StaffMember, headers: dict[str, str]
) -> None:
    browser = signed_in_with_an_old_token(counselor)
    address = reverse("counseling:goal_add", args=[client_record.pk])
    answer = browser.post(address, {"wording": "Planted words"}, headers=headers)
    assert answer.status_code == 403
    assert "Planted words" not in answer.content.decode()
