from django.db import migrations

# Whoever is on a care team works at the client's clinic. A caseload is then read from care teams alone.
CARE_TEAM_OF_ONE_CLINIC = migrations.RunSQL(
    sql="""
        CREATE FUNCTION cases_care_team_of_one_clinic() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT clinic_id FROM cases_client WHERE id = NEW.client_id)
                IS DISTINCT FROM (SELECT clinic_id FROM staff_staffmember WHERE id = NEW.staff_member_id)
            THEN
                RAISE EXCEPTION 'client % and staff member % are of two clinics', NEW.client_id, NEW.staff_member_id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'care_team_of_one_clinic';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER cases_care_team_of_one_clinic BEFORE INSERT OR UPDATE OF client_id, staff_member_id
            ON cases_careteammember FOR EACH ROW EXECUTE FUNCTION cases_care_team_of_one_clinic();

        CREATE FUNCTION cases_care_team_keeps_its_clinic() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT 1 FROM cases_careteammember
                WHERE CASE TG_TABLE_NAME WHEN 'cases_client' THEN client_id ELSE staff_member_id END = NEW.id
            ) THEN
                RAISE EXCEPTION '% % is on a care team and stays at its clinic', TG_TABLE_NAME, NEW.id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'care_team_of_one_clinic';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER cases_client_keeps_its_clinic BEFORE UPDATE OF clinic_id ON cases_client
            FOR EACH ROW WHEN (OLD.clinic_id IS DISTINCT FROM NEW.clinic_id)
            EXECUTE FUNCTION cases_care_team_keeps_its_clinic();
        CREATE TRIGGER staff_member_keeps_its_clinic BEFORE UPDATE OF clinic_id ON staff_staffmember
            FOR EACH ROW WHEN (OLD.clinic_id IS DISTINCT FROM NEW.clinic_id)
            EXECUTE FUNCTION cases_care_team_keeps_its_clinic();
    """,
    reverse_sql="""
        DROP FUNCTION cases_care_team_keeps_its_clinic() CASCADE;
        DROP FUNCTION cases_care_team_of_one_clinic() CASCADE;
    """,
)


class Migration(migrations.Migration):
    """Care teams of one clinic, whatever writes them."""

    dependencies = [("cases", "0003_append_only")]

    operations = [
        CARE_TEAM_OF_ONE_CLINIC,
    ]
