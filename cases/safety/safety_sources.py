"""Safety concerns found in the case record itself (settings.SAFETY_SOURCES).

The sources are a placement assessment that answers yes to the C-SSRS questions of rule E2, and a call about a client
that reported thoughts of suicide. Not sources: an overdose in a return to use (nothing says it was intentional;
naloxone and rule O1 respond to it), moderate risk in an assessment (rule C1 responds to it), and a call's other danger
signs (911, the medical provider or a safe place respond during the call).
"""

from __future__ import annotations

import zoneinfo

from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.urls import reverse

from cases.models import Client, Inquiry, LevelOfCareAssessment
from staff import recorded
from staff.days import day_in_words

from .concerns import DangerRows, Row, RowSource, SafetyFact
from .danger_sign_times import heard_later, last_heard

_SAID = Case(
    When(suicidal_intent=True, suicidal_behavior=True, then=Value("intent and behavior")),
    When(suicidal_intent=True, then=Value("intent")),
    default=Value("behavior"),
    output_field=CharField(),
)


def _queries(clients: QuerySet[Client]) -> list[DangerRows]:
    risky = Q(suicidal_intent=True) | Q(suicidal_behavior=True)
    assessed = LevelOfCareAssessment.objects.filter(risky, client__in=clients)
    suicide = Inquiry.DangerSign.SUICIDE
    told = Inquiry.objects.filter(danger_signs__contains=[suicide], client__in=clients)
    told = told.annotate(heard_at=last_heard(suicide))
    return [
        DangerRows("assessment", assessed, "assessed_at", "assessed_by_id", _SAID, word_is_answered=True),
        # heard later or again, it asks for another evaluation
        DangerRows("call", told, "heard_at", "taken_by_id", heard_later(suicide), word_is_answered=True),
    ]


def _fact(row: Row) -> SafetyFact:
    kind, pk, client_id, zone, at, by, said, key = row
    day = day_in_words(at.astimezone(zoneinfo.ZoneInfo(zone)).date())
    if kind == "call":
        sentence = f"Thoughts of suicide were reported on the call of {day}."
        if said:
            sentence = f"Thoughts of suicide were reported on a call on {day}."
        return SafetyFact(client_id, at, sentence, reverse("cases:inquiry", args=[pk]), by, key)
    page = reverse("cases:assessment", args=[client_id, pk])
    return SafetyFact(client_id, at, f"The placement assessment of {day} records suicidal {said}.", page, by, key)


from_case_record = RowSource(_queries, _fact, frozenset({"assessment", "call"}), (*recorded.ASSESSED, *recorded.CALLED))
