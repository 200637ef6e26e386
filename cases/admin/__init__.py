"""The admin of cases/: what a clinic administrator keeps, and the record to look at, signed parts read-only."""

from cases.admin import data_set, learning, way_in

__all__ = ["data_set", "learning", "way_in"]
