"""The case record: intake, the client, episodes and levels of care, returns to use and what was learned."""

from .assessments import LevelOfCareAssessment, MeasureSetAside
from .episodes.episode import LevelOfCarePeriod, TreatmentEpisode
from .episodes.review import ContinuedStayReview
from .intake import Inquiry
from .medical import MedicalEvaluation
from .merging import ClientMerge
from .people.care_team import CareTeamMember
from .people.client import Client, ContactPoint, SobrietyStatement
from .people.restriction import ClientRestriction
from .recovery.learning import CopingStrategy, LearnedJoin, LearnedKind, Trigger, WarningSign
from .recovery.naloxone import NaloxoneKit
from .recovery.relapse import Relapse, RelapseCoping, RelapseSubstance, RelapseTrigger, RelapseWarningSign
from .recovery.told import ToldDeclined
from .recovery.tolerance import ToleranceWarning
from .safety import SafetyEvaluation
from .teds import DataSetSubstance, EpisodeDataSet, StateCode

__all__ = [
    "CareTeamMember",
    "Client",
    "ClientMerge",
    "ClientRestriction",
    "ContactPoint",
    "ContinuedStayReview",
    "CopingStrategy",
    "DataSetSubstance",
    "EpisodeDataSet",
    "Inquiry",
    "LearnedJoin",
    "LearnedKind",
    "LevelOfCareAssessment",
    "LevelOfCarePeriod",
    "MeasureSetAside",
    "MedicalEvaluation",
    "NaloxoneKit",
    "Relapse",
    "RelapseCoping",
    "RelapseSubstance",
    "RelapseTrigger",
    "RelapseWarningSign",
    "SafetyEvaluation",
    "SobrietyStatement",
    "StateCode",
    "ToldDeclined",
    "ToleranceWarning",
    "TreatmentEpisode",
    "Trigger",
    "WarningSign",
]
