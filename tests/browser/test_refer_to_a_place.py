"""A referral to a place: the questions about a call show for a call, and a call that was typed never goes unseen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from cases.models import Client
from referrals.models import ServiceReferralStep
from staff.models import StaffMember

from .conftest import accessibility_faults, show

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_call_that_was_typed_is_asked_about(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, client_record: Client
) -> None:
    page = quiet_page
    enter(counselor)
    show(page, 390, "light")
    page.goto(reverse("referrals:service_refer", args=[client_record.pk]) + "?kind=housing")
    call = page.get_by_role("group", name="If you call together")
    telling = page.get_by_role("group", name="If we say who they are")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    expect(call).to_be_hidden()
    expect(telling).to_be_hidden()  # what is told was proposed; nobody typed it
    page.get_by_label("We send it, with the client’s name").check()
    expect(telling).to_be_visible()
    expect(call).to_be_hidden()
    page.get_by_label("We call now, with the client in the room").check()
    expect(call).to_be_visible()
    page.get_by_label("If it isn’t in the directory: its name").fill("Elm Rooms")
    call.get_by_label("Whom you spoke with").fill("Anna Example")
    page.get_by_label("The client goes there themselves").check()
    expect(call).to_be_visible()  # what was typed stays in sight
    page.get_by_role("button", name="Record referral").press("Enter")

    expect(page.get_by_text("You filled in a call (whom you spoke with). Did you call?")).to_be_visible()
    expect(call.get_by_label("Whom you spoke with")).to_have_value("Anna Example")
    for theme in ("dark", "light"):
        show(page, 390, theme)
        assert not accessibility_faults(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("We call now, with the client in the room").check()
    page.get_by_role("button", name="Record referral").press("Enter")
    expect(page.get_by_text("Call with Anna Example, the client in the room.")).to_be_visible()
    assert ServiceReferralStep.objects.get().how == "call"
