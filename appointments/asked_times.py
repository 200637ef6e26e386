"""What an answer “another time” or “can’t come” left to a person: the page that does it, with the times offered.

A task that was left is done when its appointment is moved, or when another one is booked in its place.
"""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from appointments import addresses, openings
from appointments.codes import AHEAD, CANCELLED
from appointments.models import Appointment, AppointmentAnswer
from reminders import staff_tasks
from reminders.models import StaffTask
from reminders.task_links import TaskLink
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, reads, rows, together


@reads
def links(
    *, tasks: QuerySet[StaffTask, dict[str, object]], staff_member: StaffMember, back: str
) -> Reading[dict[int, list[TaskLink]]]:
    """Each time that was offered as a link that fills it in, and one for any other time (settings.TASK_LINKS)."""
    if not can(staff_member, Permission.APPOINTMENT_BOOK):
        return {}
    asked = AppointmentAnswer.objects.filter(task__in=tasks)
    about = Appointment.objects.visible_to(staff_member).filter(pk__in=asked.order_by().values("appointment"))
    answers, appointments = yield from together(
        rows(asked), rows(about.with_step().select_related("client", "inquiry", "clinic"))
    )
    seen = {each.pk: each for each in appointments}
    return {
        each.task_id: _links(each, seen[each.appointment_id], back)
        for each in answers
        if each.task_id and each.appointment_id in seen
    }


def settle(*, appointment: Appointment | None, by: StaffMember) -> None:
    """What was left to a person about this appointment is done, if that is theirs to say."""
    if appointment is None:
        return
    left = StaffTask.objects.visible_to(by).open()
    answers = AppointmentAnswer.objects.filter(appointment=appointment).values("task")
    for task in left.filter(pk__in=answers).select_related("client", "clinic"):
        if can(by, Permission.REMINDER_VIEW, task):
            staff_tasks.done(task=task, by=by)


def _links(answer: AppointmentAnswer, appointment: Appointment, back: str) -> list[TaskLink]:
    step: str = appointment.step  # type: ignore[attr-defined]  # annotated
    if step in AHEAD:
        address = addresses.with_known(addresses.of(appointment, "move"), next=back)
    elif step in CANCELLED:
        address = addresses.to_book_again(appointment, instead_of=appointment.pk, next=back)
    else:
        return []
    now, zone = timezone.now(), appointment.clinic.zone
    times = [timezone.localtime(at, zone) for at in answer.offered if at > now]
    return [
        *(
            TaskLink(
                f"{at:%a, %b} {at.day}, {at:%-I:%M %p}",
                addresses.with_known(address, opening=openings.value_of(at)),
            )
            for at in times
        ),
        TaskLink("Another time" if times else "Choose a time", address),
    ]
