"""A clinic with as many clients as wanted: plainly synthetic, the same ones every time, under all constraints."""

from __future__ import annotations

import datetime
import itertools
import random
import sys
from collections.abc import Iterator

from django.db import connection, transaction
from django.utils import timezone

from cases.codes import DischargeReason
from cases.models import CareTeamMember, Client, ContactPoint, LevelOfCarePeriod, TreatmentEpisode
from demo.people import GIVEN, PREFIXES, SUFFIXES
from staff.encrypted_fields import numbered
from staff.models import Clinic, Program, Role, StaffMember
from staff.models.clinic import CriteriaEdition, Setting

IN_CARE = 300
COUNSELORS = 6
AT_ONCE = 5_000
DAY = datetime.timedelta(days=1)
SURNAMES = [a + b + c for a, b, c in itertools.product(PREFIXES, ("", "er", "al", "in", "o", "and"), SUFFIXES)]
GIVEN_NAMES = sorted({name for names in GIVEN.values() for name in names})
TABLES = (Client, ContactPoint, TreatmentEpisode, LevelOfCarePeriod, CareTeamMember)


class Population:
    """One clinic that grows."""

    def __init__(self) -> None:
        self.chance = random.Random(20260302)
        self.clinic = Clinic.objects.create(name="Bench Clinic", phone="518 555 0100", time_zone="America/New_York")
        self.today = timezone.localdate(timezone=self.clinic.zone)
        self.program = Program.objects.create(
            clinic=self.clinic, name="Outpatient", setting=Setting.OUTPATIENT, level_code="1", capacity=IN_CARE
        )
        self.counselors = [self._staff(Role.COUNSELOR, number) for number in range(COUNSELORS)]
        self.supervisor = self._staff(Role.SUPERVISOR, 0)
        self.intake = self._staff(Role.INTAKE_COORDINATOR, 0)
        self.size = 0

    def grow(self, to: int) -> None:
        """Add people up to this number, then let PostgreSQL analyze the tables, as autovacuum would."""
        while self.size < to:
            number = min(AT_ONCE, to - self.size)
            with transaction.atomic():
                self._add(number)
            self.size += number
            print(f"  {self.size:,} clients", file=sys.stderr)
        with connection.cursor() as cursor:
            for model in TABLES:
                cursor.execute(f"VACUUM (ANALYZE) {model._meta.db_table}")

    def _staff(self, role: str, number: int) -> StaffMember:
        return StaffMember.objects.create(
            clinic=self.clinic,
            role=role,
            given_name="Sample",
            family_name=f"Staff{number}",
            email=f"{role}{number}@bench.example",
        )

    def _add(self, number: int) -> None:
        clients = Client.objects.bulk_create(numbered(self._people(number)))
        ContactPoint.objects.bulk_create(
            ContactPoint(
                client=client,
                kind=ContactPoint.Kind.PHONE,
                value=f"518 555 {place % 10_000:04d}",
                normalized=f"+1518555{place % 10_000:04d}",
                is_preferred=True,
            )
            for place, client in enumerate(clients, self.size)
        )
        episodes = TreatmentEpisode.objects.bulk_create(
            self._episode(client, in_care=place < IN_CARE) for place, client in enumerate(clients, self.size)
        )
        LevelOfCarePeriod.objects.bulk_create(
            LevelOfCarePeriod(
                episode=episode,
                criteria_edition=CriteriaEdition.THIRD,
                level_code="1",
                setting=Setting.OUTPATIENT,
                starts_at=self._at(episode.admitted_on),
                ends_at=self._at(episode.discharged_on + DAY) if episode.discharged_on else None,
                decided_by=episode.admitted_by,
            )
            for episode in episodes
        )
        CareTeamMember.objects.bulk_create(
            CareTeamMember(
                client_id=episode.client_id,
                staff_member=episode.admitted_by,
                part=CareTeamMember.Part.PRIMARY,
                starts_at=self._at(episode.admitted_on),
                assigned_by=self.intake,
            )
            for episode in episodes
            if episode.discharged_on is None
        )

    def _people(self, number: int) -> Iterator[Client]:
        for _ in range(number):
            yield Client(
                clinic=self.clinic,
                given_name=self.chance.choice(GIVEN_NAMES),
                family_name=self.chance.choice(SURNAMES),
                former_family_name=self.chance.choice(SURNAMES) if self.chance.random() < 0.1 else "",
                birth_date=datetime.date(1945, 1, 1) + DAY * self.chance.randrange(22_000),
                ssn_last4=f"{self.chance.randrange(10_000):04d}",
            )

    def _episode(self, client: Client, *, in_care: bool) -> TreatmentEpisode:
        counselor = self.chance.choice(self.counselors)
        began = self.today - DAY * (self.chance.randrange(20, 90) if in_care else self.chance.randrange(200, 7_000))
        left: dict[str, object] = {}
        if not in_care:
            ended = began + DAY * self.chance.randrange(20, 180)
            left = {
                "discharged_on": ended,
                "discharged_at": self._at(ended),
                "discharge_reason": DischargeReason.COMPLETED,
                "discharged_by": counselor,
            }
        return TreatmentEpisode(client=client, program=self.program, admitted_on=began, admitted_by=counselor, **left)

    def _at(self, day: datetime.date) -> datetime.datetime:
        return datetime.datetime.combine(day, datetime.time(), self.clinic.zone)
