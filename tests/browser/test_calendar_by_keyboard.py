"""In a real browser: the week is read and changed by keyboard alone, by mouse, and on a phone."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from appointments import booking
from appointments.models import Appointment
from cases.models import Client
from staff.models import Role, StaffMember
from tests import factories
from tests.browser.conftest import accessibility_faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def counselor(transactional_db: None) -> StaffMember:
    return factories.StaffMemberFactory(
        clinic=factories.ClinicFactory(name="Example Clinic"), role=Role.COUNSELOR, credential="LCDC"
    )


@pytest.fixture
def tuesday(counselor: StaffMember) -> datetime.date:
    """In the next week but one: wholly ahead."""
    today = timezone.localdate(timezone=counselor.clinic.zone)
    return today + datetime.timedelta(days=(1 - today.weekday()) % 7 + 7)


@pytest.fixture
def appointment(counselor: StaffMember, tuesday: datetime.date) -> Appointment:
    client: Client = factories.ClientFactory(
        clinic=counselor.clinic, counselor=counselor, given_name="Robin", family_name="Sample"
    )
    starts_at = datetime.datetime.combine(tuesday, datetime.time(10), counselor.clinic.zone)
    return booking.book(client=client, staff_member=counselor, starts_at=starts_at, by=counselor)


def test_an_appointment_is_moved_by_keyboard_alone(
    quiet_page: Page,
    enter: Callable[[StaffMember], None],
    counselor: StaffMember,
    appointment: Appointment,
    tuesday: datetime.date,
) -> None:
    """Tab to it, a day later and half an hour down, Enter; the form has the new time, Enter again."""
    page = quiet_page
    enter(counselor)
    page.goto(f"{reverse('appointments:calendar')}?week={tuesday}")
    assert accessibility_faults(page) == []
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.includes('Robin Sample')"):
            break
    else:
        pytest.fail("the appointment was never reached by Tab")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator("[data-calendar-says]")).to_contain_text("Wednesday")
    expect(page.locator("[data-calendar-says]")).to_contain_text("10:30 AM")
    page.keyboard.press("Escape")
    expect(page.locator(".cal__ghost")).to_have_count(0)
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_url("**/move/**")
    expect(page.locator("#id_time")).to_have_value("10:30")
    assert accessibility_faults(page) == []
    page.locator("#id_minutes").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/move/" not in url)
    expect(page.get_by_text("Its reminders moved with it.")).to_be_visible()
    appointment.refresh_from_db()
    assert appointment.moved_to is not None
    assert f"{appointment.moved_to.local_start:%a %H:%M}" == "Wed 10:30"


def tab_to(page: Page, text: str, *, most: int = 120, key: str = "Tab") -> None:
    """Press Tab (or Shift and Tab) until what has the focus says this, as its text, its label or its name."""
    says = r"""text => {
        const focused = document.activeElement;
        if (focused === document.body) return false;
        const labels = [...(focused.labels || [])].map((label) => label.textContent).join(" ");
        const own = `${focused.textContent} ${labels} ${focused.getAttribute("aria-label") || ""}`;
        return own.replace(/\s+/g, " ").includes(text);
    }"""
    passed: list[str] = []
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate(says, text):
            return
        passed.append(page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))
    pytest.fail(f"Tab never reached “{text}” on {page.url}, but {passed}")


def enter_there(page: Page, text: str) -> None:
    """Tab to a link or a button, and press it."""
    tab_to(page, text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_day_of_work_by_keyboard_alone(
    quiet_page: Page,
    enter: Callable[[StaffMember], None],
    counselor: StaffMember,
    appointment: Appointment,
    tuesday: datetime.date,
) -> None:
    """Open the calendar, turn to the week, walk its days and appointments, book one, move it, cancel it: no mouse."""
    second = booking.book(
        client=factories.ClientFactory(clinic=counselor.clinic, counselor=counselor, given_name="Casey"),
        staff_member=counselor,
        starts_at=appointment.starts_at + datetime.timedelta(days=1),
        by=counselor,
    )
    page = quiet_page
    enter(counselor)
    page.goto(reverse("desk:today"))
    enter_there(page, "Calendar")
    while tuesday.strftime("%b %-d") not in page.locator(".cal").inner_text():
        enter_there(page, "Next week")

    tab_to(page, f"{tuesday:%a} {tuesday:%b} {tuesday.day}")  # the day's own heading, then what it holds
    tab_to(page, "Robin Sample", most=1)
    wednesday = tuesday + datetime.timedelta(days=1)
    tab_to(page, f"{wednesday:%a} {wednesday:%b} {wednesday.day}", most=12)  # past the free times of the day
    tab_to(page, "Casey", most=1)
    tab_to(page, "Robin Sample", most=13, key="Shift+Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Individual session")
    assert f"/clients/{appointment.client_id}/appointments/{appointment.pk}/" in page.url

    enter_there(page, "Appointments")
    enter_there(page, "Book")
    tab_to(page, "AM")  # the first of the openings is chosen; the arrow keys choose another
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate("document.activeElement.value")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("Booked:")).to_be_visible()
    booked = Appointment.objects.exclude(pk__in=[appointment.pk, second.pk]).get()
    assert booked.starts_at == datetime.datetime.fromtimestamp(int(chosen), datetime.UTC)

    enter_there(page, "Move")
    tab_to(page, "Day")  # typing a day or a time means another time than the openings
    friday = tuesday + datetime.timedelta(days=3)
    page.keyboard.type(f"{friday:%m%d%Y}")
    expect(page.locator("#openings")).to_contain_text(f"from {friday:%b} {friday.day}")
    tab_to(page, "Time")
    page.keyboard.type("0300PM")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("Its reminders moved with it.")).to_be_visible()
    booked.refresh_from_db()
    assert booked.moved_to is not None
    assert f"{booked.moved_to.local_start:%Y-%m-%d %H:%M}" == f"{friday} 15:00"

    tab_to(page, "The client or caller")
    page.keyboard.press("ArrowDown")  # the clinic cancels
    tab_to(page, "Reason")
    page.keyboard.type("Power is out")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("Canceled. The time is free again.")).to_be_visible()
    assert booked.moved_to.steps.order_by("-pk")[0].step == "by_clinic"


def test_an_appointment_is_dragged_to_another_time(
    quiet_page: Page,
    enter: Callable[[StaffMember], None],
    counselor: StaffMember,
    appointment: Appointment,
    tuesday: datetime.date,
) -> None:
    page = quiet_page
    enter(counselor)
    page.goto(f"{reverse('appointments:calendar')}?week={tuesday}")
    day = tuesday + datetime.timedelta(days=2)
    hour = page.locator(".cal").evaluate("each => each.querySelector('.cal__track').clientHeight / 10")
    page.locator("[data-move]").drag_to(
        page.locator(f"[data-day='{day}'] .cal__track"),
        source_position={"x": 20, "y": 5},
        target_position={"x": 40, "y": 6 * hour + 5},
    )
    page.wait_for_url("**/move/**")
    expect(page.locator("#id_day")).to_have_value(day.isoformat())
    expect(page.locator("#id_time")).to_have_value("14:00")
    appointment.refresh_from_db()
    assert appointment.moved_to is None  # nothing has moved until the form is sent


def test_on_a_phone_the_week_is_a_list(
    quiet_page: Page,
    enter: Callable[[StaffMember], None],
    counselor: StaffMember,
    appointment: Appointment,
    tuesday: datetime.date,
) -> None:
    page = quiet_page
    enter(counselor)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{reverse('appointments:calendar')}?week={tuesday}")
    expect(page.get_by_text("Robin Sample")).to_be_visible()
    expect(page.get_by_text("Nothing booked").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert accessibility_faults(page) == []


def test_openings_follow_the_person_without_losing_a_word(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, appointment: Appointment
) -> None:
    colleague = factories.StaffMemberFactory(clinic=counselor.clinic, role=Role.COUNSELOR, given_name="Cora")
    page = quiet_page
    enter(counselor)
    page.goto(reverse("appointments:book", args=[appointment.client_id]))
    page.locator("#id_minutes").fill("30")
    page.locator("#id_staff_member").select_option(str(colleague.pk))
    expect(page.locator("#openings")).to_contain_text(f"First openings of {colleague}, 30 minutes")
    expect(page.locator("#id_minutes")).to_have_value("30")
    page.get_by_role("button", name="Book").click()
    expect(page.get_by_text("Booked:")).to_be_visible()
    assert Appointment.objects.filter(staff_member=colleague, minutes=30).exists()
