"""Booking, moving and ending appointments through their pages."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.urls import reverse

from appointments import booking
from appointments.codes import Step
from appointments.models import Appointment, BookedSpan, Holiday, Room, Series
from appointments.openings import value_of
from cases.models import Client, Inquiry
from staff.models import Clinic, StaffMember
from tests import factories

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def typed(counselor: StaffMember) -> dict[str, Any]:
    """What somebody types to book Tuesday at 10 AM."""
    return {
        "purpose": "individual",
        "staff_member": counselor.pk,
        "minutes": 50,
        "mode": "in_person",
        "opening": "other",
        "day": "2026-03-03",
        "time": "10:00",
    }


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def asked_why(answer: Any, reason: str) -> dict[str, str]:
    """The fields that a refusal added to the form, each reason filled in."""
    page = words(answer)
    shown = dict(re.findall(r'type="hidden" name="(\w+_shown)" value="([^"]+)"', page))
    return shown | dict.fromkeys(re.findall(r'name="(\w+_reason)"', page), reason)


def last_step(appointment: Appointment) -> str:
    return str(appointment.steps.order_by("-pk").values_list("step", flat=True)[0])


def test_the_first_openings_of_the_primary_counselor_are_offered(
    counselor: StaffMember, supervisor: StaffMember, client_record: Client, signed_in: Any, book: Any, at: Any
) -> None:
    book(starts_at=at(2, 9))
    page = words(signed_in(supervisor).get(reverse("appointments:book", args=[client_record.pk])))
    assert f"First openings of {counselor}" in page
    assert f'value="{value_of(at(2, 8))}"' in page
    assert f'value="{value_of(at(2, 9))}"' not in page


def test_an_opening_is_booked_by_choosing_it(
    client_record: Client, counselor: StaffMember, typed: dict[str, Any], signed_in: Any, at: Any
) -> None:
    address = reverse("appointments:book", args=[client_record.pk])
    sent = typed | {"opening": value_of(at(4, 11)), "day": "", "time": ""}
    answer = signed_in(counselor).post(address, sent, follow=True)
    made = Appointment.objects.get()
    assert made.starts_at == at(4, 11)
    assert "Booked: Wednesday, Mar 4, 2026, 11:00 AM" in words(answer)


def test_another_time_is_typed(
    client_record: Client, counselor: StaffMember, typed: Any, signed_in: Any, at: Any
) -> None:
    signed_in(counselor).post(reverse("appointments:book", args=[client_record.pk]), typed)
    assert Appointment.objects.get().starts_at == at(3, 10)


def test_a_taken_time_is_refused_beside_its_field_and_a_reason_books_it(
    book: Any, make_client: Any, counselor: StaffMember, typed: dict[str, Any], signed_in: Any
) -> None:
    book()
    other = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    browser, address = signed_in(counselor), reverse("appointments:book", args=[other.pk])
    answer = browser.post(address, typed | {"time": "10:30"})
    page = words(answer)
    assert answer.status_code == 422
    assert answer.context["form"].errors["staff_member"] == [
        f"{counselor} has something from 10:00 to 10:50 AM. Choose another time, or say why both are needed."
    ]
    assert 'name="overlap_reason"' in page
    assert 'value="10:30"' in page  # what was typed stays
    assert Appointment.objects.count() == 1
    browser.post(address, typed | {"time": "10:30"} | asked_why(answer, "Family joins"))
    assert Appointment.objects.get(client=other).overlap_reason == "Family joins"


def test_a_reason_for_the_evening_double_books_nobody(
    book: Any, counselor: StaffMember, typed: dict[str, Any], signed_in: Any, room: Room, at: Any
) -> None:
    book(starts_at=at(3, 19), room=room, outside_hours_reason="Works all day")
    other = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    browser, address = signed_in(counselor), reverse("appointments:book", args=[other.pk])
    evening = typed | {"time": "19:00", "room": room.pk}
    first = browser.post(address, evening)
    assert "outside" in first.context["form"].errors["time"][0]
    assert 'name="overlap_reason"' not in words(first)
    evening |= asked_why(first, "After work")
    second = browser.post(address, evening)
    assert second.status_code == 422
    assert not other.appointments.exists()
    both = second.context["form"].errors["staff_member"][0]
    assert f"{counselor} has something from 7:00 to 7:50 PM. Room 1 is taken from 7:00 to 7:50 PM." in both
    assert 'value="After work"' in words(second)
    browser.post(address, evening | asked_why(second, "Family joins"))
    made = other.appointments.get()
    assert (made.outside_hours_reason, made.overlap_reason) == ("Family joins", "Family joins")


def test_a_reason_counts_for_the_time_that_was_refused_and_no_other(
    book: Any, counselor: StaffMember, typed: dict[str, Any], signed_in: Any, at: Any
) -> None:
    book()
    book(starts_at=at(4, 14))
    other = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    browser, address = signed_in(counselor), reverse("appointments:book", args=[other.pk])
    why = asked_why(browser.post(address, typed), "Family joins")
    answer = browser.post(address, typed | why | {"day": "2026-03-04", "time": "14:00"})
    assert "from 2:00 to 2:50 PM" in answer.context["form"].errors["staff_member"][0]
    assert not other.appointments.exists()
    browser.post(address, typed | why | {"day": "2026-03-04", "time": "15:00"})
    made = other.appointments.get()
    assert made.overlap_reason == ""
    assert BookedSpan.objects.get(holder_id=made.pk).overlap_reason == ""


def test_a_move_into_the_evening_double_books_nobody(
    book: Any, counselor: StaffMember, typed: dict[str, Any], signed_in: Any, at: Any
) -> None:
    book(starts_at=at(3, 19), outside_hours_reason="Works all day")
    other = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    moves = book(client=other)
    browser = signed_in(counselor)
    address = reverse("appointments:move", args=[other.pk, moves.pk])
    evening = typed | {"time": "19:00"}
    evening |= asked_why(browser.post(address, evening), "After work")
    answer = browser.post(address, evening)
    assert "from 7:00 to 7:50 PM" in answer.context["form"].errors["staff_member"][0]
    browser.post(address, evening | asked_why(answer, "Family joins"))
    assert other.appointments.latest("pk").starts_at == at(3, 19)


def test_a_series_asks_for_no_reason_since_it_books_over_nothing(
    book: Any, client_record: Client, counselor: StaffMember, typed: dict[str, Any], signed_in: Any
) -> None:
    weekly = typed | {"time": "05:00", "every_weeks": "1", "until": "2026-03-10"}
    answer = signed_in(counselor).post(reverse("appointments:book", args=[client_record.pk]), weekly)
    assert answer.status_code == 422
    assert not asked_why(answer, "They work")


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"time": "05:00"}, "time", "outside"),
        ({"day": "2026-03-06"}, "time", "closed that day"),
        ({"day": "2026-03-08", "time": "02:30"}, "time", "doesn’t exist"),
        ({"day": "", "time": ""}, "day", "Choose an opening"),
        ({"opening": "soon"}, "opening", "one of the openings"),
        ({"opening": "9" * 30}, "opening", "one of the openings"),
        ({"every_weeks": "1"}, "until", "last day of the series"),
        ({"minutes": "4"}, "minutes", "greater than"),
    ],
)
def test_refusals_stand_beside_their_field(
    changed: dict[str, str], field: str, said: str, client_record: Client, counselor: StaffMember, typed: Any,
    signed_in: Any, clinic: Clinic,
) -> None:  # fmt: skip
    Holiday.objects.create(clinic=clinic, day=datetime.date(2026, 3, 6), name="Founders Day")
    answer = signed_in(counselor).post(reverse("appointments:book", args=[client_record.pk]), typed | changed)
    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors[field])
    assert not Appointment.objects.exists()


def test_a_room_in_use_is_refused_beside_the_room(
    book: Any, room: Room, supervisor: StaffMember, typed: Any, signed_in: Any, client_record: Client
) -> None:
    book(room=room)
    sent = typed | {"room": room.pk, "staff_member": supervisor.pk}
    answer = signed_in(supervisor).post(reverse("appointments:book", args=[client_record.pk]), sent)
    assert "Room 1 is taken" in answer.context["form"].errors["room"][0]


def test_looking_for_openings_of_somebody_else_books_nothing_and_keeps_what_was_typed(
    client_record: Client, supervisor: StaffMember, counselor: StaffMember, typed: Any, signed_in: Any
) -> None:
    sent = typed | {"staff_member": supervisor.pk, "look": "1", "day": "2026-03-05", "time": "", "minutes": "20"}
    answer = signed_in(counselor).post(reverse("appointments:book", args=[client_record.pk]), sent)
    page = words(answer)
    assert answer.status_code == 200
    assert f"First openings of {supervisor} from Mar 5, 20 minutes" in page
    assert "Choose an opening" not in page
    assert not Appointment.objects.exists()


def test_a_series_names_what_it_leaves_out(
    client_record: Client, counselor: StaffMember, clinic: Clinic, typed: Any, signed_in: Any
) -> None:
    Holiday.objects.create(clinic=clinic, day=datetime.date(2026, 3, 17), name="Founders Day")
    sent = typed | {"every_weeks": "1", "until": "2026-04-07"}
    page = words(signed_in(counselor).post(reverse("appointments:book", args=[client_record.pk]), sent, follow=True))
    assert "5 appointments booked: Every week on Tuesday at 10:00 AM." in page
    assert "Left out: Mar 17, 2026 (Founders Day)." in page
    first = Appointment.objects.order_by("starts_at")[0]
    browser = signed_in(counselor)
    address = reverse("appointments:cancel_series", args=[client_record.pk, first.pk])
    assert browser.post(address, {"series-who": "clinic", "series-reason": ""}).status_code == 422
    about = words(browser.get(reverse("appointments:appointment", args=[client_record.pk, first.pk])))
    assert "If the clinic cancels, any message to the client is about the first one only. A task on Today asks" in about
    done = words(browser.post(address, {"series-who": "clinic", "series-reason": "The group replaces it"}, follow=True))
    assert (
        "The rest of the series is canceled. Any message to the client is about the first one only: "
        "telling them about the other 4 is a task on Today." in done
    )
    assert not Appointment.objects.ahead().exists()
    assert Series.objects.count() == 1


def test_a_caller_is_booked_for_an_assessment(
    intake: StaffMember, clinic: Clinic, typed: Any, signed_in: Any, at: Any
) -> None:
    inquiry = Inquiry.objects.create(
        clinic=clinic, taken_at=at(2, 7), taken_by=intake, given_name="Casey", family_name="Caller"
    )
    browser, address = signed_in(intake), reverse("appointments:inquiry_book", args=[inquiry.pk])
    page = words(browser.get(address))
    assert "Casey Caller" in page
    assert 'name="every_weeks"' not in page
    made = browser.post(address, typed | {"purpose": "assessment"}, follow=True)
    appointment = Appointment.objects.get()
    assert appointment.inquiry == inquiry
    assert "Casey Caller" in words(made)
    assert address in browser.get(reverse("cases:inquiry", args=[inquiry.pk])).content.decode()
    browser.post(reverse("appointments:inquiry_cancel", args=[inquiry.pk, appointment.pk]), {"who": "client"})
    assert last_step(appointment) == Step.CANCELLED_BY_CLIENT


def test_moving_keeps_the_old_row_and_shows_both(
    book: Any, counselor: StaffMember, client_record: Client, typed: Any, signed_in: Any, at: Any
) -> None:
    made = book()
    browser, address = signed_in(counselor), reverse("appointments:move", args=[client_record.pk, made.pk])
    page = words(browser.get(address, {"day": "2026-03-05", "time": "14:15"}))  # a drop in the calendar
    assert 'value="2026-03-05"' in page
    assert 'value="14:15"' in page
    answer = browser.post(address, typed | {"day": "2026-03-05", "time": "14:15", "reason": "Work"}, follow=True)
    made.refresh_from_db()
    assert made.moved_to is not None
    assert made.moved_to.starts_at == at(5, 14, 15)
    assert "Moved to Thursday, Mar 5, 2026, 2:15 PM" in words(answer)
    old = words(browser.get(reverse("appointments:appointment", args=[client_record.pk, made.pk])))
    assert "Moved to" in old
    assert "Work" in old
    assert browser.post(address, typed).status_code == 422  # it has moved already


def test_steps_are_taken_and_told(
    book: Any, counselor: StaffMember, client_record: Client, signed_in: Any, at: Any
) -> None:
    made = book(starts_at=at(2, 8))
    browser, args = signed_in(counselor), [client_record.pk, made.pk]
    browser.post(reverse("appointments:step", args=args), {"step": "arrived"})
    browser.post(reverse("appointments:step", args=args), {"step": "kept"})
    page = words(browser.get(reverse("appointments:appointment", args=args)))
    assert page.index("Booked") < page.index("Arrived")
    assert last_step(made) == Step.KEPT
    assert browser.post(reverse("appointments:step", args=args), {"step": "moved"}).status_code == 404
    assert browser.post(reverse("appointments:reopen", args=args), {"reopen-reason": ""}).status_code == 422
    browser.post(reverse("appointments:reopen", args=args), {"reopen-reason": "It was somebody else"})
    assert last_step(made) == Step.REOPENED


def test_the_clinic_cancels_with_a_reason(
    book: Any, counselor: StaffMember, client_record: Client, signed_in: Any
) -> None:
    made = book()
    browser, address = signed_in(counselor), reverse("appointments:cancel", args=[client_record.pk, made.pk])
    answer = browser.post(address, {"who": "clinic", "reason": ""})
    assert answer.status_code == 422
    assert answer.context["cancel_form"].errors["reason"] == ["Enter a reason."]
    browser.post(address, {"who": "clinic", "reason": "Counselor is sick"})
    assert last_step(made) == Step.CANCELLED_BY_CLINIC


def test_a_refused_step_is_said(book: Any, counselor: StaffMember, client_record: Client, signed_in: Any) -> None:
    address = reverse("appointments:step", args=[client_record.pk, book().pk])
    assert "hasn’t begun" in words(signed_in(counselor).post(address, {"step": "no_show"}, follow=True))


def test_where_a_button_leads_back_to_is_ours(
    book: Any, counselor: StaffMember, client_record: Client, signed_in: Any
) -> None:
    address = reverse("appointments:step", args=[client_record.pk, book().pk])
    for back in ("https://elsewhere.example/", "//elsewhere.example", "/front-desk/../../"):
        answer = signed_in(counselor).post(address, {"step": "confirmed", "back": back})
        assert answer["Location"].startswith("/")
        assert not answer["Location"].startswith("//")


def test_a_clients_list_has_what_is_ahead_and_the_past_by_pages(
    book: Any, counselor: StaffMember, client_record: Client, signed_in: Any, at: Any
) -> None:
    for place in range(30):
        book(starts_at=at(1, 10) - datetime.timedelta(days=place), outside_hours_reason="They came by")
    book()
    browser, address = signed_in(counselor), reverse("appointments:client_appointments", args=[client_record.pk])
    page = words(browser.get(address))
    assert page.index("Coming up") < page.index("Mar 3, 2026") < page.index("Past") < page.index("Mar 1, 2026")
    assert "Page 1 of 2" in page
    assert words(browser.get(address, {"page": 2})).count('class="appts__row"') == 1 + 5


def test_the_chart_has_a_tab_and_a_panel_with_the_next_one(
    book: Any, counselor: StaffMember, client_record: Client, signed_in: Any, at: Any
) -> None:
    book()
    book(starts_at=at(1, 10), outside_hours_reason="They came by")
    page = words(signed_in(counselor).get(reverse("desk:chart", args=[client_record.pk])))
    assert reverse("appointments:client_appointments", args=[client_record.pk]) in page
    assert "Tue, Mar 3, 10:00 AM" in page
    assert "Last:" in page
    assert reverse("appointments:book", args=[client_record.pk]) in page


PAGES = ("appointment", "move", "step", "cancel", "reopen", "cancel_series")


@pytest.mark.parametrize("name", PAGES)
def test_strangers_find_nothing(
    name: str, book: Any, client_record: Client, make_staff: Any, other_clinic: Clinic, signed_in: Any
) -> None:
    """A colleague without the client on their caseload, and somebody of another clinic."""
    made = book()
    address = reverse(f"appointments:{name}", args=[client_record.pk, made.pk])
    sent = {"step": "confirmed", "who": "client", "reopen-reason": "x", "series-who": "client"}
    for stranger in (make_staff(), make_staff("supervisor", clinic=other_clinic)):
        assert name == "appointment" or signed_in(stranger).post(address, sent).status_code == 404
        if name in ("appointment", "move"):
            assert signed_in(stranger).get(address).status_code == 404
    assert last_step(made) == Step.BOOKED


def test_strangers_cannot_book(
    client_record: Client,
    make_staff: Any,
    other_clinic: Clinic,
    typed: Any,
    signed_in: Any,
    clinic: Clinic,
    intake: StaffMember,
    at: Any,
) -> None:
    inquiry = Inquiry.objects.create(clinic=clinic, taken_at=at(2, 7), taken_by=intake, given_name="Casey")
    for stranger in (make_staff(), make_staff("supervisor", clinic=other_clinic)):
        for name, pk in (("book", client_record.pk), ("inquiry_book", inquiry.pk)):
            assert signed_in(stranger).post(reverse(f"appointments:{name}", args=[pk]), typed).status_code == 404
    assert not Appointment.objects.exists()


def test_an_appointment_is_found_below_its_own_client_only(
    book: Any, counselor: StaffMember, clinic: Clinic, signed_in: Any
) -> None:
    other = factories.ClientFactory(clinic=clinic, counselor=counselor)
    assert signed_in(counselor).get(reverse("appointments:appointment", args=[other.pk, book().pk])).status_code == 404


def test_nobody_of_another_clinic_can_be_booked(
    client_record: Client, counselor: StaffMember, make_staff: Any, other_clinic: Clinic, typed: Any, signed_in: Any
) -> None:
    foreign, room = make_staff(clinic=other_clinic), Room.objects.create(clinic=other_clinic, name="Theirs")
    for changed in ({"staff_member": foreign.pk}, {"room": room.pk}):
        answer = signed_in(counselor).post(reverse("appointments:book", args=[client_record.pk]), typed | changed)
        assert answer.status_code == 422
    assert not Appointment.objects.exists()


def test_canceling_late_is_said_in_the_list(
    book: Any, counselor: StaffMember, client_record: Client, signed_in: Any, at: Any
) -> None:
    booking.cancel(appointment=book(starts_at=at(2, 16)), by=counselor, by_client=True)
    page = words(signed_in(counselor).get(reverse("appointments:client_appointments", args=[client_record.pk])))
    assert "Late cancellation" in page


def test_a_missed_appointment_leads_to_what_to_do_now(
    book: Any, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    appointment = book(starts_at=at(2, 6), outside_hours_reason="before work")
    booking.no_show(appointment=appointment, by=counselor)
    page = (
        signed_in(counselor)
        .get(reverse("appointments:appointment", args=[appointment.client_id, appointment.pk]))
        .content.decode()
    )
    assert reverse("appointments:no_show", args=[appointment.client_id, appointment.pk]) in page


@pytest.mark.parametrize("day", ["2199-12-01", "2199-12-31", "1900-01-01"])
def test_a_day_at_the_edge_of_time_is_no_error(
    client_record: Client, counselor: StaffMember, signed_in: Any, day: str
) -> None:
    page = signed_in(counselor).get(reverse("appointments:book", args=[client_record.pk]), {"day": day})
    assert page.status_code == 200
