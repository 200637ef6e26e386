import datetime
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0018_possible_days'),
        ('groups', '0003_history_stands'),
        ('staff', '0006_possible_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='group',
            constraint=models.CheckConstraint(condition=models.Q(('starts_on__gte', datetime.date(1900, 1, 1)), ('starts_on__lt', datetime.date(2200, 1, 1))), name='group_starts_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='group',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', datetime.date(1900, 1, 1)), ('ends_on__lt', datetime.date(2200, 1, 1))), name='group_ends_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='groupsession',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at__gte', models.Value(datetime.datetime(1899, 12, 31, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), ('starts_at__lt', models.Value(datetime.datetime(2200, 1, 2, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField()))), name='session_starts_at_since_1900', violation_error_message='A time lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('joined_on__gte', datetime.date(1900, 1, 1)), ('joined_on__lt', datetime.date(2200, 1, 1))), name='membership_joined_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('left_on__gte', datetime.date(1900, 1, 1)), ('left_on__lt', datetime.date(2200, 1, 1))), name='membership_left_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
    ]
