"""Privacy items on Today."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from privacy import emergency
from privacy.models import Consent, EmergencyAccess, EmergencyLookUp, Stands
from privacy.thresholds import CONSENT_NOTICE_DAYS
from staff.access import Permission, can
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, known, query, reads, rows, together

DRAFTS_SHOWN = 20
LOOK_UPS_READ = 200


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Emergency access to review within one business day; consent drafts to complete and consents about to end."""
    # for those who know the client; others see them on the chart
    knows = can(staff_member, Permission.CONSENT_MANAGE) and not can(staff_member, Permission.CLIENT_VIEW_ALL)
    watches = can(staff_member, Permission.EMERGENCY_REVIEW)
    reviews, look_ups, consents = yield from together(
        _reviews(staff_member, now),
        _look_ups(staff_member, now) if watches else known([]),
        _consents(staff_member, now) if knows else known([]),
    )
    return [*reviews, *look_ups, *consents]


def _look_ups(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Uses of the emergency form that opened nothing: one line a person."""
    zone = staff_member.clinic.zone
    by_person: dict[int, list[EmergencyLookUp]] = {}
    for row in (yield from rows(query(_unseen, by=staff_member))):
        by_person.setdefault(row.staff_member_id, []).append(row)
    found = []
    for own in by_person.values():
        due = emergency.due_after(own[0].at, zone)
        count = len(own)
        found.append(
            Need(
                urgency=Urgency.TODAY if due <= timezone.localtime(now, zone).date() else Urgency.SOON,
                title=f"Review {count} emergency look-up{'' if count == 1 else 's'} that opened no chart",
                detail=str(own[0].staff_member),
                url=f"{reverse('privacy:look_ups')}?staff={own[0].staff_member_id}&waiting=on",
                button="Review",
                icon="siren",
                due=due,
                kind="Emergency access",
            )
        )
    return found


def _unseen(by: Any) -> QuerySet[EmergencyLookUp]:
    pending = EmergencyLookUp.objects.visible_to(by).unreviewed().exclude(staff_member=by)
    return pending.select_related("staff_member").order_by("at", "pk")[:LOOK_UPS_READ]


def _reviews(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    today = timezone.localtime(now, staff_member.clinic.zone).date()
    found = []
    for access in (yield from rows(query(_unreviewed, by=staff_member))):
        opened = timezone.localtime(access.opened_at, access.client.clinic.zone)
        due = emergency.review_due_on(access)
        found.append(
            Need(
                urgency=Urgency.TODAY if due <= today else Urgency.SOON,
                title="Review emergency access",
                detail=f"{access.staff_member} on {opened:%a, %b %-d, %-I:%M %p}"
                + (", whom the client restricted" if access.is_restricted else ""),  # type: ignore[attr-defined]
                url=reverse("privacy:emergency_review", args=[access.pk]),
                button="Review",
                icon="siren",
                due=due,
                client_name=access.client.full_name,
                kind="Emergency access",
            )
        )
    return found


def _consents(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    today = timezone.localtime(now, staff_member.clinic.zone).date()
    until = today + datetime.timedelta(days=CONSENT_NOTICE_DAYS.for_clinic(staff_member.clinic))
    to_finish, to_renew = yield from together(
        rows(query(_drafts, by=staff_member, today=today)),
        rows(query(_ending, by=staff_member, today=today, until=until)),
    )
    return [
        Need(
            urgency=Urgency.SOON,
            title=title,
            detail=consent.get_type_display(),
            url=reverse(name, args=[consent.client_id, consent.pk]),
            button=button,
            icon="file-pen",
            due=due(consent),
            client_name=consent.client.full_name,
            kind="Consents",
        )
        for consents, title, name, button, due in (
            (to_finish, "Finish the consent", "privacy:consent_edit", "Finish", lambda _: None),
            (to_renew, "Consent expires soon", "privacy:consent", "View", lambda consent: consent.expires_on),
        )
        for consent in consents
    ]


def _unreviewed(by: Any) -> QuerySet[EmergencyAccess]:
    pending = EmergencyAccess.objects.visible_to(by).unreviewed().exclude(staff_member=by)
    return pending.with_restricted().select_related("client__clinic", "staff_member")


def _drafts(by: Any, today: Any) -> QuerySet[Consent]:
    mine = Consent.objects.visible_to(by).select_related("client")
    return mine.that_stand(today, Stands.DRAFT)[:DRAFTS_SHOWN]


def _ending(by: Any, today: Any, until: Any) -> QuerySet[Consent]:
    mine = Consent.objects.visible_to(by).select_related("client")
    return mine.in_force(today).filter(expires_on__lte=until)[:DRAFTS_SHOWN]
