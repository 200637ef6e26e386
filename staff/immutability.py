"""SQL for append-only tables, used by migrations.

Unlike pgtrigger's, these triggers have no session variable that switches them off.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from staff import seals


def append_only(table: str) -> migrations.RunSQL:
    """A migration operation after which `table` refuses UPDATE, DELETE and TRUNCATE from everyone."""
    return migrations.RunSQL(
        sql=f"""
            CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '{table} is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only();
            CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only();
        """,
        reverse_sql=f"DROP FUNCTION {table}_is_append_only() CASCADE;",
    )


def stands_but_for_merges(table: str, *, called: str, merges: str) -> migrations.RunSQL:
    """A migration operation that locks rows of `table`, except `client_id`, which a merge may change.

    `merges` is the table of merges: a row may move between the two records of one person, in either direction, and
    change nothing else. `called` is the name of a row in a refusal, e.g. "safety evaluation".
    """
    return migrations.RunSQL(
        sql=f"""
            CREATE FUNCTION {table}_stands() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'TRUNCATE' THEN
                    RAISE EXCEPTION '{called}s cannot be truncated' USING ERRCODE = 'restrict_violation';
                END IF;
                IF TG_OP = 'UPDATE'
                    AND OLD.client_id <> NEW.client_id
                    AND to_jsonb(OLD) - 'client_id' = to_jsonb(NEW) - 'client_id'
                    AND EXISTS (
                        SELECT 1 FROM {merges}
                        WHERE (keep_id, absorb_id) IN ((OLD.client_id, NEW.client_id), (NEW.client_id, OLD.client_id))
                    )
                THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION '{called} % stands as it was recorded: % refused', OLD.id, TG_OP
                    USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE TRIGGER {table}_stands BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION {table}_stands();
            CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION {table}_stands();
        """,  # nosec B608 - names of tables from migrations, never input
        reverse_sql=f"DROP FUNCTION {table}_stands() CASCADE;",
    )


def changes_only(
    table: str, *, called: str, columns: dict[str, str], others_may: bool = False, may_go: str = "FALSE"
) -> migrations.RunSQL:
    """A migration operation after which rows of `table` never vanish, and change in the named columns only.

    `columns` says for each of them when it may change, as a condition on OLD and NEW; the others never change, or
    freely with `others_may`. Rows for which `may_go` holds (OLD) may be deleted. `called` is the name of a row in a
    refusal, e.g. "merge".
    """
    others = "".join(f" - '{column}'" for column in columns)
    same = "" if others_may else f"to_jsonb(OLD){others} <> to_jsonb(NEW){others} OR "
    conditions = same + " OR ".join(
        f"(OLD.{column} IS DISTINCT FROM NEW.{column} AND ({condition}) IS NOT TRUE)"
        for column, condition in columns.items()
    )
    return migrations.RunSQL(
        sql=f"""
            CREATE FUNCTION {table}_changes_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'TRUNCATE' THEN
                    RAISE EXCEPTION 'every {called} stays on record: TRUNCATE refused'
                        USING ERRCODE = 'restrict_violation';
                END IF;
                IF TG_OP = 'DELETE' AND ({may_go}) THEN
                    RETURN OLD;
                END IF;
                IF TG_OP = 'DELETE' THEN
                    RAISE EXCEPTION '{called} % stays on record: DELETE refused', OLD.id
                        USING ERRCODE = 'restrict_violation';
                END IF;
                IF {conditions} THEN
                    RAISE EXCEPTION '{called} % stands as it was recorded: UPDATE refused', OLD.id
                        USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER {table}_changes_only BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION {table}_changes_only();
            CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION {table}_changes_only();
        """,  # nosec B608 - names of tables from migrations, never input
        reverse_sql=f"DROP FUNCTION {table}_changes_only() CASCADE;",
    )


def moves_in_merges(merges: str, column: str = "client_id") -> str:
    """For `changes_only`: a row moves between the two records of one person, in either direction."""
    return (
        f"EXISTS (SELECT FROM {merges} m WHERE (m.keep_id, m.absorb_id)"  # nosec B608
        f" IN ((OLD.{column}, NEW.{column}), (NEW.{column}, OLD.{column})))"
    )


def hash_chained(table: str, *, columns: tuple[str, ...]) -> migrations.RunSQL:
    """A migration operation after which each new row of `table` gets its position and hash in its clinic's chain.

    The table has `clinic_id`, `position`, `previous_hash` and `hash`. The hash is SHA-256 over the previous hash, the
    position and `columns`, named one by one so that a column added later does not break old links; a time is stored as
    `extract(epoch FROM at)`, since its text depends on the session. A lock per clinic orders writers: no gaps.
    """
    listed = ", ".join(column.replace("@", '("row").') for column in columns)
    return migrations.RunSQL(
        sql=f"""
            CREATE FUNCTION {table}_link_hash("row" {table}) RETURNS text LANGUAGE sql STABLE AS $$
                SELECT encode(sha256(convert_to(
                    ("row").previous_hash || jsonb_build_array(("row").clinic_id, ("row").position, {listed})::text,
                    'UTF8')), 'hex')
            $$;
            CREATE FUNCTION {table}_chain() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                last record;
            BEGIN
                PERFORM pg_advisory_xact_lock(hashtext('{table}'), NEW.clinic_id::int);
                SELECT position, hash INTO last FROM {table}
                    WHERE clinic_id = NEW.clinic_id ORDER BY position DESC LIMIT 1;
                NEW.position := coalesce(last.position, 0) + 1;
                NEW.previous_hash := coalesce(last.hash, '');
                NEW.hash := {table}_link_hash(NEW);
                RETURN NEW;
            END $$;
            CREATE TRIGGER {table}_chain BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_chain();
        """,  # nosec B608 - names of tables from migrations, never input
        reverse_sql=f"DROP FUNCTION {table}_chain() CASCADE; DROP FUNCTION {table}_link_hash({table});",
    )


def sealed_chain(table: str, *, columns: tuple[str, ...]) -> migrations.RunSQL:
    """After `hash_chained`: each new row's hash is an HMAC, under the key that comes with the row (staff/seals.py).

    The table has `seal`. A row comes with `token:inner:outer`, its key mixed with the two paddings of HMAC (RFC 2104),
    and keeps the token. Rows from before have no seal and stay as they are; `staff.ChainMark` says how far they go.
    """
    listed = ", ".join(column.replace("@", '("row").') for column in columns)
    return migrations.RunSQL(
        sql=f"""
            CREATE FUNCTION {table}_link_text("row" {table}) RETURNS text LANGUAGE sql STABLE AS $$
                SELECT '{table} ' || ("row").previous_hash
                    || jsonb_build_array(("row").clinic_id, ("row").position, {listed})::text
            $$;
            CREATE OR REPLACE FUNCTION {table}_chain() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                last record;
                parts text[] := string_to_array(NEW.seal, ':');
            BEGIN
                IF array_length(parts, 1) IS DISTINCT FROM 3 THEN
                    RAISE EXCEPTION '{table}: an entry needs a seal' USING ERRCODE = 'check_violation';
                END IF;
                PERFORM pg_advisory_xact_lock(hashtext('{table}'), NEW.clinic_id::int);
                SELECT position, hash INTO last FROM {table}
                    WHERE clinic_id = NEW.clinic_id ORDER BY position DESC LIMIT 1;
                NEW.position := coalesce(last.position, 0) + 1;
                NEW.previous_hash := coalesce(last.hash, '');
                NEW.seal := parts[1];
                NEW.hash := encode(sha256(decode(parts[3], 'hex') || sha256(
                    decode(parts[2], 'hex') || convert_to({table}_link_text(NEW), 'UTF8'))), 'hex');
                RETURN NEW;
            END $$;
        """,  # nosec B608 - names of tables from migrations, never input
        reverse_sql=migrations.RunSQL.noop,
    )


def mark_where_seals_begin(table: str) -> migrations.RunPython:
    """Vouch with the key for the rows that have no seal, chain by chain: none comes after them, none is rewritten."""

    def mark(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT DISTINCT ON (clinic_id) clinic_id, position, hash FROM {table}"  # nosec B608
                " ORDER BY clinic_id, position DESC"
            )
            for clinic, position, end in cursor.fetchall():
                cursor.execute(
                    "INSERT INTO staff_chainmark (log, clinic_number, position, hash, mac) VALUES (%s, %s, %s, %s, %s)",
                    [table, clinic, position, end, seals.mark(seals_begin(table, clinic, position, end))],
                )

    return migrations.RunPython(mark, migrations.RunPython.noop)


def seals_begin(table: str, clinic: int, position: int, end: str) -> str:
    """What a mark vouches for."""
    return f"before seals|{table}|{clinic}|{position}|{end}"
