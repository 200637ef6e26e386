"""A return to use compared with what was known; the function is in counseling/carry_over/."""

from counseling.carry_over.relapse_review import Comparison, compare

__all__ = ["Comparison", "compare"]
