from django.db import migrations

from staff.immutability import append_only, hash_chained


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


class Migration(migrations.Migration):
    """What was signed, disclosed or opened stays as it was, whoever asks the database to change it."""

    dependencies = [("privacy", "0001_initial"), ("staff", "0002_audit_chain")]

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
        append_only("privacy_chartaccess"),
        append_only("privacy_consentstatus"),
        # Merging two records of one person moves their rows, so the client's id may change.
        sealed("privacy_disclosure", but=("client_id",), words="a disclosure on record stays as it is"),
        # The event upon which a consent ends may come about after it was signed.
        sealed(
            "privacy_consent",
            but=("client_id", "expiry_event_on"),
            when="EXISTS (SELECT FROM privacy_consentstatus s WHERE s.consent_id = OLD.id AND s.status <> 'drafted')",
            words="a consent that came into force is sealed",
        ),
        migrations.RunSQL(
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
        ),
    ]
