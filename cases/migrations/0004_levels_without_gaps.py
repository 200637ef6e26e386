from django.db import migrations

# Checked at commit, so that one transaction may end a period and begin the next in either order. Overlaps are refused
# by an exclusion constraint already; what is left is a gap, or a level of care that goes on after the discharge.
NO_GAPS = migrations.RunSQL(
    sql="""
        CREATE FUNCTION cases_check_level_of_care(episode bigint) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT 1 FROM (
                    SELECT ends_at, lead(starts_at) OVER (ORDER BY starts_at) AS next_starts_at
                    FROM cases_levelofcareperiod WHERE episode_id = episode
                ) AS periods
                WHERE next_starts_at IS NOT NULL AND ends_at IS DISTINCT FROM next_starts_at
            ) THEN
                RAISE EXCEPTION 'levels of care of episode % leave a gap', episode
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'level_of_care_without_gaps';
            END IF;
            IF EXISTS (
                SELECT 1 FROM cases_levelofcareperiod AS period
                JOIN cases_treatmentepisode AS owner ON owner.id = period.episode_id
                WHERE period.episode_id = episode AND owner.discharged_on IS NOT NULL AND period.ends_at IS NULL
            ) THEN
                RAISE EXCEPTION 'episode % is discharged but its level of care goes on', episode
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'level_of_care_ends_with_discharge';
            END IF;
        END $$;
        CREATE FUNCTION cases_level_of_care_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'INSERT' THEN
                PERFORM cases_check_level_of_care(OLD.episode_id);
            END IF;
            IF TG_OP <> 'DELETE' THEN
                PERFORM cases_check_level_of_care(NEW.episode_id);
            END IF;
            RETURN NULL;
        END $$;
        CREATE FUNCTION cases_discharge_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM cases_check_level_of_care(NEW.id);
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER level_of_care_without_gaps
            AFTER INSERT OR UPDATE OR DELETE ON cases_levelofcareperiod DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION cases_level_of_care_changed();
        CREATE CONSTRAINT TRIGGER level_of_care_ends_with_discharge
            AFTER UPDATE OF discharged_on ON cases_treatmentepisode DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION cases_discharge_changed();
    """,
    reverse_sql="""
        DROP FUNCTION cases_level_of_care_changed() CASCADE;
        DROP FUNCTION cases_discharge_changed() CASCADE;
        DROP FUNCTION cases_check_level_of_care(bigint);
    """,
)


class Migration(migrations.Migration):

    dependencies = [("cases", "0003_the_way_in")]

    operations = [NO_GAPS]
