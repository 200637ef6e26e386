"""Group items on Today, derived from attendance, notes, mentors, and separations."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.models import CareTeamMember
from groups import pauses, thresholds
from groups.models import Group, GroupSession, GroupSignature, KeepApart, Membership, MentorPairing, MentorTerm
from staff.access import Permission, can
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.prepared import IsOneOf
from staff.reading import Query, Reading, each, query, reads, rows, together

ROLL_LOOKS_BACK = datetime.timedelta(days=14)
NOTES_LOOK_BACK = datetime.timedelta(days=60)
MOST = 20


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Rolls to take, notes to sign, mentees to reassign, mentors to support, approvals to renew, pairs to part."""
    today = timezone.localdate(now, staff_member.clinic.zone)
    parts: list[Reading[list[Need]]] = []
    if can(staff_member, Permission.ATTENDANCE_TAKE):
        parts += [_rolls(staff_member, now), _notes(staff_member, now)]
    if can(staff_member, Permission.NOTE_COSIGN):
        parts.append(_to_cosign(staff_member, now))
    if can(staff_member, Permission.MENTOR_APPOINT):
        parts.append(_mentoring(staff_member, today))
    if can(staff_member, Permission.GROUP_MANAGE):
        parts.append(_to_part(staff_member, today))
    found = yield from each(parts)
    return [need for own in found for need in own]


def _rolls(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Sessions the person facilitates: today's, and past ones without attendance."""
    end = datetime.datetime.combine(
        timezone.localdate(now, staff_member.clinic.zone), datetime.time.max, staff_member.clinic.zone
    )
    sessions = query(_without_attendance, by=staff_member, since=now - ROLL_LOOKS_BACK, until=end)
    found = []
    for session in (yield from rows(sessions)):
        past = session.starts_at <= now
        found.append(
            Need(
                urgency=Urgency.TODAY if past else Urgency.SOON,
                title=f"{'Take attendance' if past else 'Session today'}: {session.group}",
                detail=session.topic or session.group.room,
                url=reverse("groups:roll_call", args=[session.group_id, session.pk]),
                button="Attendance",
                icon="clipboard-check",
                due=session.starts_at,
                kind="Groups",
            )
        )
    return found


def _notes(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Notes about members that are not signed, one line a session."""
    sessions = query(_with_notes_due, by=staff_member, since=now - NOTES_LOOK_BACK, until=now)
    hours = thresholds.LATE_ENTRY_HOURS.for_clinic(staff_member.clinic)
    found = []
    for session in (yield from rows(sessions)):
        count = session.notes_due  # type: ignore[attr-defined]  # annotated
        found.append(
            Need(
                urgency=Urgency.TODAY,
                title=f"{count} member note{'' if count == 1 else 's'} to sign: {session.group}",
                detail=f"Session of {session.local_start:%a, %b %-d}",
                url=reverse("groups:notes", args=[session.group_id, session.pk]),
                button="Write",
                icon="notebook-pen",
                due=session.ends_at + datetime.timedelta(hours=hours),
                kind="Notes to sign",
            )
        )
    return found


def _to_cosign(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Notes that supervisees signed, one line a session."""
    waiting = query(_waiting_for_cosignature, by=staff_member, since=now - NOTES_LOOK_BACK)
    found = []
    for session in (yield from rows(waiting)):
        found.append(
            Need(
                urgency=Urgency.SOON,
                title=f"Cosign group notes: {session.group}",
                detail=f"Session of {session.local_start:%a, %b %-d}",
                url=reverse("groups:cosign_notes", args=[session.group_id, session.pk]),
                button="Cosign",
                icon="pen-line",
                kind="Notes to cosign",
            )
        )
    return found


def _waiting_for_cosignature(by: Any, since: Any) -> QuerySet[GroupSession]:
    signed = GroupSignature.objects.visible_to(by).filter(at__gt=since).to_cosign_by(by)
    sessions = GroupSession.objects.visible_to(by).filter(pk__in=signed.values("session"))
    return sessions.select_related("group__clinic").order_by("starts_at")[:MOST]


def _without_attendance(by: Any, since: Any, until: Any) -> QuerySet[GroupSession]:
    led = GroupSession.objects.visible_to(by).led_by(by).held()
    due = led.filter(starts_at__gt=since, starts_at__lte=until, attendances=None)
    return due.select_related("group__clinic").order_by("starts_at")[:MOST]


def _with_notes_due(by: Any, since: Any, until: Any) -> QuerySet[GroupSession]:
    led = GroupSession.objects.visible_to(by).led_by(by).held().filter(starts_at__gt=since, starts_at__lte=until)
    due = led.with_counts(by).filter(notes_due__gt=0)  # type: ignore[misc]  # annotated
    return due.select_related("group__clinic").order_by("starts_at")[:MOST]


def _mentoring(staff_member: StaffMember, today: datetime.date) -> Reading[list[Need]]:
    """Pairs to separate, mentees to reassign, own clients who mentor.

    Whether a mentor is active is a long query. It runs once, over the mentors that concern this person.
    """
    apart, paired, own_mentors = yield from together(
        rows(query(_pairs_to_part, by=staff_member, today=today)),
        rows(query(_pairs_to_reassign, by=staff_member, today=today)),
        rows(query(_own_mentors, by=staff_member, today=today)),
    )
    asked = {*own_mentors, *(pairing.term_id for pairing in (*apart, *paired))}
    terms = (yield from rows(_states(sorted(asked), today))) if asked else []
    active = {term.pk for term in terms if term.mentors_now}
    mentors = [term for term in terms if term.pk in own_mentors]
    on_a_break = [term.pk for term in mentors if term.is_on_a_break]
    waiting = (yield from rows(_unsupported(on_a_break, today))) if on_a_break else []
    return [
        *(_part(pairing) for pairing in apart if pairing.term_id in active),  # what cannot wait is never cut off
        *[_reassign(pairing) for pairing in paired if pairing.has_no_mentor(active)][:MOST],
        *(_support(term) for term in mentors if term.pk in waiting),
        *_renewals([term for term in mentors if not term.is_on_a_break], staff_member, today),
    ]


def _pairs_to_part(by: Any, today: Any) -> QuerySet[MentorPairing]:
    pairings, own = MentorPairing.objects.visible_to(by), _own(by)
    theirs = Q(mentee__group__in=_led(by)) | Q(mentee__client__in=own) | Q(term__membership__client__in=own)
    found = pairings.not_ended(today).filter(theirs, pairings.kept_apart())
    return found.select_related("mentee__client", "mentee__group", "term__membership__client").order_by(
        "starts_on", "pk"
    )


def _pairs_to_reassign(by: Any, today: Any) -> QuerySet[MentorPairing]:
    theirs = Q(mentee__group__in=_led(by)) | Q(mentee__client__in=_own(by))
    found = MentorPairing.objects.visible_to(by).maybe_to_reassign(today).filter(theirs)
    return found.select_related("mentee__client", "mentee__group").order_by("starts_on", "pk")


def _own_mentors(by: Any, today: Any) -> QuerySet[MentorTerm, int]:
    terms = MentorTerm.objects.visible_to(by).filter(membership__client__in=_own(by)).current(today)
    return terms.values_list("pk", flat=True)


def _states(terms: list[int], today: datetime.date) -> QuerySet[MentorTerm] | Query[MentorTerm]:
    sources = pauses.sources()
    if not sources:
        return _with_state(terms, today, sources)
    return query(_with_state, terms=terms, today=today, sources=sources)


def _unsupported(terms: list[int], today: datetime.date) -> QuerySet[MentorTerm, int] | Query[int]:
    sources = pauses.sources()
    if not sources:
        return _without_support(terms, today, sources)
    return query(_without_support, terms=terms, today=today, sources=sources)


def _with_state(terms: Any, today: Any, sources: str) -> QuerySet[MentorTerm]:  # noqa: ARG001  # of each another
    return (
        MentorTerm.objects.filter(IsOneOf("pk", terms))
        .current(today)
        .with_state(today)
        .with_approval()
        .select_related("membership__client", "membership__group")
        .order_by("pk")
    )


def _without_support(terms: Any, today: Any, sources: str) -> QuerySet[MentorTerm, int]:  # noqa: ARG001
    found = MentorTerm.objects.filter(IsOneOf("pk", terms)).order_by().without_support(today)
    return found.values_list("pk", flat=True)


def _part(pairing: MentorPairing) -> Need:
    """Mentor and mentee who are to be kept separate since they were paired.

    For the group's facilitator and either person's own team. It gives no reason and goes away once someone unpairs them
    or removes the separation.
    """
    mentor, mentee = pairing.term.membership.client.roster_name, pairing.mentee.client.roster_name
    return Need(
        urgency=Urgency.NOW,
        title="Unpair a mentor and a mentee",
        detail=f"{mentor} and {mentee} in {pairing.mentee.group} should no longer be paired.",
        url=reverse("groups:member", args=[pairing.mentee.group_id, pairing.mentee_id]) + "#pairing",
        button="Open",
        icon="triangle-alert",
        kind="Peer mentors",
    )


def _reassign(pairing: MentorPairing) -> Need:
    """A member whose mentor stopped, for the group's facilitator and the member's own team. Gives no reason."""
    return Need(
        urgency=Urgency.TODAY,
        title="Reassign mentee",
        detail=f"{pairing.mentee.client.roster_name} in {pairing.mentee.group} has no mentor now.",
        url=reverse("groups:member", args=[pairing.mentee.group_id, pairing.mentee_id]) + "#pairing",
        button="Choose a mentor",
        icon="user-round-search",
        kind="Peer mentors",
    )


def _support(term: MentorTerm) -> Need:
    """An own client who mentors, after a return to use, a report of it or a danger."""
    said = term.returned_to_use or term.in_danger  # type: ignore[attr-defined]  # with_state
    why = "" if said else " A report of use needs review."
    return Need(
        urgency=Urgency.TODAY,
        title="Offer support to a peer mentor on break",
        detail=f"Mentoring in {term.membership.group} is paused. They stay in the group.{why}",
        url=_mentor_page(term),
        button="Open",
        icon="hand-heart",
        client_name=term.membership.client.full_name,
        kind="Peer mentors",
    )


def _renewals(terms: Sequence[MentorTerm], staff_member: StaffMember, today: datetime.date) -> Iterator[Need]:
    """Approvals that run out; chores alone are cut."""
    notice = today + datetime.timedelta(days=thresholds.MENTOR_APPROVAL_NOTICE.for_clinic(staff_member.clinic))
    dated = [(term, term.approved_until) for term in terms]  # type: ignore[attr-defined]  # annotated
    for term, until in [(term, until) for term, until in dated if until is not None and until <= notice][:MOST]:
        yield Need(
            urgency=Urgency.TODAY if until < today else Urgency.SOON,
            title="Renew a peer mentor’s approval" if until >= today else "Peer mentor’s approval expired",
            detail=f"{term.membership.group}, approved until {until:%b %-d}.",
            url=_mentor_page(term),
            button="Review",
            icon="badge-check",
            due=until,
            client_name=term.membership.client.full_name,
            kind="Peer mentors",
        )


def _mentor_page(term: MentorTerm) -> str:
    return reverse("groups:member", args=[term.membership.group_id, term.membership_id]) + "#mentor"


def _to_part(staff_member: StaffMember, today: datetime.date) -> Reading[list[Need]]:
    """Two people to keep separate who share a group, for users who may see both. This line gives no reason."""
    met = yield from rows(query(_who_met, by=staff_member, today=today))
    shared = query(_shared, by=staff_member, groups=[pair.first_group for pair in met])  # type: ignore[attr-defined]
    groups = {group.pk: group for group in (yield from rows(shared))} if met else {}
    found = []
    for pair in met:
        group = groups.get(pair.first_group)  # type: ignore[attr-defined]
        if group is None or not pair.bars(group):
            continue
        found.append(
            Need(
                urgency=Urgency.NOW,
                title=f"Two members of {group} must be kept separate",
                detail="Find another group for one of them.",
                url=reverse("groups:client_groups", args=[pair.first_id]),
                button="Open",
                icon="triangle-alert",
                kind="Groups",
            )
        )
    return found


def _who_met(by: Any, today: Any) -> QuerySet[KeepApart]:
    mates = Membership.objects.current(today).filter(client=OuterRef("second"), group=OuterRef("first_group"))
    return (
        KeepApart.objects.visible_to(by)
        .in_force()
        .exclude(kind=KeepApart.Kind.DECLINED)
        .annotate(first_group=F("first__group_memberships__group"), first_spell=F("first__group_memberships"))
        .filter(first_spell__in=Membership.objects.current(today).values("pk"))
        .filter(Exists(mates))
        .order_by("pk")  # what cannot wait is never cut off
    )


def _shared(by: Any, groups: Any) -> QuerySet[Group]:
    return Group.objects.visible_to(by).filter(IsOneOf("pk", groups))


def _own(by: Any) -> QuerySet[CareTeamMember, Any]:
    """Clients whose care team the person is on, not all the role may see."""
    return CareTeamMember.objects.caseload(by).values("client")


def _led(by: Any) -> QuerySet[Group, Any]:
    return Group.objects.facilitated_by(by).values("pk")
