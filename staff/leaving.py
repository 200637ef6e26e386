"""The end of somebody's work here: what is still theirs, and one act that hands it over.

Apps above name what they hold in settings: LEAVING_WORK counts what is still open, for a checklist that names no
client; LEAVING_HANDOVERS hands it over. Whatever cannot be handed over, because the colleague may not do it, is not
free or is restricted by the client, stays with who left and stays on the checklist. `staff.account_changes` has the
two people who want it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Model, QuerySet, Value
from django.utils.module_loading import import_string

from staff.access import Permission, can
from staff.acts import act
from staff.models import Session, StaffMember
from staff.reading import Reading, answer, each, rows


@dataclass(frozen=True)
class Held:
    """Rows of one kind that are still theirs, and what to do about those that nobody could take."""

    label: str
    rows: QuerySet[Model]
    how: str = ""


@dataclass(frozen=True)
class OpenWork:
    """One line of the checklist: what is still theirs, and how many."""

    label: str
    count: int
    how: str = ""


def still_open(staff_member: StaffMember) -> list[OpenWork]:
    """Everything that is still theirs, as numbers: a line each, also for what is done, in one statement."""
    held = [
        Held(
            "Colleagues whom they supervise",
            StaffMember.objects.filter(supervisor=staff_member, is_active=True),
            "Name another supervisor on each account.",
        )
    ]
    for path in settings.LEAVING_WORK:
        held += import_string(path)(staff_member)
    held += [
        Held("Browsers in which they are signed in", Session.objects.filter(staff_member=staff_member)),
        Held("Account that can sign in", StaffMember.objects.filter(pk=staff_member.pk, is_active=True)),
    ]
    counts = answer(each([_count(line.rows) for line in held]))
    return [OpenWork(line.label, count, line.how) for line, count in zip(held, counts, strict=True)]


def _count(rows_of: QuerySet[Model]) -> Reading[int]:
    alike = rows_of.order_by().annotate(alike=Value(1)).values("alike")
    found = yield from rows(alike.annotate(how_many=Count("pk", distinct=True)).values_list("how_many", flat=True))
    return found[0] if found else 0


def hand_over(*, staff_member: StaffMember, to: StaffMember, by: StaffMember | None) -> None:
    """End their work: everything that the colleague can take goes to them, and the account is off.

    Called by `staff.account_changes` alone, inside its act: two people wanted it. `by` is None on the server.
    """
    with act("staff.hand_over_work", by=by, clinic=staff_member.clinic, whole=True) as entry:
        for path in settings.LEAVING_HANDOVERS:
            import_string(path)(staff_member=staff_member, to=to, by=by or to)
        supervisees = StaffMember.objects.filter(supervisor=staff_member, is_active=True).exclude(pk=to.pk)
        if can(to, Permission.NOTE_COSIGN):
            for colleague in supervisees.select_for_update(no_key=True):
                colleague.supervisor = to
                colleague.save(update_fields=["supervisor"])
        Session.objects.filter(staff_member=staff_member).delete()
        staff_member.is_active = False
        staff_member.save(update_fields=["is_active"])
        left = {line.label: line.count for line in still_open(staff_member) if line.count}
        entry.about(staff_member, to=to.pk, still_open=left)
