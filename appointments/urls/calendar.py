"""URLs of the calendar, of booking, and of a client's appointments."""

from django.urls import URLPattern, path

from appointments.views import appointment, book_whom, booking, calendar, client_list, feed, front_desk, schedule

_client = "clients/<int:client_id>/appointments/"
_inquiry = "inquiries/<int:inquiry_id>/appointments/"
_own = "<int:appointment_id>/"


def _both(page: str, view: object, name: str) -> list[URLPattern]:
    """A page of an appointment, below the client's chart and below the call it was booked in."""
    return [
        path(_client + _own + page, view, name=name),  # type: ignore[call-overload]  # a view
        path(_inquiry + _own + page, view, name=f"inquiry_{name}"),  # type: ignore[call-overload]
    ]


urlpatterns: list[URLPattern] = [
    path("calendar/", calendar.week, name="calendar"),
    path("calendar/book/", book_whom.book_whom, name="book_whom"),
    path("calendar/day/", calendar.clinic_day, name="clinic_day"),
    path("calendar/feed/", feed.feed_settings, name="feed_settings"),
    path("calendar/feed/renew/", feed.renew_feed, name="renew_feed"),
    path("calendar/feed/end/", feed.end_feed, name="end_feed"),
    path("calendar/feed.ics", feed.feed, name="feed"),
    path("calendar/hours/", schedule.hours, name="hours"),
    path("calendar/time-off/take/", schedule.take_time_off, name="take_time_off"),
    path("calendar/time-off/<int:off_id>/remove/", schedule.remove_time_off, name="remove_time_off"),
    path("calendar/holidays/", schedule.holidays, name="holidays"),
    path("calendar/holidays/<int:holiday_id>/remove/", schedule.remove_holiday, name="remove_holiday"),
    path("calendar/rooms/<int:room_id>/", schedule.room, name="room"),
    path("front-desk/", front_desk.front_desk, name="front_desk"),
    path(_client, client_list.client_appointments, name="client_appointments"),
    path(_client + "book/", booking.book, name="book"),
    path(_inquiry + "book/", booking.book, name="inquiry_book"),
    *_both("", appointment.appointment, "appointment"),
    *_both("move/", booking.move, "move"),
    *_both("step/", appointment.step, "step"),
    *_both("cancel/", appointment.cancel, "cancel"),
    *_both("reopen/", appointment.reopen, "reopen"),
    path(_client + _own + "cancel-series/", appointment.cancel_series, name="cancel_series"),
]
