"""Admission, change of level and discharge, where a reader looks first; they are in cases/episodes/."""

from cases.episodes.admissions import admit, change_level_of_care, discharge

__all__ = ["admit", "change_level_of_care", "discharge"]
