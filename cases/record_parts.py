"""What cases/ hands out of a client's record for a copy of their own (45 CFR 164.524; named in RECORD_SOURCES)."""

from __future__ import annotations

from django.db.models import Q

from cases.models import (
    CareTeamMember,
    Client,
    ContactPoint,
    ContinuedStayReview,
    CopingStrategy,
    DataSetSubstance,
    EpisodeDataSet,
    Inquiry,
    LevelOfCareAssessment,
    LevelOfCarePeriod,
    MedicalEvaluation,
    NaloxoneKit,
    Relapse,
    RelapseCoping,
    RelapseSubstance,
    SafetyEvaluation,
    SobrietyStatement,
    ToleranceWarning,
    TreatmentEpisode,
    Trigger,
    WarningSign,
)
from staff.record_part import Part, part

# For finding people, not about them.
_FOR_SEARCHES = ("given_plain", "called_plain", "family_plain", "former_plain", "name_words", "name_sounds")
# What somebody else said of themselves (45 CFR 164.524(a)(2)(v)), and what only runs the page.
_OF_CALLERS = (
    "caller_name", "call_back_phone", "voicemail_ok", "voicemail_words", "relation", "entry_key", "is_draft",
)  # fmt: skip


def parts(client: Client) -> list[Part]:
    """The person, their stays, assessments, returns to use and what was learned."""
    return [*_person(client), *_stays(client), *_recovery(client)]


def _person(client: Client) -> list[Part]:
    return [
        part("person", "You", Client.objects.filter(pk=client.pk), but=(*_FOR_SEARCHES, "merged_into")),
        part(
            "contacts",
            "How to reach you",
            ContactPoint.objects.filter(client=client).order_by("pk"),
            but=("normalized", "safe_words"),  # the words prove who somebody is: on paper they would prove nothing
        ),
        part(
            "first_calls",
            "Your own calls to us",
            Inquiry.objects.filter(client=client, relation=Inquiry.Relation.SELF).order_by("taken_at", "pk"),
            but=_OF_CALLERS,
        ),
        part(
            "care_team", "Who cared for you", CareTeamMember.objects.filter(client=client).order_by("starts_at", "pk")
        ),
    ]


def _stays(client: Client) -> list[Part]:
    return [
        part(
            "episodes",
            "Stays",
            TreatmentEpisode.objects.filter(client=client).select_related("program").order_by("admitted_on", "pk"),
            also={"program_name": ("Program", lambda row: row.program.name)},
        ),
        part(
            "levels_of_care",
            "Levels of care",
            LevelOfCarePeriod.objects.filter(episode__client=client).order_by("starts_at", "pk"),
        ),
        part(
            "continued_stay_reviews",
            "Reviews of your stay",
            ContinuedStayReview.objects.filter(period__episode__client=client).order_by("reviewed_at", "pk"),
        ),
        part(
            "assessments",
            "Assessments of the level of care",
            LevelOfCareAssessment.objects.filter(client=client).order_by("assessed_at", "pk"),
        ),
        part(
            "medical_evaluations",
            "Medical evaluations",
            MedicalEvaluation.objects.filter(Q(assessment__client=client) | Q(inquiry__client=client)).order_by("pk"),
        ),
        part(
            "safety_evaluations",
            "Safety evaluations",
            SafetyEvaluation.objects.filter(client=client).order_by("evaluated_at", "pk"),
        ),
        part(
            "admission_and_discharge_data",
            "Data at admission and discharge",
            EpisodeDataSet.objects.filter(episode__client=client).order_by("pk"),
        ),
        part(
            "admission_and_discharge_substances",
            "Substances at admission and discharge",
            DataSetSubstance.objects.filter(data_set__episode__client=client).order_by("pk"),
        ),
    ]


def _recovery(client: Client) -> list[Part]:
    mine = Relapse.objects.filter(client=client)
    return [
        part("sobriety_dates", "Sobriety dates", SobrietyStatement.objects.filter(client=client).order_by("pk")),
        part("returns_to_use", "Returns to use", mine.order_by("started_on", "pk")),
        part(
            "substances_used",
            "Substances at a return to use",
            RelapseSubstance.objects.filter(relapse__client=client).order_by("pk"),
        ),
        part(
            "coping_tried",
            "What you tried at a return to use",
            RelapseCoping.objects.filter(relapse__client=client).order_by("pk"),
        ),
        part("triggers", "Triggers", Trigger.objects.filter(client=client).order_by("pk")),
        part("warning_signs", "Warning signs", WarningSign.objects.filter(client=client).order_by("pk")),
        part("strategies", "What helps", CopingStrategy.objects.filter(client=client).order_by("pk")),
        part(
            "tolerance_warnings",
            "Warnings about lower tolerance",
            ToleranceWarning.objects.filter(period__episode__client=client).order_by("pk"),
        ),
        part("naloxone_kits", "Naloxone kits", NaloxoneKit.objects.filter(client=client).order_by("given_on", "pk")),
    ]
