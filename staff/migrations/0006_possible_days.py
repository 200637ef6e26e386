from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from staff.time_zones import MEANT, places


def places_for_names(apps, schema_editor):
    """A name such as EST becomes the place that is meant; what nobody can know stays until somebody corrects it."""
    for clinic in apps.get_model("staff", "Clinic").objects.exclude(time_zone__in=places()):
        if clinic.time_zone in MEANT:
            clinic.time_zone = MEANT[clinic.time_zone]
            clinic.save(update_fields=["time_zone"])


# What the triggers of staff.day_rules call, once they have seen a day that cannot be.
REFUSED = migrations.RunSQL(
    sql="""
        CREATE FUNCTION staff_day_not_possible() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'new row for relation "%" violates "%"', TG_TABLE_NAME, TG_ARGV[0]
                USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0], TABLE = TG_TABLE_NAME;
        END $$;
    """,
    reverse_sql="DROP FUNCTION staff_day_not_possible();",
)


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0005_what_programs_give'),
    ]

    operations = [
        REFUSED,
        migrations.RunPython(places_for_names, migrations.RunPython.noop),
        AddConstraintNotValid(
            model_name='clinic',
            constraint=models.CheckConstraint(condition=models.Q(('time_zone__regex', '^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Za-z_/+-]+$')), name='clinic_time_zone_is_a_place'),
        ),
    ]
