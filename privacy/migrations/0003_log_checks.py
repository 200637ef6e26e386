from django.db import migrations

from staff.immutability import append_only, stands_but_for_merges

CHECKS_GO_FORWARD = migrations.RunSQL(
    sql="""
        CREATE OR REPLACE FUNCTION privacy_auditcheck_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF OLD.finished_at IS NULL AND NEW.id = OLD.id AND NEW.clinic_id = OLD.clinic_id AND NEW.log = OLD.log
                    AND NEW.started_at = OLD.started_at AND NEW.reached >= OLD.reached
                    AND NEW.entries_checked >= OLD.entries_checked AND NEW.mailed_at IS NULL
                    OR OLD.finished_at IS NOT NULL AND OLD.mailed_at IS NULL
                    AND to_jsonb(NEW) - 'mailed_at' = to_jsonb(OLD) - 'mailed_at' THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION 'privacy_auditcheck is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
        END $$;
    """,
    reverse_sql=migrations.RunSQL.noop,
)
BY_ANOTHER = migrations.RunSQL(
    sql="""
        CREATE FUNCTION privacy_unusualaccessreview_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM privacy_unusualaccess a
                       WHERE a.id = NEW.access_id
                       AND (a.staff_member_id = NEW.by_id OR a.clinic_id <> NEW.clinic_id)) THEN
                RAISE EXCEPTION 'nobody reviews their own access, or that of another clinic'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER privacy_unusualaccessreview_by_another BEFORE INSERT ON privacy_unusualaccessreview
            FOR EACH ROW EXECUTE FUNCTION privacy_unusualaccessreview_by_another();
    """,
    reverse_sql="DROP FUNCTION privacy_unusualaccessreview_by_another() CASCADE;",
)


class Migration(migrations.Migration):
    """Checks of the logs and their findings, unusual access and reports of access stay on record."""

    dependencies = [("privacy", "0002_sealed_records")]

    operations = [
        append_only("privacy_auditfinding"),
        append_only("privacy_auditcheck"),
        CHECKS_GO_FORWARD,
        append_only("privacy_auditacknowledgment"),
        append_only("privacy_unusualaccess"),
        append_only("privacy_unusualaccessreview"),
        stands_but_for_merges("privacy_accessreport", called="access report", merges="cases_clientmerge"),
        BY_ANOTHER,
    ]
