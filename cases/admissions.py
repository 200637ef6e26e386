"""Admission, change of level and discharge, under the name readers look for first; the code is in cases/episodes/."""

from cases.episodes.admissions import admit, change_level_of_care, discharge

__all__ = ["admit", "change_level_of_care", "discharge"]
