"""Safety concerns: every recorded fact, from any app, that a client may be at risk of harm.

One owner: Today, the chart header, the holds on signing, discharge and placement, and mentoring all call this module.
Apps above this one cannot be imported; settings.SAFETY_SOURCES lists their functions by dotted path. Each takes
`clients` (a queryset of clients) and returns what it knows about them as SafetyFacts.

A danger is an open concern until a clinician records an evaluation of the person's safety at that moment or later
(Columbia Protocol triage for the C-SSRS screener: yes to question 4 or 5 in the past month, or to question 6 in the
past three months, requires an evaluation before the person leaves; 988 Suicide & Crisis Lifeline). An evaluation
answers what was on record when it was recorded: a danger recorded later, even for an earlier day, is open again.
Nothing stores that a concern is open; it is derived each time.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from cases.models import Client, SafetyEvaluation
from cases.models.safety import LONGEST_REASON
from cases.people.deaths import has_died
from cases.possible_days import check_possible
from staff.access import Permission, demand
from staff.acts import act
from staff.days import end_of
from staff.models import StaffMember
from staff.reading import Query, Reading, query, reads, rows
from staff.refusals import Refusal

from .safety_holds import Hold

CLOCKS_DIFFER = datetime.timedelta(minutes=1)  # a time that far ahead is taken for now
FARTHEST_CHECK = datetime.timedelta(days=366)  # later than that is a mistyped year


class SayWhatWasFound(Refusal):
    sentence = "Enter your findings and the actions taken."


class NextCheckOrWhyNone(Refusal):
    sentence = "Enter the date of the next check, or say why none is needed."


class CheckNotPossible(Refusal):
    sentence = "The next check must be on or after the evaluation date, and within a year."


class NotYetEvaluated(Refusal):
    sentence = "The evaluation can’t be in the future. Enter the date and time you evaluated safety."


class EvaluateFirst(Refusal):
    """A danger on record is not edited away: it stays open until a clinician has evaluated it."""

    sentence = "This is an open safety concern. A clinician must record a safety evaluation before it can be corrected."


@dataclass(frozen=True)
class SafetyFact:
    """One recorded danger: client, time, sentence, where it is on record, and who recorded it."""

    client_id: int
    at: datetime.datetime
    sentence: str
    page: str  # the URL of the source record
    recorded_by_id: int | None = None
    record: str = ""  # names the row, and its answers where they can change: “assessment 5: intent”

    @property
    def key(self) -> str:
        """The key that an evaluation stores. It survives a merge, so it does not name the client."""
        return self.record or self.at.astimezone(datetime.UTC).isoformat()

    def is_of(self, kind: str, pk: int) -> bool:
        """Whether a row of this kind is the source, whatever word its key has."""
        return self.record.partition(":")[0] == f"{kind} {pk}"


# kind, id, client, the clinic's time zone, moment, who recorded it, a word that belongs to it, and its key
Row = tuple[str, int, int, str, datetime.datetime, int | None, str, str]


class Unanswered(Func):
    """Condition: no evaluation of a client answers a danger; takes the client and the danger's key.

    Answers are separate rows: one chart finds them by client, and a whole clinic by one hash of all of them. An array
    that contains the key would be searched again for every danger on record.
    """

    template = (
        "NOT EXISTS (SELECT 1 FROM cases_safetyevaluation AS given, unnest(given.answers) AS answer"
        " WHERE given.client_id = %(expressions)s)"
    )
    arg_joiner = " AND answer = "
    output_field = BooleanField()


@dataclass(frozen=True)
class Listener:
    """Someone who is told about dangers to certain clients (by id), and about any danger they recorded."""

    staff_member: StaffMember
    team: Collection[int] | QuerySet[Any, int]  # a queryset of their ids is asked as a part of other queries

    def hears(self, fact: SafetyFact) -> bool:
        """Whether this person is told about a danger."""
        return fact.client_id in self.team or fact.recorded_by_id == self.staff_member.pk


@dataclass(frozen=True)
class DangerRows:
    """Rows of one kind that report a danger: id, time, who recorded them, and a word for each.

    A fact's key is “kind id”, or “kind id: word” if other words would need another evaluation.
    """

    kind: str
    rows: QuerySet[Any]  # each with a `client`
    at: str
    by: str = ""  # no one recorded it: a client wrote it
    word: Any = field(default_factory=lambda: Value("", output_field=CharField()))
    word_is_answered: bool = False
    zone: str = "client__clinic__time_zone"  # the path to it, for rows whose `client` and `client_id` are annotated

    @property
    def key(self) -> Concat:
        """The keys that an evaluation stores, in the format of SafetyFact.key."""
        named: list[Any] = [Value(f"{self.kind} "), Cast("pk", CharField())]
        if self.word_is_answered:
            named.append(
                Case(When(Exact(self.word, Value("")), then=Value("")), default=Concat(Value(": "), self.word))
            )
        return Concat(*named, output_field=CharField())

    def listed(self, *, only_open: bool = False, told_to: Listener | None = None) -> list[Any]:
        """The rows, all or only unanswered ones; `told_to` as in open_by_client."""
        rows = self.rows.order_by()
        if only_open:
            rows = rows.filter(Unanswered(F("client"), self.key))
        kind, nobody = Value(self.kind, output_field=CharField()), Value(None, output_field=BigIntegerField())
        by = F(self.by) if self.by else nobody
        return [
            part.values_list(kind, "pk", "client_id", self.zone, self.at, by, self.word, self.key)
            for part in ([rows] if told_to is None else self._told(rows, told_to))
        ]

    def _told(self, rows: QuerySet[Any], listener: Listener) -> list[QuerySet[Any]]:
        """Two queries that each have an index; one with “or” between them would have none."""
        has_team = isinstance(listener.team, QuerySet) or bool(listener.team)
        parts = [rows.filter(client__in=listener.team)] if has_team else []
        if self.by:
            parts.append(rows.exclude(client__in=listener.team).filter(**{self.by: listener.staff_member.pk}))
        return parts


@dataclass(frozen=True)
class RowSource:
    """A source that every chart page reads; one query reads its rows with those of the other sources."""

    queries: Callable[[QuerySet[Client]], list[DangerRows]]
    fact: Callable[[Row], SafetyFact]
    kinds: frozenset[str]
    acts: tuple[str, ...] = ()  # that bring a danger on record (staff.recorded.since); without them any about the row

    def __call__(self, *, clients: QuerySet[Client]) -> list[SafetyFact]:
        """The same for this source alone, as for any other source."""
        return [self.fact(row) for each in self.queries(clients) for part in each.listed() for row in part]


@reads
def facts(
    *,
    clients: QuerySet[Client],
    only_open: bool = False,
    told_to: Listener | None = None,
    asked: Query[Row] | None = None,
) -> Reading[list[SafetyFact]]:
    """Every danger on record about these clients, evaluated or not, the newest first.

    `only_open` leaves out answered dangers in the database, so old answered ones are not read. `asked` is the same
    question as a prepared query of `danger_rows`.
    """
    of_kind: dict[str, RowSource] = {}
    found: list[SafetyFact] = []
    for source in sources():
        if isinstance(source, RowSource):
            of_kind |= dict.fromkeys(source.kinds, source)
        else:
            found += source(clients=clients)
    if found and only_open:
        found = _unanswered(found)
    if found and told_to is not None:
        found = [each for each in found if told_to.hears(each)]
    if of_kind:
        dangers = yield from rows(asked or danger_rows(clients, only_open=only_open, told_to=told_to))
        found += [of_kind[row[0]].fact(row) for row in dangers]
    return sorted(found, key=lambda fact: (fact.at, fact.key), reverse=True)


def danger_rows(
    clients: QuerySet[Client], *, only_open: bool = False, told_to: Listener | None = None
) -> QuerySet[Any, Row]:
    """The Rows of all RowSources in one query; `told_to` as in open_by_client."""
    queries: list[Any] = []
    for source in sources():
        if isinstance(source, RowSource):
            for of_one_kind in source.queries(clients):
                queries += of_one_kind.listed(only_open=only_open, told_to=told_to)
    return queries[0].union(*queries[1:], all=True)


def sources() -> list[Any]:
    """Everyone who knows of dangers: RowSources, and functions of `clients`."""
    return [import_string(path) for path in settings.SAFETY_SOURCES]


@reads
def open_by_client(
    *, clients: QuerySet[Client], told_to: Listener | None = None, asked: Query[Row] | None = None
) -> Reading[dict[int, list[SafetyFact]]]:
    """Each of these clients with an open concern, and what it rests on, the newest first.

    With `told_to`, only what this listener is told about, whether or not they may see the person. One query, whatever
    the number of clients and of answered dangers. Clients who died are left out.
    """
    concerns = defaultdict(list)
    alive = clients.exclude(has_died("pk"))
    found = yield from facts.part(clients=alive, only_open=True, told_to=told_to, asked=asked)
    for fact in found:
        concerns[fact.client_id].append(fact)
    return dict(concerns)


def _unanswered(found: list[SafetyFact]) -> list[SafetyFact]:
    given = SafetyEvaluation.objects.filter(client__in=_clients(found)).values_list("client_id", "answers")
    answered = {(client_id, key) for client_id, keys in given for key in keys}
    return [fact for fact in found if (fact.client_id, fact.key) not in answered]


def _clients(found: list[SafetyFact]) -> set[int]:
    return {fact.client_id for fact in found}


@reads
def open_concerns(*, client: Client, on: datetime.date) -> Reading[list[SafetyFact]]:
    """Dangers up to the end of a local day which no evaluation recorded since has answered, the newest first."""
    found = yield from open_dangers.part(client_id=client.pk)
    return up_to(found, end_of(on, client.clinic.zone))


@reads
def open_dangers(*, client_id: int) -> Reading[list[SafetyFact]]:
    """Every unanswered danger of one client, the newest first, by a query that is written once."""
    asked = sources()
    if not all(isinstance(source, RowSource) for source in asked):
        found = yield from open_by_client.part(clients=Client.objects.filter(pk=client_id))
        return found.get(client_id, [])
    dangers = yield from rows(query(_open_dangers, client_id=client_id, paths="|".join(settings.SAFETY_SOURCES)))
    of_kind = {kind: source for source in asked for kind in source.kinds}
    facts_found = [of_kind[row[0]].fact(row) for row in dangers]
    return sorted(facts_found, key=lambda fact: (fact.at, fact.key), reverse=True)


def up_to(found: Iterable[SafetyFact], end: datetime.datetime) -> list[SafetyFact]:
    """Those before a moment."""
    return [fact for fact in found if fact.at < end]


def _open_dangers(client_id: Any, paths: str) -> QuerySet[Any]:
    """The unanswered dangers of one client, for every page of their chart: written once for these sources."""
    person = Client.objects.filter(pk=client_id).exclude(has_died("pk"))
    kinds = [kind for path in paths.split("|") for kind in import_string(path).queries(person)]
    first, *others = [part for kind in kinds for part in kind.listed(only_open=True)]
    return first.union(*others, all=True)


def checks_due(*, clients: QuerySet[Client], on: datetime.date) -> QuerySet[SafetyEvaluation]:
    """Each client's last evaluation, if its next check is due by a local day."""
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
    """Record a clinician's safety evaluation. It answers each danger on record up to that minute.

    `evaluated_at` defaults to now; without a next check, `no_check_because` says why. Raises NotPermitted,
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
        # a form that was sent twice is one evaluation: no one could ever remove the second
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


@reads
def closing_holds(*, client: Client, on: datetime.date) -> Reading[list[Hold]]:
    """An open concern's hold on signing, discharge and the decision on a level of care."""
    found = yield from open_concerns.part(client=client, on=on)
    if not found:
        return []
    return [Hold(_in_a_sentence(found), reverse("cases:safety", args=[client.pk]), "Evaluate safety now")]


def _in_a_sentence(found: list[SafetyFact]) -> str:
    more = f" Also on record: {len(found) - 1} more." if len(found) > 1 else ""
    return f"{found[0].sentence} No clinician has recorded a safety evaluation since.{more}"


def _to_the_minute(moment: datetime.datetime) -> datetime.datetime:
    """People type the minute; a screen taken seconds before the evaluation is answered by it."""
    return moment.replace(second=0, microsecond=0)
