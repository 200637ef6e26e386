from django.conf import settings
from django.db import migrations

from staff.day_rules import DayWritten, MomentWritten


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0018_possible_days'),
        ('privacy', '0005_history_stands'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='consent',
            constraint=DayWritten(column='signed_on', name='consent_signed_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=DayWritten(column='expires_on', name='consent_expires_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=DayWritten(column='expiry_event_on', name='consent_expiry_event_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=MomentWritten(column='disclosed_at', name='disclosure_disclosed_at_since_1900'),
        ),
    ]
