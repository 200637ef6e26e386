"""The one owner of forms that arrive twice is staff/double_clicks.py; tests/fuzz/test_double_click.py sends all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import caches
from django.http import HttpResponseRedirect
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import reverse

from cases.models import Client, SobrietyStatement, TreatmentEpisode
from counseling.models import Goal
from staff import double_clicks
from staff.models import StaffMember
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[StaffMember], Browser]


@pytest.fixture(autouse=True)
def _fresh() -> None:
    caches["brief"].clear()


@pytest.fixture
def episode(client_record: Client, program: Any, counselor: StaffMember) -> TreatmentEpisode:
    return factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=counselor)


def a_form(browser: Browser, client: Client, **said: str) -> dict[str, str]:
    """As the page has it, with the token that this showing of it carries."""
    page = browser.get(reverse("counseling:plan", args=[client.pk])).content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    return {"csrfmiddlewaretoken": found[1], "wording": "Sleep through the night", **said}


def test_a_form_that_arrives_twice_is_done_once_and_leads_where_it_led(
    episode: TreatmentEpisode, counselor: StaffMember, signed_in: SignIn
) -> None:
    browser, client = signed_in(counselor), episode.client
    address, form = reverse("counseling:goal_add", args=[client.pk]), a_form(browser, client)
    first, second = (browser.post(address, form) for _ in range(2))
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert Goal.objects.count() == 1


@pytest.mark.parametrize(("level", "led_to"), [(messages.ERROR, None), (messages.SUCCESS, "/back/")])
def test_a_form_that_is_led_back_with_an_error_was_not_done(settings: Any, level: int, led_to: str | None) -> None:
    request = RequestFactory().post("/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "one"
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    messages.add_message(request, level, "What happened.")
    double_clicks._remember("form", request, HttpResponseRedirect("/back/"))
    assert caches["brief"].get("form") == led_to


def test_the_same_text_in_a_new_form_is_no_duplicate(
    episode: TreatmentEpisode, counselor: StaffMember, signed_in: SignIn
) -> None:
    browser, client = signed_in(counselor), episode.client
    address = reverse("counseling:goal_add", args=[client.pk])
    for _ in range(2):
        browser.post(address, a_form(browser, client))
    assert Goal.objects.count() == 2


def test_after_a_while_the_same_form_is_meant(
    episode: TreatmentEpisode, counselor: StaffMember, signed_in: SignIn
) -> None:
    browser, client = signed_in(counselor), episode.client
    address = reverse("cases:state_sobriety_date", args=[client.pk])
    form = a_form(browser, client, sobriety_date="2026-01-01")
    with time_machine.travel("2026-03-02 15:00:00Z", tick=False) as clock:
        browser.post(address, form)
        clock.shift(double_clicks.WITHIN - 1)
        browser.post(address, form)
        assert SobrietyStatement.objects.count() == 1
        clock.shift(2)
        browser.post(address, form)
    assert SobrietyStatement.objects.count() == 2


def test_a_form_that_was_refused_may_be_sent_again_as_it_is(
    episode: TreatmentEpisode, counselor: StaffMember, signed_in: SignIn
) -> None:
    browser, client = signed_in(counselor), episode.client
    address, form = reverse("counseling:goal_add", args=[client.pk]), a_form(browser, client, wording="")
    assert [browser.post(address, form).status_code for _ in range(2)] == [422, 422]


def test_somebody_elses_form_is_their_own(
    episode: TreatmentEpisode, counselor: StaffMember, supervisor: StaffMember, signed_in: SignIn
) -> None:
    client = episode.client
    address, form = reverse("counseling:goal_add", args=[client.pk]), a_form(signed_in(counselor), client)
    for person in (counselor, supervisor):
        signed_in(person).post(address, form)
    assert Goal.objects.count() == 2


def test_without_a_cache_work_goes_on(
    episode: TreatmentEpisode, counselor: StaffMember, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ConnectionError

    for name in ("add", "get", "set", "delete"):
        monkeypatch.setattr(caches["brief"], name, broken)
    browser, client = signed_in(counselor), episode.client
    answer = browser.post(reverse("counseling:goal_add", args=[client.pk]), a_form(browser, client))
    assert answer.status_code == 302
    assert Goal.objects.count() == 1
