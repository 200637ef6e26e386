from django.conf import settings
from django.db import migrations

from staff.day_rules import DayWritten, MomentWritten


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0018_possible_days'),
        ('groups', '0003_history_stands'),
        ('staff', '0006_possible_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='group',
            constraint=DayWritten(column='starts_on', name='group_starts_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='group',
            constraint=DayWritten(column='ends_on', name='group_ends_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='groupsession',
            constraint=MomentWritten(column='starts_at', name='session_starts_at_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=DayWritten(column='joined_on', name='membership_joined_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=DayWritten(column='left_on', name='membership_left_on_since_1900'),
        ),
    ]
