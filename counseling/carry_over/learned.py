"""Where counseling used a trigger, warning sign or strategy again: readmissions and discharge plans."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from cases.models import CopingStrategy, Trigger
from cases.models.recovery.learning import Learned
from cases.recovery.evidence import Evidence, offer
from counseling.models import CarryOverItem, DischargePlan, NoteMention
from staff.models import StaffMember
from staff.reading import Reading, reads, rows, together


@reads
def evidence(*, item: Learned, staff_member: StaffMember) -> Reading[list[Evidence]]:
    """In one statement: notes that mention it, decisions at each readmission, discharge plans that name it."""
    one, many = _columns(item)
    zone = item.client.clinic.zone
    decided = (
        CarryOverItem.objects.visible_to(staff_member)
        .standing()
        .filter(**{one: item.pk}, decided_at__isnull=False)
        .select_related("episode__program")
    )
    plans = DischargePlan.objects.visible_to(staff_member).filter(**{many: item.pk})
    mentions = NoteMention.objects.visible_to(staff_member).filter(**{one: item.pk}).select_related("note")
    decisions, named, came_up = yield from together(rows(decided), rows(plans), rows(mentions))
    return [
        *(
            Evidence(
                timezone.localdate(each.note.session_started_at, zone),
                f"Came up in a session: {each.what.lower()}" if each.outcome else "Came up in a session",
                reverse("counseling:note_edit", args=[each.note.client_id, each.note_id]),
                each.quote,
            )
            for each in came_up
        ),
        *(
            Evidence(
                timezone.localdate(each.decided_at, zone),
                f"Reviewed at readmission to {each.episode.program}: {each.get_verdict_display().lower()}",
                reverse("counseling:carry_over", args=[each.client_id, each.episode_id]),
                each.note,
            )
            for each in decisions
            if each.decided_at is not None
        ),
        *(
            Evidence(
                timezone.localdate(each.written_at, zone),
                "Part of a discharge plan",
                reverse("counseling:plan", args=[each.client_id]),
            )
            for each in named
        ),
    ]


def _columns(item: Learned) -> tuple[str, str]:
    if isinstance(item, Trigger):
        return "trigger", "triggers"
    if isinstance(item, CopingStrategy):
        return "strategy", "strategies"
    return "warning_sign", "warning_signs"


offer(evidence)
