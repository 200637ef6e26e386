import datetime
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0018_possible_days'),
        ('referrals', '0003_history_stands'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='followthrough',
            constraint=models.CheckConstraint(condition=models.Q(('planned_for__gte', models.Value(datetime.datetime(1899, 12, 31, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), ('planned_for__lt', models.Value(datetime.datetime(2200, 1, 2, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField()))), name='plan_planned_for_since_1900', violation_error_message='A time lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='involvement',
            constraint=models.CheckConstraint(condition=models.Q(('on__gte', datetime.date(1900, 1, 1)), ('on__lt', datetime.date(2200, 1, 1))), name='involvement_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='meetingvisit',
            constraint=models.CheckConstraint(condition=models.Q(('visited_on__gte', datetime.date(1900, 1, 1)), ('visited_on__lt', datetime.date(2200, 1, 1))), name='visit_visited_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
    ]
