"""Safety concerns: every fact, wherever in the house it was recorded, that says somebody may come to harm.

One owner: Today, the head of the chart, the holds on signing, discharge and placement, and mentoring all ask here. Apps
above this one cannot be imported; settings.SAFETY_SOURCES lists their functions by dotted path, each taking `clients`
(a queryset of clients) and returning what it knows about them as SafetyFacts.

A danger is an open concern until a clinician records an evaluation of the person's safety at that moment or later
(Columbia Protocol triage for the C-SSRS screener: yes to question 4 or 5 in the past month, or to question 6 in the
past three months, asks for an evaluation before the person leaves; 988 Suicide & Crisis Lifeline). An evaluation
answers what was on record when it was recorded: a danger written down afterwards, also for an earlier day, is open
again. Nothing stores that a concern is open; it is asked afresh each time.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from cases.closing import Hold
from cases.models import Client, SafetyEvaluation
from cases.models.safety import LONGEST_REASON
from cases.possible_days import check_possible
from staff import recorded
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

CLOCKS_DIFFER = datetime.timedelta(minutes=1)  # a time that far ahead is taken for now
FARTHEST_CHECK = datetime.timedelta(days=366)  # later than that is a mistyped year


class SayWhatWasFound(Refusal):
    sentence = "Write down what you found and what was done."


class NextCheckOrWhyNone(Refusal):
    sentence = "Give the day of the next check, or say why none is needed."


class CheckNotPossible(Refusal):
    sentence = "The next check is on the day of the evaluation or later, and within a year of it."


class NotYetEvaluated(Refusal):
    sentence = "That is still to come. Give the day and the time at which you evaluated the client’s safety."


class EvaluateFirst(Refusal):
    """A danger on record is not edited away: it stays open until a clinician has evaluated it."""

    sentence = (
        "What was told is an open safety concern. A clinician records an evaluation of safety first; "
        "then it can be corrected."
    )


@dataclass(frozen=True)
class SafetyFact:
    """One recorded danger: about whom, since when, in a sentence, where it is on record, and who recorded it."""

    client_id: int
    at: datetime.datetime
    sentence: str
    page: str  # the address of the record that says so
    recorded_by_id: int | None = None
    record: str = ""  # names the row, and its answers where they can change: “assessment 5: intent”

    @property
    def key(self) -> str:
        """What an evaluation keeps of it. It survives a merge, so nothing in it names the client."""
        return self.record or self.at.astimezone(datetime.UTC).isoformat()


# kind, id, client, the clinic's time zone, moment (DANGER_AT), who recorded it, a word that belongs to it, its KEY
Row = tuple[str, int, int, str, datetime.datetime, int | None, str, str]
DANGER_AT, KEY = "danger_at", "danger_key"  # annotations that each query of a RowSource has


def numbered(kind: str) -> Concat:
    """The key of a row whose answers do not change: “call 7”."""
    return Concat(Value(f"{kind} "), Cast("pk", CharField()), output_field=CharField())


@dataclass(frozen=True)
class RowSource:
    """A source that is asked on every page of a chart: its rows are read in one query with those of the others."""

    queries: Callable[[QuerySet[Client]], list[Any]]  # of Rows, annotated with DANGER_AT and KEY
    fact: Callable[[Row], SafetyFact]
    kinds: frozenset[str]
    acts: tuple[str, ...] = ()  # that bring a danger on record (staff.recorded.since); without them any about the row

    def __call__(self, *, clients: QuerySet[Client]) -> list[SafetyFact]:
        """The same by itself, as every source can be asked."""
        return [self.fact(row) for query in self.queries(clients) for row in query]


def facts(*, clients: QuerySet[Client]) -> list[SafetyFact]:
    """Every danger on record about these clients, evaluated or not, the newest first."""
    of_kind: dict[str, RowSource] = {}
    queries: list[Any] = []
    found: list[SafetyFact] = []
    for source in _sources():
        if isinstance(source, RowSource):
            of_kind |= dict.fromkeys(source.kinds, source)
            queries += source.queries(clients)
        else:
            found += source(clients=clients)
    if queries:
        found += [of_kind[row[0]].fact(row) for row in queries[0].union(*queries[1:], all=True)]
    return sorted(found, key=lambda fact: (fact.at, fact.key), reverse=True)


def open_by_client(*, clients: QuerySet[Client]) -> dict[int, list[SafetyFact]]:
    """Each of these clients with an open concern, and what it rests on, the newest first.

    One query for the sources, and one for the evaluations where there is anything, whatever the number of clients.
    """
    found = facts(clients=clients)
    if not found:
        return {}
    given = SafetyEvaluation.objects.filter(client__in=clients).values_list("client_id", "answers")
    answered = {(client_id, key) for client_id, keys in given for key in keys}
    concerns = defaultdict(list)
    for fact in found:
        if (fact.client_id, fact.key) not in answered:
            concerns[fact.client_id].append(fact)
    return dict(concerns)


def unanswered(*, client: str, by_then: str, until: str, clients: QuerySet[Client]) -> Q:
    """Whether there is a danger that no evaluation recorded by a moment has answered, as a condition of a query.

    `client`, `by_then` and `until` are fields of that query: whose dangers, the moment, and the end of the days that
    are looked at. For who asks about many people at once; `clients` are all of them. What is open is true here, too,
    and so is what was recorded after the moment and answered since, whatever day it tells of.
    """
    found = Q(pk__in=[])
    one = Client.objects.filter(pk=OuterRef(OuterRef(client)))
    for source in _sources():
        if isinstance(source, RowSource):
            answers = _evaluations(client=OuterRef(OuterRef(client)), by_then=OuterRef(OuterRef(by_then)))
            answers = answers.filter(answers__contains=[OuterRef(KEY)])
            for rows in source.queries(one):
                told = rows.filter(**{f"{DANGER_AT}__lt": OuterRef(until)})
                found |= Q(Exists(told.filter(~Exists(answers))))
        else:
            answers = _evaluations(client=OuterRef(client), by_then=OuterRef(by_then))
            for fact in source(clients=clients):
                told = Q(**{client: fact.client_id, f"{until}__gt": fact.at})
                found |= told & Q(~Exists(answers.filter(answers__contains=[fact.key])))
    return found


def recorded_since(*, client: str, moment: str, clients: QuerySet[Client]) -> Q:
    """Whether a danger came on record after a moment, whatever day it tells of; names as in `unanswered`."""
    found = Q(pk__in=[])
    one = Client.objects.filter(pk=OuterRef(OuterRef(client)))
    for source in _sources():
        if isinstance(source, RowSource):
            for rows in source.queries(one):
                found |= Q(Exists(recorded.since(rows, OuterRef(moment), at=DANGER_AT, acts=source.acts)))
        else:
            for fact in source(clients=clients):
                found |= Q(**{client: fact.client_id, f"{moment}__lt": fact.at})
    return found


def _evaluations(*, client: OuterRef, by_then: OuterRef) -> QuerySet[SafetyEvaluation]:
    return SafetyEvaluation.objects.filter(client=client, recorded_at__lte=by_then).order_by()


def _sources() -> list[Any]:
    return [import_string(path) for path in settings.SAFETY_SOURCES]


def open_concerns(*, client: Client, on: datetime.date) -> list[SafetyFact]:
    """Dangers up to the end of a local day which no evaluation recorded since has answered, the newest first."""
    end = datetime.datetime.combine(on + datetime.timedelta(days=1), datetime.time.min, client.clinic.zone)
    found = open_by_client(clients=Client.objects.filter(pk=client.pk)).get(client.pk, [])
    return [fact for fact in found if fact.at < end]


def checks_due(*, clients: QuerySet[Client], on: datetime.date) -> QuerySet[SafetyEvaluation]:
    """The last evaluation of each of these clients whose next check is due by a local day."""
    later = SafetyEvaluation.objects.filter(client=OuterRef("client")).filter(
        Q(evaluated_at__gt=OuterRef("evaluated_at")) | Q(evaluated_at=OuterRef("evaluated_at"), pk__gt=OuterRef("pk"))
    )
    due = SafetyEvaluation.objects.filter(client__in=clients, next_check_on__lte=on)
    return due.exclude(Exists(later)).order_by("next_check_on", "pk")


def evaluate(
    *,
    client: Client,
    found: str,
    done: str,
    next_check_on: datetime.date | None,
    by: StaffMember,
    evaluated_at: datetime.datetime | None = None,
    no_check_because: str = "",
) -> SafetyEvaluation:
    """A clinician records that they evaluated a client's safety. It answers each danger on record up to that minute.

    `evaluated_at` left out is now; without a next check, `no_check_because` says why. Raises NotPermitted,
    SayWhatWasFound, NextCheckOrWhyNone, CheckNotPossible, NotYetEvaluated, BeforeBirth, LongPast.
    """
    demand(by, Permission.SAFETY_EVALUATE, client)
    now = timezone.now()
    if evaluated_at is not None and evaluated_at > now + CLOCKS_DIFFER:
        raise NotYetEvaluated
    moment = min(evaluated_at or now, now)
    day = timezone.localdate(moment, client.clinic.zone)
    check_possible(client, day)
    if not found.strip() or not done.strip():
        raise SayWhatWasFound
    why = " ".join(no_check_because.split())[:LONGEST_REASON] if next_check_on is None else ""
    if next_check_on is None and not why:
        raise NextCheckOrWhyNone
    if next_check_on is not None and not day <= next_check_on <= day + FARTHEST_CHECK:
        raise CheckNotPossible
    with act("cases.evaluate_safety", by=by, client=client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        known = facts(clients=Client.objects.filter(pk=client.pk))
        # a form that was sent twice is one evaluation: nobody could ever remove the second
        evaluation, is_new = SafetyEvaluation.objects.get_or_create(
            client=client,
            evaluated_at=moment,
            evaluated_by=by,
            found=found.strip(),
            done=done.strip(),
            next_check_on=next_check_on,
            no_check_because=why,
            answers=sorted({fact.key for fact in known if _to_the_minute(fact.at) <= moment}),
            defaults={"recorded_at": now},
        )
        check = str(next_check_on or "")
        entry.about(evaluation, answers=evaluation.answers, next_check_on=check, sent_twice=not is_new)
    return evaluation


def closing_holds(*, client: Client, on: datetime.date) -> list[Hold]:
    """What an open concern holds back: signing, discharge and the decision on a level of care."""
    found = open_concerns(client=client, on=on)
    if not found:
        return []
    return [Hold(_in_a_sentence(found), reverse("cases:safety", args=[client.pk]), "Evaluate safety now")]


def _in_a_sentence(found: list[SafetyFact]) -> str:
    more = f" On record beside it: {len(found) - 1} more." if len(found) > 1 else ""
    return f"{found[0].sentence} That asks for an evaluation of safety, which no clinician has recorded since.{more}"


def _to_the_minute(moment: datetime.datetime) -> datetime.datetime:
    """People type the minute; a screen taken seconds before the evaluation is answered by it."""
    return moment.replace(second=0, microsecond=0)
