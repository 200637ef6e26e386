"""Interface through which apps supply prior knowledge to a new episode's carry-over.

`settings.CARRY_OVER_SOURCES` lists dotted paths of functions `(*, episodes: Sequence[TreatmentEpisode]) -> Mapping[int,
Iterable[CarryOverSource]]`, by the episode's id, so that counseling lays out what a sister app holds without importing
it. They are asked about a whole caseload at once and answer in a number of queries that does not grow with it.
One that is `@reads` is read together with what counseling itself knows; it is told `to_count` where only the keys are
wanted, and leaves out the words then.
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
