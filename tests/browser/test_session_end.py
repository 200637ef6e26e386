"""In a real browser: the hours of a session are over while somebody types. They are told before, and lose nothing."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect

from privacy.models import AskedAbout
from staff.models import Role, Session
from staff.sessions import SessionStore
from tests import factories
from tests.browser.conftest import accessibility_faults

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 12


def test_what_was_typed_when_the_hours_were_over_is_sent_after_signing_in_again(
    browser: Browser, live_server: Any
) -> None:
    counselor = factories.StaffMemberFactory(role=Role.COUNSELOR)
    signed_in = Client()
    signed_in.force_login(counselor, backend="django.contrib.auth.backends.ModelBackend")
    context = browser.new_context(base_url=live_server.url, locale="en-US")
    key = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
    store = SessionStore(key)
    store["ends"] = (timezone.now() + datetime.timedelta(seconds=SECONDS)).timestamp()
    store.save()

    page = context.new_page()
    page.goto(reverse("privacy:asked"))
    page.locator("#id_asked_by").fill("A man on the phone")
    page.locator("#id_about").fill("Sam Example")
    page.locator("#id_relation").select_option(index=1)
    warning = page.get_by_role("alert").filter(has_text="Your session ends in")
    expect(warning).to_be_visible()
    assert not accessibility_faults(page)
    expect(page.get_by_role("heading", name="You were signed out")).to_be_visible()
    expect(page.locator("#id_asked_by")).not_to_be_visible()
    expect(page.get_by_text("What you typed is still on it")).to_be_visible()

    with context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again in another tab").click()
    other = opened.value
    other.get_by_label("Email").fill(counselor.email)
    other.get_by_label("Password").fill(factories.PASSWORD)
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.get_by_role("button", name="Sign out")).to_be_visible()

    expect(page.locator("#id_asked_by")).to_have_value("A man on the phone")
    page.get_by_role("button", name="Log request").click()
    page.get_by_role("button", name="Submit again").click()
    expect(page.get_by_text("Request logged.")).to_be_visible()
    assert AskedAbout.objects.get().about == "Sam Example"
    assert Session.objects.get(staff_member=counselor).ends_at > timezone.now() + datetime.timedelta(hours=11)
    context.close()
