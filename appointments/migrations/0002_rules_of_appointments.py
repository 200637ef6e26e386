from django.db import migrations

from staff.immutability import append_only, stands_but_for_merges

HISTORY = (
    "appointments_appointmentanswerevent",
    "appointments_appointmentevent",
    "appointments_appointmentstepevent",
    "appointments_bookedspanevent",
    "appointments_continuingcarechoiceevent",
    "appointments_followupcallevent",
    "appointments_holidayevent",
    "appointments_noshowcontactevent",
    "appointments_roomevent",
    "appointments_seriesevent",
    "appointments_timeoffevent",
    "appointments_workinghoursevent",
)
MERGES = "cases_clientmerge"
# When somebody was to come is a fact: a move makes another row. Only a merge, or a client who was found since the call,
# changes whom it is with; and the row that took its place is set once.
STANDS = migrations.RunSQL(
    sql="""
        CREATE FUNCTION appointments_appointment_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE'
                AND to_jsonb(OLD) - 'client_id' - 'moved_to_id' = to_jsonb(NEW) - 'client_id' - 'moved_to_id'
                AND (OLD.moved_to_id IS NULL OR OLD.moved_to_id IS NOT DISTINCT FROM NEW.moved_to_id)
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'appointment % stands as it was booked: % refused', OLD.id, TG_OP
                USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER appointments_appointment_stands BEFORE UPDATE OR DELETE ON appointments_appointment
            FOR EACH ROW EXECUTE FUNCTION appointments_appointment_stands();
    """,
    reverse_sql="DROP FUNCTION appointments_appointment_stands() CASCADE;",
)
IN_ONE_CLINIC = migrations.RunSQL(
    sql="""
        CREATE FUNCTION appointments_in_one_clinic() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT 1 FROM (
                    SELECT clinic_id FROM cases_client WHERE id = NEW.client_id
                    UNION ALL SELECT clinic_id FROM cases_inquiry WHERE id = NEW.inquiry_id
                    UNION ALL SELECT clinic_id FROM staff_staffmember WHERE id = NEW.staff_member_id
                    UNION ALL SELECT clinic_id FROM staff_program WHERE id = NEW.program_id
                    UNION ALL SELECT clinic_id FROM appointments_room WHERE id = NEW.room_id
                ) theirs WHERE clinic_id <> NEW.clinic_id
            ) THEN
                RAISE EXCEPTION 'an appointment is within one clinic'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_in_one_clinic';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER appointments_in_one_clinic
            BEFORE INSERT OR UPDATE OF clinic_id, client_id, inquiry_id, staff_member_id, program_id, room_id
            ON appointments_appointment FOR EACH ROW EXECUTE FUNCTION appointments_in_one_clinic();
        CREATE FUNCTION appointments_span_in_one_clinic() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT 1 FROM (
                    SELECT clinic_id FROM staff_staffmember WHERE id = NEW.staff_member_id
                    UNION ALL SELECT clinic_id FROM appointments_room WHERE id = NEW.room_id
                ) theirs WHERE clinic_id <> NEW.clinic_id
            ) THEN
                RAISE EXCEPTION 'time is taken within one clinic'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'span_in_one_clinic';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER appointments_span_in_one_clinic BEFORE INSERT OR UPDATE ON appointments_bookedspan
            FOR EACH ROW EXECUTE FUNCTION appointments_span_in_one_clinic();
    """,
    reverse_sql="""
        DROP FUNCTION appointments_in_one_clinic() CASCADE;
        DROP FUNCTION appointments_span_in_one_clinic() CASCADE;
    """,
)


class Migration(migrations.Migration):
    """What stays as it is, and rules that look at more than one row."""

    dependencies = [("appointments", "0001_initial"), ("cases", "0005_stand")]

    operations = [
        *(append_only(table) for table in ("appointments_appointmentstep", "appointments_appointmentanswer", *HISTORY)),
        *(
            stands_but_for_merges(table, called=called, merges=MERGES)
            for table, called in (
                ("appointments_followupcall", "follow-up call"),
                ("appointments_continuingcarechoice", "choice about follow-up"),
                ("appointments_noshowcontact", "contact after a no-show"),
            )
        ),
        STANDS,
        IN_ONE_CLINIC,
    ]
