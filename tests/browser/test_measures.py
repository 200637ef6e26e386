"""In a real browser: a COWS is typed in by number keys, and its course is drawn in both windows without a fault."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases.models import TreatmentEpisode
from counseling import measures
from counseling.models import Measure
from staff.models import Role, StaffMember
from tests import factories
from tests.browser.conftest import accessibility_faults

pytestmark = pytest.mark.django_db(transaction=True)
COWS = "21121012015"  # as typed; the last is gooseflesh


@pytest.fixture
def counselor(transactional_db: None) -> StaffMember:
    return factories.StaffMemberFactory(
        clinic=factories.ClinicFactory(name="Example Clinic"), role=Role.COUNSELOR, credential="LCDC"
    )


@pytest.fixture
def episode(counselor: StaffMember) -> TreatmentEpisode:
    client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    return factories.TreatmentEpisodeFactory(
        client=client,
        program=factories.ProgramFactory(clinic=counselor.clinic, name="Outpatient"),
        admitted_by=counselor,
    )


def test_a_cows_by_number_keys(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, episode: TreatmentEpisode
) -> None:
    page = quiet_page
    enter(counselor)
    page.goto(reverse("counseling:measure_new", args=[episode.client_id, "cows"]))
    assert accessibility_faults(page) == []
    page.keyboard.press(COWS[0])
    page.keyboard.press("Enter")  # goes on, and sends nothing
    expect(page.locator(":focus")).to_have_attribute("name", "item_restlessness")
    for key in COWS[2:-1]:
        page.keyboard.press(key)
    page.keyboard.press("Enter")  # back to the one that was passed over
    page.keyboard.press(COWS[1])
    page.keyboard.press("Enter")
    expect(page.locator("[data-answered]")).to_have_text("10 of 11 answered")
    page.keyboard.press("4")  # no gooseflesh comes to 4
    expect(page.locator("[data-said]")).to_have_text("4 is not on the form. Allowed: 0, 3, 5.")
    page.keyboard.press("5")
    expect(page.locator("[data-answered]")).to_have_text("11 of 11 answered")
    page.keyboard.press("Shift+Tab")  # back to gooseflesh, and take it away
    page.keyboard.press("Backspace")
    expect(page.locator("[data-answered]")).to_have_text("10 of 11 answered")
    page.keyboard.press("Enter")  # nothing else is open: it stays here and saves nothing
    page.keyboard.press("3")
    expect(page.get_by_role("button", name="Score and save")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**" + reverse("counseling:measures", args=[episode.client_id]))
    taken = Measure.objects.get()
    assert (taken.total, taken.answers["gooseflesh"], taken.band) == (14, 3, "Moderate")


def test_a_course_fits_a_wide_window_and_a_phone(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, episode: TreatmentEpisode
) -> None:
    for place, total in enumerate((18, 15, None, 9, 4)):
        answers = [min(3, max(0, (total or 0) - 3 * each)) for each in range(8)] + [0]
        measures.record(
            client=episode.client,
            instrument="phq-9",
            answers=answers[:5] if total is None else answers,
            by=counselor,
            episode=episode,
            taken_at=timezone.now() - datetime.timedelta(days=60 - 14 * place),
        )
    page = quiet_page
    enter(counselor)
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        for name, more in (("measure_trend", ["phq-9"]), ("measures", [])):
            page.goto(reverse(f"counseling:{name}", args=[episode.client_id, *more]))
            assert accessibility_faults(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.goto(reverse("counseling:measure_trend", args=[episode.client_id, "phq-9"]))
        picture = page.get_by_role("img", name="PHQ-9, 4 scored")
        expect(picture).to_have_count(1)  # the other one is for the other window
        expect(picture.locator("circle")).to_have_count(4)
        expect(picture.locator(".missing")).to_have_count(1)
        words = picture.locator("text").first.evaluate("each => each.getBoundingClientRect().height")
        assert words > 10, "words keep their size on a phone"
