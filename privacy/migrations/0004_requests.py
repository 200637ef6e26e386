from django.db import migrations

from staff.immutability import stands_but_for_merges

# Nothing follows the last step; only a clock of law is extended, by 30 days at most (45 CFR 164.524(b)(2)(iii),
# 164.528(c)(1)(ii)); no subpoena or order is closed as released on another basis than a consent for legal proceedings
# or a court order (42 CFR 2.61 to 2.67).
STEPS_FOLLOW = migrations.RunSQL(
    sql="""
        CREATE FUNCTION privacy_requeststep_follows() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            a privacy_askedabout;
        BEGIN
            SELECT * INTO a FROM privacy_askedabout WHERE id = NEW.asked_id;
            IF a.clinic_id <> NEW.clinic_id OR a.kind = 'question' THEN
                RAISE EXCEPTION 'a step belongs to a request of its clinic' USING ERRCODE = 'check_violation';
            END IF;
            IF EXISTS (SELECT FROM privacy_requeststep s WHERE s.asked_id = NEW.asked_id AND s.step = 'closed') THEN
                RAISE EXCEPTION 'nothing follows the last step of a request' USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.step = 'extended' AND (
                a.kind NOT IN ('record_copy', 'accounting')
                OR NEW.until <= a.answer_by OR NEW.until > a.answer_by + 30
            ) THEN
                RAISE EXCEPTION 'a clock of law is extended once, by 30 days at most' USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.outcome = 'released' AND a.kind IN ('subpoena', 'court_order') AND NOT EXISTS (
                SELECT FROM privacy_disclosure d LEFT JOIN privacy_consent c ON c.id = d.consent_id
                WHERE d.id = NEW.disclosure_id AND (d.basis = 'court_order' OR c.type = 'legal')
            ) THEN
                RAISE EXCEPTION 'a subpoena releases nothing by itself' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER privacy_requeststep_follows BEFORE INSERT ON privacy_requeststep
            FOR EACH ROW EXECUTE FUNCTION privacy_requeststep_follows();
    """,
    reverse_sql="DROP FUNCTION privacy_requeststep_follows() CASCADE;",
)


class Migration(migrations.Migration):
    """Requests for records and what was given stay on record, each step after the one before."""

    dependencies = [("privacy", "0003_log_checks")]

    operations = [
        stands_but_for_merges("privacy_requeststep", called="step of a request", merges="cases_clientmerge"),
        stands_but_for_merges("privacy_recordgiven", called="record given", merges="cases_clientmerge"),
        STEPS_FOLLOW,
    ]
