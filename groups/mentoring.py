"""Peer mentors: members who volunteer to support others in their group. They are not staff and see no records.

Whether someone is an active mentor on a day is a query (`MentorTerm.objects.active`), so a return to use pauses a
mentor as soon as it is recorded, by anyone and in any way. The group sees that a mentor is on break, never why.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable

from django.db import models
from django.utils import timezone

from groups import pauses, thresholds
from groups.mentor_criteria import Criterion, Eligibility, eligibility
from groups.mentor_pairings import (
    CannotBePaired,
    MentorHasEnough,
    NotMentoringNow,
    NotPaired,
    close,
    is_active,
    pair,
    unpair,
)
from groups.models import Membership, MentorPairing, MentorStep, MentorTerm, PairingEnd, StepKind
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows, together
from staff.refusals import Refusal

__all__ = [
    "AlreadyMentor",
    "CannotBePaired",
    "Criterion",
    "Eligibility",
    "MentorHasEnough",
    "MentorStatus",
    "NoMentor",
    "NotEligible",
    "NotMentoringNow",
    "NotPaired",
    "appoint",
    "approve",
    "eligibility",
    "end",
    "pair",
    "pause",
    "record_agreement",
    "record_orientation",
    "record_support",
    "resume",
    "standing",
    "unpair",
    "withdraw_agreement",
]


class NotEligible(Refusal):
    """A criterion is not met."""

    def __init__(self, judged: Eligibility) -> None:
        self.eligibility = judged
        super().__init__("Not possible yet. " + " ".join(criterion.sentence for criterion in judged.unmet))


class AlreadyMentor(Refusal):
    """One term at a time."""

    sentence = "This member is already a peer mentor."


class NoMentor(Refusal):
    """There is no term to change."""

    sentence = "This member isn’t a peer mentor."


class MilestoneInFuture(Refusal):
    """A date in the future, or before the person joined."""


class MentorStatus(models.TextChoices):
    """A member's mentor status on the roster. No label gives a reason."""

    NONE = "", "Member"
    MENTOR = "mentor", "Peer mentor"
    BREAK = "break", "on break"


def standing(membership: Membership, on: datetime.date) -> MentorStatus:
    """One member's mentor status on a local day."""
    return standings([membership], on)[membership.pk]


@reads
def standing_of(membership: Membership, on: datetime.date) -> Reading[MentorStatus]:
    """`standing`, for a page that reads more."""
    terms, active = yield from together(
        rows(query(lambda member, on: terms_of(Membership.objects.filter(pk=member), on), member=membership, on=on)),
        rows(
            pauses.judged(
                lambda member, on, sources: active_terms_of(Membership.objects.filter(pk=member), on),  # noqa: ARG005
                member=membership,
                on=on,
            )
        ),
    )
    return marks(terms, active).get(membership.pk, MentorStatus.NONE)


def standings(memberships: list[Membership], on: datetime.date) -> dict[int, MentorStatus]:
    """The same for a whole roster in two queries, by membership id."""
    found = {membership.pk: MentorStatus.NONE for membership in memberships}
    ours = Membership.objects.filter(pk__in=found)
    return found | marks(list(terms_of(ours, on)), list(active_terms_of(ours, on)))


def terms_of(
    memberships: models.QuerySet[Membership], on: datetime.date
) -> models.QuerySet[MentorTerm, tuple[int, int]]:
    """The mentors among these members: key and membership of each term that has not ended."""
    return MentorTerm.objects.current(on).filter(membership__in=memberships).values_list("pk", "membership")


def active_terms_of(memberships: models.QuerySet[Membership], on: datetime.date) -> models.QuerySet[MentorTerm, int]:
    """Keys of those terms that are not on a break."""
    return MentorTerm.objects.active(on).filter(membership__in=memberships).values_list("pk", flat=True)


def marks(terms: Iterable[tuple[int, int]], active: Collection[int]) -> dict[int, MentorStatus]:
    """What the roster says of these mentors, by membership; who is not in it is none."""
    return {member: MentorStatus.MENTOR if pk in active else MentorStatus.BREAK for pk, member in terms}


def record_agreement(*, membership: Membership, by: StaffMember, on: datetime.date | None = None) -> MentorStep:
    """The member has agreed in writing to mentor. Raises NotPermitted, MilestoneInFuture."""
    return _prepare(StepKind.AGREED, membership, by, on)


def withdraw_agreement(*, membership: Membership, by: StaffMember, on: datetime.date | None = None) -> MentorStep:
    """The member withdraws the agreement; no reason is asked for. Raises NotPermitted, MilestoneInFuture."""
    return _prepare(StepKind.WITHDREW, membership, by, on)


def approve(*, membership: Membership, by: StaffMember, on: datetime.date | None = None) -> MentorStep:
    """A counselor approves of the member as mentor, or renews that; it runs out after the clinic's number of days.

    The day of approval counts as day 0 and the last day is still covered. Raises NotPermitted, MilestoneInFuture.
    """
    return _prepare(StepKind.APPROVED, membership, by, on)


def record_orientation(*, membership: Membership, by: StaffMember, on: datetime.date | None = None) -> MentorStep:
    """The member has done the mentor orientation. Raises NotPermitted, MilestoneInFuture."""
    return _prepare(StepKind.ORIENTED, membership, by, on)


def appoint(*, membership: Membership, by: StaffMember) -> MentorTerm:
    """Make a member a peer mentor from today. Raises NotPermitted, NotEligible, AlreadyMentor."""
    demand(by, Permission.MENTOR_APPOINT, membership.client)
    with act("groups.mentor.appoint", by=by, client=membership.client) as entry:
        membership = _locked(membership)
        today = _today(membership)
        if membership.mentor_terms.filter(ended_on=None).exists():
            raise AlreadyMentor
        judged = eligibility(membership, today)
        if not judged.eligible:
            raise NotEligible(judged)
        term = MentorTerm.objects.create(membership=membership, started_on=today)
        _step(term, StepKind.APPOINTED, today, by, sobriety_date=judged.sobriety_date)
        entry.about(term)
        return term


def pause(*, membership: Membership, reason: str, by: StaffMember) -> MentorStep:
    """Let a mentor take a break from today; their mentees wait for a person to reassign them.

    The reason stays in the chart. Raises NotPermitted, NoMentor.
    """
    return _change(membership, StepKind.PAUSED, by, note=reason, pairings=PairingEnd.MENTOR_BREAK)


def resume(*, membership: Membership, by: StaffMember, review: str = "") -> MentorStep:
    """After a review the mentor resumes, if all criteria are met; mentees do not come back automatically.

    Raises NotPermitted, NoMentor, NotEligible.
    """
    return _change(membership, StepKind.RESUMED, by, note=review, pairings=PairingEnd.MENTOR_BREAK)


def end(*, membership: Membership, reason: str, by: StaffMember) -> MentorStep:
    """End the term; the place in the group stays. Raises NotPermitted, NoMentor."""
    return _change(membership, StepKind.ENDED, by, note=reason, pairings=PairingEnd.MENTOR_ENDED)


def record_support(*, membership: Membership, note: str, by: StaffMember) -> MentorStep:
    """Record that someone talked with a mentor on break and offered support. Raises NotPermitted, NoMentor."""
    return _change(membership, StepKind.SUPPORTED, by, note=note)


def end_with_membership(membership: Membership, on: datetime.date, by: StaffMember) -> None:
    """Leaving the group ends a term and every pairing on either side. Called inside `rosters.leave`."""
    close(MentorPairing.objects.filter(mentee=membership), on, by, PairingEnd.LEFT)
    for term in membership.mentor_terms.filter(ended_on=None):
        close(term.pairings.all(), on, by, PairingEnd.LEFT)
        term.ended_on = max(on, term.started_on)
        term.save(update_fields=["ended_on"])
        _step(term, StepKind.ENDED, on, by, note="Left the group.")


def _change(
    membership: Membership, kind: StepKind, by: StaffMember, *, note: str, pairings: PairingEnd | None = None
) -> MentorStep:
    demand(by, Permission.MENTOR_APPOINT, membership.client)
    with act(f"groups.mentor.{kind.value}", by=by, client=membership.client) as entry:
        membership = _locked(membership)
        today = _today(membership)
        term = membership.mentor_terms.filter(ended_on=None).first()
        if term is None:
            raise NoMentor
        found: datetime.date | None = None
        if kind is StepKind.RESUMED:
            judged = eligibility(membership, today)
            if not judged.eligible:
                raise NotEligible(judged)
            found = judged.sobriety_date
        if pairings and (kind is not StepKind.RESUMED or not is_active(term, today)):
            close(term.pairings.all(), today, by, pairings)
        if kind is StepKind.ENDED:
            term.ended_on = today
            term.save(update_fields=["ended_on"])
        step = _step(term, kind, today, by, note=note, sobriety_date=found)
        entry.about(term, step=step.pk)
        return step


def _prepare(kind: StepKind, membership: Membership, by: StaffMember, on: datetime.date | None) -> MentorStep:
    demand(by, Permission.MENTOR_APPOINT, membership.client)
    today = _today(membership)
    on = on or today
    if on > today:
        raise MilestoneInFuture("This date is in the future. Record it after it happens.")
    until: datetime.date | None = None
    if kind is StepKind.APPROVED:
        until = on + datetime.timedelta(days=thresholds.MENTOR_APPROVAL_DAYS.for_clinic(membership.group.clinic))
    with act(f"groups.mentor.{kind.value}", by=by, client=membership.client) as entry:
        step = MentorStep.objects.create(
            membership=membership, kind=kind, on=on, valid_until=until, at=timezone.now(), by=by
        )
        entry.about(step)
        return step


def _step(
    term: MentorTerm,
    kind: StepKind,
    on: datetime.date,
    by: StaffMember,
    *,
    note: str = "",
    sobriety_date: datetime.date | None = None,
) -> MentorStep:
    return MentorStep.objects.create(
        membership_id=term.membership_id,
        term=term,
        kind=kind,
        on=on,
        at=timezone.now(),
        by=by,
        note=note,
        sobriety_date=sobriety_date,
    )


def _locked(membership: Membership) -> Membership:
    return (
        Membership.objects.select_for_update(of=("self",), no_key=True)
        .select_related("client", "group__clinic")
        .get(pk=membership.pk)
    )


def _today(membership: Membership) -> datetime.date:
    return timezone.localdate(timezone=membership.group.clinic.zone)
