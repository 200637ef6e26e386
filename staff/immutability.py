"""SQL for append-only tables, used by migrations.

Unlike pgtrigger's, these triggers have no session variable that switches them off.
"""

from django.db import migrations


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
