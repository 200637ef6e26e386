from django.db import migrations

from staff.immutability import changes_only


class Migration(migrations.Migration):
    """A try to send a message stays on record with what was sent to whom; its outcome is added, and known better later."""

    dependencies = [("reminders", "0006_task_to_tell")]

    operations = [
        changes_only(
            "reminders_deliveryattempt",
            called="delivery attempt",
            columns={
                "outcome": "NEW.outcome <> 'started' AND OLD.outcome <> 'failed'"
                " AND (OLD.outcome <> 'sent' OR NEW.outcome = 'failed')",
                "detail": "OLD.outcome <> 'sent' OR NEW.outcome = 'failed'",
                "finished_at": "OLD.finished_at IS NULL OR OLD.outcome IN ('started', 'lost')",
                "words": "TRUE",  # another trigger (0004) refuses other words; emptied if nothing was handed over
            },
            may_go="OLD.outcome = 'started'",  # taken back before it was handed over
        ),
    ]
