from django.db import migrations, models


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

    dependencies = [
        ('reminders', '0004_kinds_channels_and_tasks'),
        ('staff', '0003_text_numbers_and_inbox'),
    ]

    operations = [
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=30, unique=True)),
                ('holder', models.UUIDField()),
                ('until', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='deliveryattempt',
            name='words',
            field=models.TextField(blank=True, db_default='', help_text='The text that was handed over, as it was. Empty: nothing was.'),
        ),
        migrations.RunSQL(NEVER_REWRITTEN, 'DROP FUNCTION reminders_words_stand() CASCADE'),
        migrations.AddField(
            model_name='deliveryreceipt',
            name='tries',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='helpanswer',
            name='answered_at',
            field=models.DateTimeField(blank=True, help_text='Set just before it is sent.', null=True),
        ),
        migrations.AddField(
            model_name='helpanswer',
            name='language',
            field=models.CharField(db_default='en', default='en', max_length=2),
        ),
        migrations.RunSQL(  # those that were answered when they were asked
            'UPDATE reminders_helpanswer SET answered_at = asked_at', migrations.RunSQL.noop, elidable=True
        ),
        migrations.AddIndex(
            model_name='helpanswer',
            index=models.Index(condition=models.Q(('answered_at', None)), fields=['asked_at'], name='help_to_answer'),
        ),
    ]
