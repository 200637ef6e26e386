"""Pairing mentors and mentees: one mentor per member, a few mentees per mentor, always decided by staff."""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models.functions import Greatest
from django.utils import timezone

from groups import thresholds
from groups.models import KeepApart, Membership, MentorPairing, MentorTerm, PairingEnd
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal


class NotMentoringNow(Refusal):
    """Paused, or never appointed."""

    sentence = "This member isn’t mentoring now. Choose another mentor."


class MentorHasEnough(Refusal):
    """The ratio is reached."""


class CannotBePaired(Refusal):
    """Says nothing of why: the reason may be the other person's to keep."""

    sentence = "These two can’t be paired. Choose another mentor."


class NotPaired(Refusal):
    """There is no pairing to end."""

    sentence = "These two aren’t paired. Reload the page."


def pair(*, mentor: Membership, mentee: Membership, by: StaffMember) -> MentorPairing:
    """Let a mentor accompany a member of the same group from today, in place of any mentor before.

    Raises NotPermitted, NotMentoringNow, CannotBePaired, MentorHasEnough.
    """
    demand(by, Permission.GROUP_MANAGE, mentee)
    demand(by, Permission.MENTOR_APPOINT, mentor)
    with act("groups.mentor.pair", by=by, client=mentee.client) as entry:
        today = _today(mentor)
        term = MentorTerm.objects.select_for_update(no_key=True).filter(membership=mentor, ended_on=None).first()
        if term is None or not is_active(term, today):
            raise NotMentoringNow
        mentee = Membership.objects.select_for_update(no_key=True).get(pk=mentee.pk)
        apart = KeepApart.objects.in_force().of(mentor.client)
        if (
            mentor.group_id != mentee.group_id
            or mentor.client_id == mentee.client_id
            or not Membership.objects.current(today).filter(pk=mentee.pk).exists()
            or apart.of(mentee.client).exists()
        ):
            raise CannotBePaired
        open_ones = MentorPairing.objects.filter(mentee=mentee, ends_on=None)
        same = open_ones.filter(term=term).first()
        if same is not None:
            entry.about(same)
            return same
        most = thresholds.MENTEES_PER_MENTOR.for_clinic(mentor.group.clinic)
        if MentorPairing.objects.in_force(today).filter(term=term).count() >= most:
            raise MentorHasEnough(f"This mentor already has {most} mentees. Choose another mentor.")
        open_ones.update(ends_on=today, end_reason=PairingEnd.UNPAIRED, ended_by=by)
        pairing = MentorPairing.objects.create(term=term, mentee=mentee, starts_on=today, paired_by=by)
        entry.about(pairing, mentor_membership=mentor.pk)
        return pairing


def unpair(*, mentor: Membership, mentee: Membership, by: StaffMember) -> MentorPairing:
    """Let a member continue without this mentor, even if a break has already ended the pairing.

    Raises NotPermitted, NotPaired.
    """
    demand(by, Permission.GROUP_MANAGE, mentee)
    with act("groups.mentor.unpair", by=by, client=mentee.client) as entry:
        pairing = (
            MentorPairing.objects.select_for_update(no_key=True)
            .filter(mentee=mentee, term__membership=mentor)
            .exclude(end_reason=PairingEnd.UNPAIRED)
            .order_by("-pk")
            .first()
        )
        if pairing is None:
            raise NotPaired
        pairing.ends_on = pairing.ends_on or _today(mentee)
        pairing.end_reason, pairing.ended_by = PairingEnd.UNPAIRED, by
        pairing.save(update_fields=["ends_on", "end_reason", "ended_by"])
        entry.about(pairing, mentor_membership=mentor.pk)
        return pairing


def close(pairings: models.QuerySet[MentorPairing], on: datetime.date, by: StaffMember, reason: PairingEnd) -> None:
    """End open pairings; the mentees then need reassigning."""
    ends_on = Greatest(models.F("starts_on"), models.Value(on))
    pairings.filter(ends_on=None).update(ends_on=ends_on, end_reason=reason, ended_by=by)


def is_active(term: MentorTerm, on: datetime.date) -> bool:
    """Whether the mentor mentors on a local day."""
    return MentorTerm.objects.active(on).filter(pk=term.pk).exists()


def _today(membership: Membership) -> datetime.date:
    return timezone.localdate(timezone=membership.group.clinic.zone)
