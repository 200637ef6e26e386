"""What fills a calendar: appointments, and what apps above add (settings.CALENDAR_SOURCES), such as group sessions.

Whose appointment it is shows to those who may see the client or caller, and to whom they come. To others that time is
busy, and nothing else of it is read.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce
from django.utils.module_loading import import_string

from appointments import addresses
from appointments.codes import AHEAD, FREES, Mode, Purpose, Step
from appointments.models import Appointment
from cases.models import Client
from staff.access import Permission, can
from staff.models import Clinic, StaffMember
from staff.reading import Reading, each, known, reads, rows, together

PURPOSE_ICONS: dict[str, str] = {
    Purpose.ASSESSMENT: "clipboard-list",
    Purpose.INDIVIDUAL: "user-round",
    Purpose.FAMILY: "users",
    Purpose.MEDICAL: "stethoscope",
    Purpose.CALL: "phone",
    Purpose.AFTER_DISCHARGE: "phone-forwarded",
    Purpose.CHECKUP: "heart-pulse",
    Purpose.SPECIMEN: "test-tube",
}
STEP_LOOKS: dict[str, tuple[str, str]] = {  # tone, icon
    Step.BOOKED: ("neutral", "calendar-days"),
    Step.CONFIRMED: ("info", "check"),
    Step.ARRIVED: ("attention", "armchair"),
    Step.KEPT: ("good", "check-check"),
    Step.NO_SHOW: ("danger", "user-x"),
    Step.LATE_CANCEL: ("neutral", "calendar-x"),
    Step.CANCELLED_BY_CLIENT: ("neutral", "calendar-x"),
    Step.CANCELLED_BY_CLINIC: ("neutral", "calendar-x"),
    Step.MOVED: ("neutral", "arrow-right"),
    Step.REOPENED: ("neutral", "calendar-days"),
}


@dataclass(frozen=True)
class Entry:
    """Something that takes people's time. A source outside this app fills in what it knows."""

    starts_at: datetime.datetime
    ends_at: datetime.datetime
    title: str
    staff: tuple[int, ...] = ()
    detail: str = ""
    room: str = ""
    url: str = ""
    move_url: str = ""  # where it can be moved, if the reader may
    book_url: str = ""  # where the next one is booked with the same person, if the reader may
    icon: str = "calendar-days"
    tone: str = "neutral"
    state: str = ""  # in words; empty if nothing is to be said
    state_icon: str = ""
    kind: str = "appointment"  # appointment, session or busy

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


def busy(*, starts_at: datetime.datetime, ends_at: datetime.datetime, staff: tuple[int, ...], room: str = "") -> Entry:
    """Time that is taken by something the reader may not see."""
    return Entry(starts_at, ends_at, "Busy", staff=staff, room=room, icon="lock", kind="busy")


@reads
def entries(
    *,
    clinic: Clinic,
    reader: StaffMember,
    since: datetime.datetime,
    until: datetime.datetime,
    staff: Sequence[StaffMember] | None = None,
) -> Reading[list[Entry]]:
    """Everything that begins between two moments, in order; of these people only, if they are named.

    What was canceled or moved does not take time and is left out.
    """
    within = Appointment.objects.filter(clinic=clinic).between(since, until).not_marked(*FREES)
    if staff is not None:
        within = within.filter(staff_member__in=list(staff))
    shown = within.filter(pk__in=Appointment.objects.visible_to(reader).between(since, until).order_by().values("pk"))
    visible = Client.objects.visible_to(reader)
    sources = [import_string(path) for path in settings.CALENDAR_SOURCES]
    about = {"clinic": clinic, "reader": reader, "since": since, "until": until, "staff": staff}
    seen, times, added = yield from together(
        rows(
            shown.select_related("client", "inquiry__client", "room").annotate(
                is_of_visible_client=Exists(
                    visible.filter(pk=Coalesce(OuterRef("client"), OuterRef("inquiry__client")))
                )
            )
        ),
        rows(within.values_list("pk", "starts_at", "minutes", "staff_member_id", "room__name")),
        each([source.part(**about) for source in sources]) if sources else known([]),
    )
    may_book = can(reader, Permission.APPOINTMENT_BOOK)
    found = [of_appointment(each_seen, reader=reader, may_move=may_book) for each_seen in seen]
    known_keys = {each_seen.pk for each_seen in seen}
    found += [
        busy(
            starts_at=starts_at,
            ends_at=starts_at + datetime.timedelta(minutes=minutes),
            staff=(person,),
            room=room or "",
        )
        for pk, starts_at, minutes, person, room in times
        if pk not in known_keys
    ]
    found += [entry for more in added for entry in more]
    return sorted(found, key=lambda entry: (entry.starts_at, entry.ends_at, entry.title))


def of_appointment(appointment: Appointment, *, reader: StaffMember, may_move: bool) -> Entry:
    """An appointment as an entry. Needs `step`, its client or inquiry, and its room."""
    step: str = appointment.step  # type: ignore[attr-defined]  # annotated
    tone, icon = STEP_LOOKS[step]
    movable = may_move and step in AHEAD
    return Entry(
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        title=name_of(appointment, reader=reader),
        staff=(appointment.staff_member_id,),
        detail=appointment.get_purpose_display(),
        room=where(appointment),
        url=addresses.of(appointment),
        move_url=addresses.of(appointment, "move") if movable else "",
        book_url=_next_one(appointment) if may_move else "",
        icon=PURPOSE_ICONS.get(appointment.purpose, "calendar-days"),
        tone=tone,
        state="" if step in (Step.BOOKED, Step.REOPENED) else Step(step).label,
        state_icon=icon,
    )


def _next_one(appointment: Appointment) -> str:
    """The page that books the next one. Without the right to see the chart there is none."""
    person = appointment.person
    if person is not None and not getattr(appointment, "is_of_visible_client", False):
        return ""
    return addresses.to_book_again(appointment)


def name_of(appointment: Appointment, *, reader: StaffMember) -> str:
    """Whom it is with.

    Someone who sees it only because they took the call reads the name that was given in the call: whose chart the call
    was linked to is not theirs to know.
    """
    person, call = appointment.person, appointment.inquiry
    if person is not None and (call is None or appointment.client_id is not None or _may_know(appointment, reader)):
        return person.full_name
    return call.person_name if call else ""


def _may_know(appointment: Appointment, reader: StaffMember) -> bool:
    known = getattr(appointment, "is_of_visible_client", False) or can(reader, Permission.CLIENT_VIEW_ALL)
    return known or appointment.staff_member_id == reader.pk


def where(appointment: Appointment) -> str:
    """The room, or how people meet without one."""
    if appointment.room is not None:
        return appointment.room.name
    return "" if appointment.mode == Mode.IN_PERSON else appointment.get_mode_display()
