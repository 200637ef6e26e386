from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.codes import CopingOutcome
from cases.models import CopingStrategy, Trigger, WarningSign
from cases.models.visibility import ClientRecordQuerySet
from counseling.codes import Progress
from counseling.models.plans.plan import Goal
from staff.access import Permission
from staff.history import tracked

from .note import SessionNote

if TYPE_CHECKING:
    from staff.models import StaffMember

TARGETS = ("trigger", "warning_sign", "strategy", "goal")


class MentionQuerySet(ClientRecordQuerySet["NoteMention"]):
    view_permission = Permission.NOTE_VIEW
    client_path = "note__client"

    def visible_to(self, staff_member: StaffMember) -> Self:
        """Of notes that the person may read."""
        return super().visible_to(staff_member).filter(note__in=SessionNote.objects.visible_to(staff_member))

    def with_target(self) -> Self:
        """With the rows that came up."""
        return self.select_related(*TARGETS)


def _exactly_one() -> Q:
    found = Q()
    for target in TARGETS:
        found |= Q(**{f"{other}__isnull": other != target for other in TARGETS})
    return found


@tracked
class NoteMention(models.Model):
    """A sentence of a note that mentions a known trigger, warning sign, strategy or goal.

    It is the note's evidence for that item. It is added while the note is a draft, and locked once the note is signed
    (migration 0002_signed_notes).
    """

    note = models.ForeignKey(SessionNote, on_delete=models.PROTECT, related_name="mentions")
    quote = models.CharField("the sentence", max_length=300)
    trigger = models.ForeignKey(Trigger, on_delete=models.PROTECT, null=True, blank=True, related_name="mentions")
    warning_sign = models.ForeignKey(
        WarningSign, on_delete=models.PROTECT, null=True, blank=True, related_name="mentions"
    )
    strategy = models.ForeignKey(
        CopingStrategy, on_delete=models.PROTECT, null=True, blank=True, related_name="mentions"
    )
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, null=True, blank=True, related_name="mentions")
    outcome = models.CharField("what the strategy did", max_length=8, choices=CopingOutcome, blank=True)
    progress = models.CharField("progress on the goal", max_length=8, choices=Progress, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = MentionQuerySet.as_manager()

    class Meta:
        ordering = ("recorded_at", "pk")
        constraints = [
            models.CheckConstraint(condition=_exactly_one(), name="mention_of_exactly_one_thing"),
            models.CheckConstraint(condition=~Q(quote=""), name="mention_has_its_sentence"),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(strategy__isnull=False), name="mention_outcome_of_a_strategy"
            ),
            models.CheckConstraint(condition=Q(progress="") | Q(goal__isnull=False), name="mention_progress_of_a_goal"),
        ]

    def __str__(self) -> str:
        return self.quote

    @property
    def target(self) -> Any:
        """The item mentioned: a trigger, a warning sign, a strategy or a goal."""
        return self.trigger or self.warning_sign or self.strategy or self.goal

    @property
    def kind(self) -> str:
        """Which kind of thing came up, one of TARGETS."""
        return next(name for name in TARGETS if getattr(self, f"{name}_id") is not None)

    @property
    def called(self) -> str:
        """The item's name when the note was signed; in a draft, its current name."""
        return self.note.worded.get("mentions", {}).get(str(self.pk)) or str(self.target)

    @property
    def what(self) -> str:
        """The kind of item and what the sentence says of it, in words."""
        if self.strategy_id:
            return f"Strategy, {self.get_outcome_display().lower()}" if self.outcome else "Strategy"
        if self.goal_id:
            return f"Goal, {self.get_progress_display().lower()}" if self.progress else "Goal"
        return "Trigger" if self.trigger_id else "Warning sign"
