"""Interface through which apps supply prior knowledge to a new episode's carry-over.

`settings.CARRY_OVER_SOURCES` lists dotted paths of functions `(*, episodes: Sequence[TreatmentEpisode]) -> Mapping[int,
Iterable[CarryOverSource]]`, keyed by episode id. This lets counseling show what a sister app holds without importing
it. Each function is called once for a whole caseload, and its number of queries must not grow with the caseload.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CarryOverSource:
    """One known fact. The key is stable between calls; the URL leads to the origin."""

    key: str  # unique per source row, e.g. "involvement:12"
    wording: str
    detail: str = ""
    url: str = ""
    origin_episode_id: int | None = None
