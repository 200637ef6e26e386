"""Malformed requests get a plain answer, never an error page."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from reminders.models import Reminder
from staff.models import StaffMember

SignIn = Callable[[StaffMember], Browser]


@pytest.mark.parametrize("path", ["/clients/{}/", "/inquiries/{}/", "/groups/{}/"])
def test_a_number_larger_than_any_rows_is_not_found(supervisor: StaffMember, signed_in: SignIn, path: str) -> None:
    assert signed_in(supervisor).get(path.format(2**63)).status_code == 404
    assert signed_in(supervisor).get(path.format("9" * 20)).status_code == 404


def test_a_nul_in_the_address_is_refused(supervisor: StaffMember, signed_in: SignIn) -> None:
    assert signed_in(supervisor).get("/clients/?q=%00").status_code == 400


def test_a_nul_in_what_was_typed_is_taken_out(supervisor: StaffMember, signed_in: SignIn) -> None:
    answer = signed_in(supervisor).post(reverse("cases:clients"), {"q": "Sam\0ple"})
    assert answer.status_code == 302
    assert signed_in(supervisor).post(reverse("cases:client_new"), {"given_name": "Sam\0"}).status_code == 422


ODD_NUMBERS = ("²", "１２", "1²", "-1", "9" * 30, "9" * 5000, "1e3", "")
WITH_NUMBERS = {
    "cases:clients": "after",
    "cases:client_new": "inquiry",
    "referrals:finder": "client",
    "cases:inquiries_ended": "after",
}


@pytest.mark.parametrize("number", ODD_NUMBERS)
def test_an_invalid_number_is_ignored(supervisor: StaffMember, signed_in: SignIn, number: str) -> None:
    browser = signed_in(supervisor)
    for name, asked in WITH_NUMBERS.items():
        assert browser.get(reverse(name), {asked: number[:1500]}).status_code in (200, 404), name


@pytest.mark.parametrize(
    "path", ["/clients/" + "9" * 5000 + "/", "/clients/%00/", "/%ff%fe/", "/" + "x" * 50_000 + "/", "/clients/１２/"]
)
def test_an_invalid_url_is_not_found(supervisor: StaffMember, signed_in: SignIn, path: str) -> None:
    assert signed_in(supervisor).get(path).status_code == 404


@pytest.mark.parametrize("query", ["%ff=%fe", "q=%C0%80", "q=%", "&&==", "q=%ed%a0%80", "q[]=1&q[]=2"])
def test_a_query_that_is_no_utf_8_gets_an_answer(supervisor: StaffMember, signed_in: SignIn, query: str) -> None:
    assert signed_in(supervisor).get(f"/clients/?{query}").status_code in (200, 400)


@pytest.mark.parametrize("value", ['"abcdefgh\\000ijk"', '"\\001\\002abcdefgh"'])
def test_a_cookie_that_holds_what_no_text_may_hold_is_refused(db: None, value: str) -> None:
    answer = Browser().get("/clients/", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={value}"})
    assert answer.status_code == 400


@pytest.mark.parametrize("charset", ["hex", "utf-7", "utf-16", "rot13", "nonsense"])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_a_form_that_is_not_in_utf_8_is_refused(
    supervisor: StaffMember, signed_in: SignIn, kind: str, charset: str
) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="q"\r\n\r\n616263\r\n--x--\r\n'
    answer = signed_in(supervisor).generic("POST", "/clients/", body, content_type=f"{kind}; charset={charset}")
    assert answer.status_code == 400


def test_controls_and_half_letters_in_what_was_typed_are_taken_out(intake: StaffMember, signed_in: SignIn) -> None:
    typed = {"given_name": "Ro\x07bin\x1b", "family_name": "Sam\x0bple\x00"}
    answer = signed_in(intake).post(reverse("cases:client_new"), {**typed, "birth_date": "1988-05-14"})
    assert answer.status_code in (302, 422)
    found = Client.objects.filter(family_name="Sam ple").first()
    assert found is None or found.given_name == "Robin"
    assert not Client.objects.filter(given_name__contains="\x07").exists()


def test_an_invalid_return_url_leads_to_the_list(administrator: StaffMember, signed_in: SignIn) -> None:
    reminder = Reminder.objects.create(
        clinic=administrator.clinic,
        kind="staff_followup_call",
        staff_member=administrator,
        channel="email",
        asked_for=timezone.now(),
        due_at=timezone.now(),
        dedupe_key="x",
        context={},
    )
    address = reverse("reminders:cancel_to_staff", args=[reminder.pk])
    for back in ("1" * 18, "http://[", "//elsewhere.example", "cases:clients", "\0"):
        assert signed_in(administrator).post(address, {"next": back})["Location"] == reverse("reminders:reminders")


def test_a_checked_id_that_does_not_exist_is_ignored(administrator: StaffMember, signed_in: SignIn) -> None:
    address = reverse("admin:staff_staffmember_changelist")
    sent = {"action": "delete_selected", "_selected_action": ["a@b", "²", "9" * 30], "index": "0"}
    assert signed_in(administrator).post(address, sent).status_code in (200, 302)


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/account/login/", "/health/", "/admin/"])
def test_methods_that_no_page_sends_are_refused(db: None, method: str, path: str) -> None:
    answer = Browser().generic(method, path)
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, POST, OPTIONS"
