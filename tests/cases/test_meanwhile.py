"""Two tabs, or two people, on one record: nobody's words are lost, and only a real clash is asked about."""

from __future__ import annotations

import datetime
import html
import json
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse

from cases.intake import inquiries
from cases.models import Client, Inquiry, Relapse
from cases.recovery import relapses
from staff.models import StaffMember

D = datetime.date
SignIn = Callable[[StaffMember], Browser]


def opened(browser: Browser, url: str) -> dict[str, Any]:
    """What a tab holds after it was opened: each field as the page shows it."""
    page = browser.get(url).content.decode()
    shown = html.unescape(re.search(r'name="shown" value="([^"]*)"', page).group(1))  # type: ignore[union-attr]
    return {"shown": shown, **{name: values for name, values in json.loads(shown).items() if values}}


@pytest.fixture
def march() -> Any:
    with time_machine.travel(datetime.datetime(2026, 3, 9, 16, tzinfo=datetime.UTC), tick=False):
        yield


@pytest.fixture
def relapse(client_record: Client, counselor: StaffMember, march: Any) -> Relapse:
    return relapses.record(client=client_record, started_on=D(2026, 3, 2), triggers=["Payday"], by=counselor)


def test_an_old_tab_takes_nothing_away(relapse: Relapse, counselor: StaffMember, signed_in: SignIn) -> None:
    office = signed_in(counselor)
    url = reverse("cases:relapse", args=[relapse.client_id, relapse.pk])
    first, second = opened(office, url), opened(office, url)
    first |= {"substance_0": "heroin", "substance_1": "alcohol", "ended_on": "2026-03-05", "new_signs": "Slept late"}
    assert office.post(url, first).status_code == 302
    second |= {"learned": "Ask on the first evening."}
    assert office.post(url, second).status_code == 302
    relapse.refresh_from_db()
    assert {each.substance for each in relapse.substances.all()} == {"heroin", "alcohol"}
    assert (relapse.ended_on, relapse.learned) == (D(2026, 3, 5), "Ask on the first evening.")
    assert [each.wording for each in relapse.warning_signs.all()] == ["Slept late"]
    assert [each.wording for each in relapse.triggers.all()] == ["Payday"]


def test_the_same_field_changed_twice_is_asked_about(
    relapse: Relapse, counselor: StaffMember, signed_in: SignIn
) -> None:
    office = signed_in(counselor)
    url = reverse("cases:relapse", args=[relapse.client_id, relapse.pk])
    first, second = opened(office, url), opened(office, url)
    office.post(url, first | {"learned": "Call before, not after.", "kind": "lapse"})
    answer = office.post(url, second | {"learned": "Ask on the first evening."})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "Someone else changed this. It now says “Call before, not after.”" in page
    assert "Ask on the first evening." in page
    relapse.refresh_from_db()
    assert relapse.learned == "Call before, not after."
    again = html.unescape(re.search(r'name="shown" value="([^"]*)"', answer.content.decode()).group(1))  # type: ignore[union-attr]
    office.post(url, second | {"shown": again, "learned": "Ask on the first evening.", "kind": "lapse"})
    relapse.refresh_from_db()
    assert (relapse.learned, relapse.kind) == ("Ask on the first evening.", "lapse")


def test_what_somebody_takes_out_is_taken_out(relapse: Relapse, counselor: StaffMember, signed_in: SignIn) -> None:
    office = signed_in(counselor)
    url = reverse("cases:relapse", args=[relapse.client_id, relapse.pk])
    tab = opened(office, url)
    del tab["known_triggers"]
    office.post(url, tab)
    assert not relapse.triggers.exists()


def test_a_second_pair_of_hands_on_a_call_wipes_nothing(intake: StaffMember, signed_in: SignIn, march: Any) -> None:
    inquiry = inquiries.take(by=intake, given_name="Robin", family_name="Sample", reason="Wants help")
    desk, url = signed_in(intake), reverse("cases:inquiry_edit", args=[inquiry.pk])
    first, second = opened(desk, url), opened(desk, url)
    first |= {"pregnant": "yes", "danger_signs": ["suicide"], "must_not_reveal": "Her husband must not know"}
    assert desk.post(url, first).status_code == 302
    assert desk.post(url, second | {"payer": "Medicaid"}).status_code == 302
    inquiry.refresh_from_db()
    assert (inquiry.pregnant, inquiry.danger_signs) == (True, ["suicide"])
    assert (inquiry.must_not_reveal, inquiry.payer) == ("Her husband must not know", "Medicaid")


def test_a_danger_sign_heard_later_brings_the_call_back_forward(intake: StaffMember, march: Any) -> None:
    inquiry = inquiries.take(by=intake, given_name="Robin", reason="Wants help")
    assert inquiry.next_action_at == datetime.datetime(2026, 3, 10, 16, tzinfo=datetime.UTC)
    inquiry = inquiries.amend(inquiry=inquiry, danger_signs=[Inquiry.DangerSign.values[0]], by=intake)
    assert inquiry.next_action_at == datetime.datetime(2026, 3, 9, 17, tzinfo=datetime.UTC)
    soon = datetime.datetime(2026, 3, 9, 16, 10, tzinfo=datetime.UTC)
    inquiry = inquiries.amend(inquiry=inquiry, next_action_at=soon, by=intake)
    inquiry = inquiries.amend(inquiry=inquiry, danger_signs=list(Inquiry.DangerSign.values[:2]), by=intake)
    assert inquiry.next_action_at == soon


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_twice_at_once_is_one_return_to_use(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    browsers = [signed_in(counselor), signed_in(counselor)]
    url = reverse("cases:relapse_new", args=[client_record.pk])
    start = threading.Barrier(2)

    def send(browser: Browser) -> None:
        start.wait()
        browser.post(url, {"started_on": "2026-03-02", "ended_on": "2026-03-02"})
        connection.close()

    threads = [threading.Thread(target=send, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Relapse.objects.filter(client=client_record).count() == 1
