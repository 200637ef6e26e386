"""Many-to-many links whose removals are kept in the history."""

from __future__ import annotations

from staff.history import tracked

from .notes.note import SessionNote
from .plans.plan import DischargePlan


@tracked
class DischargePlanTrigger(DischargePlan.triggers.through):  # type: ignore[name-defined]  # made by Django
    """That a discharge plan named a trigger."""

    class Meta:
        proxy = True


@tracked
class DischargePlanWarningSign(DischargePlan.warning_signs.through):  # type: ignore[name-defined]  # made by Django
    """That a discharge plan named a warning sign."""

    class Meta:
        proxy = True


@tracked
class DischargePlanStrategy(DischargePlan.strategies.through):  # type: ignore[name-defined]  # made by Django
    """That a discharge plan named a strategy."""

    class Meta:
        proxy = True


@tracked
class SessionNoteGoal(SessionNote.goals.through):  # type: ignore[name-defined]  # made by Django
    """That a note addressed a goal."""

    class Meta:
        proxy = True


@tracked
class SessionNoteObjective(SessionNote.objectives.through):  # type: ignore[name-defined]  # made by Django
    """That a note worked on an objective."""

    class Meta:
        proxy = True
