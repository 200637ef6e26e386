from django.db import migrations

from staff.immutability import append_only

# A signed note, its links to goals and objectives, its signatures and its addenda refuse every change, whoever asks.
# These triggers have no switch. The one thing that may change on a signed note is which of two records of one person it
# hangs on, and only along a merge of exactly those two records (cases.ClientMerge): the merge says who did it and when,
# and neither the text nor its hash is touched.
SIGNED_NOTES = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_signed_note_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                RAISE EXCEPTION 'session notes cannot be truncated' USING ERRCODE = 'restrict_violation';
            END IF;
            IF OLD.signed_at IS NULL THEN
                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
            END IF;
            IF TG_OP = 'UPDATE'
                AND OLD.client_id <> NEW.client_id
                AND to_jsonb(OLD) - 'client_id' - 'words' = to_jsonb(NEW) - 'client_id' - 'words'
                AND EXISTS (
                    SELECT 1 FROM cases_clientmerge
                    WHERE (keep_id, absorb_id) IN ((OLD.client_id, NEW.client_id), (NEW.client_id, OLD.client_id))
                )
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'note % is signed: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER counseling_signed_note_stands BEFORE UPDATE OR DELETE ON counseling_sessionnote
            FOR EACH ROW EXECUTE FUNCTION counseling_signed_note_stands();
        CREATE TRIGGER counseling_notes_no_truncate BEFORE TRUNCATE ON counseling_sessionnote
            FOR EACH STATEMENT EXECUTE FUNCTION counseling_signed_note_stands();

        CREATE FUNCTION counseling_signed_links_stand() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            note bigint;
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                RAISE EXCEPTION '% cannot be truncated', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP <> 'INSERT' THEN
                SELECT id INTO note FROM counseling_sessionnote
                    WHERE id = OLD.sessionnote_id AND signed_at IS NOT NULL;
            END IF;
            IF note IS NULL AND TG_OP <> 'DELETE' THEN
                SELECT id INTO note FROM counseling_sessionnote
                    WHERE id = NEW.sessionnote_id AND signed_at IS NOT NULL;
            END IF;
            IF note IS NOT NULL THEN
                RAISE EXCEPTION 'note % is signed: % of what it addresses refused', note, TG_OP
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END $$;
        CREATE TRIGGER counseling_signed_goals_stand BEFORE INSERT OR UPDATE OR DELETE
            ON counseling_sessionnote_goals FOR EACH ROW EXECUTE FUNCTION counseling_signed_links_stand();
        CREATE TRIGGER counseling_signed_goals_no_truncate BEFORE TRUNCATE
            ON counseling_sessionnote_goals FOR EACH STATEMENT EXECUTE FUNCTION counseling_signed_links_stand();
        CREATE TRIGGER counseling_signed_objectives_stand BEFORE INSERT OR UPDATE OR DELETE
            ON counseling_sessionnote_objectives FOR EACH ROW EXECUTE FUNCTION counseling_signed_links_stand();
        CREATE TRIGGER counseling_signed_objectives_no_truncate BEFORE TRUNCATE
            ON counseling_sessionnote_objectives FOR EACH STATEMENT EXECUTE FUNCTION counseling_signed_links_stand();
    """,
    reverse_sql="""
        DROP FUNCTION counseling_signed_note_stands() CASCADE;
        DROP FUNCTION counseling_signed_links_stand() CASCADE;
    """,
)

# Checked at commit: a note is signed exactly when a signature of the same person at the same time stands under it.
SIGNATURES = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_check_signature(note bigint) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT 1 FROM counseling_sessionnote AS n
                LEFT JOIN counseling_notesignature AS s ON s.note_id = n.id AND s.kind = 'sign'
                WHERE n.id = note
                    AND (n.signed_at IS DISTINCT FROM s.at OR n.signed_by_id IS DISTINCT FROM s.signer_id)
            ) THEN
                RAISE EXCEPTION 'note % and its signature do not agree', note
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'note_signed_with_a_signature';
            END IF;
        END $$;
        CREATE FUNCTION counseling_note_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM counseling_check_signature(NEW.id);
            RETURN NULL;
        END $$;
        CREATE FUNCTION counseling_signature_added() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM counseling_check_signature(NEW.note_id);
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER note_signed_with_a_signature
            AFTER INSERT OR UPDATE OF signed_at, signed_by_id ON counseling_sessionnote DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (NEW.signed_at IS NOT NULL) EXECUTE FUNCTION counseling_note_changed();
        CREATE CONSTRAINT TRIGGER signature_under_a_signed_note
            AFTER INSERT ON counseling_notesignature DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION counseling_signature_added();
    """,
    reverse_sql="""
        DROP FUNCTION counseling_note_changed() CASCADE;
        DROP FUNCTION counseling_signature_added() CASCADE;
        DROP FUNCTION counseling_check_signature(bigint);
    """,
)

_OF_ONE_CLIENT = (
    "sessionnote",
    "treatmentplan",
    "goal",
    "safetyplan",
    "dischargeplan",
    "carryoveritem",
    "measure",
)

# Checked at commit, since a merge moves the episode and what hangs on it one after the other.
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


class Migration(migrations.Migration):

    dependencies = [("counseling", "0001_initial"), ("cases", "0003_the_way_in")]

    operations = [
        append_only("counseling_notesignature"),
        append_only("counseling_addendum"),
        SIGNED_NOTES,
        SIGNATURES,
        SAME_CLIENT,
    ]
