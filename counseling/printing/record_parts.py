"""What counseling/ hands out of a client's record for a copy of their own (45 CFR 164.524; named in RECORD_SOURCES).

Drafts are no part of the record. SUD counseling notes (42 CFR 2.11) are held apart, as psychotherapy notes are, and a
client has no right of access to those (45 CFR 164.524(a)(1)(i)): one is in the copy if its author decided so. That
decision is for the client: to anybody else they go one by one, by a consent for them alone (42 CFR 2.31(b)).
"""

from __future__ import annotations

from typing import Any

from cases.models import Client
from counseling.models import (
    CarryOverItem,
    DischargePlan,
    Goal,
    Homework,
    Measure,
    MeasureWithdrawal,
    NoteMention,
    Objective,
    PlanReview,
    PlanReviewGoal,
    PlanSignature,
    SafetyPlan,
    SeparateNote,
    SessionNote,
    TreatmentPlan,
    UseExplained,
)
from staff.record_part import Part, part

_DRAFTING = ("layout", "sections", "version", "started_at", "saved_at", "discarded_at", "own_format", "words", "worded")
HELD_APART = (
    "Your counselor may hold notes apart from the record (42 CFR 2.11). They are here only if the one who wrote them "
    "decided to share them with you."
)


def parts(client: Client) -> list[Part]:
    """Signed notes, plans, measures and what carried over from stay to stay."""
    return [*_notes(client), *_plans(client), *_measures(client)]


def _notes(client: Client) -> list[Part]:
    signed = SessionNote.objects.filter(client=client).signed().order_by("session_started_at", "pk")
    shared = SeparateNote.objects.filter(client=client, for_client__isnull=False).order_by("session_on", "pk")
    return [
        part(
            "notes",
            "Session notes",
            signed.prefetch_related("signatures", "addenda"),
            but=_DRAFTING,
            also={
                "text": ("Text", lambda note: {each["label"]: each["text"] for each in note.parts}),
                "signatures": ("Signatures", _signatures),
                "addenda": ("Addenda", _addenda),
            },
            covers=("counseling.NoteSignature", "counseling.Addendum"),
        ),
        part(
            "what_came_up",
            "What came up in notes",
            NoteMention.objects.filter(note__client=client, note__signed_at__isnull=False).order_by("pk"),
        ),
        part(
            "notes_held_apart",
            "Notes held apart from the record",
            shared,
            but=("version", "started_at", "saved_at"),
            note=HELD_APART,
            apart=True,
        ),
    ]


def _signatures(note: SessionNote) -> list[dict[str, Any]]:
    return [
        {
            "kind": each.get_kind_display(),
            "name": each.signature_name,
            "at": each.at,
            "sha256": each.hash,
        }
        for each in note.signatures.all()
    ]


def _addenda(note: SessionNote) -> list[dict[str, Any]]:
    return [{"name": each.name, "at": each.at, "reason": each.reason, "text": each.text} for each in note.addenda.all()]


def _plans(client: Client) -> list[Part]:
    return [
        part("plans", "Treatment plans", TreatmentPlan.objects.filter(client=client).order_by("pk"), but=("stood_as",)),
        part("goals", "Goals", Goal.objects.filter(client=client).order_by("pk")),
        part("objectives", "Objectives", Objective.objects.filter(goal__client=client).order_by("pk")),
        part("plan_reviews", "Reviews of plans", PlanReview.objects.filter(plan__client=client).order_by("pk")),
        part(
            "plan_review_goals",
            "Progress at reviews of plans",
            PlanReviewGoal.objects.filter(review__plan__client=client).order_by("pk"),
        ),
        part(
            "plan_signatures",
            "Signatures on plans",
            PlanSignature.objects.filter(plan__client=client).order_by("pk"),
            but=("strokes",),
        ),
        part("homework", "Homework", Homework.objects.filter(client=client).order_by("pk")),
        part("safety_plans", "Safety plans", SafetyPlan.objects.filter(client=client).order_by("pk")),
        part("discharge_plans", "Discharge plans", DischargePlan.objects.filter(client=client).order_by("pk")),
        part(
            "carried_over",
            "What carried over to a later stay",
            CarryOverItem.objects.filter(client=client).order_by("pk"),
            but=("source_key", "source_url"),
        ),
    ]


def _measures(client: Client) -> list[Part]:
    return [
        part("measures", "Measures", Measure.objects.filter(client=client).order_by("taken_at", "pk")),
        part(
            "measures_withdrawn",
            "Measures entered in error",
            MeasureWithdrawal.objects.filter(measure__client=client).order_by("pk"),
        ),
        part(
            "measures_explained",
            "What explained an answer",
            UseExplained.objects.filter(measure__client=client).order_by("pk"),
        ),
    ]
