from django.db import migrations

BODY = """
    CREATE OR REPLACE FUNCTION referrals_samemeeting_no_chains() RETURNS trigger LANGUAGE plpgsql {settings} AS $$
    BEGIN
        IF {asked} THEN
            RAISE EXCEPTION 'a lead of other listings stands behind none itself'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'same_meeting_no_chains';
        END IF;
        RETURN NULL;
    END $$;
"""
JOINED = """
    EXISTS (
        SELECT FROM added JOIN referrals_samemeeting AS other ON other.clinic_id = added.clinic_id
            AND other.undone_at IS NULL AND {met}
        WHERE added.undone_at IS NULL
    )
"""
LEADS = "other.listing_id = added.lead_id"
LED = "other.lead_id = added.listing_id"


class Migration(migrations.Migration):
    """The rule of 0005_identity_stands in two joins, each by hash: with OR it compared each row with each.

    By hash whatever the database thinks of the table: after a first import, it takes it for empty.
    """

    dependencies = [("referrals", "0014_visits_in_place_of_a_planned_day")]

    operations = [
        migrations.RunSQL(
            sql=BODY.format(
                settings="SET enable_nestloop = off",
                asked=f"{JOINED.format(met=LEADS)} OR {JOINED.format(met=LED)}",
            ),
            reverse_sql=BODY.format(settings="", asked=JOINED.format(met=f"({LEADS} OR {LED})")),
        ),
    ]
