from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

# A mark that missed the whole session was no attendance: unsigned rows say so from now on. A row whose note is signed
# stays as it was signed (a trigger sees to it); it counts as attended nowhere, and the constraint binds new rows.
NOT_THERE = migrations.RunSQL(
    sql="""
        UPDATE groups_attendance SET mark = 'unexcused', minutes_late = 0, minutes_early = 0
            WHERE mark IN ('present', 'late', 'left_early') AND minutes_credited = 0 AND signed_at IS NULL;
        SET CONSTRAINTS ALL IMMEDIATE;
    """,
    reverse_sql=migrations.RunSQL.noop,
)


class Migration(migrations.Migration):
    dependencies = [("groups", "0006_possible_days")]

    operations = [
        NOT_THERE,
        AddConstraintNotValid(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=models.Q(("mark__in", ("present", "late", "left_early")), _negated=True)
                | models.Q(("minutes_credited__gte", 1)),
                name="attended_means_minutes_there",
            ),
        ),
    ]
