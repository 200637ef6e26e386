"""In a real browser: verdicts that do not reach the clinic are said, kept with the client's words, and arrive once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client as DjangoClient
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from cases.models import TreatmentEpisode
from counseling import plans
from counseling.models import CarryOverItem, Goal
from staff.models import Role, Session, StaffMember
from tests import factories
from tests.browser.conftest import accessibility_faults, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def counselor(transactional_db: None) -> StaffMember:
    return factories.StaffMemberFactory(
        clinic=factories.ClinicFactory(name="Example Clinic"), role=Role.COUNSELOR, credential="LCDC"
    )


@pytest.fixture
def board(page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember) -> Page:
    """The board of somebody who came back with five goals, opened, its first line in focus."""
    client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    program = factories.ProgramFactory(clinic=counselor.clinic, name="Outpatient")
    first = factories.TreatmentEpisodeFactory(client=client, program=program, admitted_by=counselor)
    for number in range(5):
        plans.add_goal(episode=first, wording=f"Goal {number}", by=counselor)
    TreatmentEpisode.objects.filter(pk=first.pk).update(discharged_on=first.admitted_on, discharge_reason="completed")
    second = factories.TreatmentEpisodeFactory(
        client=client, program=program, admitted_by=counselor, admitted_on="2026-04-20", prior_episode=first
    )
    enter(counselor)
    page.goto(reverse("counseling:carry_over", args=[client.pk, second.pk]))
    page.keyboard.press("ArrowDown")
    return page


def press(page: Page) -> None:
    """Words and “held” on the first line, “did not hold” on the second, without waiting."""
    page.keyboard.press("n")
    page.keyboard.type("More than ever")
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    page.keyboard.press("2")


def not_saved(page: Page, words: str) -> None:
    alarm = page.locator("[data-unsaved]")
    expect(alarm).to_contain_text("2 answers are not saved")
    expect(alarm).to_contain_text(words)
    lines = page.locator("[data-line]")
    expect(lines).to_have_count(5)
    expect(lines.nth(0).get_by_label("What the client said")).to_have_value("More than ever")
    expect(lines.nth(0)).to_contain_text("Not saved yet: ")
    expect(page.locator("[data-line][data-open]")).to_have_count(5)
    assert not CarryOverItem.objects.exclude(verdict="").exists()
    assert accessibility_faults(page) == []


def send_again(page: Page) -> None:
    """By the button, after wiping off what the page says: what it says next is its answer to this."""
    page.locator("[data-unsaved-sentence]").evaluate("sentence => { sentence.textContent = ''; }")
    page.get_by_role("button", name="Send them again").click()


def all_arrived(page: Page) -> None:
    expect(page.locator("#carry-progress")).to_contain_text("2 of 5")
    expect(page.locator("[data-unsaved]")).to_be_hidden()
    expect(page.locator("[data-line][data-open]")).to_have_count(3)
    found = CarryOverItem.objects.exclude(verdict="").order_by("goal__wording").values_list("verdict", "note")
    assert list(found) == [("held", "More than ever"), ("did_not_hold", "")]
    assert Goal.objects.filter(carried_from__isnull=False).count() == 1
    assert apps.get_model("counseling", "CarryOverItemEvent").objects.exclude(verdict="").count() == 2, (
        "each was written once"
    )


def test_without_a_connection_nothing_is_lost_and_all_of_it_arrives_once(board: Page) -> None:
    board.context.set_offline(True)
    press(board)
    not_saved(board, "no connection")
    send_again(board)
    not_saved(board, "no connection")
    board.context.set_offline(False)  # the browser says so by itself
    all_arrived(board)


def test_an_answer_that_was_lost_on_its_way_back_is_sent_again_and_counts_once(board: Page) -> None:
    """The clinic has it, the page does not know."""
    board.route("**/decide/", lambda route: (route.fetch(), route.abort()))
    press(board)
    expect(board.locator("[data-unsaved]")).to_contain_text("2 answers are not saved")
    board.unroute_all()
    send_again(board)
    all_arrived(board)


def signed_in_again(page: Page, person: StaffMember) -> None:
    """In another window of the same browser, with the token of a new sign-in."""
    browser = DjangoClient()
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page.context.clear_cookies()
    cookies = [{"name": settings.SESSION_COOKIE_NAME, "value": browser.cookies[settings.SESSION_COOKIE_NAME].value}]
    page.context.add_cookies([{**cookie, "url": page.url} for cookie in cookies])


def test_signed_out_no_sign_in_page_takes_the_lines_place_and_all_arrives_after_it(
    board: Page, counselor: StaffMember
) -> None:
    Session.objects.all().delete()
    press(board)
    not_saved(board, "you are signed out")
    expect(board.get_by_role("link", name="Sign in again in another tab")).to_be_visible()
    expect(board.get_by_label("Password")).to_have_count(0)
    send_again(board)
    not_saved(board, "you are signed out")
    signed_in_again(board, counselor)
    send_again(board)
    all_arrived(board)


def test_with_the_token_of_an_earlier_sign_in_they_are_sent_again(board: Page, counselor: StaffMember) -> None:
    signed_in_again(board, counselor)
    press(board)
    not_saved(board, "you signed in again")
    send_again(board)
    all_arrived(board)


def test_what_one_person_found_is_not_sent_in_the_name_of_another(board: Page, counselor: StaffMember) -> None:
    signed_in_again(board, factories.StaffMemberFactory(clinic=counselor.clinic, role=Role.SUPERVISOR))
    press(board)
    not_saved(board, "you signed in again")
    send_again(board)
    not_saved(board, "someone else is signed in")


def test_pressed_twice_before_the_answer_the_last_counts_and_nothing_behind_it_is_held_up(board: Page) -> None:
    """By mouse, a slow server: the first line holds up the second, which is pressed twice, and the third."""
    lines = board.locator("[data-line]")
    waiting: list[Route] = []
    board.route("**/decide/", lambda route: route.continue_() if waiting else waiting.append(route))
    for place, words in ((0, "held"), (1, "held"), (1, "never_used"), (2, "did_not_hold")):
        lines.nth(place).locator(f".carry-verdict__buttons button[value={words}]").click()
    wait_until(board, lambda: waiting)
    waiting[0].continue_()
    expect(board.locator("#carry-progress")).to_contain_text("3 of 5")
    found = CarryOverItem.objects.exclude(verdict="").order_by("goal__wording").values_list("verdict", flat=True)
    assert list(found) == ["held", "never_used", "did_not_hold"]
