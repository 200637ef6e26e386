from django.db import migrations

from staff.immutability import append_only, hash_chained

HISTORY = (
    "privacy_consentevent",
    "privacy_emergencyaccessevent",
    "privacy_minorconsentageevent",
)


def sealed(table: str, *, but: tuple[str, ...], when: str = "TRUE", words: str) -> migrations.RunSQL:
    """Rows of `table` for which `when` holds refuse DELETE, and any UPDATE but of the columns named."""
    still = "".join(f" - '{column}'" for column in but)
    return migrations.RunSQL(
        sql=f"""
            CREATE FUNCTION {table}_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF ({when}) AND (TG_OP = 'DELETE' OR to_jsonb(NEW){still} <> to_jsonb(OLD){still}) THEN
                    RAISE EXCEPTION '{words}: % refused', TG_OP USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
            END $$;
            CREATE TRIGGER {table}_sealed BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION {table}_sealed();
        """,
        reverse_sql=f"DROP FUNCTION {table}_sealed() CASCADE;",
    )


COMPLETE = migrations.RunSQL(
    sql="""
        CREATE FUNCTION privacy_consent_complete() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            c privacy_consent;
        BEGIN
            SELECT * INTO c FROM privacy_consent WHERE id = NEW.consent_id;
            IF NEW.status = 'active' AND (
                c.discloser = '' OR c.description = '' OR c.purpose = '' OR NOT c.right_to_revoke_stated
                OR (c.recipients = '' AND c.type <> 'reminder_contact')
                OR (c.contact_value = '' AND c.type = 'reminder_contact')
                OR (c.expires_on IS NULL AND c.expiry_event = '' AND NOT c.never_expires)
                OR c.signed_by_name = '' OR c.signed_on IS NULL
                OR (c.type = 'tpo' AND NOT (c.redisclosure_stated AND c.refusal_stated))
            ) THEN
                RAISE EXCEPTION 'an incomplete consent cannot become active' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER privacy_consent_complete BEFORE INSERT ON privacy_consentstatus
            FOR EACH ROW EXECUTE FUNCTION privacy_consent_complete();
    """,
    reverse_sql="DROP FUNCTION privacy_consent_complete() CASCADE;",
)
SIGNABLE = migrations.RunSQL(
    sql="""
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
    """,
    reverse_sql="DROP FUNCTION privacy_consent_signable() CASCADE; DROP FUNCTION privacy_consent_signed() CASCADE;",
)


class Migration(migrations.Migration):
    """What was signed, disclosed or opened stays as it was, whoever asks the database to change it."""

    dependencies = [("privacy", "0001_initial")]

    operations = [
        hash_chained(
            "privacy_chartaccess",
            columns=(
                "extract(epoch FROM @at)",
                "@staff_member_id",
                "@client_id",
                "@inquiry_id",
                "@group_id",
                "@view_name",
                "@method",
                "@status",
                "@emergency",
            ),
        ),
        *(append_only(table) for table in ("privacy_askedabout", "privacy_chartaccess", "privacy_consentstatus", *HISTORY)),
        sealed("privacy_disclosure", but=("client_id",), words="a disclosure on record stays as it is"),
        sealed(
            "privacy_consent",
            but=("client_id", "expiry_event_on"),
            when="EXISTS (SELECT FROM privacy_consentstatus s WHERE s.consent_id = OLD.id AND s.status <> 'drafted')",
            words="a consent that came into force is sealed",
        ),
        COMPLETE,
        SIGNABLE,
    ]
