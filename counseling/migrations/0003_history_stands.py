from django.db import migrations

from staff.immutability import append_only

# The triggers that pghistory makes can be switched off by a session variable and do not see TRUNCATE; these have no switch and do.
HISTORY = (
    "counseling_addendumevent",
    "counseling_carryoveritemevent",
    "counseling_dischargeplanevent",
    "counseling_goalevent",
    "counseling_measureevent",
    "counseling_noteformatevent",
    "counseling_notesignatureevent",
    "counseling_objectiveevent",
    "counseling_safetyplanevent",
    "counseling_sessionnoteevent",
    "counseling_setasidetextevent",
    "counseling_treatmentplanevent",
)

# An addendum stands under a signed note and not before its signature; nobody cosigns their own note.
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



class Migration(migrations.Migration):
    dependencies = [("counseling", "0002_what_is_signed_stands")]

    operations = [*(append_only(table) for table in HISTORY), UNDER_A_SIGNATURE]
