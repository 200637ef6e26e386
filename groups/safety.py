"""Safety facts that keep a member from being a peer mentor for now, from every app that records them.

Apps above or beside this one cannot be imported here, nor this one there: settings.MENTOR_SAFETY_SOURCES lists
functions by dotted path. Each takes `client` and `on` and returns plain readings. The case record's own source is here.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import Enum

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from cases.models import Client, LevelOfCareAssessment
from cases.safety import open_concerns
from staff.days import end_of
from staff.reading import Reading as Asked
from staff.reading import each as together_all
from staff.reading import first, reads, together


class ConcernKind(Enum):
    """What a safety fact, or a missing one, means for the criteria."""

    SUICIDE_RISK = "suicide risk"  # the latest reading of all sources decides
    NEVER_ASKED = "never asked"  # no source has any reading of suicide risk: absence is not “not high”
    OPEN_FLAG = "safety flag"  # each one counts until someone has looked into it


# kind (a ConcernKind's value), when it was read, whether it speaks against mentoring, and a sentence for the chart
Reading = tuple[str, datetime.datetime, bool, str]


@dataclass(frozen=True)
class Concern:
    """One safety fact that applies on the given day."""

    kind: ConcernKind
    sentence: str


@reads
def concerns(*, client: Client, on: datetime.date) -> Asked[list[Concern]]:
    """Every concern about a client on a local day. A later screen that is not high settles an earlier high one."""
    sources = [import_string(path) for path in settings.MENTOR_SAFETY_SOURCES]
    told, facts = yield from together(
        together_all([source.part(client=client, on=on) for source in sources]),
        open_concerns.part(client=client, on=on),
    )
    readings = [each for some in told for each in some]
    risk = [each for each in readings if each[0] == ConcernKind.SUICIDE_RISK.value]
    latest = max(risk, key=lambda each: each[1], default=None)
    flags = [each for each in readings if each[0] == ConcernKind.OPEN_FLAG.value]
    found = [*([latest] if latest else []), *flags]
    said = [Concern(ConcernKind(kind), sentence) for kind, _, against, sentence in found if against]
    known = {each.sentence for each in said}
    others = [fact.sentence for fact in facts if fact.sentence not in known]
    said += [Concern(ConcernKind.OPEN_FLAG, sentence) for sentence in others]
    return said if risk else [*said, Concern(ConcernKind.NEVER_ASKED, "No C-SSRS on record. Complete one.")]


@reads
def from_assessments(*, client: Client, on: datetime.date) -> Asked[list[Reading]]:
    """The latest answered C-SSRS in placement assessments. cases.safety says whether it is still open.

    High is yes to question 4 or 5 in the past month or any suicidal behavior in the past three months (Columbia
    Protocol triage). Unanswered questions say nothing either way.
    """
    end = end_of(on, client.clinic.zone)
    answered = LevelOfCareAssessment.objects.filter(client=client, assessed_at__lt=end).filter(
        Q(suicidal_intent__isnull=False) | Q(suicidal_behavior__isnull=False)
    )
    found: list[Reading] = []
    latest = yield from first(answered.order_by("-assessed_at", "-pk"))
    if latest:
        high = bool(latest.suicidal_intent or latest.suicidal_behavior)
        sentence = f"C-SSRS answers were high in the placement assessment of {_day(latest.assessed_at, client)}."
        found.append((ConcernKind.SUICIDE_RISK.value, latest.assessed_at, high, sentence))
    return found


def _day(moment: datetime.datetime, client: Client) -> str:
    day = timezone.localdate(moment, client.clinic.zone)
    return f"{day:%b %-d, %Y}"
