"""The meeting finder with the keys alone, at a desk and on a phone: from a question to the handout."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from referrals.models import Meeting, MeetingFeed
from staff.models import StaffMember

from .conftest import accessibility_faults, show, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

# The focus is where the eye finds it: a line around what has it, or around the label over it, and inside the window.
_IS_SEEN = """each => {
  const of = one => getComputedStyle(one);
  const line = one => one && of(one).outlineStyle !== "none" && parseFloat(of(one).outlineWidth) > 0;
  const shadow = one => one && of(one).boxShadow !== "none";
  const box = each.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const near = [each, each.nextElementSibling, each.closest("label")];
  return inside && each.matches(":focus-visible") && near.some(one => line(one) || shadow(one));
}"""


@pytest.fixture
def meetings(counselor: StaffMember) -> list[Meeting]:
    feed = MeetingFeed.objects.create(clinic=counselor.clinic, name="Example list", fellowship="aa")
    made = []
    for number, (name, types) in enumerate(
        (("Example Lantern", ["W"]), ("Example Harbor", ["M"]), ("Example Noon", []))
    ):
        row = Meeting(feed=feed, external_id=str(number), name=name, types=types, fellowship="aa", weekday=number)
        row.start, row.time_zone, row.attendance = datetime.time(19), "America/New_York", "in_person"
        row.address, row.latitude, row.longitude = "10 Example St, Albany, NY", 42.65 + number / 100, -73.75
        row.content_hash, row.imported_at = str(number), timezone.now()
        row.save()
        made.append(row)
    return made


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """On to something, key by key, and never into the picture: its marks say what the list says."""
    for _ in range(140):
        page.keyboard.press(key)
        assert not page.evaluate("document.activeElement.closest('svg, [aria-hidden=true]') !== null")
        if wanted.evaluate("each => each === document.activeElement"):
            wait_until(page, lambda: wanted.evaluate(_IS_SEEN))  # the window may still be on its way there
            return
    pytest.fail(f"{wanted} can't be reached with {key}.")


@pytest.mark.parametrize("width", [1280, 390])
def test_from_a_question_to_the_handout_with_the_keys_alone(
    quiet_page: Page,
    enter: Callable[[StaffMember], None],
    counselor: StaffMember,
    meetings: list[Meeting],
    width: int,
) -> None:
    page = quiet_page
    enter(counselor)
    show(page, width, "light")
    page.goto(reverse("referrals:finder"))
    results = page.locator("#results")

    tab_to(page, page.get_by_label("ZIP code or coordinates"))
    page.keyboard.type("12207")
    page.keyboard.press("Enter")
    expect(results).to_contain_text("Distances in a straight line from the middle of ZIP code 12207")
    tab_to(page, page.get_by_label("Women", exact=True))
    page.keyboard.press("Space")
    expect(results).not_to_contain_text("Example Harbor")
    expect(results).to_contain_text("Example Lantern")
    expect(page.get_by_label("Women", exact=True)).to_be_focused()

    tab_to(page, page.get_by_label("Handout: Example Lantern"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("Women", exact=True), "Shift+Tab")
    page.keyboard.press("Space")
    expect(results).to_contain_text("Example Harbor")
    expect(page.get_by_role("group", name="Chosen")).to_contain_text("Example Lantern")
    expect(page.get_by_label("Handout: Example Lantern")).to_be_checked()

    tab_to(page, page.get_by_label("Name or place"), "Shift+Tab")
    page.keyboard.type("harbor")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Handout: Example Lantern")).to_have_count(0)
    expect(page.get_by_role("group", name="Chosen")).to_contain_text("Example Lantern")
    tab_to(page, page.get_by_role("link", name="Example Harbor"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Example Harbor")).to_be_visible()
    page.go_back()
    for scheme in ("dark", "light"):
        show(page, width, scheme)
        assert not accessibility_faults(page), (width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    tab_to(page, page.get_by_label("Handout: Example Harbor"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Make a handout"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/meetings/handout/{meetings[0].pk}-{meetings[1].pk}/")
    expect(page.get_by_role("heading", name="Example Lantern")).to_be_visible()
    expect(page.get_by_role("heading", name="Example Harbor")).to_be_visible()
    assert not accessibility_faults(page), width


def test_what_was_chosen_is_taken_off_with_the_keys(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, meetings: list[Meeting]
) -> None:
    page = quiet_page
    enter(counselor)
    page.goto(f"{reverse('referrals:finder')}?words=harbor&m={meetings[0].pk}&m={meetings[1].pk}")
    tab_to(page, page.get_by_role("button", name="Remove Example Lantern"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove Example Lantern")).to_have_count(0)
    expect(page.get_by_role("button", name="Remove Example Harbor")).to_be_visible()
    expect(page.get_by_label("Handout: Example Harbor")).to_be_checked()
    tab_to(page, page.get_by_label("Name or place"))
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")  # the next search doesn't bring it back
    expect(page.get_by_label("Handout: Example Lantern")).to_be_visible()
    expect(page.get_by_label("Handout: Example Lantern")).not_to_be_checked()
