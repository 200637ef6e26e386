"""Use that a measure reports without a matching return to use: open until it is recorded or explained.

Derived from the record: a measure is settled only by recording the return to use or by a reason. The BAM's questions 4
to 6 ask for days of use in the past 30 (VA, BAM clinical guide). The AUDIT asks how a person drinks in general, and the
COWS and the CIWA-Ar what withdrawal looks like: they report no days.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import DateField, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from cases.codes import Precision, Substance
from cases.models import Client, Relapse, RelapseSubstance
from counseling.codes import Instrument, NoReturn
from counseling.models import Measure, UseExplained
from counseling.models.measures.measure import LONGEST_REASON, MeasureQuerySet
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows
from staff.refusals import Refusal

from . import recording

ASKED_ABOUT = datetime.timedelta(days=30)  # the days that the BAM asks about: the form's own, no number of a clinic's
DRINKING, DRUGS = ("4", "5"), ("6",)
_SLACK = {Precision.MONTH: datetime.timedelta(days=31), Precision.YEAR: datetime.timedelta(days=366)}


class SayWhy(Refusal):
    sentence = "Enter a short reason why this isn’t a return to use."


class NothingToExplain(Refusal):
    sentence = "All use this measure reports is already on record."


@dataclass(frozen=True)
class UseReport:
    """Use that one measure reports without a matching return to use."""

    measure: Measure
    day: datetime.date  # on which it was filled in, in the clinic's zone
    drank: bool
    used_drugs: bool

    @property
    def words(self) -> str:
        """“The BAM of Mar 9, 2026 reports drinking in the 30 days before, and no return to use …”."""
        what = " and ".join(name for name, is_so in (("drinking", self.drank), ("drug use", self.used_drugs)) if is_so)
        return f"{self.measure.get_instrument_display()} reports {what} in the 30 days before"

    @property
    def settle_url(self) -> str:
        """The measure's page, where the return to use can be recorded or explained."""
        return f"{reverse('counseling:measure', args=[self.measure.client_id, self.measure.pk])}#use"

    @property
    def record_url(self) -> str:
        """The return-to-use form, prefilled with what is known."""
        known = {"told_on": self.day.isoformat(), "told_in": self.measure.get_instrument_display()}
        if self.drank:
            known["substance"] = Substance.ALCOHOL.value
        return f"{reverse('cases:relapse_new', args=[self.measure.client_id])}?{urlencode(known)}"


def without_record() -> MeasureQuerySet:
    """Measures that report use matching no return to use, over all clients; filter before use.

    A return to use matches if it falls, as far as known, within the days that were asked about, and its substances are
    of that kind or not recorded. An unconfirmed one counts; a voided one does not.
    """
    drinking, drugs = above_nought(DRINKING), above_nought(DRUGS)
    alcohol = RelapseSubstance.objects.filter(relapse=OuterRef("pk"), substance=Substance.ALCOHOL)
    others = RelapseSubstance.objects.filter(relapse=OuterRef("pk")).exclude(substance=Substance.ALCOHOL)
    since = ExpressionWrapper(F("taken_day") - Value(ASKED_ABOUT, DurationField()), DateField())
    within = Relapse.objects.filter(client=OuterRef("client"), started_on__lte=OuterRef("taken_day")).filter(_ends())
    drank = within.filter(Exists(alcohol) | Q(substances=None))
    used = within.filter(Exists(others) | Q(substances=None))
    return (
        Measure.objects.counted()
        .filter(instrument=Instrument.BAM, use_explained=None)
        .annotate(taken_day=Cast(recording.LocalTime(F("client__clinic__time_zone"), F("taken_at")), DateField()))
        .annotate(asked_since=Cast(since, DateField()))
        .annotate(drank=Q(drinking) & ~Exists(drank), used_drugs=Q(drugs) & ~Exists(used))
        .filter(Q(drank=True) | Q(used_drugs=True))
    )


@reads
def of_client(client: Client, *, staff_member: StaffMember) -> Reading[list[UseReport]]:
    """Open use reports of one client, latest first."""
    reporting = query(
        lambda client, by: without_record().visible_to(by).filter(client=client).order_by("-taken_at", "-pk"),
        client=client,
        by=staff_member,
    )
    return reports((yield from rows(reporting)))


def reports(found: Iterable[Measure]) -> list[UseReport]:
    """Rows of `without_record` with what is said about them."""
    return [UseReport(row, row.taken_day, row.drank, row.used_drugs) for row in found]  # type: ignore[attr-defined]


def explain(*, measure: Measure, reason: str, by: StaffMember, words: str = "") -> UseExplained:
    """Record why reported use is not a return to use. `reason` is one of NoReturn.

    Raises NotPermitted, SayWhy (no such reason, or “something else” without words), NothingToExplain.
    """
    demand(by, Permission.RELAPSE_RECORD, measure)
    said = " ".join(words.split())[:LONGEST_REASON]
    if reason not in NoReturn.values or (reason == NoReturn.OTHER and not said):
        raise SayWhy
    with act("counseling.explain_use", by=by, client=measure.client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=measure.client_id)
        if not without_record().filter(pk=measure.pk).exists():
            raise NothingToExplain
        explained = UseExplained.objects.create(measure=measure, reason=reason, words=said, by=by, at=timezone.now())
        entry.about(measure, reason=reason)
    return explained


def above_nought(keys: Iterable[str]) -> Q:
    """Whether one of these questions has an answer above 0. Not `answers__4`: that is a place in a list."""
    found = Q()
    for key in keys:
        for value in (1, 2, 3, 4):
            found |= Q(answers__contains={key: value})
    return found


def _ends() -> Q:
    """Whether a return to use may have lasted into the days asked about, by its latest possible end."""
    since = OuterRef("asked_since")
    found = Q(ended_on=None) | Q(ended_precision=Precision.UNKNOWN) | Q(ended_on__gte=since)
    for precision, slack in _SLACK.items():
        earlier = ExpressionWrapper(OuterRef("asked_since") - Value(slack, DurationField()), DateField())
        found |= Q(ended_precision=precision, ended_on__gte=earlier)
    return found
