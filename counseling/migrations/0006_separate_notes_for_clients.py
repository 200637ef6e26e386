from django.db import migrations

# Only who wrote a note gives it to the client (45 CFR 164.524(a)(1)(i)), and only once it is signed.
ITS_AUTHOR_DECIDES = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_separateforclient_decided() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM counseling_separatenote n JOIN cases_client c ON c.id = n.client_id
                WHERE n.id = NEW.note_id AND n.author_id = NEW.decided_by_id AND n.signed_at IS NOT NULL
                    AND c.clinic_id = NEW.clinic_id
            ) THEN
                RAISE EXCEPTION 'the author of a signed note decides whether the client has it'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER counseling_separateforclient_decided BEFORE INSERT ON counseling_separateforclient
            FOR EACH ROW EXECUTE FUNCTION counseling_separateforclient_decided();
    """,
    reverse_sql="DROP FUNCTION counseling_separateforclient_decided() CASCADE;",
)


class Migration(migrations.Migration):
    """Who decides that a client gets a separately held note."""

    dependencies = [("counseling", "0005_append_only")]

    operations = [
        ITS_AUTHOR_DECIDES,
    ]
