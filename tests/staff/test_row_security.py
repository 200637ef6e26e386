"""The database itself keeps clinics apart and logs whole, whatever the application forgets or an attacker writes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from psycopg.errors import InsufficientPrivilege

from appointments.codes import Purpose
from appointments.models import Appointment, Room
from cases.models import Client, TreatmentEpisode
from referrals.models import MeetingFeed
from staff import clinic_scope, row_security, table_rights
from staff.acts import act
from staff.checks import application_owns_nothing
from staff.middleware import ClinicScopeMiddleware
from staff.models import AuditEntry, Clinic, StaffMember
from tests import factories
from tests.ownership import as_owner


def asked(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of a statement, by the driver alone: nothing says a clinic."""
    with connection.connection.cursor() as cursor:
        return list(cursor.execute(sql, values).fetchall())


@pytest.fixture
def two_clinics(clinic: Clinic, other_clinic: Clinic, make_client: Callable[..., Client]) -> tuple[Client, Client]:
    return make_client(family_name="Here"), make_client(clinic=other_clinic, family_name="There")


def test_a_query_that_asks_for_everybody_meets_its_own_clinic(two_clinics: tuple[Client, Client]) -> None:
    here, there = two_clinics
    assert set(Client.objects.all()) == {here, there}
    with clinic_scope.only(here.clinic_id):
        assert list(Client.objects.all()) == [here]
        assert not Client.objects.filter(pk=there.pk).exists()
        assert list(Client.objects.raw("SELECT * FROM cases_client")) == [here]
        assert Client.objects.filter(pk=there.pk).update(family_name="Mine") == 0
    assert Client.objects.get(pk=there.pk).family_name == "There"


def test_rows_without_a_clinic_of_their_own_follow_what_they_belong_to(
    two_clinics: tuple[Client, Client], other_clinic: Clinic
) -> None:
    here, there = two_clinics
    own, foreign = (factories.TreatmentEpisodeFactory(client=each) for each in (here, there))
    history = apps.get_model("cases", "TreatmentEpisodeEvent")
    with clinic_scope.only(here.clinic_id):
        assert list(TreatmentEpisode.objects.all()) == [own]
        assert set(history.objects.values_list("pgh_obj_id", flat=True)) == {own.pk}
    with clinic_scope.only(other_clinic.pk):
        assert list(TreatmentEpisode.objects.all()) == [foreign]


def test_what_another_clinic_shares_is_read_and_not_written(other_clinic: Clinic, clinic: Clinic) -> None:
    shared, own = (
        MeetingFeed.objects.create(clinic=other_clinic, name=name, fellowship="aa", is_shared=is_shared)
        for name, is_shared in (("Shared", True), ("Not shared", False))
    )
    with clinic_scope.only(clinic.pk):
        assert list(MeetingFeed.objects.all()) == [shared]
        assert MeetingFeed.objects.filter(pk__in=[shared.pk, own.pk]).update(name="Mine") == 0


def test_a_row_cannot_be_written_into_another_clinic(two_clinics: tuple[Client, Client]) -> None:
    here, there = two_clinics
    with clinic_scope.only(here.clinic_id):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Client.objects.create(clinic_id=there.clinic_id, family_name="Sample", given_name="Planted")
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            factories.TreatmentEpisodeFactory(client=there)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Client.objects.filter(pk=here.pk).update(clinic_id=there.clinic_id)


def test_checks_of_triggers_see_rows_that_are_out_of_sight(
    two_clinics: tuple[Client, Client], make_staff: Callable[..., StaffMember]
) -> None:
    """With the foreign row unseen, "is their clinic another" would be neither true nor false, and pass."""
    here, there = two_clinics
    counselor, foreign = make_staff(), factories.StaffMemberFactory(clinic=there.clinic)
    room = Room.objects.create(clinic=here.clinic, name="Room 1")
    appointment = {"clinic": here.clinic, "room": room, "purpose": Purpose.INDIVIDUAL, "minutes": 50}
    for wrong in ({"client": there, "staff_member": counselor}, {"client": here, "staff_member": foreign}):
        for scope in (clinic_scope.only(here.clinic_id), clinic_scope.every_clinic()):
            with scope, pytest.raises(IntegrityError, match="within one clinic"), transaction.atomic():
                Appointment.objects.create(starts_at=timezone.now(), **appointment, **wrong)


def test_a_statement_that_nobody_gave_a_clinic_sees_nothing(two_clinics: tuple[Client, Client]) -> None:
    asked("SELECT set_config('onward.clinic', '', true)")
    assert asked("SELECT * FROM cases_client") == []
    assert asked("UPDATE cases_client SET clinic_id = clinic_id RETURNING id") == []
    with pytest.raises(InsufficientPrivilege, match="row-level security"), connection.connection.transaction():
        asked(
            "INSERT INTO appointments_room (clinic_id, name, seats, is_in_use)"
            " SELECT id, 'Planted', 3, true FROM staff_clinic RETURNING id"
        )


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_clinic_is_left_on_a_connection_that_the_next_request_gets() -> None:
    """In a pool, the next statement may be somebody else's: also of one statement without a transaction."""
    client = factories.ClientFactory()
    with clinic_scope.only(client.clinic_id):
        assert Client.objects.get() == client
        assert asked("SELECT current_setting('onward.clinic', true)") == [("",)]
        with transaction.atomic():
            assert Client.objects.get() == client
        assert asked("SELECT current_setting('onward.clinic', true)") == [("",)]
    assert asked("SELECT count(*) FROM cases_client") == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_rows_that_stay_on_the_server_are_those_of_the_clinic_that_asked() -> None:
    client, _ = factories.ClientFactory(), factories.ClientFactory()
    with clinic_scope.only(client.clinic_id):
        assert list(Client.objects.iterator(chunk_size=1)) == [client]
        with transaction.atomic():
            assert list(Client.objects.iterator(chunk_size=1)) == [client]


def test_a_page_meets_the_clinic_of_who_asks_and_so_does_what_it_sends_bit_by_bit(
    two_clinics: tuple[Client, Client], counselor: StaffMember, rf: RequestFactory
) -> None:
    request = rf.get("/")
    request.user = counselor

    def page(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(" ".join(each.family_name for each in Client.objects.all()))

    def bit_by_bit(_request: HttpRequest) -> HttpResponse:
        return StreamingHttpResponse(each.family_name for each in Client.objects.all())  # type: ignore[return-value]

    assert ClinicScopeMiddleware(page)(request).content == b"Here"
    streamed = ClinicScopeMiddleware(bit_by_bit)(request)
    assert Client.objects.count() == 2, "after the view, this thread is nobody's"
    assert b"".join(streamed) == b"Here"  # type: ignore[arg-type]
    assert Client.objects.count() == 2


def test_a_forgotten_filter_in_a_real_request_shows_no_other_clinic(
    two_clinics: tuple[Client, Client],
    counselor: StaffMember,
    signed_in: Callable[[StaffMember], Browser],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page that takes any client it is asked for: the colleague's clinic's remain, and no more."""
    here, there = two_clinics
    careless = lambda _request, number: get_object_or_404(Client, pk=number)  # noqa: E731
    monkeypatch.setattr("privacy.views.consents.client_or_404", careless)
    browser = signed_in(counselor)
    assert browser.get(reverse("privacy:client_consents", args=[here.pk])).status_code == 200
    assert browser.get(reverse("privacy:client_consents", args=[there.pk])).status_code == 404


def test_two_requests_at_once_each_keep_to_their_clinic(transactional_db: None) -> None:
    """A scope is a thread's own."""
    clients = [factories.ClientFactory() for _ in range(2)]
    ready, seen = threading.Barrier(2), {}

    def read(client: Client) -> None:
        with clinic_scope.only(client.clinic_id):
            ready.wait(10)
            seen[client.pk] = list(Client.objects.values_list("pk", flat=True))
        connection.close()

    threads = [threading.Thread(target=read, args=(each,)) for each in clients]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert seen == {each.pk: [each.pk] for each in clients}


# What each table is bound by, and what the application may do to it.


def test_every_table_is_bound_to_a_clinic_or_says_why_not(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity"
            " AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*') FROM pg_class c"
            " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
        )
        bound = dict(cursor.fetchall())
    exempt = {name for name, is_bound in bound.items() if not is_bound}
    of_libraries = {
        model._meta.db_table
        for label in row_security.EXEMPT_APPS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    }
    assert exempt == (set(row_security.EXEMPT) | of_libraries | {"django_migrations"}) & set(bound)
    assert sum(bound.values()) == len(row_security.bindings())


def test_the_application_is_neither_owner_nor_superuser(db: None) -> None:
    [(superuser, bypasses, makes_databases, makes_roles)] = _rows(
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    )
    assert (superuser, bypasses, makes_databases, makes_roles) == (False, False, False, False)
    assert _rows("SELECT current_user") == [(settings.APPLICATION_ROLE,)]
    owned = "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
    assert _rows(owned) == [(0,)]


def test_the_application_may_do_to_each_table_what_is_said_and_no_more(db: None) -> None:
    granted: dict[str, set[str]] = {}
    for table, right in _rows(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = %s AND table_schema = 'public'",
        settings.APPLICATION_ROLE,
    ):
        granted.setdefault(table, set()).add(right)
    assert granted == {table: set(rights) for table, rights in table_rights.rights().items()}
    assert not {"TRUNCATE", "TRIGGER", "REFERENCES", "MAINTAIN"} & set().union(*granted.values())


LOGS = ["staff_auditentry", "privacy_chartaccess", "privacy_listaccess", "cases_clientevent"]


@pytest.mark.parametrize("table", LOGS)
def test_a_log_is_written_and_read_by_its_rights_alone(db: None, table: str) -> None:
    """Also with its triggers gone, as after a restore by somebody careless."""
    factories.ClientFactory()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    key = "pgh_id" if table.endswith("event") else "id"
    for statement in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            _execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE staff_auditentry DISABLE TRIGGER USER",
        "ALTER TABLE staff_auditentry DISABLE TRIGGER ALL",
        "ALTER TABLE cases_client NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE cases_client DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own_clinic ON cases_client",
        "CREATE POLICY mine ON cases_client USING (true)",
        "DROP TRIGGER cases_client_keeps_its_clinic ON cases_client",
        "DROP FUNCTION staff_auditentry_is_append_only() CASCADE",
        "CREATE OR REPLACE FUNCTION onward_scope() RETURNS bigint LANGUAGE sql AS 'SELECT NULL::bigint'",
        "DROP TABLE privacy_chartaccess",
        "ALTER TABLE privacy_chartaccess OWNER TO CURRENT_USER",
        "CREATE TABLE public.mine (word text)",
        "CREATE TRIGGER mine BEFORE INSERT ON cases_client EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "DELETE FROM cases_client",
        "DELETE FROM counseling_sessionnote",
        "UPDATE django_migrations SET name = name",
        "SET session_replication_role = replica",
    ],
)
def test_what_undoes_a_protection_is_refused(db: None, statement: str) -> None:
    factories.TreatmentEpisodeFactory()
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        _execute(statement)


def test_migrating_twice_changes_nothing_and_mends_what_was_undone(db: None) -> None:
    with as_owner():
        assert not row_security.protect()
        _execute("ALTER TABLE cases_client NO FORCE ROW LEVEL SECURITY")
        assert row_security.protect()
        assert _rows("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'cases_client'") == [(True,)]


def test_rows_from_before_are_bound_when_a_table_becomes_so(db: None, client_record: Client) -> None:
    episode = factories.TreatmentEpisodeFactory(client=client_record)
    with as_owner():
        _execute('DROP TRIGGER "00_of_clinic" ON cases_treatmentepisode')
        _execute("DROP POLICY own_clinic ON cases_treatmentepisode")
        _execute("SET CONSTRAINTS ALL IMMEDIATE")
        _execute("ALTER TABLE cases_treatmentepisode DROP COLUMN of_clinic")
        assert row_security.protect()
    assert _rows("SELECT id, of_clinic FROM cases_treatmentepisode") == [(episode.pk, client_record.clinic_id)]


def test_a_table_that_nothing_binds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(row_security.EXEMPT, "reminders_turn")
    with pytest.raises(LookupError, match="reminders_turn"):
        row_security.bindings()


def test_an_audit_entry_keeps_its_chain_in_any_scope(make_staff: Callable[..., StaffMember]) -> None:
    here, there = make_staff(), factories.StaffMemberFactory()
    for each in (here, there, here):
        with clinic_scope.only(each.clinic_id), act("staff.test", by=each) as entry:
            entry.about(each)
    own = AuditEntry.objects.filter(clinic=here.clinic_id).order_by("pk")
    assert list(own.values_list("position", flat=True)) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_migrate_connects_as_the_owner_and_gives_the_connection_back(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("migrate", verbosity=0)
    assert not capsys.readouterr().err
    assert _rows("SELECT current_user") == [(settings.APPLICATION_ROLE,)]


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())


def test_a_check_warns_where_one_role_is_both(db: None, settings: Any) -> None:
    assert not application_owns_nothing(["default"])
    with as_owner():
        assert not application_owns_nothing(["default"]), "migrations are the owner's"
        settings.APPLICATION_ROLE = settings.OWNER_DATABASE["USER"]
        [warning] = application_owns_nothing(["default"])
        settings.APPLICATION_ROLE = "onward_app"
    assert warning.id == "onward.W001"
