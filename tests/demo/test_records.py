"""Lives that are written in bulk are the lives that the acts write: every row, author and audit entry."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Model
from django.utils import timezone

from cases.episodes import admissions
from cases.models import (
    CareTeamMember,
    Client,
    ContactPoint,
    CopingStrategy,
    LevelOfCarePeriod,
    Relapse,
    RelapseCoping,
    RelapseSubstance,
    ToleranceWarning,
    TreatmentEpisode,
    Trigger,
    WarningSign,
)
from cases.people import care_team, registration
from cases.recovery import relapses, tolerance
from demo import bulk, lives
from demo.clinic import make_clinic
from demo.management.commands.seed_demo import one_moment
from demo.records import Records, Team
from staff.encrypted_fields import Encrypted
from staff.models import AuditEntry, Role, StaffMember
from tests.ownership import as_owner

TABLES: list[type[models.Model]] = [
    Client, ContactPoint, CareTeamMember, TreatmentEpisode, LevelOfCarePeriod, Relapse, RelapseSubstance, RelapseCoping,
    Trigger, WarningSign, CopingStrategy, ToleranceWarning,
]  # fmt: skip
LINKS: list[type[models.Model]] = [Relapse.triggers.through, Relapse.warning_signs.through]
FIRST = 50_000
NUMBER = 30


class Acts:
    """What Records collects, through the acts, one after the other."""

    def __init__(self, team: Team) -> None:
        self.team = team

    def register(self, pk: int, **facts: Any) -> Client:
        client = registration.register(by=self.team.intake, **facts)
        assert client.pk == pk
        return client

    def assign(self, client: Client, counselor: StaffMember) -> None:
        care_team.assign(client=client, staff_member=counselor, by=self.team.intake)

    places_free = staticmethod(admissions.places_free)

    def admit(
        self,
        client: Client,
        program: Any,
        admitted_on: datetime.date,
        *,
        relapse: Relapse | None,
        prior: Sequence[TreatmentEpisode],
        by: StaffMember,
    ) -> TreatmentEpisode:
        return admissions.admit(
            client=client,
            program=program,
            level_of_care=program.level_code,
            admitted_on=admitted_on,
            relapse=relapse,
            by=by,
        )

    def change_level_of_care(self, episode: TreatmentEpisode, code: str, starts_at: Any, **facts: Any) -> None:
        admissions.change_level_of_care(episode=episode, level_of_care=code, starts_at=starts_at, **facts)

    def discharge(self, episode: TreatmentEpisode, on: datetime.date, reason: str, **facts: Any) -> None:
        admissions.discharge(episode=episode, discharged_on=on, reason=reason, **facts)
        episode.discharged_on = on

    def record_relapse(self, client: Client, stays: Sequence[TreatmentEpisode], **facts: Any) -> Relapse:
        return relapses.record(client=client, **facts)

    def warn_of_tolerance(self, relapse: Relapse, *, by: StaffMember) -> None:
        relapse.tolerance_warned_at = relapses.warn_of_tolerance(relapse=relapse, by=by).tolerance_warned_at

    def write(self) -> None:
        """Everything is written."""


def give_each(told: Iterable[tuple[tolerance.Break, StaffMember]]) -> None:
    for each, by in told:
        tolerance.give(client=Client.objects.get(pk=each.client_id), key=each.key, by=by)


@pytest.fixture
def team(db: None, settings: Any) -> Team:
    settings.DEMO_EMAIL_DOMAIN, settings.DEMO_PASSWORD = "demo.example", "onward-demo-password"
    _, programs, staff = make_clinic()
    return Team(
        intake=next(each for each in staff if each.role == Role.INTAKE_COORDINATOR),
        counselors=[each for each in staff if each.role == Role.COUNSELOR],
        supervisor=next(each for each in staff if each.role == Role.SUPERVISOR),
        programs=programs,
    )


def rows_of(model: type[Model]) -> list[dict[str, Any]]:
    """All columns; what is encrypted, anew each time, as it is read."""
    encrypted = [each.attname for each in model._meta.concrete_fields if isinstance(each, Encrypted)]
    read = model._base_manager.order_by("pk")
    return [
        row | {name: getattr(each, name) for name in encrypted} for row, each in zip(read.values(), read, strict=True)
    ]


def written(make: Callable[[], object]) -> dict[str, Any]:
    """All that is in the tables after it, which is undone."""
    with transaction.atomic():
        with as_owner(), connection.cursor() as cursor:
            for model in (*TABLES, *LINKS):
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [model._meta.db_table, FIRST])
        make()
        connection.check_constraints()
        found: dict[str, Any] = {model.__name__: rows_of(model) for model in TABLES}
        for model in LINKS:
            found[model.__name__] = set(model._base_manager.values_list(*[f.attname for f in model._meta.fields[1:]]))
        for model in TABLES:
            events = apps.all_models["cases"].get(f"{model.__name__}event".lower())
            if events is not None:
                inserts = events._default_manager.filter(pgh_label="insert")
                authors = inserts.values_list("pgh_obj_id", "pgh_context__metadata__staff_member")
                found[f"authors of {model.__name__}"] = dict(authors)
        entries = AuditEntry.objects.values_list(
            "act", "staff_member", "client_id", "subject_type", "subject_id", "details"
        )
        found["audit"] = Counter(map(repr, entries))
        transaction.set_rollback(True)
    return found


def test_bulk_and_acts_write_the_same(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    def make() -> list[lives.Life]:
        today = timezone.localdate(timezone=team.intake.clinic.zone)
        return lives.make_lives(
            team=team, number=NUMBER, today=today, chance=random.Random(7), told=lambda number: None
        )

    with one_moment():
        assert lives.Records is Records
        at_once = written(make)
        monkeypatch.setattr(lives, "Records", Acts)
        monkeypatch.setattr(lives, "tell_of_breaks", give_each)
        monkeypatch.setattr(bulk, "reserve", lambda model, number: range(FIRST + 1, FIRST + 1 + number))
        one_by_one = written(make)
    assert all(at_once[model.__name__] for model in (*TABLES, *LINKS)), "there is something of everything"
    for name, rows in one_by_one.items():
        assert at_once[name] == rows, name
