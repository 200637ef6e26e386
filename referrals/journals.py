"""A referral's journal: every step as it was taken, also where what it reported has been corrected since."""

from __future__ import annotations

import datetime

from django.apps import apps
from django.db.models import Model, QuerySet

from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows, together

from . import cries
from .models import FollowThrough, MeetingVisit, PrivateLink, Referral

_Version = tuple[int, datetime.datetime, datetime.date, bool, str, str]


@reads
def read(*, referral: Referral, by: StaffMember) -> Reading[tuple[list[FollowThrough], list[PrivateLink]]]:
    """Its steps, the latest first, each with the report `told` then, and the private links to its plans.

    A report by a private link has what was `heard` in its line as danger; a link all that came by it (`cries`).

    A report that was put in the place of another one is a step of its own; the step before keeps what it said.
    """
    steps = FollowThrough.objects.visible_to(by).filter(referral=referral).select_related("by", "visit__own_report")
    links = PrivateLink.objects.visible_to(by).filter(follow_through__referral=referral)
    journal, sent, cried = yield from together(
        rows(steps.order_by("-pk")),
        rows(links.select_related("clinic", "report").order_by("pk")),
        rows(cries.of_client(client=referral.client, by=by)),
    )
    for link in sent:
        link.cries = [each for each in cried if each.source_key.startswith(cries.of_link(link.pk))]
        if hasattr(link, "report"):
            link.report.heard = cries.heard_in(link.report, cried)
    rewritten = sorted({each.visit.pk for each in journal if each.visit is not None and _is_corrected(each)})
    versions = (yield from rows(query(_versions, visits=rewritten))) if rewritten else []
    as_told: dict[tuple[int, datetime.datetime], MeetingVisit] = {}
    for version in versions:
        as_told.setdefault(version[:2], _visit(version))
    for each in journal:
        each.referral = referral
        each.is_corrected = _is_corrected(each)
        # A visit may be another person's, since a merge was undone.
        visit = each.visit if each.visit is not None and each.visit.client_id == referral.client_id else None
        report = visit.own_report if visit is not None and not each.by_id else None
        if report is not None:
            report.heard = cries.heard_in(report, cried)
        each.told = as_told.get((visit.pk, each.at), visit) if visit is not None else None
    return journal, sent


def _is_corrected(step: FollowThrough) -> bool:
    """Whether another report has taken the place of what this step reported."""
    return step.visit is not None and step.visit.recorded_at != step.at


def _versions(visits: list[int]) -> QuerySet[Model, _Version]:
    events: QuerySet[Model] = apps.get_model("referrals", "MeetingVisitEvent")._default_manager.all()
    told = events.filter(IsOneOf("pgh_obj", visits)).order_by("-pgh_id")
    return told.values_list("pgh_obj", "recorded_at", "visited_on", "attended", "missed_because", "note")


def _visit(version: _Version) -> MeetingVisit:
    """A report as it was, to be read only."""
    _, recorded_at, visited_on, attended, because, note = version
    return MeetingVisit(
        visited_on=visited_on, attended=attended, missed_because=because, note=note, recorded_at=recorded_at
    )
