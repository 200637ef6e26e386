"""What the case record itself knows of dangers to somebody (settings.SAFETY_SOURCES).

A placement assessment that says yes to the C-SSRS questions of rule E2, and a call about a client that told of thoughts
of suicide. Not a source: an overdose in a return to use (nothing says that it was meant; naloxone and rule O1 answer
it), moderate risk in an assessment (rule C1 answers it), and the other danger signs of a call (911, the medical
provider or a safe place answer them during the call).
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator

from django.db.models import BooleanField, CharField, Q, QuerySet, Value
from django.urls import reverse

from cases.models import Client, Inquiry, LevelOfCareAssessment
from cases.safety import SafetyFact
from staff.days import day_in_words

_NONE = Value(None, output_field=BooleanField())


def from_case_record(*, clients: QuerySet[Client]) -> Iterator[SafetyFact]:
    """Placement assessments and calls, read in one query."""
    assessed = (
        LevelOfCareAssessment.objects.filter(Q(suicidal_intent=True) | Q(suicidal_behavior=True), client__in=clients)
        .order_by()
        .values_list(
            Value("assessment", output_field=CharField()), "pk", "client_id", "client__clinic__time_zone",
            "assessed_at", "assessed_by_id", "suicidal_intent", "suicidal_behavior",
        )
    )  # fmt: skip
    told = (
        Inquiry.objects.filter(danger_signs__contains=[Inquiry.DangerSign.SUICIDE], client__in=clients)
        .order_by()
        .values_list(
            Value("call", output_field=CharField()), "pk", "client_id", "client__clinic__time_zone",
            "taken_at", "taken_by_id", _NONE, _NONE,
        )
    )  # fmt: skip
    for kind, pk, client_id, zone, at, by, intent, behavior in assessed.union(told, all=True):
        day = day_in_words(at.astimezone(zoneinfo.ZoneInfo(zone)).date())
        if kind == "call":
            sentence = f"The call of {day} told of thoughts of suicide."
            page, record = reverse("cases:inquiry", args=[pk]), f"call {pk}"
        else:
            said = [word for word, yes in (("intent", intent), ("behavior", behavior)) if yes]
            sentence = f"The placement assessment of {day} says suicidal {' and '.join(said)}."
            page = reverse("cases:assessment", args=[client_id, pk])
            record = f"assessment {pk}: {' and '.join(said)}"  # other answers need another evaluation
        yield SafetyFact(client_id, at, sentence, page, by, record)
