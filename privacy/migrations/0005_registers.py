from django.db import migrations

from staff.immutability import append_only, changes_only, moves_in_merges

REVIEW_BY_ANOTHER = migrations.RunSQL(
    sql="""
        CREATE FUNCTION privacy_disclosurereview_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT FROM privacy_disclosure d
                WHERE d.id = NEW.disclosure_id AND NEW.reviewed_by_id IN (d.disclosed_by_id, d.recorded_by_id)
            ) THEN
                RAISE EXCEPTION 'nobody reviews their own disclosure' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER privacy_disclosurereview_by_another BEFORE INSERT ON privacy_disclosurereview
            FOR EACH ROW EXECUTE FUNCTION privacy_disclosurereview_by_another();
    """,
    reverse_sql="DROP FUNCTION privacy_disclosurereview_by_another() CASCADE;",
)
BREACH_CLIENT_STAYS = changes_only(
    "privacy_breachclient",
    called="client of a breach",
    columns={
        "client_id": moves_in_merges("cases_clientmerge"),
        "taken_off_at": "OLD.taken_off_at IS NULL",
        "taken_off_by_id": "OLD.taken_off_at IS NULL",
        "taken_off_reason": "OLD.taken_off_at IS NULL",
    },
)
AGREEMENT_STANDS = changes_only(
    "privacy_serviceagreement",
    called="service agreement",
    columns={column: "OLD.ended_on IS NULL" for column in ("ended_on", "ended_at", "ended_by_id")},
)
HOLD_STANDS = changes_only(
    "privacy_legalhold",
    called="legal hold",
    columns={
        "client_id": moves_in_merges("cases_clientmerge"),
        "lifted_at": "OLD.lifted_at IS NULL",
        "lifted_by_id": "OLD.lifted_at IS NULL",
        "lift_reason": "OLD.lifted_at IS NULL",
    },
)
HELD_RECORDS_STAY = migrations.RunSQL(
    sql="""
        CREATE FUNCTION privacy_held_client_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM privacy_legalhold h WHERE h.client_id = OLD.id AND h.lifted_at IS NULL) THEN
                RAISE EXCEPTION 'client % is on legal hold: DELETE refused', OLD.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN OLD;
        END $$;
        CREATE TRIGGER privacy_held_client_stays BEFORE DELETE ON cases_client
            FOR EACH ROW EXECUTE FUNCTION privacy_held_client_stays();

        CREATE FUNCTION privacy_held_client_is_not_merged() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (TG_OP = 'INSERT' OR NEW.undone_at IS DISTINCT FROM OLD.undone_at) AND EXISTS (
                SELECT FROM privacy_legalhold h
                WHERE h.client_id IN (NEW.keep_id, NEW.absorb_id) AND h.lifted_at IS NULL
            ) THEN
                RAISE EXCEPTION 'a record on legal hold is not merged or unmerged: % refused', TG_OP
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER privacy_held_client_is_not_merged BEFORE INSERT OR UPDATE ON cases_clientmerge
            FOR EACH ROW EXECUTE FUNCTION privacy_held_client_is_not_merged();
    """,
    reverse_sql="DROP FUNCTION privacy_held_client_stays() CASCADE;"
    " DROP FUNCTION privacy_held_client_is_not_merged() CASCADE;",
)


class Migration(migrations.Migration):
    """Breaches, reviews of emergency disclosures, service agreements and legal holds stay on record."""

    dependencies = [("privacy", "0004_requests")]

    operations = [
        append_only("privacy_disclosurereview"),
        REVIEW_BY_ANOTHER,
        append_only("privacy_breach"),
        append_only("privacy_breachevent"),
        BREACH_CLIENT_STAYS,
        append_only("privacy_breachclientevent"),
        append_only("privacy_breachnotice"),
        append_only("privacy_breachassessment"),
        append_only("privacy_breachstep"),
        AGREEMENT_STANDS,
        append_only("privacy_serviceagreementevent"),
        HOLD_STANDS,
        append_only("privacy_legalholdevent"),
        HELD_RECORDS_STAY,
    ]
