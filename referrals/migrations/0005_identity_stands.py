from django.db import migrations

from staff.immutability import append_only, changes_only

# A lead never stands behind another listing: looked at once for all rows of a statement.
NO_CHAINS = migrations.RunSQL(
    sql="""
        CREATE FUNCTION referrals_samemeeting_no_chains() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT FROM added JOIN referrals_samemeeting AS other
                    ON other.clinic_id = added.clinic_id AND other.undone_at IS NULL
                    AND (other.listing_id = added.lead_id OR other.lead_id = added.listing_id)
                WHERE added.undone_at IS NULL
            ) THEN
                RAISE EXCEPTION 'a lead of other listings stands behind none itself'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'same_meeting_no_chains';
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER referrals_samemeeting_no_chains AFTER INSERT ON referrals_samemeeting
            REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION referrals_samemeeting_no_chains();
    """,
    reverse_sql="DROP FUNCTION referrals_samemeeting_no_chains() CASCADE;",
)


class Migration(migrations.Migration):
    """Which listings are one meeting is undone, never rewritten; what was done to own meetings stands."""

    dependencies = [("referrals", "0004_own_reports_stand")]

    operations = [
        append_only("referrals_ownmeetingchange"),
        changes_only(
            "referrals_samemeeting",
            called="finding of one meeting in two lists",
            columns={
                "undone_at": "OLD.undone_at IS NULL",
                "undone_by_id": "OLD.undone_at IS NULL",
                "undone_because": "OLD.undone_at IS NULL",
            },
        ),
        NO_CHAINS,
    ]
