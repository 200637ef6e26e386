"""Privacy items on Today."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from privacy import breach_needs, emergency, medical_emergencies, service_agreements
from privacy.models import (
    AskedAbout,
    AuditCheck,
    Consent,
    Disclosure,
    EmergencyAccess,
    EmergencyLookUp,
    ServiceAgreement,
    Stands,
    UnusualAccess,
)
from privacy.thresholds import AGREEMENT_NOTICE_DAYS, CONSENT_NOTICE_DAYS, REQUEST_NOTICE_DAYS
from staff.access import Permission, can
from staff.days import day_in_words
from staff.models import StaffMember
from staff.needs import Need, Urgency, and_more
from staff.office_hours import next_business_day
from staff.reading import Reading, each, known, query, reads, rows, together

DRAFTS_SHOWN = 20
LOOK_UPS_READ = 200
CHECKS_READ = 100
UNUSUAL_READ = 200


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Emergencies to review, what the logs show, breaches, agreements, requests, consents to complete or renew."""
    # for those who know the client; others see them on the chart
    knows = can(staff_member, Permission.CONSENT_MANAGE) and not can(staff_member, Permission.CLIENT_VIEW_ALL)
    watches = can(staff_member, Permission.EMERGENCY_REVIEW)
    answers = can(staff_member, Permission.REQUESTS_WORK)
    oversees = can(staff_member, Permission.AUDIT_VERIFY)
    sees_log = can(staff_member, Permission.ACCESS_LOG_VIEW)
    reviews, told, register, agreements, look_ups, requests, findings, unusual, consents = yield from each(
        (
            _reviews(staff_member, now),
            _medical_emergencies(staff_member, now) if watches else known([]),
            breach_needs.needs.part(staff_member=staff_member, now=now),
            _agreements(staff_member, now) if can(staff_member, Permission.RECIPIENTS_KEEP) else known([]),
            _look_ups(staff_member, now) if watches else known([]),
            _requests(staff_member, now) if answers else known([]),
            _log_findings(staff_member, now) if oversees else known([]),
            _unusual(staff_member, now) if sees_log else known([]),
            _consents(staff_member, now) if knows else known([]),
        )
    )
    return [*findings, *reviews, *told, *register, *agreements, *look_ups, *requests, *unusual, *consents]


def _requests(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Requests that nobody took yet, and all that are due soon or overdue, whoever took them."""
    today = timezone.localtime(now, staff_member.clinic.zone).date()
    until = today + datetime.timedelta(days=REQUEST_NOTICE_DAYS.for_clinic(staff_member.clinic))
    found = []
    waiting = yield from rows(query(_waiting, by=staff_member, until=until))
    for row in waiting[:DRAFTS_SHOWN]:
        due = row.due_on or today
        words = "overdue" if due < today else "due"
        found.append(
            Need(
                urgency=Urgency.TODAY if due <= today else Urgency.SOON,
                title=f"{'Answer' if row.owner_id else 'Take'} a request: {row.get_kind_display().lower()}",
                detail=f"{row.get_relation_display()}, {words} {day_in_words(due)}",
                url=reverse("privacy:request", args=[row.pk]),
                button="Answer" if row.owner_id else "Take",
                icon="message-circle-question-mark",
                due=due,
                kind="Requests",
            )
        )
    if len(waiting) > DRAFTS_SHOWN:
        queue = reverse("privacy:requests")
        found.append(and_more("more requests", url=queue, button="See requests", icon="scale", kind="Requests"))
    return found


def _medical_emergencies(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """What medical personnel were told without consent, each to review the next business day (42 CFR 2.51)."""
    today = timezone.localtime(now, staff_member.clinic.zone).date()
    found = []
    for disclosure in (yield from rows(query(_told, by=staff_member))):
        at = timezone.localtime(disclosure.disclosed_at, staff_member.clinic.zone)
        due = medical_emergencies.review_due_on(disclosure)
        found.append(
            Need(
                urgency=Urgency.TODAY if due <= today else Urgency.SOON,
                title="Review a disclosure in a medical emergency",
                detail=f"{disclosure.disclosed_by} to {disclosure.affiliation} on {at:%a, %b %-d, %-I:%M %p}",
                url=reverse("privacy:disclosure_review", args=[disclosure.pk]),
                button="Review",
                icon="ambulance",
                due=due,
                client_name=disclosure.client.full_name,
                kind="Emergency access",
            )
        )
    return found


def _waiting(by: Any, until: Any) -> QuerySet[AskedAbout]:
    waiting = AskedAbout.objects.in_queue_of(by).with_standing().waiting()
    soon = waiting.filter(Q(owner_id=None) | Q(due_on__lte=until))
    return soon.order_by(F("due_on"), "pk")[: DRAFTS_SHOWN + 1]  # one more tells that there are more


def _agreements(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Agreements with service organizations that expired or soon do, until one is renewed or ended."""
    today = timezone.localtime(now, staff_member.clinic.zone).date()
    kept = yield from rows(query(_open_agreements, by=staff_member))
    until = today + datetime.timedelta(days=AGREEMENT_NOTICE_DAYS.for_clinic(staff_member.clinic) if kept else 0)
    found = []
    for agreement in service_agreements.to_renew(kept, until=until):
        assert agreement.ends_on is not None
        expired = agreement.ends_on < today
        found.append(
            Need(
                urgency=Urgency.TODAY if expired else Urgency.SOON,
                title=f"Agreement with {agreement.name} {'expired' if expired else 'expires soon'}",
                detail=f"{'Expired' if expired else 'Last day'} {day_in_words(agreement.ends_on)}. "
                + ("Don’t disclose to it: renew the agreement, or end it." if expired else agreement.services),
                url=reverse("privacy:agreements"),
                button="Renew",
                icon="handshake",
                due=agreement.ends_on,
                kind="Service organizations",
            )
        )
    return found


def _open_agreements(by: Any) -> QuerySet[ServiceAgreement]:
    return ServiceAgreement.objects.visible_to(by).open()


def _told(by: Any) -> QuerySet[Disclosure]:
    others = Disclosure.objects.visible_to(by).unreviewed().exclude(disclosed_by=by)
    others = others.filter(Q(recorded_by=None) | ~Q(recorded_by=by))
    return others.select_related("client__clinic", "disclosed_by").order_by("disclosed_at", "pk")[:LOOK_UPS_READ]


def _look_ups(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Uses of the emergency form that opened nothing: one line a person."""
    zone = staff_member.clinic.zone
    by_person: dict[int, list[EmergencyLookUp]] = {}
    for row in (yield from rows(query(_unseen, by=staff_member))):
        by_person.setdefault(row.staff_member_id, []).append(row)
    found = []
    for own in by_person.values():
        due = next_business_day(own[0].at, staff_member.clinic)
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


def _log_findings(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Findings of the nightly checks that no one has acknowledged: one line a log."""
    latest: dict[str, AuditCheck] = {}
    for check in (yield from rows(query(_unacknowledged, by=staff_member))):
        latest.setdefault(check.log, check)
    return [
        Need(
            urgency=Urgency.TODAY,
            title="A log was changed outside Onward",
            detail=f"{check.log_words}: say what you did about it",
            url=f"{reverse('privacy:audit_checks')}#log-{check.pk}",
            button="Look at it",
            icon="shield-alert",
            due=timezone.localdate(now, staff_member.clinic.zone),
            kind="Log checks",
        )
        for check in latest.values()
    ]


def _unusual(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Unusual access that no one has reviewed: one line a person, never the reader themselves."""
    zone = staff_member.clinic.zone
    by_person: dict[int, list[UnusualAccess]] = {}
    for row in (yield from rows(query(_unusual_unreviewed, by=staff_member))):
        by_person.setdefault(row.staff_member_id, []).append(row)
    found = []
    for own in by_person.values():
        due = next_business_day(own[0].found_at, staff_member.clinic)
        reasons = dict.fromkeys(row.get_reason_display() for row in own)
        count = f"{len(own)} unusual accesses" if len(own) > 1 else "an unusual access"
        found.append(
            Need(
                urgency=Urgency.TODAY if due <= timezone.localtime(now, zone).date() else Urgency.SOON,
                title=f"Review {count}",
                detail=f"{own[0].staff_member}: {'; '.join(reasons)}",
                url=f"{reverse('privacy:unusual')}?staff={own[0].staff_member_id}&waiting=on",
                button="Review",
                icon="shield-question-mark",
                due=due,
                kind="Unusual access",
            )
        )
    return found


def _unusual_unreviewed(by: Any) -> QuerySet[UnusualAccess]:
    pending = UnusualAccess.objects.visible_to(by).unreviewed().exclude(staff_member=by)
    return pending.select_related("staff_member").order_by("found_at", "pk")[:UNUSUAL_READ]


def _unacknowledged(by: Any) -> QuerySet[AuditCheck]:
    return AuditCheck.objects.visible_to(by).unacknowledged().order_by("-started_at", "-pk")[:CHECKS_READ]


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
