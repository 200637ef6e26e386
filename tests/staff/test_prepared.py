"""A query that is written once tells each reader only what they may see, on their day."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import DateTimeField, Prefetch, QuerySet, Value
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import CareTeamMember, Client, Relapse, RelapseSubstance, SobrietyStatement, TreatmentEpisode
from staff import prepared
from staff.models import Clinic, Role, StaffMember
from staff.reading import Query, answer, attached, exists, first, locked, query, rows, together
from tests import factories

pytestmark = pytest.mark.django_db
RECENT: list[Any] = []  # what a query below prefetches: a global, since it may close over nothing


def seen(client: Client, by: StaffMember, until: datetime.date) -> Query[Relapse]:
    return query(
        lambda client, by, until: (
            Relapse.objects.visible_to(by).filter(client=client, started_on__lte=until).order_by("started_on")
        ),
        client=client,
        by=by,
        until=until,
    )


def returns_seen(client: Client, by: StaffMember, until: datetime.date) -> list[datetime.date]:
    return [row.started_on for row in answer(rows(seen(client, by, until)))]


@pytest.fixture
def twice(client_record: Client) -> Client:
    for day in (datetime.date(2026, 1, 20), datetime.date(2026, 2, 1)):
        factories.RelapseFactory(client=client_record, started_on=day, ended_on=day)
    return client_record


def test_it_is_written_once_and_nobodys_values_stay_in_it(
    twice: Client, counselor: StaffMember, clinic: Clinic, make_staff: Callable[..., StaffMember]
) -> None:
    """Whoever asks first, a stranger to the chart, the day before or another clinic see what is theirs."""
    march = datetime.date(2026, 3, 1)
    other = factories.ClientFactory(clinic=clinic, counselor=make_staff(Role.COUNSELOR))
    factories.RelapseFactory(client=other, started_on=datetime.date(2026, 2, 14))
    elsewhere = factories.StaffMemberFactory(role=Role.COUNSELOR)
    prepared._kept.clear()
    for _ in range(2):
        assert returns_seen(twice, counselor, march) == [datetime.date(2026, 1, 20), datetime.date(2026, 2, 1)]
        assert returns_seen(twice, counselor, datetime.date(2026, 1, 25)) == [datetime.date(2026, 1, 20)]
        assert returns_seen(other, counselor, march) == [], "not on this care team"
        assert returns_seen(twice, make_staff(Role.COUNSELOR), march) == []
        assert returns_seen(twice, elsewhere, march) == []
        assert returns_seen(other, make_staff(Role.SUPERVISOR), march) == [datetime.date(2026, 2, 14)]
        assert returns_seen(other, factories.StaffMemberFactory(role=Role.SUPERVISOR), march) == [], "another clinic"
        assert returns_seen(twice, make_staff(Role.ADMINISTRATOR), march) == [], "a role without charts"
        assert returns_seen(twice, make_staff(Role.COUNSELOR, is_active=False), march) == []
    written = [key for key in prepared._kept if key[1].co_filename == __file__]  # type: ignore[index]
    assert len(written) == 4, "one for each role, and one for who left"


def test_who_leaves_the_care_team_sees_nothing_from_that_moment(twice: Client, counselor: StaffMember) -> None:
    now = timezone.now()
    assert len(returns_seen(twice, counselor, now.date())) == 2
    CareTeamMember.objects.filter(client=twice).update(ends_at=now + datetime.timedelta(minutes=5))
    assert len(returns_seen(twice, counselor, now.date())) == 2
    with time_machine.travel(now + datetime.timedelta(minutes=6), tick=False):
        assert returns_seen(twice, counselor, now.date()) == []


def test_a_day_is_the_readers_own_whoever_asked_first(twice: Client, counselor: StaffMember) -> None:
    """3 AM UTC on Mar 8 is still Mar 7 in New York; a clinic in another zone has its own query."""
    moment = datetime.datetime(2026, 3, 8, 3, 0, tzinfo=datetime.UTC)
    SobrietyStatement.objects.create(
        client=twice, sobriety_date=datetime.date(2026, 2, 2), stated_at=moment, recorded_by=counselor
    )

    def stated_on(day: datetime.date) -> int:
        asked = query(
            lambda client, day: SobrietyStatement.objects.filter(client=client, stated_at__date=day),
            client=twice,
            day=day,
        )
        return len(answer(rows(asked)))

    for zone, day in (("UTC", 8), ("America/New_York", 7), ("UTC", 8)):
        with timezone.override(zone):
            assert stated_on(datetime.date(2026, 3, day)) == 1, zone
            assert stated_on(datetime.date(2026, 3, 15 - day)) == 0, zone


def test_the_first_and_whether_there_is_one_are_queries_of_their_own(twice: Client, counselor: StaffMember) -> None:
    def asked() -> object:
        return query(lambda client: Relapse.objects.filter(client=client).order_by("-started_on"), client=twice)

    with CaptureQueriesContext(connection) as statements:
        latest, some, in_care = answer(
            together(
                first(asked()),  # type: ignore[arg-type]
                exists(asked()),  # type: ignore[arg-type]
                exists(query(lambda client: TreatmentEpisode.objects.open().filter(client=client), client=twice)),
            )
        )
    assert len(statements) == 1
    assert latest.started_on == datetime.date(2026, 2, 1)  # type: ignore[attr-defined]
    assert (some, in_care) == (True, False)


def test_what_would_stay_in_it_is_refused(twice: Client, counselor: StaffMember) -> None:
    today = datetime.date(2026, 3, 1)
    with pytest.raises(TypeError, match="gets all values by its arguments"):
        answer(rows(query(lambda client: Relapse.objects.filter(client=client, started_on=today), client=twice)))
    with pytest.raises(TypeError, match="a day or a moment that would stay"):
        answer(
            rows(
                query(
                    lambda by: CareTeamMember.objects.filter(staff_member=by, starts_at__lt=timezone.now()),
                    by=counselor,
                )
            )
        )
    for recent in (
        Prefetch("care_team", CareTeamMember.objects.filter(starts_at__lt=timezone.now())),
        Prefetch("care_team", CareTeamMember.objects.filter(starts_at__date__in=[today])),
    ):
        prepared._kept.clear()
        RECENT[:] = [recent]
        with pytest.raises(TypeError, match="a day or a moment that would stay"):
            answer(rows(query(lambda client: Client.objects.filter(pk=client).prefetch_related(*RECENT), client=twice)))
    with pytest.raises(TypeError, match="a day or a moment that would stay"):
        answer(
            rows(
                query(
                    lambda client: Client.objects.annotate(
                        of=Value([timezone.now()], ArrayField(DateTimeField()))
                    ).filter(pk=client),
                    client=twice,
                )
            )
        )
    with pytest.raises(AttributeError):
        answer(rows(query(lambda client: Relapse.objects.filter(client__zone=client.zone), client=twice)))
    with pytest.raises(TypeError, match="has no place"):
        answer(rows(query(lambda keys: Relapse.objects.filter(pk__in=keys), keys={1, 2})))


def test_what_a_prepared_query_prefetches_is_written_once_too(twice: Client, counselor: StaffMember) -> None:
    """And is each time that of the rows found: to one and to many, nested, narrowed, under another name."""
    other = factories.ClientFactory(clinic=twice.clinic, counselor=counselor)
    RelapseSubstance.objects.create(relapse=factories.RelapseFactory(client=other), substance="heroin")
    factories.TreatmentEpisodeFactory(client=other)
    for pks in ([twice.pk], [other.pk], [], [twice.pk, other.pk], [twice.pk, 0]):
        found = answer(together(rows(query(_with_much, clients=pks)), rows(StaffMember.objects.all())), keep_plan=True)[
            0
        ]  # type: ignore[arg-type]
        with CaptureQueriesContext(connection) as more:
            said = _much(found)
        assert [each["sql"] for each in more] == []
        assert said == _much(list(_with_much(pks)))
        assert len(found) == len({*pks} - {0})


def _on_the_team_now() -> tuple[Prefetch[str], ...]:
    return (Prefetch("care_team", CareTeamMember.objects.current(), to_attr="team"),)


def test_what_is_attached_is_of_these_rows_and_of_now(twice: Client, clinic: Clinic, counselor: StaffMember) -> None:
    other = factories.ClientFactory(clinic=clinic, counselor=counselor)
    row = CareTeamMember.objects.get(client=twice, staff_member=counselor)
    CareTeamMember.objects.filter(pk=row.pk).update(ends_at=timezone.now() + datetime.timedelta(hours=1))
    for hours, teams in ((0, [1, 1]), (2, [0, 1]), (0, [1, 1])):
        with time_machine.travel(timezone.now() + datetime.timedelta(hours=hours), tick=False):
            found = answer(
                attached([*Client.objects.filter(pk__in=[twice.pk, other.pk]).order_by("pk")], _on_the_team_now)
            )
        by_client = {each.pk: [member.client_id for member in each.team] for each in found}  # type: ignore[attr-defined]
        assert by_client == {twice.pk: [twice.pk] * teams[0], other.pk: [other.pk] * teams[1]}
    assert answer(attached([], _on_the_team_now)) == []
    RECENT[:] = [Prefetch("care_team", CareTeamMember.objects.filter(starts_at__lt=timezone.now()))]
    with pytest.raises(TypeError, match="takes no values"):
        answer(attached([other], lambda: RECENT))


def _with_much(clients: Any) -> QuerySet[Client]:
    open_ended = Prefetch("relapses", Relapse.objects.filter(ended_on=None).order_by("-pk"), to_attr="open_ended")
    return (
        Client.objects.filter(prepared.IsOneOf("pk", clients))
        .order_by("pk")
        .prefetch_related("relapses__substances", open_ended, "episodes__program__clinic", "care_team__staff_member")
    )


def _much(clients: list[Client]) -> list[object]:
    return [
        (
            [(row, list(row.substances.all()), row.client is client) for row in client.relapses.all()],
            client.open_ended,  # type: ignore[attr-defined]
            [(row, row.program, row.program.clinic.name) for row in client.episodes.all()],
            [(row, row.staff_member) for row in client.care_team.all()],
        )
        for client in clients
    ]


def test_a_kept_plan_answers_every_client_and_reader_as_a_fresh_one(
    twice: Client, counselor: StaffMember, clinic: Clinic, make_staff: Callable[..., StaffMember]
) -> None:
    """The server keeps the plan; the values are of this time, whatever their size, and a percent sign is a letter."""
    other = factories.ClientFactory(clinic=clinic, counselor=counselor, family_name="50% Sample")
    factories.RelapseFactory(client=other, started_on=datetime.date(2026, 2, 14))

    def asked(client: Client, by: StaffMember, until: datetime.date) -> object:
        named = query(
            lambda clients: Client.objects.filter(prepared.IsOneOf("pk", clients), family_name__contains="0% S"),
            clients=[client.pk],
        )
        return together(
            rows(seen(client, by, until)), rows(named), exists(query(lambda by: Client.objects.visible_to(by), by=by))
        )

    readers = [counselor, make_staff(Role.COUNSELOR), counselor]
    days = [datetime.date(2026, 3, 1), datetime.date(2026, 1, 25)]
    for _ in range(3):
        for client in (twice, other):
            for by in readers:
                for until in days:
                    kept = answer(asked(client, by, until), keep_plan=True)  # type: ignore[arg-type]
                    assert kept == answer(asked(client, by, until))  # type: ignore[arg-type]
    assert answer(asked(other, counselor, days[0]), keep_plan=True)[1] == [other]  # type: ignore[arg-type, index]
    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans, custom_plans FROM pg_prepared_statements ORDER BY generic_plans DESC")
        generic, custom = cursor.fetchone()
    assert generic > len(readers)
    assert custom == 0


def test_what_keeps_its_plan_is_watched_like_any_other_statement(twice: Client) -> None:
    def asked() -> object:
        one = query(lambda client: Relapse.objects.filter(client=client), client=twice)
        other = query(lambda client: TreatmentEpisode.objects.filter(client=client), client=twice)
        return together(rows(one), rows(other))

    answer(asked(), keep_plan=True)  # type: ignore[arg-type]
    with CaptureQueriesContext(connection) as statements:
        answer(asked(), keep_plan=True)  # type: ignore[arg-type]
    assert len(statements) == 1
    assert "cases_relapse" in statements[0]["sql"]


def test_rows_are_locked_by_a_query_that_was_written_once(
    twice: Client, counselor: StaffMember, make_staff: Callable[..., StaffMember]
) -> None:
    def mine(by: StaffMember) -> Query[Relapse]:
        return query(
            lambda client, by: Relapse.objects.visible_to(by).filter(client=client).order_by("started_on"),
            client=twice,
            by=by,
        )

    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            found = locked(mine(counselor))
        assert [row.started_on for row in found] == [datetime.date(2026, 1, 20), datetime.date(2026, 2, 1)]
        assert 'FOR NO KEY UPDATE OF "cases_relapse"' in asked[0]["sql"]
        assert locked(mine(make_staff(Role.COUNSELOR))) == [], "not on this care team"
        assert locked(mine(factories.StaffMemberFactory(role=Role.COUNSELOR))) == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_outside_a_transaction(twice: Client, counselor: StaffMember) -> None:
    for _ in range(2):
        with pytest.raises(TransactionManagementError):
            locked(query(lambda client: Relapse.objects.filter(client=client), client=twice))
