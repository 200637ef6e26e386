"""Recovery status; the rules are in cases/recovery/."""

from cases.recovery.sobriety import Standing, milestones, standing

__all__ = ["Standing", "milestones", "standing"]
