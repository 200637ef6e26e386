import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from staff.day_rules import DayWritten, MomentWritten
from staff.time_zones import MEANT, places


def places_for_names(apps, schema_editor):
    """A name such as EST becomes the place that is meant; what nobody can know becomes the clinic's own zone.

    Mountain time is that of Denver, but for somebody whose address is in Arizona.
    """
    for client in apps.get_model("cases", "Client").objects.exclude(time_zone="").exclude(time_zone__in=places()):
        is_arizona = client.state == "AZ" and client.time_zone in ("MST", "MST7MDT")
        client.time_zone = "America/Phoenix" if is_arizona else MEANT.get(client.time_zone, "")
        client.save(update_fields=["time_zone"])


# The checks of before come off first: one that was added NOT VALID would refuse the rows from before it here.
# A forecast that cannot be is none; what it said stays in the history.
NO_IMPOSSIBLE_FORECASTS = migrations.RunSQL(
    sql="""
        UPDATE cases_treatmentepisode SET expected_discharge_on = NULL
        WHERE expected_discharge_on < '1900-01-01' OR expected_discharge_on >= '2200-01-01';
    """,
    reverse_sql=migrations.RunSQL.noop,
)

# Until now each first level of care began at midnight, since no hour was asked: that is no hour of an admission. Where
# it began at another time of the day of the admission, that time is the hour.
KNOWN_HOURS = migrations.RunSQL(
    sql="""
        UPDATE cases_treatmentepisode AS episode SET admitted_at = first.starts_at
        FROM (
            SELECT DISTINCT ON (episode_id) episode_id, starts_at
            FROM cases_levelofcareperiod ORDER BY episode_id, starts_at
        ) AS first, cases_client AS client, staff_clinic AS clinic
        WHERE first.episode_id = episode.id AND client.id = episode.client_id AND clinic.id = client.clinic_id
            AND (first.starts_at AT TIME ZONE clinic.time_zone)::date = episode.admitted_on
            AND (first.starts_at AT TIME ZONE clinic.time_zone)::time <> '00:00';
    """,
    reverse_sql=migrations.RunSQL.noop,
)

# The day and the moment are one fact by the clinic's clock. Asked only when one of them is written: a clinic that moves
# to another zone does not change what day it was.
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

    dependencies = [
        ('cases', '0017_measured_and_medical_needs'),
        ('staff', '0006_possible_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='client',
            name='client_birth_date_since_1900',
        ),
        migrations.RemoveConstraint(
            model_name='sobrietystatement',
            name='stated_sobriety_date_since_1900',
        ),
        migrations.RemoveConstraint(
            model_name='treatmentepisode',
            name='admitted_since_1900',
        ),
        migrations.RemoveConstraint(
            model_name='relapse',
            name='use_since_1900',
        ),
        migrations.RemoveConstraint(
            model_name='relapse',
            name='overdose_since_1900',
        ),
        migrations.RunPython(places_for_names, migrations.RunPython.noop),
        NO_IMPOSSIBLE_FORECASTS,
        pgtrigger.migrations.RemoveTrigger(
            model_name='treatmentepisode',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='treatmentepisode',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='treatmentepisode',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='treatmentepisode',
            name='admitted_at',
            field=models.DateTimeField(blank=True, help_text='The moment, on that day of the clinic; clocks of hours count from it. Empty: the hour is not known.', null=True),
        ),
        migrations.AddField(
            model_name='treatmentepisodeevent',
            name='admitted_at',
            field=models.DateTimeField(blank=True, help_text='The moment, on that day of the clinic; clocks of hours count from it. Empty: the hour is not known.', null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='treatmentepisode',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_treatmentepisodeevent" ("admitted_at", "admitted_by_id", "admitted_on", "assessment_id", "client_id", "discharge_planned", "discharge_reason", "discharge_went_on_because", "discharged_at", "discharged_by_id", "discharged_on", "expected_discharge_on", "id", "inquiry_id", "over_capacity_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "presenting_reason", "prior_episode_id", "program_id", "relapse_id") VALUES (NEW."admitted_at", NEW."admitted_by_id", NEW."admitted_on", NEW."assessment_id", NEW."client_id", NEW."discharge_planned", NEW."discharge_reason", NEW."discharge_went_on_because", NEW."discharged_at", NEW."discharged_by_id", NEW."discharged_on", NEW."expected_discharge_on", NEW."id", NEW."inquiry_id", NEW."over_capacity_reason", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."presenting_reason", NEW."prior_episode_id", NEW."program_id", NEW."relapse_id"); RETURN NULL;', hash='25e928cb6070b3d7a891c3f8d880aa3b2d9be5b8', operation='INSERT', pgid='pgtrigger_insert_insert_0e75e', table='cases_treatmentepisode', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='treatmentepisode',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "cases_treatmentepisodeevent" ("admitted_at", "admitted_by_id", "admitted_on", "assessment_id", "client_id", "discharge_planned", "discharge_reason", "discharge_went_on_because", "discharged_at", "discharged_by_id", "discharged_on", "expected_discharge_on", "id", "inquiry_id", "over_capacity_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "presenting_reason", "prior_episode_id", "program_id", "relapse_id") VALUES (NEW."admitted_at", NEW."admitted_by_id", NEW."admitted_on", NEW."assessment_id", NEW."client_id", NEW."discharge_planned", NEW."discharge_reason", NEW."discharge_went_on_because", NEW."discharged_at", NEW."discharged_by_id", NEW."discharged_on", NEW."expected_discharge_on", NEW."id", NEW."inquiry_id", NEW."over_capacity_reason", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."presenting_reason", NEW."prior_episode_id", NEW."program_id", NEW."relapse_id"); RETURN NULL;', hash='b73394eb93b685c2b12e2b870ddfb0cb8abec9e2', operation='UPDATE', pgid='pgtrigger_update_update_bbf6b', table='cases_treatmentepisode', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='treatmentepisode',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_treatmentepisodeevent" ("admitted_at", "admitted_by_id", "admitted_on", "assessment_id", "client_id", "discharge_planned", "discharge_reason", "discharge_went_on_because", "discharged_at", "discharged_by_id", "discharged_on", "expected_discharge_on", "id", "inquiry_id", "over_capacity_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "presenting_reason", "prior_episode_id", "program_id", "relapse_id") VALUES (OLD."admitted_at", OLD."admitted_by_id", OLD."admitted_on", OLD."assessment_id", OLD."client_id", OLD."discharge_planned", OLD."discharge_reason", OLD."discharge_went_on_because", OLD."discharged_at", OLD."discharged_by_id", OLD."discharged_on", OLD."expected_discharge_on", OLD."id", OLD."inquiry_id", OLD."over_capacity_reason", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."presenting_reason", OLD."prior_episode_id", OLD."program_id", OLD."relapse_id"); RETURN NULL;', hash='6eaffd24a4bba57945556deedf286a3491bd22d1', operation='DELETE', pgid='pgtrigger_delete_delete_46301', table='cases_treatmentepisode', when='AFTER')),
        ),
        KNOWN_HOURS,
        migrations.AddConstraint(
            model_name='client',
            constraint=DayWritten(column='birth_date', name='client_birth_date_since_1900'),
        ),
        AddConstraintNotValid(
            model_name='client',
            constraint=models.CheckConstraint(condition=models.Q(('time_zone__regex', '^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Za-z_/+-]+$'), ('time_zone', ''), _connector='OR'), name='client_time_zone_is_a_place'),
        ),
        migrations.AddConstraint(
            model_name='continuedstayreview',
            constraint=DayWritten(column='next_review_on', name='stay_review_next_review_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='continuedstayreview',
            constraint=DayWritten(column='authorized_through', name='stay_review_authorized_through_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='inquiry',
            constraint=DayWritten(column='birth_date', name='inquiry_birth_date_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='inquiry',
            constraint=DayWritten(column='offer_lapses_on', name='inquiry_offer_lapses_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='inquiry',
            constraint=MomentWritten(column='next_action_at', name='inquiry_next_action_at_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='levelofcareperiod',
            constraint=MomentWritten(column='starts_at', name='level_starts_at_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='levelofcareperiod',
            constraint=MomentWritten(column='ends_at', name='level_ends_at_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='relapse',
            constraint=DayWritten(column='started_on', name='use_started_on_since_1900', unless_set='voided_at'),
        ),
        migrations.AddConstraint(
            model_name='relapse',
            constraint=DayWritten(column='ended_on', name='use_ended_on_since_1900', unless_set='voided_at'),
        ),
        migrations.AddConstraint(
            model_name='relapse',
            constraint=DayWritten(column='overdosed_on', name='use_overdosed_on_since_1900', unless_set='voided_at'),
        ),
        migrations.AddConstraint(
            model_name='sobrietystatement',
            constraint=DayWritten(column='sobriety_date', name='statement_sobriety_date_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='treatmentepisode',
            constraint=DayWritten(column='admitted_on', name='episode_admitted_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='treatmentepisode',
            constraint=DayWritten(column='discharged_on', name='episode_discharged_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='treatmentepisode',
            constraint=DayWritten(column='expected_discharge_on', name='episode_expected_discharge_on_since_1900'),
        ),
        HOUR_ON_ITS_DAY,
    ]
