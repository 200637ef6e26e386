from django.db import migrations

from staff.immutability import append_only

GROWS_ONLY = (
    "counseling_separateforclient",
    "counseling_addendum",
    "counseling_integritycheck",
    "counseling_integrityfinding",
    "counseling_laterfiling",
    "counseling_measurewithdrawal",
    "counseling_notesignature",
    "counseling_planreview",
    "counseling_planreviewgoal",
    "counseling_plansignature",
    "counseling_separatedisclosure",
    "counseling_useexplained",
)
HISTORY = (
    "counseling_noteofappointmentevent",
    "counseling_addendumevent",
    "counseling_carryoveritemevent",
    "counseling_dischargeplanevent",
    "counseling_dischargeplanstrategyevent",
    "counseling_dischargeplantriggerevent",
    "counseling_dischargeplanwarningsignevent",
    "counseling_goalevent",
    "counseling_handoverevent",
    "counseling_handovermeasureevent",
    "counseling_homeworkevent",
    "counseling_instrumenttextevent",
    "counseling_measureevent",
    "counseling_measureruleevent",
    "counseling_noteformatevent",
    "counseling_notementionevent",
    "counseling_notesignatureevent",
    "counseling_objectiveevent",
    "counseling_safetyplanevent",
    "counseling_separatedisclosureevent",
    "counseling_separatenoteevent",
    "counseling_sessionkindruleevent",
    "counseling_sessionnoteevent",
    "counseling_sessionnotegoalevent",
    "counseling_sessionnoteobjectiveevent",
    "counseling_setasidetextevent",
    "counseling_treatmentplanevent",
)
CHECKS_GO_FORWARD = migrations.RunSQL(
    sql="""
        CREATE OR REPLACE FUNCTION counseling_integritycheck_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF OLD.finished_at IS NULL AND NEW.id = OLD.id AND NEW.clinic_id = OLD.clinic_id
                    AND NEW.started_at = OLD.started_at AND NEW.notes_to_check IS NOT DISTINCT FROM OLD.notes_to_check
                    AND NEW.reached >= OLD.reached AND NEW.notes_checked >= OLD.notes_checked THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION 'counseling_integritycheck is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
        END $$;
    """,
    reverse_sql=migrations.RunSQL.noop,
)


class Migration(migrations.Migration):
    """Tables that only grow: signatures, addenda, reviews and history."""

    dependencies = [("counseling", "0004_measures_and_tablet")]

    operations = [
        *(append_only(table) for table in (*GROWS_ONLY, *HISTORY)),
        CHECKS_GO_FORWARD,
    ]
