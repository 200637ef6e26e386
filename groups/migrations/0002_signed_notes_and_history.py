from django.db import migrations

from staff.immutability import append_only

HISTORY = (
    "groups_groupsignatureevent",
    "groups_attendanceaddendumevent",
    "groups_attendanceevent",
    "groups_groupevent",
    "groups_groupfacilitatorevent",
    "groups_groupsessionevent",
    "groups_keepapartevent",
    "groups_membershipevent",
    "groups_mentorpairingevent",
    "groups_mentorstepevent",
    "groups_mentortermevent",
    "groups_sessionfacilitatorevent",
)
SIGNED = migrations.RunSQL(
    sql="""
        CREATE FUNCTION groups_signed_note_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.signed_at IS NOT NULL THEN
                RAISE EXCEPTION 'member note % is signed: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END $$;
        CREATE TRIGGER groups_signed_note_stays BEFORE UPDATE OR DELETE ON groups_attendance
            FOR EACH ROW EXECUTE FUNCTION groups_signed_note_stays();
        CREATE FUNCTION groups_signed_session_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.note_signed_at IS NOT NULL THEN
                RAISE EXCEPTION 'the note of session % is signed: % refused', OLD.id, TG_OP
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'UPDATE'
                AND (OLD.starts_at, OLD.minutes, OLD.group_id, OLD.cancelled_at)
                    IS DISTINCT FROM (NEW.starts_at, NEW.minutes, NEW.group_id, NEW.cancelled_at)
                AND EXISTS (SELECT 1 FROM groups_attendance WHERE session_id = OLD.id AND signed_at IS NOT NULL)
            THEN
                RAISE EXCEPTION 'session % has signed member notes: its time stays', OLD.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END $$;
        CREATE TRIGGER groups_signed_session_stays BEFORE UPDATE OR DELETE ON groups_groupsession
            FOR EACH ROW EXECUTE FUNCTION groups_signed_session_stays();
        CREATE FUNCTION groups_no_truncate_while_signed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% holds signed notes: TRUNCATE refused', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER groups_attendance_no_truncate BEFORE TRUNCATE ON groups_attendance
            FOR EACH STATEMENT EXECUTE FUNCTION groups_no_truncate_while_signed();
        CREATE TRIGGER groups_groupsession_no_truncate BEFORE TRUNCATE ON groups_groupsession
            FOR EACH STATEMENT EXECUTE FUNCTION groups_no_truncate_while_signed();
    """,
    reverse_sql="""
        DROP FUNCTION groups_signed_note_stays() CASCADE;
        DROP FUNCTION groups_signed_session_stays() CASCADE;
        DROP FUNCTION groups_no_truncate_while_signed() CASCADE;
    """,
)
OF_ONE_CLINIC_AND_GROUP = migrations.RunSQL(
    sql="""
        CREATE FUNCTION groups_membership_in_one_clinic() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT clinic_id FROM cases_client WHERE id = NEW.client_id)
                <> (SELECT clinic_id FROM groups_group WHERE id = NEW.group_id) THEN
                RAISE EXCEPTION 'client and group belong to two clinics'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_in_one_clinic';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER groups_membership_in_one_clinic BEFORE INSERT OR UPDATE OF client_id, group_id
            ON groups_membership FOR EACH ROW EXECUTE FUNCTION groups_membership_in_one_clinic();
        CREATE FUNCTION groups_attendance_in_one_group() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT group_id FROM groups_groupsession WHERE id = NEW.session_id)
                <> (SELECT group_id FROM groups_membership WHERE id = NEW.membership_id) THEN
                RAISE EXCEPTION 'session and membership belong to two groups'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_in_one_group';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER groups_attendance_in_one_group BEFORE INSERT OR UPDATE OF session_id, membership_id
            ON groups_attendance FOR EACH ROW EXECUTE FUNCTION groups_attendance_in_one_group();
        CREATE FUNCTION groups_pairing_in_one_group() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            mentor groups_membership;
            mentee groups_membership;
        BEGIN
            SELECT membership.* INTO mentor FROM groups_membership AS membership
                JOIN groups_mentorterm AS term ON term.membership_id = membership.id WHERE term.id = NEW.term_id;
            SELECT * INTO mentee FROM groups_membership WHERE id = NEW.mentee_id;
            IF mentor.group_id <> mentee.group_id OR mentor.client_id = mentee.client_id THEN
                RAISE EXCEPTION 'a pairing joins two people of one group'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'pairing_joins_two_of_one_group';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER groups_pairing_in_one_group BEFORE INSERT OR UPDATE OF term_id, mentee_id
            ON groups_mentorpairing FOR EACH ROW EXECUTE FUNCTION groups_pairing_in_one_group();
    """,
    reverse_sql="""
        DROP FUNCTION groups_membership_in_one_clinic() CASCADE;
        DROP FUNCTION groups_attendance_in_one_group() CASCADE;
        DROP FUNCTION groups_pairing_in_one_group() CASCADE;
    """,
)
# What is signed has its signature by the end of the transaction.
NEVER_SIGNED_WITHOUT_HASH = migrations.RunSQL(
    sql="""
        CREATE FUNCTION groups_signed_with_hash() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_TABLE_NAME = 'groups_attendance' THEN
                IF NOT EXISTS (
                    SELECT 1 FROM groups_groupsignature WHERE attendance_id = NEW.id AND kind = 'sign'
                        AND signer_id = (to_jsonb(NEW) ->> 'signed_by_id')::bigint
                ) THEN
                    RAISE EXCEPTION 'member note % is signed without a signature', NEW.id
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
            ELSIF NOT EXISTS (
                SELECT 1 FROM groups_groupsignature
                WHERE session_id = NEW.id AND attendance_id IS NULL AND kind = 'sign'
                    AND signer_id = (to_jsonb(NEW) ->> 'note_signed_by_id')::bigint
            ) THEN
                RAISE EXCEPTION 'the note of session % is signed without a signature', NEW.id
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER groups_member_note_signed_with_hash
            AFTER INSERT OR UPDATE OF signed_at ON groups_attendance
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.signed_at IS NOT NULL)
            EXECUTE FUNCTION groups_signed_with_hash();
        CREATE CONSTRAINT TRIGGER groups_group_note_signed_with_hash
            AFTER INSERT OR UPDATE OF note_signed_at ON groups_groupsession
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.note_signed_at IS NOT NULL)
            EXECUTE FUNCTION groups_signed_with_hash();
    """,
    reverse_sql="DROP FUNCTION groups_signed_with_hash() CASCADE;",
)


class Migration(migrations.Migration):
    """What stays as it is, and rules that look at more than one row."""

    dependencies = [("groups", "0001_initial"), ("cases", "0005_stand")]

    operations = [
        *(append_only(table) for table in ("groups_mentorstep", "groups_groupsignature", "groups_attendanceaddendum", *HISTORY)),
        SIGNED,
        OF_ONE_CLINIC_AND_GROUP,
        NEVER_SIGNED_WITHOUT_HASH,
    ]
