"""The private link on a phone: from the text that carries it to the journal, in both languages, without a script."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from cases.models import Client
from referrals import referring
from referrals.models import MeetingVisit, Referral
from referrals.own_page_words import WORDS
from reminders import wordings
from reminders.models import Reminder
from staff.models import StaffMember

from .conftest import accessibility_faults, show

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(client_record: Client, counselor: StaffMember, settings: Any, live_server: Any) -> Callable[[], str]:
    """A plan for two days ago; each call gives the address in the text that went out since."""
    settings.PUBLIC_URL = live_server.url
    now = timezone.now()
    with time_machine.travel(now - datetime.timedelta(days=3), tick=False):
        referral = referring.offer(client=client_record, fellowship="lifering", by=counselor)
        referring.plan(referral=referral, on=now - datetime.timedelta(days=2), by=counselor)

    def text() -> str:
        reminder = Reminder.objects.filter(kind="client_meeting_followup").latest("pk")
        reminder.channel = "sms"
        found = re.search(r"https?://\S+", wordings.text_of(reminder).sent)
        assert found is not None
        return found[0]

    return text


def checked(page: Page) -> None:
    """Nothing that axe or a narrow screen has to say against it, by day and by night."""
    for theme in ("dark", "light"):
        show(page, 390, theme)
        assert not accessibility_faults(page), page.url
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url


def test_from_the_text_to_the_journal(
    quiet_page: Page,
    asked: Callable[[], str],
    enter: Callable[[StaffMember], None],
    counselor: StaffMember,
    client_record: Client,
) -> None:
    page = quiet_page
    show(page, 390, "light")
    page.goto(asked())
    expect(page).to_have_title("A short question")
    checked(page)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose yes or no.")
    checked(page)
    page.get_by_role("group", name="Did you go on").get_by_label("Yes").check()
    page.get_by_role("group", name="How was it?").get_by_label("Good", exact=True).check()
    line = page.get_by_label("One line in your own words")
    expect(line).to_have_accessible_description("Whoever asked you will read it.")
    line.fill("Stayed for coffee.")
    page.get_by_role("group", name="Craving today").get_by_label("2", exact=True).check()
    page.get_by_role("group", name="next one").get_by_label("Yes").check()
    page.get_by_role("button", name="Send").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    checked(page)
    opened_next = page.context.new_page()  # by whoever comes to it; the browser notes that there is no such page
    opened_next.goto(page.url)
    expect(opened_next.get_by_role("heading", level=1)).to_have_text("This page is closed")
    checked(opened_next)
    opened_next.close()
    assert MeetingVisit.objects.get().recorded_by is None

    enter(counselor)
    referral = Referral.objects.get()
    page.goto(reverse("referrals:referral", args=[client_record.pk, referral.pk]))
    expect(page.get_by_text("Stayed for coffee.")).to_be_visible()
    expect(page.get_by_text("The client’s own report, by private link")).to_be_visible()
    checked(page)


def test_in_spanish_without_scripts_and_with_words_about_danger(
    browser: Browser, browser_context_args: dict[str, Any], asked: Callable[[], str], client_record: Client
) -> None:
    Client.objects.filter(pk=client_record.pk).update(language="Spanish")
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page, words = context.new_page(), WORDS["es"]
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(asked())
    assert page.locator("html").get_attribute("lang") == "es"
    page.get_by_role("group", name="¿Fue el").get_by_label("No", exact=True).check()
    page.get_by_label(str(words["line"])).fill("ya no quiero vivir")
    page.get_by_role("button", name=str(words["send"])).click()
    expect(page.get_by_role("alert")).to_contain_text("988")
    expect(page.get_by_role("link", name=str(words["call_988"]))).to_have_attribute("href", "tel:988")
    context.close()
