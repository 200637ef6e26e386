from django.conf import settings
from django.db import migrations

from staff.day_rules import DayWritten, MomentWritten


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0018_possible_days'),
        ('referrals', '0003_history_stands'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='followthrough',
            constraint=MomentWritten(column='planned_for', name='plan_planned_for_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='involvement',
            constraint=DayWritten(column='on', name='involvement_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='meetingvisit',
            constraint=DayWritten(column='visited_on', name='visit_visited_on_since_1900'),
        ),
    ]
