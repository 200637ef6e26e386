from django.conf import settings
from django.db import migrations, models

# A signed note takes one thing more: the moment of the cosignature that stands under it. The signature writes it.
COSIGNED_AT = migrations.RunSQL(
    sql="""
        CREATE OR REPLACE FUNCTION counseling_signed_note_stands() RETURNS trigger LANGUAGE plpgsql AS $$
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

        CREATE OR REPLACE FUNCTION counseling_check_signature(note bigint) RETURNS void LANGUAGE plpgsql AS $$
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

        CREATE FUNCTION counseling_note_cosigned() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE counseling_sessionnote SET cosigned_at = NEW.at
                WHERE id = NEW.note_id AND signed_at IS NOT NULL AND cosigned_at IS DISTINCT FROM NEW.at;
            RETURN NULL;
        END $$;
        CREATE TRIGGER counseling_note_cosigned AFTER INSERT ON counseling_notesignature
            FOR EACH ROW WHEN (NEW.kind = 'cosign') EXECUTE FUNCTION counseling_note_cosigned();

        UPDATE counseling_sessionnote AS n SET cosigned_at = c.at
            FROM counseling_notesignature AS c WHERE c.note_id = n.id AND c.kind = 'cosign' AND n.signed_at IS NOT NULL;
    """,
    reverse_sql="""
        DROP FUNCTION counseling_note_cosigned() CASCADE;

        CREATE OR REPLACE FUNCTION counseling_check_signature(note bigint) RETURNS void LANGUAGE plpgsql AS $$
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

        CREATE OR REPLACE FUNCTION counseling_signed_note_stands() RETURNS trigger LANGUAGE plpgsql AS $$
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
    """,
)


class Migration(migrations.Migration):
    """The moment of cosigning beside the note, so that what still waits is a short index."""

    dependencies = [
        ("cases", "0003_append_only"),
        ("counseling", "0005_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="sessionnote",
            name="cosigned_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="That of the cosignature: written by the database with it.",
                null=True,
            ),
        ),
        COSIGNED_AT,
        migrations.RemoveIndex(model_name="sessionnote", name="note_under_supervision"),
        migrations.AddIndex(
            model_name="sessionnote",
            index=models.Index(
                condition=models.Q(("cosigned_at", None), ("needs_cosignature", True)),
                fields=["author", "signed_at"],
                name="note_waits_for_cosignature",
            ),
        ),
        migrations.AddIndex(
            model_name="sessionnote",
            index=models.Index(
                fields=["client", "author"], include=("signed_at", "discarded_at"), name="note_authors_of_client"
            ),
        ),
        migrations.AddConstraint(
            model_name="sessionnote",
            constraint=models.CheckConstraint(
                condition=models.Q(("cosigned_at", None), ("signed_at__isnull", False), _connector="OR"),
                name="cosigned_note_is_signed",
            ),
        ),
    ]
