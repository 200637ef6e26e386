"""What the application's role may do to each table. The tables are another role's, who alone may change or empty them.

Logs and history are written and read, never changed. Rows are deleted only from the tables that an app names
(`rows_may_go` of its AppConfig): what describes the present, not what happened. A table that only grows, but whose last
row goes on for a while, is in `rows_go_on`. Triggers say the same, and more; rights hold where a trigger is missing.
"""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from pghistory.models import Event
from psycopg import sql

READ_ONLY = {"django_migrations", "django_content_type", "auth_permission"}
# The libraries': sign-in tries and second factors that come and go, what a cache forgets.
ROWS_OF_LIBRARIES = {
    "account_emailaddress",
    "account_emailconfirmation",
    "axes_accessattempt",
    "axes_accessattemptexpiration",
    "axes_accessfailurelog",
    "axes_accesslog",
    "mfa_authenticator",
}

# A trigger that refuses whatever is not an insert (staff.immutability.append_only, pgtrigger's of history).
GROWS_ONLY = """
SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
    AND (t.tgname = c.relname || '_append_only' OR t.tgname LIKE 'pgtrigger_append_only_%')
"""
TABLES = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"


def rights() -> dict[str, frozenset[str]]:
    """Of every table, what the application may do: SELECT, INSERT, UPDATE, DELETE."""
    with connection.cursor() as cursor:
        cursor.execute(GROWS_ONLY)
        grow = {name for (name,) in cursor.fetchall()} | _history()
        cursor.execute(TABLES)
        tables = sorted(name for (name,) in cursor.fetchall())
    may_go = _named("rows_may_go") | ROWS_OF_LIBRARIES
    grow -= _named("rows_go_on")
    found = {}
    for table in tables:
        if table in READ_ONLY:
            found[table] = frozenset({"SELECT"})
        elif table in grow:
            found[table] = frozenset({"SELECT", "INSERT"})
        else:
            found[table] = frozenset({"SELECT", "INSERT", "UPDATE"} | ({"DELETE"} if table in may_go else set()))
    return found


def _named(attribute: str) -> set[str]:
    return set().union(*(getattr(config, attribute, ()) for config in apps.get_app_configs()))


def has_role() -> bool:
    """Whether the application's role is another than the tables' owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [settings.APPLICATION_ROLE]
        )
        return cursor.fetchone() is not None


def grant() -> None:
    """Give the application's role these rights, and no other. As the tables' owner."""
    role = sql.Identifier(settings.APPLICATION_ROLE)
    by_rights: dict[frozenset[str], list[str]] = {}
    for table, allowed in rights().items():
        by_rights.setdefault(allowed, []).append(table)
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
            "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}",
            "GRANT USAGE ON SCHEMA public TO {role}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        ):
            cursor.execute(sql.SQL(statement).format(role=role))
        for allowed, tables in by_rights.items():
            cursor.execute(
                sql.SQL("GRANT {rights} ON {tables} TO {role}").format(
                    rights=sql.SQL(", ").join(map(sql.SQL, sorted(allowed))),
                    tables=sql.SQL(", ").join(map(sql.Identifier, tables)),
                    role=role,
                )
            )


def _history() -> set[str]:
    models: list[type[Model]] = [model for model in apps.get_models() if issubclass(model, Event)]
    return {model._meta.db_table for model in models}
