"""In a real browser: a card is moved by drag and by keys as by its button, and places are offered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from cases.intake import inquiries
from cases.models import Inquiry
from staff.models import Program, Role, StaffMember
from tests import factories
from tests.browser.conftest import accessibility_faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def intake(transactional_db: None) -> StaffMember:
    return factories.StaffMemberFactory(
        clinic=factories.ClinicFactory(name="Example Clinic"), role=Role.INTAKE_COORDINATOR
    )


@pytest.fixture
def program(intake: StaffMember) -> Program:
    return factories.ProgramFactory(clinic=intake.clinic, name="Residence", capacity=2)


def stage_of(inquiry: Inquiry) -> str:
    return Inquiry.objects.get(pk=inquiry.pk).stage


def drag(page: Page, inquiry: Inquiry, stage: str) -> None:
    page.locator(f".call-card:has(#inquiry-{inquiry.pk})").drag_to(page.locator(f"[data-stage={stage}]"))


def test_a_card_is_dragged_to_where_the_person_stands_now(
    quiet_page: Page, enter: Callable[[StaffMember], None], intake: StaffMember
) -> None:
    page, inquiry = quiet_page, inquiries.take(by=intake, given_name="Robin")
    inquiries.take(by=intake, given_name="Stays")
    enter(intake)
    page.goto(reverse("cases:inquiries"))
    assert accessibility_faults(page) == []
    drag(page, inquiry, "screening")
    expect(page.get_by_role("region", name="Screening 1")).to_contain_text("Robin")
    expect(page.locator(":focus")).to_have_text("Robin")
    assert stage_of(inquiry) == "screening"
    drag(page, inquiry, "called_back")  # and back again
    expect(page.get_by_role("region", name="Called back 1")).to_contain_text("Robin")
    assert stage_of(inquiry) == "called_back"
    drag(page, inquiry, "called_back")  # dropped where it was: nothing is sent
    assert Inquiry.objects.filter(stage="new").count() == 1


def test_arrows_go_from_card_to_card_and_with_shift_move_the_card(
    quiet_page: Page, enter: Callable[[StaffMember], None], intake: StaffMember
) -> None:
    page = quiet_page
    first, second = (inquiries.take(by=intake, given_name=name) for name in ("First", "Second"))
    enter(intake)
    page.goto(reverse("cases:inquiries"))
    page.get_by_role("link", name="First").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_have_text("Second")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_role("region", name="Called back 1")).to_contain_text("Second")
    expect(page.locator(":focus")).to_have_text("Second")
    assert (stage_of(first), stage_of(second)) == ("new", "called_back")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(":focus")).to_have_text("First")
    page.keyboard.press("Shift+ArrowLeft")  # there is nothing before the first stage
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_role("region", name="New 2")).to_contain_text("Second")
    assert stage_of(second) == "new"


def test_dropped_on_offered_the_offer_is_asked_for_and_the_next_one_follows_from_the_list(
    quiet_page: Page, enter: Callable[[StaffMember], None], intake: StaffMember, program: Program
) -> None:
    page, inquiry = quiet_page, inquiries.take(by=intake, given_name="Robin")
    waiting = inquiries.take(by=intake, given_name="Expecting", pregnant=True)
    inquiries.move(inquiry=waiting, stage="waitlist", program=program, by=intake)
    enter(intake)
    page.goto(reverse("cases:inquiries"))
    drag(page, inquiry, "offered")
    page.get_by_label("Program").select_option(str(program.pk))
    page.get_by_role("button", name="Offer opening").click()
    expect(page.get_by_text("1 person is ahead on the wait list. Say why this person goes first.")).to_be_visible()
    assert accessibility_faults(page) == []
    page.get_by_label("Why this person").fill("Sleeps in a car with two children")
    page.get_by_role("button", name="Offer opening").click()
    expect(page.get_by_role("region", name="Offered 1")).to_contain_text("Robin")
    page.get_by_role("link", name="Openings and wait list").click()
    page.get_by_role("button", name="Offer opening to Expecting").press("Enter")
    expect(page.get_by_text("No openings")).to_be_visible()
    assert accessibility_faults(page) == []
    assert set(Inquiry.objects.values_list("stage", flat=True)) == {"offered"}
