from django.db import migrations

from staff.immutability import append_only, changes_only, hash_chained, mark_where_seals_begin, moves_in_merges, sealed_chain

LOGS = ("privacy_chartaccess", "privacy_listaccess")
HISTORY = (
    "privacy_consentevent",
    "privacy_emergencyaccessevent",
    "privacy_emergencylookupevent",
    "privacy_knownrecipientevent",
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


# Elements that say something: a dot is no purpose. The words themselves are checked by `consents.missing_elements`.
COMPLETE = migrations.RunSQL(
    sql="""
        CREATE FUNCTION privacy_consent_complete() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            c privacy_consent;
            word CONSTANT text := '[[:alnum:]]{2}';
        BEGIN
            SELECT * INTO c FROM privacy_consent WHERE id = NEW.consent_id;
            IF NEW.status = 'active' AND (
                c.discloser !~ word OR c.description !~ word OR c.purpose !~ word OR NOT c.right_to_revoke_stated
                OR (c.recipients !~ word AND c.type <> 'reminder_contact')
                OR (c.contact_value = '' AND c.type = 'reminder_contact')
                OR (c.expires_on IS NULL AND c.expiry_event !~ word AND NOT c.never_expires)
                OR c.signed_by_name !~ word OR c.signed_on IS NULL
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
# A look-up stays as it was made; its review is added once.
LOOK_UP_STAYS = migrations.RunSQL(
    sql="""
        CREATE FUNCTION privacy_emergencylookup_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND OLD.reviewed_at IS NULL
                AND to_jsonb(OLD) - 'reviewed_at' - 'reviewed_by_id' - 'review_note'
                    = to_jsonb(NEW) - 'reviewed_at' - 'reviewed_by_id' - 'review_note'
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'an emergency look-up stays as it is on record: % refused', TG_OP
                USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER privacy_emergencylookup_sealed BEFORE UPDATE OR DELETE ON privacy_emergencylookup
            FOR EACH ROW EXECUTE FUNCTION privacy_emergencylookup_sealed();
        CREATE TRIGGER privacy_emergencylookup_no_truncate BEFORE TRUNCATE ON privacy_emergencylookup
            FOR EACH STATEMENT EXECUTE FUNCTION privacy_emergencylookup_sealed();
    """,
    reverse_sql="DROP FUNCTION privacy_emergencylookup_sealed() CASCADE;",
)
REVIEWED_ONCE = "OLD.reviewed_at IS NULL"
EMERGENCY_STANDS = changes_only(
    "privacy_emergencyaccess",
    called="emergency access",
    columns={
        "client_id": moves_in_merges("cases_clientmerge"),
        "ends_at": "NEW.ends_at < OLD.ends_at",
        "finding": REVIEWED_ONCE,
        "review_note": REVIEWED_ONCE,
        "reviewed_at": REVIEWED_ONCE,
        "reviewed_by_id": REVIEWED_ONCE,
    },
)


class Migration(migrations.Migration):
    """What was signed, disclosed or opened stays as it was, whoever asks the database to change it."""

    dependencies = [("privacy", "0001_initial"), ("cases", "0005_stand"), ("staff", "0002_append_only")]

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
        hash_chained(
            "privacy_listaccess",
            columns=(
                "extract(epoch FROM @at)",
                "@staff_member_id",
                "@view_name",
                "@method",
                "@status",
                "@asked",
                "@how_many",
                "@client_ids",
            ),
        ),
        sealed_chain(
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
        sealed_chain(
            "privacy_listaccess",
            columns=(
                "extract(epoch FROM @at)",
                "@staff_member_id",
                "@view_name",
                "@method",
                "@status",
                "@asked",
                "@how_many",
                "@client_ids",
            ),
        ),
        mark_where_seals_begin("privacy_chartaccess"),
        mark_where_seals_begin("privacy_listaccess"),
        *(append_only(table) for table in (*LOGS, "privacy_askedabout", "privacy_consentstatus", *HISTORY)),
        sealed("privacy_disclosure", but=("client_id",), words="a disclosure on record stays as it is"),
        sealed(
            "privacy_consent",
            but=("client_id", "expiry_event_on"),
            when="EXISTS (SELECT FROM privacy_consentstatus s WHERE s.consent_id = OLD.id AND s.status <> 'drafted')",
            words="a consent that came into force is sealed",
        ),
        COMPLETE,
        SIGNABLE,
        LOOK_UP_STAYS,
        EMERGENCY_STANDS,
    ]
