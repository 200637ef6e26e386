from django.db import migrations

SIGN_IN_LIMITS = """
    CREATE TABLE staff_signinlimit (
        cache_key varchar(255) PRIMARY KEY,
        value text NOT NULL,
        expires timestamp with time zone NOT NULL
    );
    CREATE INDEX staff_signinlimit_expires ON staff_signinlimit (expires);
"""

# Only a change that waits may be changed, and only by deciding it.
DECIDED = """
    CREATE FUNCTION staff_accountchange_stands() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        decision text[] := ARRAY['outcome', 'decided_by_id', 'decided_at', 'on_server'];
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.outcome = '' THEN
            IF OLD.kind = 'invitation' THEN
                decision := array_append(decision, 'staff_member_id');
            END IF;
            IF to_jsonb(OLD) - decision = to_jsonb(NEW) - decision THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'a change of an account stands as it was asked for and decided: % refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER staff_accountchange_stands BEFORE UPDATE OR DELETE ON staff_accountchange
        FOR EACH ROW EXECUTE FUNCTION staff_accountchange_stands();
    CREATE TRIGGER staff_accountchange_no_truncate BEFORE TRUNCATE ON staff_accountchange
        FOR EACH STATEMENT EXECUTE FUNCTION staff_accountchange_stands();
"""


class Migration(migrations.Migration):
    """Limits of sign-in (CACHES in config/settings/base.py) and changes of accounts by two people."""

    dependencies = [("staff", "0002_append_only")]

    operations = [
        migrations.RunSQL(SIGN_IN_LIMITS, "DROP TABLE staff_signinlimit"),
        migrations.RunSQL(DECIDED, "DROP FUNCTION staff_accountchange_stands() CASCADE"),
    ]
