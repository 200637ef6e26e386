import datetime
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0018_possible_days'),
        ('privacy', '0005_history_stands'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('signed_on__gte', datetime.date(1900, 1, 1)), ('signed_on__lt', datetime.date(2200, 1, 1))), name='consent_signed_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('expires_on__gte', datetime.date(1900, 1, 1)), ('expires_on__lt', datetime.date(2200, 1, 1))), name='consent_expires_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('expiry_event_on__gte', datetime.date(1900, 1, 1)), ('expiry_event_on__lt', datetime.date(2200, 1, 1))), name='consent_expiry_event_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='disclosure',
            constraint=models.CheckConstraint(condition=models.Q(('disclosed_at__gte', models.Value(datetime.datetime(1899, 12, 31, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), ('disclosed_at__lt', models.Value(datetime.datetime(2200, 1, 2, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField()))), name='disclosure_disclosed_at_since_1900', violation_error_message='A time lies before 1900 or after 2199. Check the year.'),
        ),
    ]
