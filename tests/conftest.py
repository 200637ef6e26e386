"""Fixtures that every story starts from, on the real database."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import OperationalError, connection
from django.test import Client as Browser
from django.test import TransactionTestCase

from cases.models import Client
from staff.models import Clinic, Program, Role, StaffMember
from tests import factories


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for cycles again and again took a tenth of the time of tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _truncate_guards() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND (t.tgtype & 32) <> 0"
        )
        return list(cursor.fetchall())


@pytest.fixture(autouse=True, scope="session")
def _flush_may_truncate() -> Any:
    """Lets the flush after a transactional test empty append-only tables, as only their owner can."""
    original = TransactionTestCase._fixture_teardown

    def flush(self: TransactionTestCase) -> None:
        guards = _truncate_guards()
        with connection.cursor() as cursor:
            for table, trigger in guards:
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER "{trigger}"')
        try:
            original(self)
        finally:
            with connection.cursor() as cursor:
                for table, trigger in guards:
                    cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER "{trigger}"')

    def teardown(self: TransactionTestCase) -> None:
        for left in reversed(range(5)):
            try:
                flush(self)
            except (CommandError, OperationalError):  # a browser's last request was still under way: a deadlock
                if not left:
                    raise
            else:
                return

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = original  # type: ignore[method-assign]


@pytest.fixture
def clinic(db: None) -> Clinic:
    return factories.ClinicFactory(name="Example Clinic")


@pytest.fixture
def other_clinic(db: None) -> Clinic:
    return factories.ClinicFactory(name="Another Clinic")


@pytest.fixture
def program(clinic: Clinic) -> Program:
    return factories.ProgramFactory(clinic=clinic, name="Outpatient")


@pytest.fixture
def make_staff(clinic: Clinic) -> Callable[..., StaffMember]:
    def make(role: str = Role.COUNSELOR, **fields: Any) -> StaffMember:
        return factories.StaffMemberFactory(clinic=fields.pop("clinic", clinic), role=role, **fields)

    return make


@pytest.fixture
def intake(make_staff: Callable[..., StaffMember]) -> StaffMember:
    return make_staff(Role.INTAKE_COORDINATOR)


@pytest.fixture
def counselor(make_staff: Callable[..., StaffMember]) -> StaffMember:
    return make_staff(Role.COUNSELOR, credential="LCDC")


@pytest.fixture
def supervisor(make_staff: Callable[..., StaffMember]) -> StaffMember:
    return make_staff(Role.SUPERVISOR, credential="LPC-S")


@pytest.fixture
def medical(make_staff: Callable[..., StaffMember]) -> StaffMember:
    return make_staff(Role.MEDICAL, credential="NP")


@pytest.fixture
def administrator(make_staff: Callable[..., StaffMember]) -> StaffMember:
    return make_staff(Role.ADMINISTRATOR)


@pytest.fixture
def privacy_officer(make_staff: Callable[..., StaffMember]) -> StaffMember:
    return make_staff(Role.PRIVACY_OFFICER)


@pytest.fixture
def make_client(clinic: Clinic) -> Callable[..., Client]:
    def make(**fields: Any) -> Client:
        return factories.ClientFactory(clinic=fields.pop("clinic", clinic), **fields)

    return make


@pytest.fixture
def client_record(clinic: Clinic, counselor: StaffMember) -> Client:
    return factories.ClientFactory(clinic=clinic, counselor=counselor, given_name="Robin", family_name="Sample")


@pytest.fixture
def signed_in() -> Callable[[StaffMember], Browser]:
    def sign_in(staff_member: StaffMember) -> Browser:
        browser = Browser()
        browser.force_login(staff_member, backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return sign_in
