"""Many questions in one statement, and rows just as Django would have made them."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import connection, models
from django.db.models import F, Prefetch, QuerySet, Value
from django.db.models.functions import Cast
from django.test.utils import CaptureQueriesContext

from cases.models import CareTeamMember, Client, Relapse, TreatmentEpisode
from staff.models import Clinic, ClinicThreshold, Program, StaffMember
from staff.reading import Reading, answer, each, exists, first, known, reads, rows, together
from staff.thresholds import read_once, values_for
from tests import factories

pytestmark = pytest.mark.django_db

VALUES: dict[str, tuple[str, models.Field[Any, Any]]] = {
    "text": ("'Zoë “said”,\n{\\x} — NULL'", models.TextField()),
    "empty": ("''", models.TextField()),
    "nothing": ("NULL", models.TextField()),
    "yes": ("true", models.BooleanField()),
    "no": ("false", models.BooleanField()),
    "big": ("9223372036854775807", models.BigIntegerField()),
    "small": ("-3", models.SmallIntegerField()),
    "ratio": ("0.1", models.FloatField()),
    "exact": ("12.50", models.DecimalField(max_digits=8, decimal_places=2)),
    "day": ("'2026-03-08'", models.DateField()),
    "moment": ("'2026-03-08 02:30:00.123456-05'", models.DateTimeField()),
    "hour": ("'13:45:30.5'", models.TimeField()),
    "span": ("'3 days 04:05:06.7'", models.DurationField()),
    "one_of_all": ("'6a0e4f1c-4f64-4b0e-9c0a-0d6f2a1c9b11'", models.UUIDField()),
    "said": ("""'{"a": [1, null, "ü"], "b": 2.5}'""", models.JSONField()),
    "words": ("""'{one,"two, three",NULL,"fi\\"ve"}'""", ArrayField(models.TextField())),
    "days": ("'{2026-03-08,2026-03-09}'", ArrayField(models.DateField())),
    "range": ("'[2026-03-08,2026-03-10)'", DateRangeField()),
    "bytes": ("'\\x00ff10'", models.BinaryField()),
    "address": ("'192.0.2.7'", models.GenericIPAddressField()),
}


class Sql(models.expressions.RawSQL):
    """A literal of a type."""


def of_every_type() -> QuerySet[Clinic]:
    typed = {
        name: Sql(f"({sql}::{field.db_type(connection)})", (), output_field=field)
        for name, (sql, field) in VALUES.items()
    }
    return Clinic.objects.annotate(**typed)


def test_values_of_every_type_come_back_as_django_reads_them(clinic: Clinic) -> None:
    (asked,), _ = answer(together(rows(of_every_type()), rows(Program.objects.all())))
    plain = of_every_type().get()
    for name in VALUES:
        assert getattr(asked, name) == getattr(plain, name), name
        assert type(getattr(asked, name)) is type(getattr(plain, name)), name
    assert asked.moment == datetime.datetime(2026, 3, 8, 7, 30, 0, 123456, datetime.UTC)
    assert asked.exact == Decimal("12.50")
    assert asked.one_of_all == uuid.UUID("6a0e4f1c-4f64-4b0e-9c0a-0d6f2a1c9b11")


@pytest.fixture
def three(clinic: Clinic, counselor: StaffMember) -> list[Client]:
    made = [factories.ClientFactory(clinic=clinic, counselor=counselor, in_care=True) for _ in range(3)]
    factories.RelapseFactory(client=made[0], over=True)
    factories.RelapseFactory(client=made[0], started_on=datetime.date(2026, 2, 1))
    return made


SHAPES: dict[str, Callable[[], QuerySet[Any, Any]]] = {
    "in their order": lambda: Client.objects.order_by("-pk"),
    "with what they belong to": lambda: TreatmentEpisode.objects.select_related("client__clinic", "program"),
    "as dicts": lambda: Client.objects.values("pk", "family_name", years=F("birth_date__year")),
    "as tuples": lambda: Client.objects.values_list("pk", "clinic__name"),
    "as one value": lambda: Client.objects.order_by("-family_name").values_list("family_name", flat=True),
    "counted": lambda: Client.objects.annotate(returns=models.Count("relapses")).order_by("pk"),
    "gathered": lambda: Clinic.objects.annotate(of=ArrayAgg("clients__family_name", order_by="clients__family_name")),
    "each once, in an order of its own": lambda: Client.objects.order_by("clinic__name", "pk").distinct(),
    "two kinds one after the other": lambda: Client.objects.values_list("pk", Value("client")).union(
        StaffMember.objects.values_list("pk", Value("staff"))
    ),
    "the second only": lambda: Client.objects.order_by("pk")[1:2],
    "in part": lambda: Client.objects.only("family_name").order_by("pk"),
    "none": lambda: Client.objects.none(),
    "none found": lambda: Client.objects.filter(family_name="Nobody"),
    "cast": lambda: Client.objects.annotate(key=Cast("pk", models.TextField())).order_by("pk"),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.usefixtures("three")
def test_rows_of_every_shape_are_those_that_django_would_read(shape: str) -> None:
    asked, _ = answer(together(rows(SHAPES[shape]()), rows(StaffMember.objects.all())))
    plain = list(SHAPES[shape]())
    assert asked == plain
    assert [each.__dict__.keys() for each in asked if isinstance(each, models.Model)] == [
        each.__dict__.keys() for each in plain if isinstance(each, models.Model)
    ]


def test_what_hangs_on_a_row_is_read_with_it_and_asked_no_more(three: list[Client]) -> None:
    ended = Prefetch("relapses", Relapse.objects.exclude(ended_on=None), to_attr="over")
    asked = Client.objects.order_by("pk").prefetch_related(
        "relapses__substances", ended, "episodes__program", Prefetch("care_team", CareTeamMember.objects.current())
    )
    with CaptureQueriesContext(connection) as statements:
        clients, staff = answer(together(rows(asked), rows(StaffMember.objects.all())))
    assert len(statements) == 3, "the rows, what hangs on them, what hangs on that"
    with CaptureQueriesContext(connection) as more:
        said = [
            (
                [(row.started_on, list(row.substances.all())) for row in client.relapses.all()],
                [row.started_on for row in client.over],
                [row.program.name for row in client.episodes.all()],
                [row.staff_member_id for row in client.care_team.all()],
            )
            for client in clients
        ]
    assert [each["sql"] for each in more] == []
    assert said == [
        (
            [(row.started_on, list(row.substances.all())) for row in client.relapses.all()],
            [row.started_on for row in client.over],
            [row.program.name for row in client.episodes.all()],
            [row.staff_member_id for row in client.care_team.all()],
        )
        for client in asked
    ]
    assert len(staff) == StaffMember.objects.count()


@reads
def returns_of(*, name: str) -> Reading[list[Relapse]]:
    client = yield from first(Client.objects.filter(family_name=name))
    if client is None:
        return []
    return (yield from rows(Relapse.objects.filter(client=client)))


def test_one_row_that_several_belong_to_is_read_with_them(three: list[Client]) -> None:
    """A relation to one is patched by the N+1 watch in tests, which must not answer for the database."""
    asked = TreatmentEpisode.objects.order_by("pk").prefetch_related("client__clinic")[:1]
    with CaptureQueriesContext(connection) as statements:
        [episode], _ = answer(together(rows(asked), rows(Program.objects.all())))
        assert episode.client.clinic.name
    assert len(statements) == 3


def test_parts_side_by_side_cost_as_many_statements_as_the_deepest(three: list[Client]) -> None:
    name = three[0].family_name
    with CaptureQueriesContext(connection) as alone:
        assert len(returns_of(name=name)) == 2
    assert len(alone) == 2
    with CaptureQueriesContext(connection) as beside:
        found = answer(
            each(
                [returns_of.part(name=name), returns_of.part(name="Nobody"), returns_of.part(name=three[1].family_name)]
            )
        )
        in_care, four, nobody = answer(
            together(exists(TreatmentEpisode.objects.open()), known(4), first(Client.objects.none()))
        )
    assert [len(some) for some in found] == [2, 0, 0]
    assert (in_care, four, nobody) == (True, 4, None)
    assert len(beside) == 3


def test_a_question_in_the_same_words_is_put_once_and_answered_to_each(three: list[Client]) -> None:
    with CaptureQueriesContext(connection) as statements:
        one, other, clinics = answer(
            together(rows(Client.objects.all()), rows(Client.objects.all()), rows(Clinic.objects.all()))
        )
    assert statements[0]["sql"].count('FROM "cases_client"') == 1
    assert one == other
    assert one[0] is not other[0], "what one part hangs on its rows is not seen by the other"
    assert clinics


def test_rows_that_are_to_be_locked_are_not_asked_for_in_company() -> None:
    with pytest.raises(AssertionError):
        answer(together(rows(Client.objects.select_for_update()), rows(Clinic.objects.all())))


def test_the_numbers_of_a_clinic_are_read_once_and_anew_when_one_changes(clinic: Clinic) -> None:
    from cases.intake.offers import KEPT_DAYS as DAYS

    with CaptureQueriesContext(connection) as statements, read_once():
        assert values_for(clinic, [DAYS]) == {DAYS.key: DAYS.default}
        assert DAYS.for_clinic(clinic) == DAYS.default
    assert len(statements) == 1
    with read_once():
        assert DAYS.for_clinic(clinic) == DAYS.default
        own = ClinicThreshold.objects.create(clinic=clinic, key=DAYS.key, value=DAYS.default + 1, reason="Ours.")
        assert DAYS.for_clinic(clinic) == DAYS.default + 1
        own.delete()
        assert DAYS.for_clinic(clinic) == DAYS.default
