from django.db import migrations

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
            IF TG_OP = 'UPDATE'
                AND OLD.cosigned_at IS NULL
                AND to_jsonb(OLD) - 'cosigned_at' - 'words' = to_jsonb(NEW) - 'cosigned_at' - 'words'
                AND EXISTS (
                    SELECT 1 FROM counseling_notesignature
                    WHERE note_id = NEW.id AND kind = 'cosign' AND at = NEW.cosigned_at
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
SIGNATURES = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_check_signature(note bigint) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT 1 FROM counseling_sessionnote AS n
                LEFT JOIN counseling_notesignature AS s ON s.note_id = n.id AND s.kind = 'sign'
                LEFT JOIN counseling_notesignature AS c ON c.note_id = n.id AND c.kind = 'cosign'
                WHERE n.id = note
                    AND (n.signed_at IS DISTINCT FROM s.at OR n.signed_by_id IS DISTINCT FROM s.signer_id
                        OR n.cosigned_at IS DISTINCT FROM c.at)
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

        -- A signed note takes one thing more: the moment of the cosignature that stands under it.
        CREATE FUNCTION counseling_note_cosigned() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE counseling_sessionnote SET cosigned_at = NEW.at
                WHERE id = NEW.note_id AND signed_at IS NOT NULL AND cosigned_at IS DISTINCT FROM NEW.at;
            RETURN NULL;
        END $$;
        CREATE TRIGGER counseling_note_cosigned AFTER INSERT ON counseling_notesignature
            FOR EACH ROW WHEN (NEW.kind = 'cosign') EXECUTE FUNCTION counseling_note_cosigned();
    """,
    reverse_sql="""
        DROP FUNCTION counseling_note_changed() CASCADE;
        DROP FUNCTION counseling_signature_added() CASCADE;
        DROP FUNCTION counseling_note_cosigned() CASCADE;
        DROP FUNCTION counseling_check_signature(bigint);
    """,
)
UNDER_A_SIGNATURE = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_addendum_under_signed_note() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT 1 FROM counseling_sessionnote WHERE id = NEW.note_id AND signed_at IS NOT NULL AND signed_at <= NEW.at
            ) THEN
                RAISE EXCEPTION 'an addendum stands under a signed note' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER counseling_addendum_under_signed_note BEFORE INSERT ON counseling_addendum
            FOR EACH ROW EXECUTE FUNCTION counseling_addendum_under_signed_note();
        ALTER TABLE counseling_addendum ADD CONSTRAINT addendum_says_something
            CHECK (btrim(text) <> '' AND btrim(reason) <> '');

        CREATE FUNCTION counseling_cosigned_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.kind = 'cosign' AND EXISTS (
                SELECT 1 FROM counseling_sessionnote WHERE id = NEW.note_id AND author_id = NEW.signer_id
            ) THEN
                RAISE EXCEPTION 'nobody cosigns their own note' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER counseling_cosigned_by_another BEFORE INSERT ON counseling_notesignature
            FOR EACH ROW EXECUTE FUNCTION counseling_cosigned_by_another();
    """,
    reverse_sql="""
        DROP FUNCTION counseling_cosigned_by_another() CASCADE;
        ALTER TABLE counseling_addendum DROP CONSTRAINT addendum_says_something;
        DROP FUNCTION counseling_addendum_under_signed_note() CASCADE;
    """,
)
SIGNED_MENTIONS = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_signed_mentions_stand() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            about CONSTANT text[] := ARRAY['trigger_id', 'warning_sign_id', 'strategy_id'];
            of_note bigint;
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                RAISE EXCEPTION 'mentions cannot be truncated' USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - about = to_jsonb(NEW) - about THEN
                RETURN NEW;
            END IF;
            SELECT id INTO of_note FROM counseling_sessionnote WHERE signed_at IS NOT NULL AND id IN (
                CASE WHEN TG_OP <> 'INSERT' THEN OLD.note_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.note_id END
            ) LIMIT 1;
            IF of_note IS NOT NULL THEN
                RAISE EXCEPTION 'note % is signed: % of a mention refused', of_note, TG_OP
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END $$;
        CREATE TRIGGER counseling_signed_mentions_stand BEFORE INSERT OR UPDATE OR DELETE ON counseling_notemention
            FOR EACH ROW EXECUTE FUNCTION counseling_signed_mentions_stand();
        CREATE TRIGGER counseling_mentions_no_truncate BEFORE TRUNCATE ON counseling_notemention
            FOR EACH STATEMENT EXECUTE FUNCTION counseling_signed_mentions_stand();
    """,
    reverse_sql="DROP FUNCTION counseling_signed_mentions_stand() CASCADE;",
)
MENTIONS_MOVE_ALONG_JOINS = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_signed_mention_moves_along_a_join() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM counseling_sessionnote WHERE id = NEW.note_id AND signed_at IS NOT NULL) THEN
                RETURN NULL;
            END IF;
            IF NOT EXISTS (
                SELECT 1 FROM cases_learnedjoin AS j
                JOIN (VALUES
                    ('trigger', OLD.trigger_id, NEW.trigger_id),
                    ('sign', OLD.warning_sign_id, NEW.warning_sign_id),
                    ('strategy', OLD.strategy_id, NEW.strategy_id)
                ) AS moved (kind, was, is_now) ON moved.kind = j.kind
                WHERE (j.kept_id, j.joined_id) IN ((moved.is_now, moved.was), (moved.was, moved.is_now))
            ) THEN
                RAISE EXCEPTION 'note % is signed: what came up in it was moved without a join', NEW.note_id
                    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'signed_mention_moves_along_a_join';
            END IF;
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER signed_mention_moves_along_a_join
            AFTER UPDATE OF trigger_id, warning_sign_id, strategy_id ON counseling_notemention
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
            WHEN ((OLD.trigger_id, OLD.warning_sign_id, OLD.strategy_id)
                IS DISTINCT FROM (NEW.trigger_id, NEW.warning_sign_id, NEW.strategy_id))
            EXECUTE FUNCTION counseling_signed_mention_moves_along_a_join();
    """,
    reverse_sql="DROP FUNCTION counseling_signed_mention_moves_along_a_join() CASCADE;",
)
FORMATS = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_used_format_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                RAISE EXCEPTION 'note formats cannot be truncated' USING ERRCODE = 'restrict_violation';
            END IF;
            IF NOT EXISTS (SELECT 1 FROM counseling_sessionnote WHERE own_format_id = OLD.id) THEN
                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
            END IF;
            IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'is_offered' - 'changed_at'
                = to_jsonb(NEW) - 'is_offered' - 'changed_at'
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'notes are written in format %: % refused', OLD.id, TG_OP
                USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER counseling_used_format_stands BEFORE UPDATE OR DELETE ON counseling_noteformat
            FOR EACH ROW EXECUTE FUNCTION counseling_used_format_stands();
        CREATE TRIGGER counseling_formats_no_truncate BEFORE TRUNCATE ON counseling_noteformat
            FOR EACH STATEMENT EXECUTE FUNCTION counseling_used_format_stands();

        CREATE FUNCTION counseling_note_fits_its_format() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            own counseling_noteformat;
        BEGIN
            SELECT * INTO own FROM counseling_noteformat WHERE id = NEW.own_format_id FOR SHARE;
            IF own.code <> NEW.format OR own.layout <> NEW.layout
                OR own.clinic_id <> (SELECT clinic_id FROM cases_client WHERE id = NEW.client_id)
            THEN
                RAISE EXCEPTION 'note is not written in format %', own.id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'note_fits_its_format';
            END IF;
            IF cardinality(own.kinds) > 0 AND NEW.modality <> ALL (own.kinds) THEN
                RAISE EXCEPTION 'format % is not for this kind of session', own.id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'note_format_is_for_this_kind';
            END IF;
            IF NEW.signed_at IS NOT NULL AND EXISTS (
                SELECT 1 FROM jsonb_array_elements(NEW.layout) AS each (section)
                WHERE section -> 'required' = 'true'::jsonb
                    AND coalesce(NEW.sections ->> (section ->> 'key'), '') !~ '[^[:space:]]'
            ) THEN
                RAISE EXCEPTION 'a section that format % asks for is empty', own.id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'note_has_what_its_format_asks_for';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER counseling_note_begins_in_its_format BEFORE INSERT ON counseling_sessionnote
            FOR EACH ROW WHEN (NEW.own_format_id IS NOT NULL) EXECUTE FUNCTION counseling_note_fits_its_format();
        CREATE TRIGGER counseling_note_stays_in_its_format
            BEFORE UPDATE OF format, own_format_id, layout, modality, signed_at ON counseling_sessionnote
            FOR EACH ROW WHEN (
                NEW.own_format_id IS NOT NULL AND (
                    (NEW.format, NEW.own_format_id, NEW.layout, NEW.modality, NEW.signed_at)
                    IS DISTINCT FROM (OLD.format, OLD.own_format_id, OLD.layout, OLD.modality, OLD.signed_at)
                )
            )
            EXECUTE FUNCTION counseling_note_fits_its_format();
    """,
    reverse_sql="""
        DROP FUNCTION counseling_used_format_stands() CASCADE;
        DROP FUNCTION counseling_note_fits_its_format() CASCADE;
    """,
)


class Migration(migrations.Migration):
    """A signed note stands, with its signatures, its links, its format and what came up in it."""

    dependencies = [("counseling", "0001_initial"), ("cases", "0005_stand"), ("privacy", "0002_sealed_records")]

    operations = [
        SIGNED_NOTES,
        SIGNATURES,
        UNDER_A_SIGNATURE,
        SIGNED_MENTIONS,
        MENTIONS_MOVE_ALONG_JOINS,
        FORMATS,
    ]
