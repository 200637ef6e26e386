"""Which danger signs reported on a call still need a response.

Every sign needs a response until someone calls back. After that it still needs one, at any stage, no matter who the
call is assigned to, even in a draft, until the call is closed with a reason or a clinician responds for the person. A
sign heard after the call was closed needs a response again, and only what was done after a sign was heard
(cases/safety/danger_sign_times.py) answers it:

- thoughts of suicide, until the call is linked to a client; then they are a safety concern (cases/safety/concerns.py);
- withdrawal, until a medical provider evaluated it or the call is linked; then it stays with them
  (cases/panels/today_medical.py);
- the other signs, until a clinician has evaluated the person since: a medical evaluation, a safety evaluation, or a
  decision on a level of care.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from cases.models import CareTeamMember, Inquiry, LevelOfCareAssessment, MedicalEvaluation, SafetyEvaluation
from staff.access import Permission, can
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, known, query, reads, rows, together

from .danger_sign_times import heard_at
from .danger_signs import FOR_MEDICAL_PROVIDER

Sign = Inquiry.DangerSign


@reads
def waiting(inquiries: Iterable[Inquiry]) -> Reading[dict[int, list[str]]]:
    """Signs that still need a response, for calls that have any. At most one query for all calls."""
    told = {each: signs for each in inquiries if (signs := _told(each))}
    asked = [each.pk for each in told if not _is_new(each) and _asks_for_an_evaluation(each)]
    evaluated: dict[int, datetime.datetime] = dict((yield from rows(query(_evaluated, calls=asked))) if asked else ())
    found = {
        each.pk: [sign for sign in signs if _waits(sign, each, evaluated.get(each.pk))] for each, signs in told.items()
    }
    return {pk: signs for pk, signs in found.items() if signs}


@reads
def heard_by(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[tuple[Inquiry, list[str]]]]:
    """Calls with unanswered signs that the staff member is told about, with those signs. At most two queries.

    Told are: the person who took the call, the person it is assigned to, everyone who answers the whole queue
    (supervisors included), those who evaluate medically, and the current care team of the client it is about.
    """
    calls = yield from rows(query(_heard, by=staff_member))
    hears_all = any(can(staff_member, each) for each in (Permission.CLIENT_VIEW_ALL, Permission.MEDICAL_EVALUATE))
    own = CareTeamMember.objects.caseload(staff_member, now).filter(client__inquiries__in=calls)
    dangers, team = yield from together(
        waiting.part(calls),
        rows(own.values_list("client_id", flat=True)) if calls and not hears_all else known([]),
    )
    calls = [each for each in calls if each.pk in dangers]
    if not hears_all:
        calls = [
            each
            for each in calls
            if each.client_id in team or staff_member.pk in (each.taken_by_id, each.assigned_to_id)
        ]
    told = {each: _not_told_elsewhere(dangers[each.pk], each, staff_member) for each in calls}
    return [(each, signs) for each, signs in told.items() if signs]


def _heard(by: Any) -> QuerySet[Inquiry]:
    heard = Inquiry.objects.visible_to(by).maybe_in_danger().select_related("client", "clinic")
    return heard.order_by("taken_at", "pk")


def _not_told_elsewhere(signs: list[str], inquiry: Inquiry, staff_member: StaffMember) -> list[str]:
    """Leaves out signs that a medical provider already sees elsewhere (cases/panels/today_medical.py)."""
    if inquiry.is_draft or not can(staff_member, Permission.MEDICAL_EVALUATE):
        return signs
    return [sign for sign in signs if sign not in FOR_MEDICAL_PROVIDER]


def _told(inquiry: Inquiry) -> list[str]:
    """Signs on an open call, and signs heard after a call was closed: closing answered the earlier ones."""
    if inquiry.stage not in Inquiry.CLOSED_STAGES:
        return inquiry.danger_signs
    return [sign for sign in inquiry.danger_signs if sign in inquiry.signs_after_end]


def _is_new(inquiry: Inquiry) -> bool:
    return inquiry.stage == Inquiry.Stage.NEW and not inquiry.is_draft


def _asks_for_an_evaluation(inquiry: Inquiry) -> bool:
    return any(sign != Sign.SUICIDE for sign in inquiry.danger_signs)


def _waits(sign: str, inquiry: Inquiry, evaluated: datetime.datetime | None) -> bool:
    if _is_new(inquiry):
        return True
    linked = inquiry.client_id is not None and not inquiry.is_draft
    if sign == Sign.SUICIDE:
        return not linked
    if linked and sign == Sign.WITHDRAWAL:
        return False
    return evaluated is None or evaluated < heard_at(inquiry, sign)


def _evaluated(calls: Any) -> QuerySet[Any, tuple[int, datetime.datetime]]:
    """When a clinician last evaluated each of these calls, or its client, since it was taken; missing if never."""
    about = Q(inquiry=OuterRef("pk"))
    person = Q(assessment__client=OuterRef("client")) | Q(inquiry__client=OuterRef("client"))
    medical = MedicalEvaluation.objects.filter(about | person, at__gte=OuterRef("taken_at"))
    safety = SafetyEvaluation.objects.filter(client=OuterRef("client"), evaluated_at__gte=OuterRef("taken_at"))
    decided = LevelOfCareAssessment.objects.filter(client=OuterRef("client"), decided_at__gte=OuterRef("taken_at"))
    last = Greatest(_newest(medical, "at"), _newest(safety, "evaluated_at"), _newest(decided, "decided_at"))
    found = Inquiry.objects.filter(IsOneOf("pk", calls)).order_by().annotate(last=last).exclude(last=None)
    return found.values_list("pk", "last")


def _newest(recorded: QuerySet[Any], at: str) -> Subquery:
    return Subquery(recorded.order_by(f"-{at}").values(at)[:1])
