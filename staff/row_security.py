"""Row-level security: which clinic each row is of, and that a clinic's statements meet its own rows alone.

Derived from the models, so that no table is forgotten: `manage.py migrate` ends with `protect` (staff/migrating.py).
A table with a `clinic` of its own is bound by that column. Every other gets a column `of_clinic` that no model knows:
a trigger fills it in from the row that the new row belongs to, so nobody can say otherwise. The policies bind the
tables' owner, too (FORCE); which clinic is meant goes along with every statement (staff/clinic_scope.py).

This holds when a query forgets to ask `.visible_to`. It does not hold against someone who may write SQL of their own:
they can say any clinic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import ForeignKey, Model

from staff import clinic_scope
from staff.models import StaffMember

COLUMN = "of_clinic"
POLICY, SHARED = "own_clinic", "shared"
TRIGGER = "00_of_clinic"  # before the others of its table, which go by their names

# Not bound: what is read before it is known who asks, what belongs to the installation, and the libraries' own.
EXEMPT = {
    "staff_clinic": "the clinics",
    "staff_clinicevent": "the clinics' history",
    "staff_session": "read to find out who asks",
    "staff_signinlimit": "counts of wrong passwords, by digest",
    "staff_chainmark": "where the seals of each log begin",
    "reminders_channelpause": "whether a provider is down",
    "reminders_turn": "which job works",
    "reminders_heartbeat": "which job works",
    "pghistory_context": "which address made a change, by number",
}
EXEMPT_APPS = {
    "account": "addresses of sign-in, read before it is known who asks",
    "mfa": "second factors, read before it is known who asks",
    "axes": "wrong passwords",
    "auth": "Django's permissions, which Onward does not use",
    "contenttypes": "names of tables",
    "sessions": "not used: sessions are in staff_session",
    "admin": "what was changed in the administration, of which the audit log has more",
}

# NULL: every clinic. -1, of which there is none: nobody said.
SCOPE = f"""
CREATE OR REPLACE FUNCTION onward_scope() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE coalesce(current_setting('{clinic_scope.SETTING}', true), '')
        WHEN '{clinic_scope.EVERY_CLINIC}' THEN NULL
        WHEN '' THEN -1
        ELSE current_setting('{clinic_scope.SETTING}', true)::bigint
    END
$$;
"""

OURS = (
    "prorettype = 'trigger'::regtype AND pronamespace = 'public'::regnamespace AND proname NOT LIKE 'pgtrigger%'"
    " AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')"
)
# What triggers check across rows, they check against all rows: with a foreign row out of sight, a comparison with it
# would be neither true nor false, and pass.
CHECKS_SEE_ALL = f"""
DO $do$
DECLARE
    checks regprocedure;
BEGIN
    FOR checks IN SELECT oid FROM pg_proc WHERE {OURS} LOOP
        EXECUTE format('ALTER FUNCTION %s SET "{clinic_scope.SETTING}" = %L', checks, '{clinic_scope.EVERY_CLINIC}');
    END LOOP;
END $do$
"""  # noqa: S608  # nosec B608 - no input
STANDING = f"""
SELECT concat(
    (SELECT md5(string_agg(concat(oid, relname, relforcerowsecurity), ',' ORDER BY oid)) FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace),
    (SELECT md5(string_agg(concat(oid, proconfig), ',' ORDER BY oid)) FROM pg_proc WHERE {OURS}),
    (SELECT md5(string_agg(concat(oid, tgenabled), ',' ORDER BY oid)) FROM pg_trigger WHERE tgname = '{TRIGGER}'),
    (SELECT md5(string_agg(concat(oid, xmin), ',' ORDER BY oid)) FROM pg_policy)
)
"""  # noqa: S608  # nosec B608 - no input


@dataclass(frozen=True)
class Binding:
    """How the rows of a table are bound to a clinic: by `column`, or by what those in `parents` belong to."""

    table: str
    column: str
    required: bool
    parents: tuple[tuple[str, str, str, str], ...] = field(default=())  # own column, table, its key, its clinic


def bindings() -> dict[str, Binding]:
    """Every table of records, with what binds it. Raises LookupError for a table that nothing binds."""
    found: dict[str, Binding] = {}
    for model in _models():
        if not _is_exempt(model) and _bind(model, found, frozenset()) is None:
            raise LookupError(f"{model._meta.db_table}: no row says which clinic it is of. Give it a `clinic`.")
    return found


def protect() -> bool:
    """Bind every table, as its owner. Returns whether anything had to be done."""
    statements = [SCOPE, *(each for binding in bindings().values() for each in _statements(binding)), CHECKS_SEE_ALL]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regprocedure('onward_scope()'), 'pg_proc')")
        if cursor.fetchone()[0] == _digest(statements):
            return False
        for statement in statements:
            cursor.execute(statement)
        cursor.execute(f"COMMENT ON FUNCTION onward_scope() IS '{_digest(statements)}'")
    return True


def _digest(statements: list[str]) -> str:
    """Of what is to be done, and of the tables and functions as they are: a later migration may undo some of it."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        (standing,) = cursor.fetchone()
    return hashlib.sha256("".join([*statements, standing]).encode()).hexdigest()


def _models() -> Iterator[type[Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model


def _is_exempt(model: type[Model]) -> bool:
    return model._meta.db_table in EXEMPT or model._meta.app_label in EXEMPT_APPS


def _bind(model: type[Model], found: dict[str, Binding], asked: frozenset[str]) -> Binding | None:
    """What binds a table, by way of what its rows belong to; None if nothing does."""
    table = model._meta.db_table
    if table in found:
        return found[table]
    if table in asked or _is_exempt(model):
        return None
    columns = {each.attname: each for each in model._meta.concrete_fields}
    if "clinic_id" in columns:
        found[table] = Binding(table, "clinic_id", not columns["clinic_id"].null)
        return found[table]
    parents = []
    for key in sorted(_keys(model), key=_nearness):
        parent = _bind(_parent(key), found, asked | {table})
        if parent is None:
            continue
        of = _parent(key)._meta
        parents.append((key.column, of.db_table, str(of.pk.column), parent.column))
        if not key.null and parent.required:
            found[table] = Binding(table, COLUMN, True, (parents[-1],))
            return found[table]
    if not parents:
        return None
    found[table] = Binding(table, COLUMN, False, tuple(parents))
    return found[table]


def _keys(model: type[Model]) -> Iterator[ForeignKey[Any, Any]]:
    """What a row may belong to. Of a row of history: what the row belonged to, which may itself be gone by now."""
    for each in model._meta.concrete_fields:
        if isinstance(each, ForeignKey) and not each.name.startswith("pgh_") and _parent(each) is not model:
            yield each


def _parent(key: ForeignKey[Any, Any]) -> type[Model]:
    parent: type[Model] = key.related_model  # a class once all apps are loaded
    return parent


def _nearness(key: ForeignKey[Any, Any]) -> tuple[bool, bool, bool]:
    """The client comes first, whoever wrote the row last."""
    return key.null, key.name != "client", _parent(key) is StaffMember


def _statements(binding: Binding) -> Iterator[str]:
    """SQL that binds a table, as often as it is executed."""
    table = binding.table
    if binding.parents:
        yield from _column(binding)
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS {POLICY} ON {table}"
    yield (
        f"CREATE POLICY {POLICY} ON {table}"
        f" USING ((SELECT onward_scope()) IS NULL OR {binding.column} = (SELECT onward_scope()))"
    )
    yield f"DROP POLICY IF EXISTS {SHARED} ON {table}"
    if condition := _shared().get(table):
        yield f"CREATE POLICY {SHARED} ON {table} FOR SELECT USING ({condition})"


def _shared() -> dict[str, str]:
    """What one clinic lets all others read, by table: `shared_rows` of an AppConfig, as a condition on the row."""
    found: dict[str, str] = {}
    for config in apps.get_app_configs():
        found |= getattr(config, "shared_rows", {})
    return found


def _column(binding: Binding) -> Iterator[str]:
    """The column that no model knows, with the trigger that fills it in; filled in for the rows that are there."""
    table = binding.table

    def clinic(row: str) -> str:
        looked_up = [
            f"(SELECT {clinic} FROM {parent} WHERE {key} = {row}.{own})"  # noqa: S608  # nosec B608 - never input
            for own, parent, key, clinic in binding.parents
        ]
        return f"coalesce({', '.join(looked_up)})" if len(looked_up) > 1 else looked_up[0]

    keys = ", ".join(own for own, *_ in binding.parents)
    required = f"ALTER TABLE {table} ALTER COLUMN {COLUMN} SET NOT NULL;" if binding.required else ""
    yield f"""
        CREATE OR REPLACE FUNCTION {table}_{COLUMN}() RETURNS trigger LANGUAGE plpgsql AS $f$
        BEGIN
            NEW.{COLUMN} := {clinic("NEW")};
            RETURN NEW;
        END $f$;
        DO $do$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attname = '{COLUMN}'
            ) THEN
                ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
                ALTER TABLE {table} ADD COLUMN {COLUMN} bigint;
                IF EXISTS (SELECT FROM {table}) THEN
                    ALTER TABLE {table} DISABLE TRIGGER USER;
                    UPDATE {table} t SET {COLUMN} = {clinic("t")};
                    ALTER TABLE {table} ENABLE TRIGGER USER;
                END IF;
                {required}
            END IF;
        END $do$;
        CREATE OR REPLACE TRIGGER "{TRIGGER}" BEFORE INSERT OR UPDATE OF {keys} ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_{COLUMN}();
        ALTER TABLE {table} ENABLE TRIGGER "{TRIGGER}"
    """  # noqa: S608  # nosec B608 - names of tables from the models, never input
