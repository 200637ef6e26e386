from django.db import migrations

TRIGGERS = """
    CREATE FUNCTION privacy_consent_signable() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- Forms from before this rule stay as they are on record; moving one to another client is no new signature.
        IF TG_OP = 'UPDATE' AND NEW.signed_on IS NOT DISTINCT FROM OLD.signed_on THEN
            RETURN NEW;
        END IF;
        IF NEW.signed_on < DATE '1900-01-01'
            OR NEW.signed_on < (SELECT birth_date FROM cases_client WHERE id = NEW.client_id) THEN
            RAISE EXCEPTION 'a consent is signed after 1900 and after the birth of who signs'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER privacy_consent_signable BEFORE INSERT OR UPDATE ON privacy_consent
        FOR EACH ROW EXECUTE FUNCTION privacy_consent_signable();

    CREATE FUNCTION privacy_consent_signed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- One day of grace: no zone is further ahead of UTC, in which `at` is counted here.
        IF NEW.status = 'active' AND (SELECT signed_on FROM privacy_consent WHERE id = NEW.consent_id)
            > (NEW.at AT TIME ZONE 'UTC')::date + 1 THEN
            RAISE EXCEPTION 'a consent comes into force once it is signed' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER privacy_consent_signed BEFORE INSERT ON privacy_consentstatus
        FOR EACH ROW EXECUTE FUNCTION privacy_consent_signed();
"""


class Migration(migrations.Migration):
    """A signature is of a day on which it can have been given; below the functions, too."""

    dependencies = [("privacy", "0008_possible_days")]

    operations = [
        migrations.RunSQL(
            sql=TRIGGERS,
            reverse_sql="DROP FUNCTION privacy_consent_signable() CASCADE; DROP FUNCTION privacy_consent_signed() CASCADE;",
        )
    ]
