"""Tasks and reminders of somebody who leaves the clinic (settings.LEAVING_*).

Whose a task is, is asked each time it is shown (`StaffTaskQuerySet.with_owner`): with the caseload, it goes by itself.
"""

from __future__ import annotations

from reminders.models import Reminder, StaffTask
from reminders.models.reminder import ReminderQuerySet, not_told_of
from staff.leaving import Held
from staff.models import StaffMember


def still_open(staff_member: StaffMember) -> list[Held]:
    """Tasks that nobody else has yet, and reminders that would still go to them."""
    tasks = StaffTask.objects.filter(clinic=staff_member.clinic_id).open().with_owner()
    theirs = tasks.filter(owner_id=staff_member.pk)  # type: ignore[misc]  # annotated
    return [
        Held("Tasks", theirs, "Hand each task to a colleague."),
        Held("Reminders to them", _to(staff_member)),
    ]


def hand_over(*, staff_member: StaffMember, to: StaffMember, by: StaffMember) -> None:  # noqa: ARG001
    """What would still go to them goes to a colleague, but for clients who restricted that colleague."""
    for reminder in _to(staff_member).filter(not_told_of(to)).select_for_update(of=("self",), no_key=True):
        reminder.staff_member = to
        reminder.save(update_fields=["staff_member"])


def _to(staff_member: StaffMember) -> ReminderQuerySet:
    return Reminder.objects.filter(staff_member=staff_member).waiting()
