from django.db import migrations

_OF_ONE_CLIENT = (
    "sessionnote",
    "treatmentplan",
    "goal",
    "safetyplan",
    "dischargeplan",
    "carryoveritem",
    "measure",
)
SAME_CLIENT = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_episode_is_the_clients() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            stray bigint;
        BEGIN
            EXECUTE format(
                'SELECT r.id FROM %I AS r JOIN cases_treatmentepisode AS e ON e.id = r.episode_id'
                ' WHERE r.id = $1 AND e.client_id <> r.client_id', TG_TABLE_NAME) INTO stray USING NEW.id;
            IF stray IS NOT NULL THEN
                RAISE EXCEPTION 'row % of % hangs on an episode of somebody else', stray, TG_TABLE_NAME
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'episode_is_the_clients';
            END IF;
            RETURN NULL;
        END $$;
    """
    + "".join(
        f"""
        CREATE CONSTRAINT TRIGGER {table}_episode_is_the_clients
            AFTER INSERT OR UPDATE OF client_id, episode_id ON counseling_{table} DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION counseling_episode_is_the_clients();
        """
        for table in _OF_ONE_CLIENT
    ),
    reverse_sql="DROP FUNCTION counseling_episode_is_the_clients() CASCADE;",
)
EARLIER_VERSIONS = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_earlier_plan_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
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
            RAISE EXCEPTION 'plan % was followed by another version: % refused', OLD.id, TG_OP
                USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER counseling_earlier_plan_stands BEFORE UPDATE OR DELETE ON counseling_treatmentplan
            FOR EACH ROW WHEN (OLD.stood_as IS NOT NULL) EXECUTE FUNCTION counseling_earlier_plan_stands();
    """,
    reverse_sql="DROP FUNCTION counseling_earlier_plan_stands() CASCADE;",
)
OF_ONE_RECORD = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_review_of_own_goals() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT 1 FROM counseling_planreview AS r
                JOIN counseling_treatmentplan AS p ON p.id = r.plan_id
                JOIN counseling_goal AS g ON g.episode_id = p.episode_id
                WHERE r.id = NEW.review_id AND g.id = NEW.goal_id
            ) THEN
                RAISE EXCEPTION 'a review speaks of goals of its own plan' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER counseling_review_of_own_goals BEFORE INSERT ON counseling_planreviewgoal
            FOR EACH ROW EXECUTE FUNCTION counseling_review_of_own_goals();

        CREATE FUNCTION counseling_filed_under_own_objective() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT 1 FROM counseling_sessionnote AS n
                JOIN counseling_goal AS g ON g.client_id = n.client_id
                JOIN counseling_objective AS o ON o.goal_id = g.id
                WHERE n.id = NEW.note_id AND o.id = NEW.objective_id
                    AND n.signed_at IS NOT NULL AND n.signed_at <= NEW.filed_at
            ) THEN
                RAISE EXCEPTION 'a signed note is filed under an objective of its own client'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER counseling_filed_under_own_objective BEFORE INSERT ON counseling_laterfiling
            FOR EACH ROW EXECUTE FUNCTION counseling_filed_under_own_objective();

        ALTER TABLE counseling_plansignature ADD CONSTRAINT plan_signature_drawing_has_a_size
            CHECK (strokes IS NULL OR (jsonb_typeof(strokes) = 'array' AND octet_length(strokes::text) < 100000));
    """,
    reverse_sql="""
        ALTER TABLE counseling_plansignature DROP CONSTRAINT plan_signature_drawing_has_a_size;
        DROP FUNCTION counseling_filed_under_own_objective() CASCADE;
        DROP FUNCTION counseling_review_of_own_goals() CASCADE;
    """,
)
HOMEWORK = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_homework_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            later text[] := '{client_id,outcome,learned,reviewed_at,reviewed_by_id,reviewed_in_id}';
        BEGIN
            IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND to_jsonb(OLD) - later <> to_jsonb(NEW) - later) THEN
                RAISE EXCEPTION 'homework % stands as it was given', OLD.id USING ERRCODE = 'restrict_violation';
            END IF;
            IF EXISTS (
                SELECT 1 FROM counseling_sessionnote n WHERE n.id IN (NEW.note_id, NEW.reviewed_in_id)
                    AND n.episode_id <> NEW.episode_id
            ) THEN
                RAISE EXCEPTION 'homework belongs to the episode of its notes' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER counseling_homework_stands BEFORE INSERT OR UPDATE OR DELETE ON counseling_homework
            FOR EACH ROW EXECUTE FUNCTION counseling_homework_stands();
    """,
    reverse_sql="DROP FUNCTION counseling_homework_stands() CASCADE;",
)
SEPARATE_NOTES = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_separate_note_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'UPDATE' THEN
                RAISE EXCEPTION 'separate notes are kept: % refused', TG_OP USING ERRCODE = 'restrict_violation';
            END IF;
            IF OLD.author_id <> NEW.author_id THEN
                RAISE EXCEPTION 'separate note % stays with its author', OLD.id USING ERRCODE = 'restrict_violation';
            END IF;
            IF OLD.signed_at IS NULL OR (
                OLD.client_id <> NEW.client_id
                AND to_jsonb(OLD) - 'client_id' = to_jsonb(NEW) - 'client_id'
                AND EXISTS (
                    SELECT 1 FROM cases_clientmerge
                    WHERE (keep_id, absorb_id) IN ((OLD.client_id, NEW.client_id), (NEW.client_id, OLD.client_id))
                )
            ) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'separate note % is signed: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER counseling_separate_note_stands BEFORE UPDATE OR DELETE ON counseling_separatenote
            FOR EACH ROW EXECUTE FUNCTION counseling_separate_note_stands();
        CREATE TRIGGER counseling_separate_notes_no_truncate BEFORE TRUNCATE ON counseling_separatenote
            FOR EACH STATEMENT EXECUTE FUNCTION counseling_separate_note_stands();
        CREATE CONSTRAINT TRIGGER separatenote_episode_is_the_clients
            AFTER INSERT OR UPDATE OF client_id, episode_id ON counseling_separatenote DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION counseling_episode_is_the_clients();
    """,
    reverse_sql="""
        DROP TRIGGER separatenote_episode_is_the_clients ON counseling_separatenote;
        DROP FUNCTION counseling_separate_note_stands() CASCADE;
    """,
)


class Migration(migrations.Migration):
    """Earlier versions of a plan stand, and every record hangs on an episode of its own client."""

    dependencies = [("counseling", "0002_signed_notes")]

    operations = [
        SAME_CLIENT,
        EARLIER_VERSIONS,
        OF_ONE_RECORD,
        HOMEWORK,
        SEPARATE_NOTES,
    ]
