from django.db import migrations

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

HOUR_ON_ITS_DAY = migrations.RunSQL(
    sql="""
        CREATE FUNCTION cases_admission_hour_on_its_day() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.admitted_at IS NOT NULL AND NEW.admitted_on <> (
                SELECT (NEW.admitted_at AT TIME ZONE clinic.time_zone)::date
                FROM cases_client AS client JOIN staff_clinic AS clinic ON clinic.id = client.clinic_id
                WHERE client.id = NEW.client_id
            ) THEN
                RAISE EXCEPTION 'the hour of an admission is on its day'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'admission_hour_on_its_day';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER admission_hour_on_its_day_new
            BEFORE INSERT ON cases_treatmentepisode
            FOR EACH ROW EXECUTE FUNCTION cases_admission_hour_on_its_day();
        CREATE TRIGGER admission_hour_on_its_day
            BEFORE UPDATE ON cases_treatmentepisode FOR EACH ROW
            WHEN ((OLD.admitted_on, OLD.admitted_at) IS DISTINCT FROM (NEW.admitted_on, NEW.admitted_at))
            EXECUTE FUNCTION cases_admission_hour_on_its_day();
    """,
    reverse_sql="DROP FUNCTION cases_admission_hour_on_its_day() CASCADE;",
)


class Migration(migrations.Migration):
    """Rules that look at more than one row: constraint triggers, checked when a transaction ends or a row is written."""

    dependencies = [("cases", "0001_initial")]

    operations = [
        NO_GAPS,
        HOUR_ON_ITS_DAY,
    ]
