"""Admin of cases/: settings a clinic administrator maintains, and a read-only view of the record."""

from cases.admin import data_set, learning, way_in

__all__ = ["data_set", "learning", "way_in"]
