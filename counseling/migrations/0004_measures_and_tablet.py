from django.db import migrations

MEASURES = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_measure_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                RAISE EXCEPTION 'measures cannot be truncated' USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'UPDATE'
                AND OLD.client_id <> NEW.client_id
                AND to_jsonb(OLD) - 'client_id' = to_jsonb(NEW) - 'client_id'
                AND EXISTS (
                    SELECT 1 FROM cases_clientmerge
                    WHERE (keep_id, absorb_id) IN ((OLD.client_id, NEW.client_id), (NEW.client_id, OLD.client_id))
                )
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'measure % stands as it was scored: % refused', OLD.id, TG_OP
                USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER counseling_measure_stands BEFORE UPDATE OR DELETE ON counseling_measure
            FOR EACH ROW EXECUTE FUNCTION counseling_measure_stands();
        CREATE TRIGGER counseling_measures_no_truncate BEFORE TRUNCATE ON counseling_measure
            FOR EACH STATEMENT EXECUTE FUNCTION counseling_measure_stands();

        CREATE FUNCTION counseling_measure_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            added bigint;
        BEGIN
            IF NEW.total IS NOT NULL THEN
                SELECT sum(CASE WHEN NEW.instrument = 'dast-10' AND key = '3' THEN 1 - value::int ELSE value::int END)
                    INTO added FROM jsonb_each_text(NEW.answers);
                IF added IS DISTINCT FROM NEW.total THEN
                    RAISE EXCEPTION 'the answers come to %, not to %', added, NEW.total
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'measure_adds_up';
                END IF;
            END IF;
            IF NEW.text_id IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM counseling_instrumenttext AS t JOIN cases_client AS c ON c.clinic_id = t.clinic_id
                WHERE t.id = NEW.text_id AND t.instrument = NEW.instrument AND c.id = NEW.client_id
            ) THEN
                RAISE EXCEPTION 'text % is of another instrument or clinic', NEW.text_id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'measure_text_is_its_own';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER counseling_measure_adds_up BEFORE INSERT ON counseling_measure
            FOR EACH ROW EXECUTE FUNCTION counseling_measure_adds_up();
    """,
    reverse_sql="""
        DROP FUNCTION counseling_measure_stands() CASCADE;
        DROP FUNCTION counseling_measure_adds_up() CASCADE;
    """,
)
TEXTS = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_instrument_text_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                RAISE EXCEPTION 'texts of instruments cannot be truncated' USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'is_in_use' = to_jsonb(NEW) - 'is_in_use' THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'text % stands as it was installed: % refused', OLD.id, TG_OP
                USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER counseling_instrument_text_stands BEFORE UPDATE OR DELETE ON counseling_instrumenttext
            FOR EACH ROW EXECUTE FUNCTION counseling_instrument_text_stands();
        CREATE TRIGGER counseling_instrument_texts_no_truncate BEFORE TRUNCATE ON counseling_instrumenttext
            FOR EACH STATEMENT EXECUTE FUNCTION counseling_instrument_text_stands();
    """,
    reverse_sql="DROP FUNCTION counseling_instrument_text_stands() CASCADE;",
)
HANDOVERS = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_handover_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            later text[] := '{client_id,active_at,closes_at,ended_at,ended_how,ended_by_id}';
        BEGIN
            IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
                RAISE EXCEPTION 'a handover stands: % refused', TG_OP USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'INSERT' THEN
                IF NEW.ended_at IS NOT NULL THEN
                    RAISE EXCEPTION 'a handover begins open' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
            END IF;
            IF to_jsonb(OLD) - later <> to_jsonb(NEW) - later
                OR NEW.active_at < OLD.active_at
                OR (OLD.ended_at IS NOT NULL AND to_jsonb(OLD) - 'client_id' <> to_jsonb(NEW) - 'client_id')
                OR (OLD.client_id <> NEW.client_id AND NOT EXISTS (
                    SELECT 1 FROM cases_clientmerge
                    WHERE (keep_id, absorb_id) IN ((OLD.client_id, NEW.client_id), (NEW.client_id, OLD.client_id))
                ))
            THEN
                RAISE EXCEPTION 'handover % stands: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER counseling_handover_stands BEFORE INSERT OR UPDATE OR DELETE ON counseling_handover
            FOR EACH ROW EXECUTE FUNCTION counseling_handover_stands();
        CREATE TRIGGER counseling_handover_no_truncate BEFORE TRUNCATE ON counseling_handover
            FOR EACH STATEMENT EXECUTE FUNCTION counseling_handover_stands();

        CREATE FUNCTION counseling_handover_part_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
                RAISE EXCEPTION 'what was answered stands: % refused', TG_OP USING ERRCODE = 'restrict_violation';
            END IF;
            IF EXISTS (SELECT 1 FROM counseling_handover WHERE id = NEW.handover_id AND ended_at IS NOT NULL) THEN
                RAISE EXCEPTION 'handover % has ended: % refused', NEW.handover_id, TG_OP
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'UPDATE'
                AND (OLD.handover_id, OLD.place, OLD.instrument, OLD.text_id)
                    IS DISTINCT FROM (NEW.handover_id, NEW.place, NEW.instrument, NEW.text_id)
            THEN
                RAISE EXCEPTION 'what is asked stands as it was opened' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER counseling_handover_part_stands BEFORE INSERT OR UPDATE OR DELETE ON counseling_handovermeasure
            FOR EACH ROW EXECUTE FUNCTION counseling_handover_part_stands();
        CREATE TRIGGER counseling_handover_part_no_truncate BEFORE TRUNCATE ON counseling_handovermeasure
            FOR EACH STATEMENT EXECUTE FUNCTION counseling_handover_part_stands();
    """,
    reverse_sql="""
        DROP FUNCTION counseling_handover_stands() CASCADE;
        DROP FUNCTION counseling_handover_part_stands() CASCADE;
    """,
)
BECAME_MEASURES = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_handover_became_measures() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            tablet bigint := CASE TG_TABLE_NAME
                WHEN 'counseling_handover' THEN (to_jsonb(NEW) ->> 'id')::bigint
                ELSE (to_jsonb(NEW) ->> 'handover_id')::bigint
            END;
        BEGIN
            IF EXISTS (
                SELECT 1 FROM counseling_handovermeasure AS p
                JOIN counseling_handover AS h ON h.id = p.handover_id
                LEFT JOIN counseling_measure AS m ON m.id = p.measure_id
                WHERE h.id = tablet AND CASE
                    WHEN h.ended_at IS NULL OR jsonb_strip_nulls(p.answers) = '{}' THEN p.measure_id IS NOT NULL
                    ELSE m.id IS NULL OR (m.client_id, m.instrument) <> (h.client_id, p.instrument)
                        OR m.answers <> jsonb_strip_nulls(p.answers)
                END
            ) THEN
                RAISE EXCEPTION 'handover % and its measures do not agree', tablet
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'handover_became_measures';
            END IF;
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER handover_became_measures
            AFTER UPDATE OF ended_at ON counseling_handover DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL) EXECUTE FUNCTION counseling_handover_became_measures();
        CREATE CONSTRAINT TRIGGER handover_part_became_a_measure
            AFTER INSERT OR UPDATE OF measure_id ON counseling_handovermeasure DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (NEW.measure_id IS NOT NULL) EXECUTE FUNCTION counseling_handover_became_measures();
        CREATE CONSTRAINT TRIGGER handover_episode_is_the_clients
            AFTER INSERT OR UPDATE OF client_id, episode_id ON counseling_handover DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION counseling_episode_is_the_clients();
    """,
    reverse_sql="""
        DROP TRIGGER handover_episode_is_the_clients ON counseling_handover;
        DROP FUNCTION counseling_handover_became_measures() CASCADE;
    """,
)


class Migration(migrations.Migration):
    """A measure stands as it was scored, and the tablet becomes the measures it was handed over for."""

    dependencies = [("counseling", "0003_plans_and_homework")]

    operations = [
        MEASURES,
        TEXTS,
        HANDOVERS,
        BECAME_MEASURES,
    ]
