from __future__ import annotations

import datetime
from collections.abc import Container
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Subquery, Value

from cases.models import Client, Relapse
from cases.models.visibility import not_kept_from, of_clients_visible_to
from staff.access import Permission, can
from staff.history import tracked

from .membership import KeepApart, Membership

if TYPE_CHECKING:
    from staff.models import StaffMember


class StepKind(models.TextChoices):
    """A step in a peer mentor's term."""

    AGREED = "agreed", "Agreed in writing"
    WITHDREW = "withdrew", "Withdrew agreement"
    APPROVED = "approved", "Approved by a counselor"
    ORIENTED = "oriented", "Completed orientation"
    APPOINTED = "appointed", "Appointed"
    PAUSED = "paused", "Paused"
    RESUMED = "resumed", "Reviewed and resumed"
    SUPPORTED = "supported", "Support offered during break"
    ENDED = "ended", "Ended"


BEFORE_APPOINTMENT = (StepKind.AGREED, StepKind.WITHDREW, StepKind.APPROVED, StepKind.ORIENTED)
REVIEWS = (StepKind.APPOINTED, StepKind.RESUMED)


ON_A_BREAK = ("returned_to_use", "in_danger", "use_reported")  # by what is on record, not by hand
# What `with_state` says of a current term whose mentor mentors.
MENTORS_NOW = {"paused_by_hand": False, "agreement_withdrawn": False, "approval_live": True} | dict.fromkeys(
    ON_A_BREAK, False
)


def _daterange(start: str, end: str) -> Func:
    return Func(F(start), F(end), Value("[)"), function="daterange", output_field=DateRangeField())


def _midnight_after(day: datetime.date) -> Func:
    """The moment at which a day ends on the clinic's clock."""
    given = day if hasattr(day, "resolve_expression") else Value(day, models.DateField())  # or its stand-in
    end = Func(given, template="(%(expressions)s::date + 1)::timestamp", output_field=models.DateTimeField())
    zone = F("membership__group__clinic__time_zone")
    return Func(zone, end, function="timezone", output_field=models.DateTimeField())


def _whether(condition: Q) -> models.Case:
    return models.Case(models.When(condition, then=True), default=False, output_field=models.BooleanField())


def _is(name: str, kind: StepKind) -> models.Case:
    return models.Case(models.When(**{name: kind}, then=True), default=False, output_field=models.BooleanField())


class MentorTermQuerySet(models.QuerySet["MentorTerm"]):
    def visible_to(self, staff_member: StaffMember) -> MentorTermQuerySet:
        """Terms in the clinic's groups: the roster shows mentor status, so anyone who sees rosters sees it."""
        if not can(staff_member, Permission.GROUP_VIEW):
            return self.none()
        kept = not_kept_from(staff_member, "membership__client")
        return self.filter(kept, membership__group__clinic=staff_member.clinic_id)

    def current(self, on: datetime.date) -> MentorTermQuerySet:
        """Terms that have begun and not ended on a day, whether the mentor is taking a break or not."""
        return self.filter(
            Q(membership__left_on=None) | Q(membership__left_on__gt=on), Q(ended_on=None) | Q(ended_on__gt=on)
        ).filter(started_on__lte=on)

    def with_state(self, on: datetime.date) -> MentorTermQuerySet:
        """Annotate what causes a break.

        The annotations are `paused_by_hand`, `agreement_withdrawn`, `approval_live`, `returned_to_use`, `in_danger` and
        `use_reported`.

        A return to use counts as soon as it is recorded, by anyone and in any way, until a clinician has reviewed the
        mentor after it. The last review is the appointment or the last resumption. It found the client in recovery
        since `sobriety_date`, so it cannot have known of confirmed use on or after that day.
        """
        from groups import pauses  # that module reads what apps upstairs hold, this one is read by them

        steps = MentorStep.objects.filter(membership=OuterRef("membership"), on__lte=on).order_by("-on", "-pk")
        own = steps.filter(term=OuterRef("pk"))
        relapses = Relapse.objects.filter(client=OuterRef("membership__client"), started_on__lte=on).filter(
            Q(recorded_at__gt=OuterRef("reviewed_at"))
            | Q(is_confirmed=True, ended_on=None)
            | Q(is_confirmed=True, ended_on__gte=OuterRef("review_found_recovery_since"))
        )
        found = self._with_review(on).annotate(
            last_word=Subquery(own.filter(kind__in=(*REVIEWS, StepKind.PAUSED)).values("kind")[:1]),
            last_agreement=Subquery(steps.filter(kind__in=(StepKind.AGREED, StepKind.WITHDREW)).values("kind")[:1]),
        )
        found = found.annotate(
            paused_by_hand=_is("last_word", StepKind.PAUSED),
            agreement_withdrawn=_is("last_agreement", StepKind.WITHDREW),
            approval_live=Exists(steps.filter(kind=StepKind.APPROVED, valid_until__gte=on)),
            returned_to_use=Exists(relapses),
        )
        mentors = Client.objects.filter(group_memberships__mentor_terms__in=self.order_by().values("pk"))
        danger = pauses.in_danger(by_then="reviewed_at", until="day_ends", clients=mentors)
        report = pauses.use_reported(since="reviewed_at", recovery="review_found_recovery_since", until="day_ends")
        return found.annotate(in_danger=_whether(danger), use_reported=_whether(report))

    def with_approval(self) -> MentorTermQuerySet:
        """Each with `approved_until`, the last day of the latest approval; None if there was none."""
        approved = MentorStep.objects.filter(membership=OuterRef("membership"), kind=StepKind.APPROVED)
        return self.annotate(approved_until=Subquery(approved.order_by("-valid_until").values("valid_until")[:1]))

    def _with_review(self, on: datetime.date) -> MentorTermQuerySet:
        """Each with the last review (`reviewed_at`, `review_found_recovery_since`) and when the day ends."""
        steps = MentorStep.objects.filter(term=OuterRef("pk"), on__lte=on).order_by("-on", "-pk")
        review = steps.filter(membership=OuterRef("membership"), kind__in=REVIEWS)
        return self.annotate(
            reviewed_at=Subquery(review.values("at")[:1]),
            review_found_recovery_since=Subquery(review.values("sobriety_date")[:1]),
            day_ends=_midnight_after(on),
        )

    def to_support(self, on: datetime.date) -> MentorTermQuerySet:
        """Mentors on break after a return to use, a report or a danger, not offered support since the newest one.

        A second danger calls for support again.
        """
        on_a_break = reduce(or_, (Q(**{name: True}) for name in ON_A_BREAK))
        return self.with_state(on).filter(on_a_break)._without_support(on)

    def without_support(self, on: datetime.date) -> MentorTermQuerySet:
        """Of terms whose mentors are known to be on break, those of `to_support`."""
        return self._with_review(on)._without_support(on)

    def _without_support(self, on: datetime.date) -> MentorTermQuerySet:
        from groups import pauses

        own = MentorStep.objects.filter(term=OuterRef("pk"), on__lte=on)
        looked = own.filter(kind__in=(*REVIEWS, StepKind.SUPPORTED)).order_by("-at", "-pk")
        returned = Relapse.objects.filter(client=OuterRef("membership__client"), started_on__lte=on)
        mentors = Client.objects.filter(group_memberships__mentor_terms__in=self.order_by().values("pk"))
        return self.annotate(looked_at=Subquery(looked.values("at")[:1])).filter(
            Q(looked_at=F("reviewed_at"))
            | Q(Exists(returned.filter(recorded_at__gt=OuterRef("looked_at"))))
            | pauses.danger_since(moment="looked_at", until="day_ends", clients=mentors)
            | pauses.use_reported(since="looked_at", recovery="review_found_recovery_since", until="day_ends")
        )

    def active(self, on: datetime.date) -> MentorTermQuerySet:
        """Mentors who mentor on a day: agreed, approved, not paused; no return to use, no report of use and no danger
        that came on record since the last review."""
        return self.current(on).with_state(on).filter(**MENTORS_NOW)


@tracked
class MentorTerm(models.Model):
    """A person's time as peer mentor of their group: a volunteer member, never staff, who sees no record.

    Its state is not stored: see `MentorTermQuerySet.with_state`.
    """

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="mentor_terms")
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    objects = MentorTermQuerySet.as_manager()

    class Meta:
        ordering = ("-started_on", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")), name="mentor_term_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=("membership",), condition=Q(ended_on=None), name="one_open_mentor_term_per_membership"
            ),
            ExclusionConstraint(
                name="mentor_terms_never_overlap",
                expressions=[
                    ("membership", RangeOperators.EQUAL),
                    (_daterange("started_on", "ended_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"Mentor term {self.pk}"

    @property
    def mentors_now(self) -> bool:
        """Of a current term `with_state`: whether it is one of `active`."""
        return all(getattr(self, name) == value for name, value in MENTORS_NOW.items())

    @property
    def is_on_a_break(self) -> bool:
        """Of a term `with_state`: whether something on record pauses it."""
        return any(getattr(self, name) for name in ON_A_BREAK)


class MentorStepQuerySet(models.QuerySet["MentorStep"]):
    def visible_to(self, staff_member: StaffMember) -> MentorStepQuerySet:
        """Steps tell about approval and breaks: they belong to the chart, so only who sees the client sees them."""
        if not can(staff_member, Permission.GROUP_VIEW):
            return self.none()
        return self.filter(of_clients_visible_to(staff_member, "membership__client"))


@tracked
class MentorStep(models.Model):
    """One dated, authored row on the way of a peer mentor. Rows are only ever added: the database refuses the rest."""

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="mentor_steps")
    term = models.ForeignKey(MentorTerm, on_delete=models.PROTECT, null=True, blank=True, related_name="steps")
    kind = models.CharField(max_length=10, choices=StepKind)
    on = models.DateField(help_text="The date it happened.")
    valid_until = models.DateField(null=True, blank=True, help_text="Last day of the approval.")
    sobriety_date = models.DateField(null=True, blank=True, help_text="In recovery since, as of this review.")
    note = models.TextField(blank=True)
    at = models.DateTimeField(help_text="When it was recorded.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = MentorStepQuerySet.as_manager()

    class Meta:
        ordering = ("-on", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind=StepKind.APPROVED) & Q(valid_until__gte=F("on")))
                | (~Q(kind=StepKind.APPROVED) & Q(valid_until=None)),
                name="only_approvals_run_out",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=REVIEWS, sobriety_date__isnull=False)
                | (~Q(kind__in=REVIEWS) & Q(sobriety_date=None)),
                name="mentor_review_says_recovery_since",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=BEFORE_APPOINTMENT, term=None)
                | (~Q(kind__in=BEFORE_APPOINTMENT) & Q(term__isnull=False)),
                name="mentor_step_names_its_term",
            ),
        ]
        indexes = [models.Index(fields=("membership", "-on", "-id"), name="mentor_step_by_membership")]

    def __str__(self) -> str:
        return self.get_kind_display()


class PairingEnd(models.TextChoices):
    """Why a pairing stopped. After the first a person has decided; after the others a person still has to."""

    UNPAIRED = "unpaired", "Ended by staff"
    MENTOR_BREAK = "break", "Mentor went on break"
    MENTOR_ENDED = "ended", "Mentor role ended"
    LEFT = "left", "One of them left the group"


FELL_AWAY = (PairingEnd.MENTOR_BREAK, PairingEnd.MENTOR_ENDED, PairingEnd.LEFT)  # and nobody decided what comes next


class MentorPairingQuerySet(models.QuerySet["MentorPairing"]):
    def visible_to(self, staff_member: StaffMember) -> MentorPairingQuerySet:
        """Pairings in the clinic's groups."""
        if not can(staff_member, Permission.GROUP_VIEW):
            return self.none()
        kept = not_kept_from(staff_member, "mentee__client") & not_kept_from(staff_member, "term__membership__client")
        return self.filter(kept, mentee__group__clinic=staff_member.clinic_id)

    def in_force(self, on: datetime.date) -> MentorPairingQuerySet:
        """Pairings whose mentor is active on that day. A mentor's break ends them automatically."""
        return self.not_ended(on).filter(term__in=MentorTerm.objects.active(on).values("pk"))

    def not_ended(self, on: datetime.date) -> MentorPairingQuerySet:
        """Pairings of present members that nobody has ended, whether the mentor is active on that day or not."""
        begun = self.filter(starts_on__lte=on).filter(Q(ends_on=None) | Q(ends_on__gt=on))
        return begun.filter(Q(mentee__left_on=None) | Q(mentee__left_on__gt=on))

    def to_part(self, on: datetime.date) -> MentorPairingQuerySet:
        """Active pairings of two people who are now to be kept separate: a person decides, nothing ends by itself."""
        return self.in_force(on).filter(self.kept_apart())

    @staticmethod
    def kept_apart() -> Exists:
        """Whether mentor and mentee are to be kept separate, for any reason and in either order."""
        mentor, mentee = OuterRef("term__membership__client"), OuterRef("mentee__client")
        pairs = KeepApart.objects.in_force()
        return Exists(pairs.filter(Q(first=mentor, second=mentee) | Q(first=mentee, second=mentor)))

    def to_reassign(self, on: datetime.date) -> MentorPairingQuerySet:
        """The last pairing of each member whose mentor stopped and for whom no one has decided what comes next."""
        mentoring = Q(term__in=MentorTerm.objects.active(on).values("pk"))
        return self.maybe_to_reassign(on).filter(Q(end_reason__in=FELL_AWAY) | ~mentoring)

    def maybe_to_reassign(self, on: datetime.date) -> MentorPairingQuerySet:
        """The same, with those whose mentor may still be active: see `has_no_mentor`."""
        later = MentorPairing.objects.filter(mentee=OuterRef("mentee"), pk__gt=OuterRef("pk"), starts_on__lte=on)
        present = self.filter(starts_on__lte=on).filter(Q(mentee__left_on=None) | Q(mentee__left_on__gt=on))
        return present.filter(Q(end_reason__in=FELL_AWAY) | Q(ends_on=None)).filter(~Exists(later))


@tracked
class MentorPairing(models.Model):
    """A peer mentor accompanies another member of the same group, from when to when."""

    term = models.ForeignKey(MentorTerm, on_delete=models.PROTECT, related_name="pairings")
    mentee = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="mentored_by")
    starts_on = models.DateField()
    paired_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ends_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=8, choices=PairingEnd, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = MentorPairingQuerySet.as_manager()

    class Meta:
        ordering = ("starts_on", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="pairing_ends_not_before_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None, end_reason="", ended_by=None)
                | (Q(ends_on__isnull=False, ended_by__isnull=False) & ~Q(end_reason="")),
                name="pairing_end_has_date_author_and_reason",
            ),
            models.UniqueConstraint(fields=("mentee",), condition=Q(ends_on=None), name="one_open_pairing_per_mentee"),
        ]

    def __str__(self) -> str:
        return f"Pairing {self.pk}"

    def has_no_mentor(self, mentoring: Container[int]) -> bool:
        """Of one of `maybe_to_reassign`: whether it is `to_reassign`; `mentoring` are the terms that are active."""
        return self.end_reason in FELL_AWAY or self.term_id not in mentoring
