"""Makes the people of a test: plain functions over the real models, plainly synthetic."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

from django.utils import timezone

from cases.models import CareTeamMember, Client, TreatmentEpisode
from staff.models import Clinic, Program, Role, StaffMember
from staff.models.clinic import Setting

_numbers = itertools.count(1)


def make_clinic(**fields: Any) -> Clinic:
    number = next(_numbers)
    return Clinic.objects.create(**{"name": f"Example Clinic {number}", "phone": "(555) 010-0100", **fields})


def make_program(clinic: Clinic, **fields: Any) -> Program:
    defaults = {
        "name": f"Program {next(_numbers)}",
        "setting": Setting.OUTPATIENT,
        "level_code": "1",
        "capacity": 40,
    }
    return Program.objects.create(clinic=clinic, **{**defaults, **fields})


def make_staff(clinic: Clinic, role: str = Role.COUNSELOR, **fields: Any) -> StaffMember:
    number = next(_numbers)
    defaults = {
        "email": f"staff{number}@onward.example",
        "given_name": "Sample",
        "family_name": f"Staff{number}",
        "is_staff": role == Role.ADMINISTRATOR,
    }
    return StaffMember.objects.create_user(
        **{**defaults, **fields}, clinic=clinic, role=role, password="sample-password-1"
    )


def make_client(clinic: Clinic, *, counselor: StaffMember | None = None, **fields: Any) -> Client:
    number = next(_numbers)
    defaults = {"given_name": "Test", "family_name": f"Person{number}", "birth_date": datetime.date(1985, 5, 17)}
    client = Client.objects.create(clinic=clinic, **{**defaults, **fields})
    if counselor is not None:
        put_on_care_team(client, counselor)
    return client


def put_on_care_team(
    client: Client, staff_member: StaffMember, part: str = CareTeamMember.Part.PRIMARY
) -> CareTeamMember:
    return CareTeamMember.objects.create(
        client=client,
        staff_member=staff_member,
        part=part,
        starts_at=timezone.now() - datetime.timedelta(days=3650),
        assigned_by=staff_member,
    )


def make_episode(client: Client, program: Program, *, by: StaffMember, **fields: Any) -> TreatmentEpisode:
    defaults = {"admitted_on": datetime.date(2026, 1, 5), "admitted_by": by}
    return TreatmentEpisode.objects.create(client=client, program=program, **{**defaults, **fields})
