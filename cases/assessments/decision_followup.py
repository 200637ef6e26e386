"""Next step after a level-of-care decision: continue current care, change the level, or admit.

The current episode is read again. Whether someone has already acted on a decision (a review that keeps the level, a
change, an admission) is read from the rows that name it.
"""

from __future__ import annotations

from dataclasses import dataclass

from cases.medical import medical_needs
from cases.models import ContinuedStayReview, LevelOfCareAssessment, LevelOfCarePeriod, TreatmentEpisode
from staff.models import StaffMember
from staff.models.clinic import MedicalIntensity
from staff.reading import Reading, first, reads, rows, together


@dataclass(frozen=True)
class Next:
    """The next step for one person: at most one of `keep` and `change`, or `admit` if they are not in care."""

    keep: TreatmentEpisode | None = None
    change: TreatmentEpisode | None = None
    admit: bool = False
    kept: ContinuedStayReview | None = None
    begun: LevelOfCarePeriod | None = None

    @property
    def in_care(self) -> bool:
        """The person is in care now."""
        return bool(self.keep or self.change)


@reads
def next_step(assessment: LevelOfCareAssessment, *, staff_member: StaffMember) -> Reading[Next]:
    """The next step for this person after the decision, in one statement."""
    if assessment.decided_at is None:
        return Next()
    opened = (
        LevelOfCarePeriod.objects.visible_to(staff_member)
        .filter(episode__client=assessment.client_id, episode__discharged_on=None, ends_at=None)
        .select_related("episode__program", "decided_by")
        .order_by("-setting", "-starts_at", "-pk")
    )
    decided_by_it = LevelOfCarePeriod.objects.filter(assessment=assessment)
    reviewed = ContinuedStayReview.objects.filter(assessment=assessment)
    periods, begun_then, kept = yield from together(
        rows(opened),
        first(decided_by_it.select_related("episode__program", "decided_by").reverse()),
        first(reviewed.select_related("period__episode__program", "reviewed_by").reverse()),
    )
    begun = next((each for each in periods if each.assessment_id == assessment.pk), None) or begun_then
    if begun is not None or kept is not None:
        return Next(kept=kept, begun=begun)
    fitting = next((each for each in periods if fits(each, assessment)), None)
    if fitting is not None:
        return Next(keep=fitting.episode)
    if periods:
        return Next(change=periods[0].episode)
    return Next(admit=True)


def fits(period: LevelOfCarePeriod, assessment: LevelOfCareAssessment) -> bool:
    """Whether the current level and program match the decision and meet the medical need decided."""
    program = period.episode.program
    if period.setting != assessment.decided_setting:
        return False
    if assessment.decided_level_code not in ("", period.level_code):
        return False
    if assessment.decided_program_id not in (None, program.pk):
        return False
    level = medical_needs.level_of(period, assessment.client.clinic)
    return not medical_needs.shortfall(
        need=MedicalIntensity(assessment.decided_medical or 0), level=level, program=program
    )


def why(assessment: LevelOfCareAssessment) -> str:
    """The reason of a review or a change of level that carries a decision out."""
    said = f"Placement was assessed again and decided: {assessment.decided_in_words.lower()}."
    return f"{said} {assessment.decision_reason}".strip()
