"""Intake steps from call to admission, each with its page."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from cases.models import Client, Inquiry, LevelOfCareAssessment, Relapse, TreatmentEpisode
from staff.access import Permission, can
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows, together


@dataclass(frozen=True)
class Step:
    """One step: done, current or upcoming. `url` is empty if the reader can't do it or it is not next."""

    label: str
    done: bool
    current: bool = False
    url: str = ""
    button: str = ""
    waits_for: str = ""  # who does it, where the reader does not


def link_to(name: str, *args: object, **query: object) -> str:
    """The URL of a page, or "" if this installation has no page with that name."""
    try:
        url = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    asked = QueryDict(mutable=True)
    asked.update({key: str(value) for key, value in query.items() if value})
    return f"{url}?{asked.urlencode()}" if asked else url


@dataclass(frozen=True)
class Followed:
    """Records made since a call, as far as the reader may see them."""

    relapse_id: int | None = None
    assessment_id: int | None = None
    is_decided: bool = False
    was_here_before: bool = False
    is_in_care: bool = False
    sees_client: bool = False


@reads
def followed(inquiries: Iterable[Inquiry], *, staff_member: StaffMember) -> Reading[dict[int, Followed]]:
    """Records made since each of several inquiries, by inquiry id, in one query."""
    linked = [inquiry for inquiry in inquiries if inquiry.client_id is not None]
    clients = {inquiry.client_id for inquiry in linked if inquiry.client_id is not None}
    if not linked:
        return {}
    people, earliest = sorted(clients), min(inquiry.taken_at for inquiry in linked)
    assessed, relapses, stays, seen = yield from together(
        rows(query(_assessments, by=staff_member, inquiries=[inquiry.pk for inquiry in linked])),
        rows(query(_relapses, by=staff_member, clients=people, since=earliest)),
        rows(query(_stays, by=staff_member, clients=people)),
        rows(query(_seen, by=staff_member, clients=people)),
    )
    latest = {each.inquiry_id: each for each in assessed}
    before = {client for client, _ in stays}
    result = {}
    for inquiry in linked:
        assessment = latest.get(inquiry.pk)
        since = (pk for client, at, pk in relapses if client == inquiry.client_id and at >= inquiry.taken_at)
        result[inquiry.pk] = Followed(
            relapse_id=(assessment.relapse_id if assessment else None) or next(since, None),
            assessment_id=assessment.pk if assessment else None,
            is_decided=assessment is not None and assessment.decided_at is not None,
            was_here_before=inquiry.client_id in before,
            is_in_care=(inquiry.client_id, None) in stays,
            sees_client=inquiry.client_id in seen,
        )
    return result


def _assessments(by: Any, inquiries: Any) -> QuerySet[LevelOfCareAssessment]:
    found = LevelOfCareAssessment.objects.visible_to(by).filter(IsOneOf("inquiry", inquiries))
    return found.order_by("assessed_at", "pk")


def _relapses(by: Any, clients: Any, since: Any) -> QuerySet[Relapse, tuple[int, datetime.datetime, int]]:
    found = Relapse.objects.visible_to(by).filter(IsOneOf("client", clients), recorded_at__gte=since)
    return found.order_by("-recorded_at").values_list("client", "recorded_at", "pk")


def _stays(by: Any, clients: Any) -> QuerySet[TreatmentEpisode, tuple[int, datetime.date | None]]:
    found = TreatmentEpisode.objects.visible_to(by).filter(IsOneOf("client", clients))
    return found.values_list("client", "discharged_on")


def _seen(by: Any, clients: Any) -> QuerySet[Client, int]:
    return Client.objects.visible_to(by).filter(IsOneOf("pk", clients)).values_list("pk", flat=True)


def steps(inquiry: Inquiry, *, staff_member: StaffMember, since: Followed | None = None) -> list[Step]:
    """The six steps of an inquiry. The first that is not done is the current one, with its button.

    None if it was linked to somebody whose chart the reader doesn't see: each step tells whether they were here before.
    """
    since = since or followed([inquiry], staff_member=staff_member).get(inquiry.pk, Followed())
    client_id = inquiry.client_id
    if client_id is not None and not since.sees_client:
        return []
    about = {"inquiry": inquiry.pk}
    relapse_id, assessment_id = since.relapse_id, since.assessment_id
    admitted = inquiry.stage == Inquiry.Stage.ADMITTED
    clinician = f"{inquiry.assigned_to}" if inquiry.assigned_to else "a counselor"

    admission = (link_to("cases:admit", client_id, **about) if client_id else "", "Admit")
    if since.is_in_care and since.is_decided:  # keep or change the level on the decision's page
        admission = (link_to("cases:assessment", client_id, assessment_id), "Keep or change the level of care")

    plan = [
        ("Inquiry", True, "", "", None, ""),
        (
            "Person",
            client_id is not None,
            link_to("cases:inquiry", inquiry.pk) + "#person",
            "Link the person",
            Permission.INQUIRY_TAKE,
            "",
        ),
        (
            "Return to use",
            bool(relapse_id or assessment_id or admitted or (client_id and not since.was_here_before)),
            link_to("cases:relapse_new", client_id, **about) if client_id else "",
            "Record the return to use",
            Permission.RELAPSE_RECORD,
            clinician,
        ),
        (
            "Assessment",
            bool(assessment_id or admitted),
            link_to("cases:assessment_new", client_id, **about, relapse=relapse_id or "") if client_id else "",
            "Assess placement",
            Permission.ASSESSMENT_RECORD,
            clinician,
        ),
        (
            "Decision",
            since.is_decided or admitted,
            link_to("cases:assessment", client_id, assessment_id) if client_id and assessment_id else "",
            "Decide on a level of care",
            Permission.LEVEL_OF_CARE_DECIDE,
            clinician,
        ),
        (
            "Admission",
            admitted,
            *admission,
            Permission.EPISODE_ADMIT,
            clinician,
        ),
    ]
    result: list[Step] = []
    found = inquiry.stage in Inquiry.CLOSED_STAGES
    for label, done, url, button, permission, waits_for in plan:
        current = not done and not found
        found = found or current
        may = permission is None or can(staff_member, permission)
        shown = url if current and may else ""
        result.append(Step(label, done, current, shown, button, "" if may else waits_for))
    return result


def next_step(inquiry: Inquiry, *, staff_member: StaffMember, since: Followed | None = None) -> Step | None:
    """The next step, or None if there is none left."""
    found = steps(inquiry, staff_member=staff_member, since=since)
    return next((step for step in found if step.current), None)
