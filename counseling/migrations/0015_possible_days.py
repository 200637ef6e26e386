from django.conf import settings
from django.db import migrations

from staff.day_rules import DayWritten, MomentWritten


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0018_possible_days'),
        ('counseling', '0013_dangers_found_quickly'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='homework',
            constraint=DayWritten(column='due_on', name='homework_due_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='measure',
            constraint=MomentWritten(column='taken_at', name='measure_taken_at_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='objective',
            constraint=DayWritten(column='due_on', name='objective_due_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='planreview',
            constraint=DayWritten(column='next_review_on', name='plan_review_next_review_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='separatenote',
            constraint=DayWritten(column='session_on', name='separate_note_session_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='sessionnote',
            constraint=MomentWritten(column='session_started_at', name='note_session_started_at_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='sessionnote',
            constraint=MomentWritten(column='session_ended_at', name='note_session_ended_at_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='sessionnote',
            constraint=DayWritten(column='next_session_on', name='note_next_session_on_since_1900'),
        ),
    ]
