import datetime
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0018_possible_days'),
        ('counseling', '0013_dangers_found_quickly'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='homework',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gte', datetime.date(1900, 1, 1)), ('due_on__lt', datetime.date(2200, 1, 1))), name='homework_due_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='measure',
            constraint=models.CheckConstraint(condition=models.Q(('taken_at__gte', models.Value(datetime.datetime(1899, 12, 31, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), ('taken_at__lt', models.Value(datetime.datetime(2200, 1, 2, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField()))), name='measure_taken_at_since_1900', violation_error_message='A time lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='objective',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gte', datetime.date(1900, 1, 1)), ('due_on__lt', datetime.date(2200, 1, 1))), name='objective_due_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='planreview',
            constraint=models.CheckConstraint(condition=models.Q(('next_review_on__gte', datetime.date(1900, 1, 1)), ('next_review_on__lt', datetime.date(2200, 1, 1))), name='plan_review_next_review_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='separatenote',
            constraint=models.CheckConstraint(condition=models.Q(('session_on__gte', datetime.date(1900, 1, 1)), ('session_on__lt', datetime.date(2200, 1, 1))), name='separate_note_session_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='sessionnote',
            constraint=models.CheckConstraint(condition=models.Q(('session_started_at__gte', models.Value(datetime.datetime(1899, 12, 31, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), ('session_started_at__lt', models.Value(datetime.datetime(2200, 1, 2, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField()))), name='note_session_started_at_since_1900', violation_error_message='A time lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='sessionnote',
            constraint=models.CheckConstraint(condition=models.Q(('session_ended_at__gte', models.Value(datetime.datetime(1899, 12, 31, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), ('session_ended_at__lt', models.Value(datetime.datetime(2200, 1, 2, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField()))), name='note_session_ended_at_since_1900', violation_error_message='A time lies before 1900 or after 2199. Check the year.'),
        ),
        AddConstraintNotValid(
            model_name='sessionnote',
            constraint=models.CheckConstraint(condition=models.Q(('next_session_on__gte', datetime.date(1900, 1, 1)), ('next_session_on__lt', datetime.date(2200, 1, 1))), name='note_next_session_on_since_1900', violation_error_message='A day lies before 1900 or after 2199. Check the year.'),
        ),
    ]
