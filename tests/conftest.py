"""Fixtures that every story starts from, on the real database."""

from __future__ import annotations

import functools
import gc
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.test import Client as Browser
from django.test import TransactionTestCase

from cases.models import Client
from staff.models import Clinic, Program, Role, StaffMember
from tests import demo_clinic, factories, silent_refusals
from tests.ownership import as_owner


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for cycles again and again took a tenth of the time of tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


# The first that a process does: whoever starts one of these last keeps all others waiting. The longest first.
LONGEST = (
    "test_every_page",
    "test_a_month_sends_exactly_what_it_should",
    "test_nobody_can_tell_a_foreign_record_from_none",
    "test_promises_are_kept_while_things_break",
    "test_from_the_call_to_the_reminder",
    "test_every_form_sent_twice_at_once",
    "test_no_page_asks_more_than_twelve_queries",
    "test_midnight_while_the_demo_is_made_changes_nothing",
    "test_whoever_types_fast_need_not_wait_for_the_answers",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deal the longest tests to all processes: each begins with its part of the list, from the front.

    Whoever has done theirs takes over from the end of another's. Within the parts Django's order stands: tests in a
    transaction, then those that commit (browsers among them), then all others.
    """
    longest = [item for name in LONGEST for item in items if getattr(item, "originalname", "") == name]
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    others = iter([item for item in items if item not in longest])
    left, dealt = len(items), []
    for process in range(processes):
        begins_with = longest[process::processes]
        size = max(left // (processes - process), len(begins_with))
        dealt += [*begins_with, *itertools.islice(others, size - len(begins_with))]
        left -= size
    items[:] = [*dealt, *others]


KEPT = {"django_migrations", "django_content_type", "auth_permission"}  # what `migrate` wrote, and no test changes
MANY_ROWS = 5_000  # sooner gone with their table's file than one by one


def _empty() -> None:
    """Empty every table but those, append-only ones included, as only their owner can: all of it, or nothing."""
    tables = [f'"{each}"' for each in sorted(set(connection.introspection.table_names()) - KEPT)]
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        # Whoever still writes is waited for: a browser's last request may be under way.
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{each}', count(*) FROM (SELECT FROM {each} LIMIT 1) a" for each in tables)
        )
        filled = [each for each, some in cursor.fetchall() if some]
        if not filled:
            return
        cursor.execute(f"SELECT {' + '.join(f'(SELECT count(*) FROM {each})' for each in filled)}")
        many = cursor.fetchone()[0] > MANY_ROWS
        guarded = tables if many else filled
        cursor.execute(";".join(f"ALTER TABLE {each} DISABLE TRIGGER USER" for each in guarded))
        if many:
            cursor.execute(f"TRUNCATE {', '.join(tables)}")
        else:
            cursor.execute(";".join(f"DELETE FROM {each}" for each in filled))
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no trigger is enabled with checks outstanding
        cursor.execute(";".join(f"ALTER TABLE {each} ENABLE TRIGGER USER" for each in guarded))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:  # pytest-django's, and then ours
    """The owner of the tables makes the tests' database; the tests then have no more rights than the application."""
    options = connection.settings_dict["OPTIONS"]
    if settings.OWNER_DATABASE:
        connection.close()
        options["assume_role"] = settings.APPLICATION_ROLE
    yield
    connection.close()
    options.pop("assume_role", None)


@pytest.fixture(autouse=True, scope="session")
def _only_what_was_filled_is_emptied() -> Any:
    """After a transactional test. Django empties every table, there and then makes all permissions anew."""
    original = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        for left in reversed(range(5)):
            try:
                _empty()
            except OperationalError:  # they waited for each other: a deadlock
                if not left:
                    raise
            else:
                return

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = original  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _refusals_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    silent_refusals.watch(monkeypatch)


@pytest.fixture
def tables_owner(db: None) -> Iterator[None]:
    """A test of triggers alone: the application's rights, which refuse most of it before, are out of the way."""
    with as_owner():
        yield


@pytest.fixture
def make_demo(settings: Any, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Clinic]:
    """Make the demo clinic with so many clients. The test asks for a database (`db` or `transactional_db`)."""
    demo_clinic.settle(settings, tmp_path)
    return functools.partial(demo_clinic.make, shared=demo_clinic.shared_by_processes(tmp_path_factory))


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
