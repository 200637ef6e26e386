from django.db import migrations

from staff.immutability import changes_only

# What a try said stays as it was; it may be emptied, if it comes out that nothing was handed over.
NEVER_REWRITTEN = """
    CREATE FUNCTION reminders_words_stand() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the words of a try stand as they were' USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER reminders_words_stand BEFORE UPDATE OF words ON reminders_deliveryattempt FOR EACH ROW
        WHEN (NEW.words IS DISTINCT FROM OLD.words AND NEW.words <> '') EXECUTE FUNCTION reminders_words_stand();
"""


class Migration(migrations.Migration):
    """A try to send a message stays on record with what was sent to whom; its outcome is added, and known better later."""

    dependencies = [("reminders", "0002_append_only")]

    operations = [
        migrations.RunSQL(NEVER_REWRITTEN, "DROP FUNCTION reminders_words_stand() CASCADE"),
        changes_only(
            "reminders_deliveryattempt",
            called="delivery attempt",
            columns={
                "outcome": "NEW.outcome <> 'started' AND OLD.outcome <> 'failed'"
                " AND (OLD.outcome <> 'sent' OR NEW.outcome = 'failed')",
                "detail": "OLD.outcome <> 'sent' OR NEW.outcome = 'failed'",
                "finished_at": "OLD.finished_at IS NULL OR OLD.outcome IN ('started', 'lost')",
                "words": "TRUE",  # the trigger above refuses other words; emptied if nothing was handed over
            },
            may_go="OLD.outcome = 'started'",  # taken back before it was handed over
        ),
    ]
