"""Whether a danger that a call told of still waits for somebody: the one owner of that question.

Until somebody called back every sign waits. After that it waits, at whatever stage the call stands and whoever it is
assigned to, also in a draft, until the call is closed with a reason or somebody answers for the person:

- thoughts of suicide until the call is linked with a client; then they are a safety concern (cases/safety.py);
- withdrawal until a medical provider evaluated it, or the call is linked; then it stays with them
  (cases/today_medical.py);
- the other signs until a clinician evaluated the person since: a medical evaluation, an evaluation of safety, or a
  decision on a level of care.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from cases.models import Inquiry, LevelOfCareAssessment, MedicalEvaluation, SafetyEvaluation
from staff.access import Permission, can
from staff.models import StaffMember

Sign = Inquiry.DangerSign


def waiting(inquiries: Iterable[Inquiry]) -> dict[int, list[str]]:
    """The signs that still wait, by call, for those calls where some do. At most one query, however many calls."""
    told = [each for each in inquiries if each.danger_signs and each.stage not in Inquiry.CLOSED_STAGES]
    evaluated = _evaluated([each.pk for each in told if not _is_new(each) and _asks_for_an_evaluation(each)])
    found = {each.pk: [sign for sign in each.danger_signs if _waits(sign, each, evaluated)] for each in told}
    return {pk: signs for pk, signs in found.items() if signs}


def hears(inquiry: Inquiry, staff_member: StaffMember) -> bool:
    """Who took the call, to whom it is assigned, and everybody who answers the whole queue, supervisors included."""
    own = staff_member.pk in (inquiry.taken_by_id, inquiry.assigned_to_id)
    return own or can(staff_member, Permission.CLIENT_VIEW_ALL)


def _is_new(inquiry: Inquiry) -> bool:
    return inquiry.stage == Inquiry.Stage.NEW and not inquiry.is_draft


def _asks_for_an_evaluation(inquiry: Inquiry) -> bool:
    return any(sign != Sign.SUICIDE for sign in inquiry.danger_signs)


def _waits(sign: str, inquiry: Inquiry, evaluated: set[int]) -> bool:
    if _is_new(inquiry):
        return True
    linked = inquiry.client_id is not None and not inquiry.is_draft
    if sign == Sign.SUICIDE:
        return not linked
    return inquiry.pk not in evaluated and not (linked and sign == Sign.WITHDRAWAL)


def _evaluated(calls: list[int]) -> set[int]:
    """Those of these calls after which a clinician evaluated the call, or the person whom it was linked with."""
    if not calls:
        return set()
    about = Q(inquiry=OuterRef("pk"))
    person = Q(assessment__client=OuterRef("client")) | Q(inquiry__client=OuterRef("client"))
    since = {"at__gte": OuterRef("taken_at")}
    medical = MedicalEvaluation.objects.filter(about | person, **since)
    safety = SafetyEvaluation.objects.filter(client=OuterRef("client"), evaluated_at__gte=OuterRef("taken_at"))
    decided = LevelOfCareAssessment.objects.filter(client=OuterRef("client"), decided_at__gte=OuterRef("taken_at"))
    rows = Inquiry.objects.filter(Exists(medical) | Exists(safety) | Exists(decided), pk__in=calls)
    return set(rows.values_list("pk", flat=True))
