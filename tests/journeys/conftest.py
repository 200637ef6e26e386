"""A clinic on a fixed clock, with a few hundred people on its books."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator

import pytest
import time_machine

from cases.models import Client
from demo.people import people
from staff.models import Role
from staff.models.clinic import Setting
from tests import factories

from .house import House, at

OTHERS = 320


@pytest.fixture
def house(db: None) -> Iterator[House]:
    with time_machine.travel(at(datetime.date(2025, 2, 3), 8), tick=False) as clock:
        clinic = factories.ClinicFactory(name="Example Clinic")
        elsewhere = factories.ClinicFactory(name="Another Clinic")
        yield House(
            clock=clock,
            clinic=clinic,
            residence=factories.ProgramFactory(
                clinic=clinic, name="The residence", setting=Setting.RESIDENTIAL, level_code="3.5"
            ),
            evenings=factories.ProgramFactory(
                clinic=clinic, name="Evenings", setting=Setting.INTENSIVE, level_code="2.1"
            ),
            intake=factories.StaffMemberFactory(clinic=clinic, role=Role.INTAKE_COORDINATOR),
            former_counselor=factories.StaffMemberFactory(clinic=clinic, role=Role.COUNSELOR, credential="LCDC"),
            counselor=factories.StaffMemberFactory(clinic=clinic, role=Role.COUNSELOR, credential="LMHC"),
            supervisor=factories.StaffMemberFactory(clinic=clinic, role=Role.SUPERVISOR, credential="LPC-S"),
            stranger=factories.StaffMemberFactory(clinic=elsewhere, role=Role.COUNSELOR),
            strangers_intake=factories.StaffMemberFactory(clinic=elsewhere, role=Role.INTAKE_COORDINATOR),
        )


@pytest.fixture
def crowd(house: House) -> list[Client]:
    """Everybody else, among them some who are easily taken for the one who calls."""
    drawn = people(random.Random(11), datetime.date(2026, 3, 3))
    rows = [
        Client(
            clinic=house.clinic,
            given_name=person.given_name,
            family_name=person.family_name,
            former_family_name=person.former_family_name,
            birth_date=person.birth_date,
        )
        for person, _ in zip(drawn, range(OTHERS), strict=False)
        if (person.given_name, person.family_name) != ("Rosalind", "Samplewood")
    ]
    rows += [
        Client(clinic=house.clinic, given_name=given, family_name=family, birth_date=born)
        for given, family, born in (
            ("Rosalie", "Samplewood", datetime.date(1988, 5, 15)),
            ("Roland", "Sample", datetime.date(1988, 5, 14)),
            ("Rosalind", "Specimen", datetime.date(1988, 4, 14)),
        )
    ]
    return Client.objects.bulk_create(rows)
