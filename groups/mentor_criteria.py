"""Peer mentor eligibility: each criterion with its current value, its required value, and a sentence."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import Enum

from django.db.models import QuerySet
from django.utils import timezone

from cases.recovery import sobriety
from groups import safety, thresholds
from groups.models import Attendance, Membership, MentorStep, StepKind
from staff.days import end_of
from staff.reading import Reading, reads, rows, together
from staff.thresholds import values_for


class Key(Enum):
    """The criteria, in the order in which they are shown."""

    MEMBER = "member"
    AGREEMENT = "agreement"
    APPROVAL = "approval"
    RECOVERY = "recovery"
    SESSIONS = "sessions"
    SUICIDE_RISK = "suicide_risk"
    SAFETY_FLAG = "safety_flag"
    ORIENTATION = "orientation"


class State(Enum):
    """Met; not met, which time or care may change; or needed, which someone can do now."""

    MET = "met"
    NOT_MET = "not met"
    NEEDED = "needed"


@dataclass(frozen=True)
class Criterion:
    """One criterion. `have` and `need` are days or sessions, if it counts any."""

    key: Key
    state: State
    title: str
    sentence: str
    have: int | None = None
    need: int | None = None

    @property
    def met(self) -> bool:
        """Whether it is met."""
        return self.state is State.MET

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Eligibility:
    """Whether someone can be a peer mentor on a day; `reasons` are all criteria, including met ones."""

    eligible: bool
    reasons: list[Criterion]
    sobriety_date: datetime.date | None

    @property
    def unmet(self) -> list[Criterion]:
        """Criteria that are not met."""
        return [criterion for criterion in self.reasons if not criterion.met]


@reads
def eligibility(membership: Membership, on: datetime.date) -> Reading[Eligibility]:
    """Check one member on a local day, using records about days up to it.

    The numbers are the clinic's (groups/thresholds.py). Recovery days are counted as everywhere (cases.sobriety): none
    for someone who is using or whose last use is known only to the month.
    """
    clinic = membership.group.clinic
    limits = values_for(clinic, [thresholds.MENTOR_RECOVERY_DAYS, thresholds.MENTOR_SESSIONS])
    is_now = on == timezone.localdate(timezone=clinic.zone)
    steps, standing, concerns, attended = yield from together(
        rows(membership.mentor_steps.filter(on__lte=on, kind__in=_STEPS).order_by("-on", "-pk")),
        sobriety.standing.part(membership.client, membership.client.today if is_now else on),
        safety.concerns.part(client=membership.client, on=on),
        rows(_attended(membership, on).values_list("pk", flat=True)),
    )
    reasons = [
        _member(membership, on),
        _agreement(steps),
        _approval(steps, on),
        _recovery(standing, limits[thresholds.MENTOR_RECOVERY_DAYS.key]),
        _sessions(len(attended), limits[thresholds.MENTOR_SESSIONS.key]),
        _safety(concerns, safety.ConcernKind.SUICIDE_RISK),
        _safety(concerns, safety.ConcernKind.OPEN_FLAG),
        _orientation(steps),
    ]
    return Eligibility(all(criterion.met for criterion in reasons), reasons, standing.sobriety_date)


def sessions_attended(membership: Membership, on: datetime.date) -> int:
    """Sessions of this group that the person was at up to a local day, over all their spells in it."""
    return _attended(membership, on).count()


def _attended(membership: Membership, on: datetime.date) -> QuerySet[Attendance]:
    return Attendance.objects.attended().filter(
        membership__client=membership.client_id,
        membership__group=membership.group_id,
        session__starts_at__lt=end_of(on, membership.group.clinic.zone),
    )


def says(day: datetime.date) -> str:
    """A date as sentences have it, e.g. “Mar 6, 2026”."""
    return f"{day:%b %-d, %Y}"


INEXACT_DAYS = 366  # a date known to the year only can be this far off
_STEPS = (StepKind.AGREED, StepKind.WITHDREW, StepKind.APPROVED, StepKind.ORIENTED)


def _latest(steps: list[MentorStep], *kinds: StepKind) -> MentorStep | None:
    return next((step for step in steps if step.kind in kinds), None)


def _member(membership: Membership, on: datetime.date) -> Criterion:
    inside = membership.joined_on <= on and (membership.left_on is None or membership.left_on > on)
    sentence = (
        f"In this group since {says(membership.joined_on)}." if inside else "Not a member of this group on that date."
    )
    return Criterion(Key.MEMBER, State.MET if inside else State.NOT_MET, "Member of the group", sentence)


def _agreement(steps: list[MentorStep]) -> Criterion:
    title = "Written agreement"
    step = _latest(steps, StepKind.AGREED, StepKind.WITHDREW)
    if step is None:
        return Criterion(Key.AGREEMENT, State.NEEDED, title, "No written agreement yet.")
    if step.kind == StepKind.WITHDREW:
        return Criterion(Key.AGREEMENT, State.NOT_MET, title, f"Withdrew the agreement on {says(step.on)}.")
    return Criterion(Key.AGREEMENT, State.MET, title, f"Agreed in writing on {says(step.on)}.")


def _approval(steps: list[MentorStep], on: datetime.date) -> Criterion:
    title = "Counselor's approval"
    step = _latest(steps, StepKind.APPROVED)
    if step is None or step.valid_until is None:
        return Criterion(Key.APPROVAL, State.NEEDED, title, "No counselor’s approval yet.")
    if step.valid_until < on:
        return Criterion(
            Key.APPROVAL, State.NEEDED, title, f"The approval expired on {says(step.valid_until)}. Renew it."
        )
    left = (step.valid_until - on).days
    return Criterion(
        Key.APPROVAL,
        State.MET,
        title,
        f"Approved on {says(step.on)}, until {says(step.valid_until)} ({left} {'day' if left == 1 else 'days'} left).",
        have=left,
    )


def _recovery(standing: sobriety.Standing, need: int) -> Criterion:
    title = f"At least {need} recovery days"
    if standing.currently_using:
        return Criterion(Key.RECOVERY, State.NOT_MET, title, "A return to use is still ongoing.", None, need)
    if standing.recovery_days is None:
        return Criterion(
            Key.RECOVERY, State.NEEDED, title, "No sobriety date. Ask the client and record it.", None, need
        )
    have = standing.recovery_days
    if standing.approximate and need <= have < need + INEXACT_DAYS:
        return Criterion(
            Key.RECOVERY,
            State.NEEDED,
            title,
            f"In recovery for about {have} days; the last day of use is approximate. Record the exact date.",
            have,
            need,
        )
    about = "About " if standing.approximate else ""
    if have < need:
        return Criterion(
            Key.RECOVERY,
            State.NOT_MET,
            title,
            f"{about}{have} of {need} recovery days: {need - have} to go.",
            have,
            need,
        )
    return Criterion(Key.RECOVERY, State.MET, title, f"{about}{have} recovery days; {need} are needed.", have, need)


def _sessions(have: int, need: int) -> Criterion:
    title = f"At least {need} sessions attended"
    if have < need:
        return Criterion(Key.SESSIONS, State.NOT_MET, title, f"{have} of {need} sessions attended.", have, need)
    return Criterion(Key.SESSIONS, State.MET, title, f"{have} sessions attended; {need} are needed.", have, need)


def _safety(concerns: list[safety.Concern], kind: safety.ConcernKind) -> Criterion:
    key, title, fine = {
        safety.ConcernKind.SUICIDE_RISK: (
            Key.SUICIDE_RISK,
            "No high C-SSRS",
            "No high C-SSRS on record.",
        ),
        safety.ConcernKind.OPEN_FLAG: (Key.SAFETY_FLAG, "No open safety flag", "No open safety flags."),
    }[kind]
    found = [concern for concern in concerns if concern.kind is kind]
    never = [concern for concern in concerns if concern.kind is safety.ConcernKind.NEVER_ASKED]
    if never and key is Key.SUICIDE_RISK:
        return Criterion(key, State.NEEDED, title, never[0].sentence)
    if not found:
        return Criterion(key, State.MET, title, fine)
    return Criterion(key, State.NOT_MET, title, " ".join(concern.sentence for concern in found))


def _orientation(steps: list[MentorStep]) -> Criterion:
    title = "Orientation completed"
    step = _latest(steps, StepKind.ORIENTED)
    if step is None:
        return Criterion(Key.ORIENTATION, State.NEEDED, title, "Mentor orientation not completed.")
    return Criterion(Key.ORIENTATION, State.MET, title, f"Completed orientation on {says(step.on)}.")
