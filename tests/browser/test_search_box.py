"""In a real browser: somebody is found and opened by keys alone, and the box is a plain form without its script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from staff.models import Role, StaffMember
from tests import factories
from tests.browser.conftest import accessibility_faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def counselor(transactional_db: None) -> StaffMember:
    member = factories.StaffMemberFactory(
        clinic=factories.ClinicFactory(name="Example Clinic"), role=Role.COUNSELOR, credential="LCDC"
    )
    for given, family in (("Marcus", "Fictional"), ("Marta", "Specimen"), ("Robin", "García López")):
        factories.ClientFactory(clinic=member.clinic, counselor=member, given_name=given, family_name=family)
    return member


def test_by_keys_alone(quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember) -> None:
    enter(counselor)
    page = quiet_page
    page.goto(reverse("cases:clients"))
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Find a client")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("mar")
    options = page.get_by_role("listbox", name="Clients found").get_by_role("option")
    expect(options).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(options.first).to_contain_text("born 1985")
    assert accessibility_faults(page) == []
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-1")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_have_value("mar")
    page.keyboard.type("cus f")
    expect(options).to_have_count(1)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/clients/\d+/$"))
    expect(page.locator(".ow-person__name").first).to_contain_text("Marcus Fictional")


def test_enter_without_choosing_opens_a_single_hit(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember
) -> None:
    enter(counselor)
    quiet_page.goto(reverse("cases:clients"))
    quiet_page.keyboard.press("/")
    quiet_page.keyboard.type("garcia lopez")
    quiet_page.keyboard.press("Enter")
    quiet_page.wait_for_url(re.compile(r"/clients/\d+/$"))
    expect(quiet_page.locator(".ow-person__name").first).to_contain_text("Robin García López")
