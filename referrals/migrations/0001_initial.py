import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.math
import django.db.models.functions.text
import pgtrigger.compiler
import referrals.models.directory
import staff.day_rules
import staff.table_making
import staff.time_zones
from django.conf import settings
from django.contrib.postgres.operations import CreateExtension
from django.db import migrations, models

# The first moment at or after `since` at which a weekly meeting starts, on the clock of its own place.
# Where clocks go back, a time that comes twice means the first; PostgreSQL takes the second. Once the first has begun,
# the next one is a week later, though the clock will show the same time again. (Lord Howe goes back by half an hour.)
# Where clocks go forward, a time that does not come means as long after midnight as it would have been: 2:30 AM is
# 3:30 AM by the new clock. A function, and in PL/pgSQL: each step is computed once, not wherever its name stands.
NEXT_START = migrations.RunSQL(
    sql="""
        CREATE FUNCTION referrals_next_start(weekday smallint, start time, zone text, since timestamptz)
        RETURNS timestamptz LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
        DECLARE
            today date := (since AT TIME ZONE zone)::date;
            wall timestamp := today + (weekday - extract(dow FROM today)::int + 7) % 7 + start;
            instant timestamptz;
        BEGIN
            FOR week IN 0..1 LOOP
                instant := wall AT TIME ZONE zone;
                IF (instant - interval '1 hour') AT TIME ZONE zone = wall THEN
                    instant := instant - interval '1 hour';
                ELSIF (instant - interval '30 minutes') AT TIME ZONE zone = wall THEN
                    instant := instant - interval '30 minutes';
                END IF;
                EXIT WHEN instant >= since;
                wall := wall + interval '7 days';
            END LOOP;
            RETURN instant;
        END $$;
    """,
    reverse_sql="DROP FUNCTION referrals_next_start(smallint, time, text, timestamptz)",
)
# Where in the week of UTC it starts, in minutes since Thursday 0:00, as the epoch counts them: halfway between that of
# January and that of July. Clocks that change are half an hour off it all year: enough to look hours up in an index.
WEEK_MINUTE = migrations.RunSQL(
    sql="""
        CREATE FUNCTION referrals_week_minute(weekday smallint, start time, zone text)
        RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT mod(((
                extract(epoch FROM ((date '2026-01-04' + weekday::int + start) AT TIME ZONE zone) AT TIME ZONE 'UTC')
                + extract(epoch FROM ((date '2026-07-05' + weekday::int + start) AT TIME ZONE zone) AT TIME ZONE 'UTC')
                - 26 * 7 * 86400
            ) / 120)::bigint, 10080)::integer
        $$;
    """,
    reverse_sql="DROP FUNCTION referrals_week_minute(smallint, time, text)",
)
# Whether people who take medication for their recovery are welcome: the fellowship's own statement, or the meeting's.
WELCOMES_MEDICATION = migrations.RunSQL(
    sql=r"""
        CREATE FUNCTION referrals_welcomes_medication(fellowship text, said text)
        RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT fellowship IN ('mara', 'smart', 'lifering') OR (
                said ~* '(\m(MAT|MOUD)\M|medication|methadone|suboxone|buprenorphine)' AND EXISTS (
                    SELECT FROM regexp_replace(said, '\m(MAT|MOUD)\M', 'medication', 'g') AS s
                    WHERE (
                        s ~* ('(medications?|methadone|suboxone|buprenorphine)[- /]*(assisted (recovery|treatment) )?(and |or )?\w*[- ]?'
                            '(friendly|welcome|welcoming|supportive|supported|positive|inclusive|affirming)')
                        OR s ~* ('(welcom\w*|supports?|supportive of|open to|friendly to) (\w+ ){0,3}'
                            '(medication|methadone|suboxone)')
                        OR s ~* ('(medications?|methadone|suboxone)( \w+){0,2} (is|are) (always )?'
                            '(welcome|friendly|supported)')
                    )
                    AND s !~* '\m(not|non|no|never|isn.?t|aren.?t)[- ]+(\w+ )?(medication|methadone|suboxone)'
                    AND s !~* '(medications?|methadone|suboxone)( \w+){0,2} (is|are) (not|never)\M'
                    AND s !~* '\mnot (\w+ )?(welcom|support|friendly|open)'
                )
            )
        $$;
    """,
    reverse_sql="DROP FUNCTION referrals_welcomes_medication(text, text)",
)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('privacy', '0001_initial'),
        ('staff', '0001_initial'),
    ]

    operations = [
        CreateExtension("cube"),
        NEXT_START,
        WEEK_MINUTE,
        WELCOMES_MEDICATION,
        staff.table_making.CreateTables(
            models=[
                migrations.CreateModel(
                    name='Conversation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mutual_help_conversations', to='cases.client')),
                        ('episode', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mutual_help_conversations', to='cases.treatmentepisode')),
                        ('tried', models.CharField(blank=True, choices=[('never', 'Never been'), ('before', 'Went before, not now'), ('goes', 'Goes now')], max_length=8, verbose_name='tried before')),
                        ('tried_words', models.TextField(blank=True, max_length=2000, verbose_name='what was tried and how it was')),
                        ('concerns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('religion', 'Religion'), ('medication', 'Taking medication'), ('anonymity', 'Being seen or known'), ('first_time', 'The first time'), ('other', 'Something else')], max_length=12), blank=True, default=list, size=None)),
                        ('concerns_words', models.TextField(blank=True, max_length=2000, verbose_name='concerns in the client’s words')),
                        ('concerns_asked_at', models.DateTimeField(blank=True, null=True)),
                        ('started_at', models.DateTimeField()),
                        ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('finished_at', models.DateTimeField(blank=True, null=True)),
                        ('finished_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('-started_at', '-pk'),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_conversationevent" ("client_id", "concerns", "concerns_asked_at", "concerns_words", "episode_id", "finished_at", "finished_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "started_by_id", "tried", "tried_words") VALUES (NEW."client_id", NEW."concerns", NEW."concerns_asked_at", NEW."concerns_words", NEW."episode_id", NEW."finished_at", NEW."finished_by_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."started_at", NEW."started_by_id", NEW."tried", NEW."tried_words"); RETURN NULL;', hash='1f99d560d74299c3b49f97356a9c4eb3a0ff434c', operation='INSERT', pgid='pgtrigger_insert_insert_be058', table='referrals_conversation', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "referrals_conversationevent" ("client_id", "concerns", "concerns_asked_at", "concerns_words", "episode_id", "finished_at", "finished_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "started_by_id", "tried", "tried_words") VALUES (NEW."client_id", NEW."concerns", NEW."concerns_asked_at", NEW."concerns_words", NEW."episode_id", NEW."finished_at", NEW."finished_by_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."started_at", NEW."started_by_id", NEW."tried", NEW."tried_words"); RETURN NULL;', hash='2dfda14819d8e6c6a3332b399fc635a2172cf082', operation='UPDATE', pgid='pgtrigger_update_update_46216', table='referrals_conversation', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_conversationevent" ("client_id", "concerns", "concerns_asked_at", "concerns_words", "episode_id", "finished_at", "finished_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "started_by_id", "tried", "tried_words") VALUES (OLD."client_id", OLD."concerns", OLD."concerns_asked_at", OLD."concerns_words", OLD."episode_id", OLD."finished_at", OLD."finished_by_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."started_at", OLD."started_by_id", OLD."tried", OLD."tried_words"); RETURN NULL;', hash='777bdc0b619fdbba4b6c9ae2bf022068b25cbe6f', operation='DELETE', pgid='pgtrigger_delete_delete_53670', table='referrals_conversation', when='AFTER'))],
                        'indexes': [models.Index(fields=['client', '-started_at'], name='conversation_by_client')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('tried', ''), ('tried__in', ['never', 'before', 'goes']), _connector='OR'), name='conversation_tried_exists'), models.CheckConstraint(condition=models.Q(('concerns__contained_by', ['religion', 'medication', 'anonymity', 'first_time', 'other'])), name='conversation_concerns_exist'), models.CheckConstraint(condition=models.Q(('concerns_asked_at__isnull', False), models.Q(('concerns', []), ('concerns_words', '')), _connector='OR'), name='conversation_concerns_were_asked'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('finished_by', None)), models.Q(('finished_at__isnull', False), ('finished_by__isnull', False)), _connector='OR'), name='conversation_finished_by_somebody'), models.CheckConstraint(condition=models.Q(('finished_at', None), ('finished_at__gte', models.F('started_at')), _connector='OR'), name='conversation_finished_after_it_began')],
                    },
                ),
                migrations.CreateModel(
                    name='ConversationEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='referrals.conversation')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client')),
                        ('episode', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.treatmentepisode')),
                        ('tried', models.CharField(blank=True, choices=[('never', 'Never been'), ('before', 'Went before, not now'), ('goes', 'Goes now')], max_length=8, verbose_name='tried before')),
                        ('tried_words', models.TextField(blank=True, max_length=2000, verbose_name='what was tried and how it was')),
                        ('concerns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('religion', 'Religion'), ('medication', 'Taking medication'), ('anonymity', 'Being seen or known'), ('first_time', 'The first time'), ('other', 'Something else')], max_length=12), blank=True, default=list, size=None)),
                        ('concerns_words', models.TextField(blank=True, max_length=2000, verbose_name='concerns in the client’s words')),
                        ('concerns_asked_at', models.DateTimeField(blank=True, null=True)),
                        ('started_at', models.DateTimeField()),
                        ('started_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('finished_at', models.DateTimeField(blank=True, null=True)),
                        ('finished_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='be7a68aedffd3dd04f39e569057642a326e65069', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_98d59', table='referrals_conversationevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='GuideWords',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='guide_words', to='staff.clinic')),
                        ('key', models.CharField(max_length=24)),
                        ('words', models.TextField(blank=True, max_length=2000)),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name_plural': 'guide words',
                        'ordering': ('-pk',),
                        'indexes': [models.Index(fields=['clinic', 'key', '-id'], name='guide_words_latest')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='guide_words_say_which')],
                    },
                ),
                migrations.CreateModel(
                    name='MeetingFeed',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meeting_feeds', to='staff.clinic')),
                        ('name', models.CharField(help_text='The name staff use, e.g. Example County Intergroup.', max_length=120)),
                        ('fellowship', models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'SLAA (sex and love)'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20)),
                        ('format', models.CharField(choices=[('meeting-guide', 'Meeting Guide (JSON, Google Sheet or CSV)'), ('bmlt', 'BMLT (Narcotics Anonymous)'), ('own', 'Kept by this clinic')], default='meeting-guide', max_length=16)),
                        ('url', models.URLField(blank=True, help_text='Leave blank if files are uploaded.', max_length=500, verbose_name='address')),
                        ('time_zone', models.CharField(blank=True, help_text='For meetings with no time zone given. Blank: the clinic’s time zone.', max_length=64, validators=[staff.time_zones.is_time_zone])),
                        ('often', models.PositiveSmallIntegerField(choices=[(0, 'Only when someone asks'), (1, 'Every night'), (7, 'Once a week, at night')], default=1, verbose_name='read the address')),
                        ('is_shared', models.BooleanField(default=False, verbose_name='shared with every clinic on this system')),
                        ('is_active', models.BooleanField(default=True, verbose_name='meetings can be found')),
                        ('priority', models.PositiveSmallIntegerField(default=5, help_text='0 to 9. If several lists have the same meeting, the list with the highest number is shown.', validators=[django.core.validators.MaxValueValidator(9)])),
                    ],
                    options={
                        'ordering': ('name',),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_meetingfeedevent" ("clinic_id", "fellowship", "format", "id", "is_active", "is_shared", "name", "often", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "time_zone", "url") VALUES (NEW."clinic_id", NEW."fellowship", NEW."format", NEW."id", NEW."is_active", NEW."is_shared", NEW."name", NEW."often", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."priority", NEW."time_zone", NEW."url"); RETURN NULL;', hash='72f3f86a4ca94ddfe62db7fc2ca34f8661f6f170', operation='INSERT', pgid='pgtrigger_insert_insert_00226', table='referrals_meetingfeed', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "referrals_meetingfeedevent" ("clinic_id", "fellowship", "format", "id", "is_active", "is_shared", "name", "often", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "time_zone", "url") VALUES (NEW."clinic_id", NEW."fellowship", NEW."format", NEW."id", NEW."is_active", NEW."is_shared", NEW."name", NEW."often", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."priority", NEW."time_zone", NEW."url"); RETURN NULL;', hash='b4c089aaf8f82b26ae0c77bfb8ebc8f7a46a273b', operation='UPDATE', pgid='pgtrigger_update_update_27abc', table='referrals_meetingfeed', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_meetingfeedevent" ("clinic_id", "fellowship", "format", "id", "is_active", "is_shared", "name", "often", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "time_zone", "url") VALUES (OLD."clinic_id", OLD."fellowship", OLD."format", OLD."id", OLD."is_active", OLD."is_shared", OLD."name", OLD."often", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."priority", OLD."time_zone", OLD."url"); RETURN NULL;', hash='daf85fa300c4b8f380722a21ab23157303752baf', operation='DELETE', pgid='pgtrigger_delete_delete_4e21b', table='referrals_meetingfeed', when='AFTER'))],
                        'constraints': [models.UniqueConstraint(fields=('clinic', 'name'), name='feed_name_once_per_clinic'), models.UniqueConstraint(condition=models.Q(('format', 'own')), fields=('clinic',), name='one_own_feed_per_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('format', 'own'), _negated=True), models.Q(('is_active', True), ('is_shared', False), ('often', 0), ('url', '')), _connector='OR'), name='own_feed_is_not_fetched_or_shared'), models.CheckConstraint(condition=models.Q(('priority__lte', 9)), name='feed_priority_0_to_9')],
                    },
                ),
                migrations.CreateModel(
                    name='MeetingFeedEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='referrals.meetingfeed')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('clinic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic')),
                        ('name', models.CharField(help_text='The name staff use, e.g. Example County Intergroup.', max_length=120)),
                        ('fellowship', models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'SLAA (sex and love)'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20)),
                        ('format', models.CharField(choices=[('meeting-guide', 'Meeting Guide (JSON, Google Sheet or CSV)'), ('bmlt', 'BMLT (Narcotics Anonymous)'), ('own', 'Kept by this clinic')], default='meeting-guide', max_length=16)),
                        ('url', models.URLField(blank=True, help_text='Leave blank if files are uploaded.', max_length=500, verbose_name='address')),
                        ('time_zone', models.CharField(blank=True, help_text='For meetings with no time zone given. Blank: the clinic’s time zone.', max_length=64, validators=[staff.time_zones.is_time_zone])),
                        ('often', models.PositiveSmallIntegerField(choices=[(0, 'Only when someone asks'), (1, 'Every night'), (7, 'Once a week, at night')], default=1, verbose_name='read the address')),
                        ('is_shared', models.BooleanField(default=False, verbose_name='shared with every clinic on this system')),
                        ('is_active', models.BooleanField(default=True, verbose_name='meetings can be found')),
                        ('priority', models.PositiveSmallIntegerField(default=5, help_text='0 to 9. If several lists have the same meeting, the list with the highest number is shown.', validators=[django.core.validators.MaxValueValidator(9)])),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e2f7d98fd1bee3bc4a1cbb69f61994dea3906bcb', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7791a', table='referrals_meetingfeedevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='ImportRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('feed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='referrals.meetingfeed')),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(help_text='Blank: a command.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('source', models.CharField(blank=True, help_text='The file or address that was read.', max_length=500)),
                        ('created', models.PositiveIntegerField(default=0)),
                        ('updated', models.PositiveIntegerField(default=0)),
                        ('unchanged', models.PositiveIntegerField(default=0)),
                        ('retired', models.PositiveIntegerField(default=0)),
                        ('rejected', models.PositiveIntegerField(default=0)),
                        ('kept', models.PositiveIntegerField(default=0, help_text='Already listed and kept unchanged: they may be in a row that could not be read.')),
                        ('rejected_rows', models.JSONField(default=list, help_text='Row number, name, and reason for each rejected row.')),
                        ('unidentified', models.PositiveIntegerField(default=0, help_text='Rejected rows that don’t identify a meeting.')),
                        ('remarks', models.JSONField(default=list, help_text='What was corrected or looks wrong in imported rows.')),
                        ('error', models.CharField(blank=True, help_text='Why the import failed. Nothing changed.', max_length=500)),
                        ('would_retire', models.PositiveIntegerField(default=0, help_text='Set if too many meetings would be removed and someone must confirm.')),
                        ('renamed', models.PositiveIntegerField(default=0, help_text='Changed meetings under another id: recognized by name, day, time and place.')),
                        ('same_as', models.ForeignKey(help_text='The source is as it was: the report of this earlier import still holds.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='referrals.importrun')),
                        ('digest', models.CharField(blank=True, help_text='SHA-256 of what was read, and how.', max_length=64)),
                        ('etag', models.CharField(blank=True, help_text='The source’s name for this version of its list.', max_length=255)),
                        ('last_modified', models.CharField(blank=True, help_text='When the source says its list changed.', max_length=64)),
                    ],
                    options={
                        'ordering': ('-at', '-pk'),
                        'indexes': [models.Index(fields=['feed', '-at'], name='import_run_by_feed')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('error', ''), models.Q(('created', 0), ('retired', 0), ('updated', 0)), _connector='OR'), name='failed_import_changes_nothing')],
                    },
                ),
                migrations.CreateModel(
                    name='ImportDecision',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('run', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='decision', to='referrals.importrun')),
                        ('verdict', models.CharField(choices=[('use', 'Use the shorter list'), ('keep', 'Keep the meetings')], max_length=4)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name='ImportOrder',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('feed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='referrals.meetingfeed')),
                        ('ordered_at', models.DateTimeField()),
                        ('ordered_by', models.ForeignKey(help_text='Blank: the schedule.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('file_name', models.CharField(blank=True, help_text='Of an uploaded file. Blank: the address.', max_length=255)),
                        ('confirm_drop', models.BooleanField(default=False)),
                        ('rows_read', models.PositiveIntegerField(default=0, help_text='So far, while a worker reads it.')),
                        ('claimed_at', models.DateTimeField(blank=True, null=True)),
                        ('done_at', models.DateTimeField(blank=True, null=True)),
                        ('run', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='order', to='referrals.importrun')),
                    ],
                    options={
                        'ordering': ('-ordered_at', '-pk'),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_importorderevent" ("claimed_at", "confirm_drop", "done_at", "feed_id", "file_name", "id", "ordered_at", "ordered_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rows_read", "run_id") VALUES (NEW."claimed_at", NEW."confirm_drop", NEW."done_at", NEW."feed_id", NEW."file_name", NEW."id", NEW."ordered_at", NEW."ordered_by_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."rows_read", NEW."run_id"); RETURN NULL;', hash='cdcadf59785a5d76603738ff6b158a981981397a', operation='INSERT', pgid='pgtrigger_insert_insert_a965b', table='referrals_importorder', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.* AND NOT (OLD.rows_read IS DISTINCT FROM NEW.rows_read))', func='INSERT INTO "referrals_importorderevent" ("claimed_at", "confirm_drop", "done_at", "feed_id", "file_name", "id", "ordered_at", "ordered_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rows_read", "run_id") VALUES (NEW."claimed_at", NEW."confirm_drop", NEW."done_at", NEW."feed_id", NEW."file_name", NEW."id", NEW."ordered_at", NEW."ordered_by_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."rows_read", NEW."run_id"); RETURN NULL;', hash='5c1183e8de79c4f939ebc4c23f6c858bc4d6bb14', operation='UPDATE', pgid='pgtrigger_update_update_676c6', table='referrals_importorder', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_importorderevent" ("claimed_at", "confirm_drop", "done_at", "feed_id", "file_name", "id", "ordered_at", "ordered_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rows_read", "run_id") VALUES (OLD."claimed_at", OLD."confirm_drop", OLD."done_at", OLD."feed_id", OLD."file_name", OLD."id", OLD."ordered_at", OLD."ordered_by_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."rows_read", OLD."run_id"); RETURN NULL;', hash='4541a23ac432e53f9870fadc65b17436d9b9a423', operation='DELETE', pgid='pgtrigger_delete_delete_c8013', table='referrals_importorder', when='AFTER'))],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('done_at', None)), fields=('feed',), name='one_waiting_import_per_feed'), models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('run', None)), models.Q(('done_at__isnull', False), ('run__isnull', False)), _connector='OR'), name='import_that_is_done_has_its_run')],
                    },
                ),
                migrations.CreateModel(
                    name='ImportOrderEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='referrals.importorder')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('feed', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='referrals.meetingfeed')),
                        ('ordered_at', models.DateTimeField()),
                        ('ordered_by', models.ForeignKey(db_constraint=False, help_text='Blank: the schedule.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('file_name', models.CharField(blank=True, help_text='Of an uploaded file. Blank: the address.', max_length=255)),
                        ('confirm_drop', models.BooleanField(default=False)),
                        ('rows_read', models.PositiveIntegerField(default=0, help_text='So far, while a worker reads it.')),
                        ('claimed_at', models.DateTimeField(blank=True, null=True)),
                        ('done_at', models.DateTimeField(blank=True, null=True)),
                        ('run', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='referrals.importrun')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3fcd60ec9299165a12e7f5323e3e5271f0c96ec4', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_16b8b', table='referrals_importorderevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='UploadedPart',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='referrals.importorder')),
                        ('number', models.PositiveIntegerField()),
                        ('content', models.BinaryField()),
                    ],
                    options={
                        'ordering': ('number',),
                        'constraints': [models.UniqueConstraint(fields=('order', 'number'), name='uploaded_part_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Meeting',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('feed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='referrals.meetingfeed')),
                        ('external_id', models.CharField(max_length=255, verbose_name='id in the feed')),
                        ('fellowship', models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'SLAA (sex and love)'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20)),
                        ('name', models.CharField(max_length=255)),
                        ('weekday', models.PositiveSmallIntegerField(choices=[(0, 'Sunday'), (1, 'Monday'), (2, 'Tuesday'), (3, 'Wednesday'), (4, 'Thursday'), (5, 'Friday'), (6, 'Saturday')], help_text='0 = Sunday. Blank: by appointment.', null=True)),
                        ('start', models.TimeField(help_text='In the meeting’s own time zone.', null=True, verbose_name='starts at')),
                        ('duration', models.PositiveSmallIntegerField(help_text='Blank: the feed doesn’t say.', null=True, verbose_name='minutes')),
                        ('time_zone', models.CharField(max_length=64, validators=[staff.time_zones.is_time_zone])),
                        ('types', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), blank=True, default=list, help_text='The fellowship’s codes.', size=None)),
                        ('attendance', models.CharField(choices=[('in_person', 'In person'), ('online', 'Online'), ('hybrid', 'In person or online'), ('inactive', 'Not meeting now')], max_length=12)),
                        ('venue', models.CharField(blank=True, max_length=255)),
                        ('address', models.CharField(blank=True, max_length=400)),
                        ('street', models.CharField(blank=True, max_length=200)),
                        ('city', models.CharField(blank=True, max_length=120)),
                        ('state', models.CharField(blank=True, max_length=80)),
                        ('postal_code', models.CharField(blank=True, max_length=16)),
                        ('country', models.CharField(blank=True, max_length=80)),
                        ('region', models.CharField(blank=True, max_length=200)),
                        ('latitude', models.FloatField(null=True)),
                        ('longitude', models.FloatField(null=True)),
                        ('located_by', models.CharField(blank=True, choices=[('source', 'the feed'), ('zip', 'the middle of its ZIP area'), ('', 'nothing')], max_length=8, verbose_name='coordinates from')),
                        ('approximate', models.BooleanField(default=False, verbose_name='only a town or area is given')),
                        ('conference_url', models.CharField(blank=True, max_length=2000)),
                        ('conference_url_notes', models.TextField(blank=True)),
                        ('conference_provider_known', models.BooleanField(default=True)),
                        ('conference_phone', models.CharField(blank=True, max_length=120)),
                        ('conference_phone_notes', models.TextField(blank=True)),
                        ('notes', models.TextField(blank=True, help_text='Monthly exceptions are listed only here. Always show them.')),
                        ('location_notes', models.TextField(blank=True)),
                        ('group_name', models.CharField(blank=True, max_length=255)),
                        ('group_notes', models.TextField(blank=True)),
                        ('entity', models.CharField(blank=True, max_length=255, verbose_name='listed by')),
                        ('entity_phone', models.CharField(blank=True, max_length=64)),
                        ('entity_url', models.CharField(blank=True, max_length=2000)),
                        ('url', models.CharField(blank=True, max_length=2000)),
                        ('source_updated', models.DateTimeField(null=True, verbose_name='changed at the source')),
                        ('content_hash', models.CharField(editable=False, max_length=64)),
                        ('row_hash', models.CharField(blank=True, editable=False, help_text='Of the row as written: the same row is not read again.', max_length=32)),
                        ('imported_at', models.DateTimeField(verbose_name='last changed here')),
                        ('retired_at', models.DateTimeField(null=True, verbose_name='no longer listed since')),
                        ('position', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('attendance__in', ['in_person', 'hybrid']), ('latitude__isnull', False), ('longitude__isnull', False)), then=models.Func(django.db.models.expressions.CombinedExpression(django.db.models.functions.math.Cos(django.db.models.functions.math.Radians('latitude')), '*', django.db.models.functions.math.Cos(django.db.models.functions.math.Radians('longitude'))), django.db.models.expressions.CombinedExpression(django.db.models.functions.math.Cos(django.db.models.functions.math.Radians('latitude')), '*', django.db.models.functions.math.Sin(django.db.models.functions.math.Radians('longitude'))), django.db.models.functions.math.Sin(django.db.models.functions.math.Radians('latitude')), output_field=referrals.models.directory.PositionField(), template='cube(ARRAY[%(expressions)s])')), default=None, output_field=referrals.models.directory.PositionField()), output_field=referrals.models.directory.PositionField())),
                        ('week_minute', models.GeneratedField(db_persist=True, expression=models.Func(models.F('weekday'), models.F('start'), models.F('time_zone'), function='referrals_week_minute'), output_field=models.IntegerField(null=True))),
                        ('welcomes_medication', models.GeneratedField(db_persist=True, expression=models.Func(models.F('fellowship'), django.db.models.functions.text.Concat('name', models.Value('. '), 'notes', models.Value('. '), 'group_name', models.Value('. '), 'group_notes', models.Value('. '), 'location_notes', output_field=models.TextField()), function='referrals_welcomes_medication'), output_field=models.BooleanField())),
                    ],
                    options={
                        'ordering': ('weekday', 'start', 'name'),
                        'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['position'], name='meeting_by_position'), django.contrib.postgres.indexes.GinIndex(fields=['types'], name='meeting_by_types'), models.Index(condition=models.Q(('retired_at', None)), fields=['fellowship', 'weekday', 'start'], name='meeting_current_by_day'), models.Index(condition=models.Q(('retired_at', None)), fields=['week_minute'], name='meeting_by_week_minute'), models.Index(condition=models.Q(('retired_at', None)), fields=['latitude', 'longitude'], name='meeting_by_latitude'), models.Index(condition=models.Q(('retired_at', None), ('welcomes_medication', True)), fields=['fellowship'], name='meeting_medication'), models.Index(models.F('feed'), django.db.models.functions.comparison.Coalesce(django.db.models.functions.comparison.NullIf('group_name', models.Value('')), 'name'), condition=models.Q(('retired_at', None)), name='meeting_by_group')],
                        'constraints': [models.UniqueConstraint(fields=('feed', 'external_id'), name='meeting_id_once_per_feed'), models.CheckConstraint(condition=models.Q(('weekday', None), ('weekday__lte', 6), _connector='OR'), name='meeting_weekday_0_to_6'), models.CheckConstraint(condition=models.Q(models.Q(('start', None), ('weekday', None)), models.Q(('start__isnull', False), ('weekday__isnull', False)), _connector='OR'), name='meeting_day_and_time_or_by_appointment'), models.CheckConstraint(condition=models.Q(('duration', None), models.Q(('duration__gte', 1), ('duration__lte', 1440)), _connector='OR'), name='meeting_lasts_up_to_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('latitude', None), ('longitude', None)), models.Q(('latitude__isnull', False), ('longitude__isnull', False), ('latitude__gte', -90), ('latitude__lte', 90), ('longitude__gte', -180), ('longitude__lte', 180)), _connector='OR'), name='meeting_coordinates_both_and_on_earth')],
                    },
                ),
                migrations.CreateModel(
                    name='SameMeeting',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                        ('listing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='referrals.meeting')),
                        ('lead', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='listings', to='referrals.meeting')),
                        ('found_by', models.CharField(choices=[('rule', 'Found by itself'), ('person', 'Joined by hand'), ('correction', 'Corrected by this clinic')], default='rule', max_length=10)),
                        ('found_at', models.DateTimeField()),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('seen_hash', models.CharField(blank=True, help_text='What the list said when it was corrected: another one says it has changed.', max_length=64)),
                        ('undone_at', models.DateTimeField(blank=True, null=True)),
                        ('undone_by', models.ForeignKey(blank=True, help_text='Blank: the lists have changed.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('undone_because', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                    ],
                    options={
                        'ordering': ('-found_at', '-pk'),
                        'indexes': [models.Index(condition=models.Q(('undone_at', None)), fields=['clinic', 'lead'], name='same_meeting_by_lead')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('clinic', 'listing'), name='listing_has_one_lead_per_clinic'), models.CheckConstraint(condition=models.Q(('listing', models.F('lead')), _negated=True), name='listing_is_not_its_own_lead'), models.CheckConstraint(condition=models.Q(models.Q(('by', None), ('found_by', 'rule')), models.Q(models.Q(('found_by', 'rule'), _negated=True), ('by__isnull', False)), _connector='OR'), name='same_meeting_by_rule_or_person'), models.CheckConstraint(condition=models.Q(models.Q(('undone_at', None), ('undone_because', ''), ('undone_by', None)), models.Q(('undone_at__isnull', False), ('undone_because', ''), ('undone_by', None)), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False), models.Q(('undone_because', ''), _negated=True)), _connector='OR'), name='same_meeting_undone_by_a_person_has_a_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='OwnMeetingChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='referrals.meeting')),
                        ('kind', models.CharField(choices=[('added', 'Added'), ('changed', 'Changed'), ('retired', 'Taken off the list'), ('back', 'Put back on the list')], max_length=8)),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('facts', models.JSONField(default=dict, help_text='Each field that changed, with what it was and what it is.')),
                    ],
                    options={
                        'ordering': ('-at', '-pk'),
                    },
                ),
                migrations.CreateModel(
                    name='FollowThrough',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('referral', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follow_through', to='referrals.referral')),
                        ('step', models.CharField(choices=[('offered', 'Offered'), ('planned', 'Planned'), ('linked', 'Connected with a volunteer'), ('attended', 'Attended'), ('missed', 'Did not attend'), ('engaged', 'Engaged'), ('declined', 'Declined'), ('ended', 'Ended'), ('note', 'Note')], max_length=10)),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(blank=True, help_text='Blank: the client, who told of a visit by a private link.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('planned_for', models.DateTimeField(blank=True, help_text='When the client plans to go.', null=True)),
                        ('volunteer', models.CharField(blank=True, help_text='First name or initial only: members are anonymous.', max_length=24)),
                        ('client_was_named', models.BooleanField(default=False, help_text='The client’s name was shared with the volunteer.')),
                        ('note', models.TextField(blank=True)),
                        ('visit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='referrals.meetingvisit')),
                    ],
                    options={
                        'verbose_name_plural': 'follow-through',
                        'ordering': ('pk',),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_followthroughevent" ("at", "by_id", "client_was_named", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "planned_for", "referral_id", "step", "visit_id", "volunteer") VALUES (NEW."at", NEW."by_id", NEW."client_was_named", NEW."id", NEW."note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."planned_for", NEW."referral_id", NEW."step", NEW."visit_id", NEW."volunteer"); RETURN NULL;', hash='2da4939bc8433654f341ba38a02e079c62ea80ed', operation='INSERT', pgid='pgtrigger_insert_insert_a82ce', table='referrals_followthrough', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "referrals_followthroughevent" ("at", "by_id", "client_was_named", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "planned_for", "referral_id", "step", "visit_id", "volunteer") VALUES (NEW."at", NEW."by_id", NEW."client_was_named", NEW."id", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."planned_for", NEW."referral_id", NEW."step", NEW."visit_id", NEW."volunteer"); RETURN NULL;', hash='f93c01d067ab3767b8f43a52043554bbbedf98ab', operation='UPDATE', pgid='pgtrigger_update_update_f79f9', table='referrals_followthrough', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_followthroughevent" ("at", "by_id", "client_was_named", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "planned_for", "referral_id", "step", "visit_id", "volunteer") VALUES (OLD."at", OLD."by_id", OLD."client_was_named", OLD."id", OLD."note", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."planned_for", OLD."referral_id", OLD."step", OLD."visit_id", OLD."volunteer"); RETURN NULL;', hash='f0a549b88cf9e5498f8046c2bfb03b3b4b7bd06c', operation='DELETE', pgid='pgtrigger_delete_delete_e7b44', table='referrals_followthrough', when='AFTER'))],
                        'indexes': [models.Index(fields=['referral', '-id'], name='follow_through_latest')],
                        'constraints': [staff.day_rules.MomentWritten(column='planned_for', name='plan_planned_for_since_1900'), models.CheckConstraint(condition=models.Q(models.Q(('step', 'planned'), _negated=True), ('planned_for__isnull', False), _connector='OR'), name='plan_has_a_date'), models.CheckConstraint(condition=models.Q(('step', 'linked'), models.Q(('client_was_named', False), ('volunteer', '')), _connector='OR'), name='volunteer_only_when_linking'), models.CheckConstraint(condition=models.Q(('visit', None), ('step__in', ('attended', 'missed', 'engaged')), _connector='OR'), name='visit_only_when_one_was_reported'), models.UniqueConstraint(condition=models.Q(('step__in', ('declined', 'ended'))), fields=('referral',), name='referral_closes_once'), models.CheckConstraint(condition=models.Q(('by__isnull', False), ('visit__isnull', False), _connector='OR'), name='step_without_author_is_a_visit')],
                    },
                ),
                migrations.CreateModel(
                    name='FollowThroughEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='referrals.followthrough')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('referral', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='referrals.referral')),
                        ('step', models.CharField(choices=[('offered', 'Offered'), ('planned', 'Planned'), ('linked', 'Connected with a volunteer'), ('attended', 'Attended'), ('missed', 'Did not attend'), ('engaged', 'Engaged'), ('declined', 'Declined'), ('ended', 'Ended'), ('note', 'Note')], max_length=10)),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(blank=True, db_constraint=False, help_text='Blank: the client, who told of a visit by a private link.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('planned_for', models.DateTimeField(blank=True, help_text='When the client plans to go.', null=True)),
                        ('volunteer', models.CharField(blank=True, help_text='First name or initial only: members are anonymous.', max_length=24)),
                        ('client_was_named', models.BooleanField(default=False, help_text='The client’s name was shared with the volunteer.')),
                        ('note', models.TextField(blank=True)),
                        ('visit', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='referrals.meetingvisit')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7f68bb0097d27679cbf0bf230593b36bc1d44e25', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c1b9e', table='referrals_followthroughevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='MeetingVisit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meeting_visits', to='cases.client')),
                        ('referral', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='referrals.referral')),
                        ('meeting', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='referrals.meeting')),
                        ('fellowship', models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'SLAA (sex and love)'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20)),
                        ('visited_on', models.DateField(verbose_name='day')),
                        ('attended', models.BooleanField()),
                        ('missed_because', models.CharField(blank=True, choices=[('no_ride', 'No ride'), ('anxious', 'Felt anxious'), ('forgot', 'Forgot'), ('schedule', 'Schedule'), ('disliked', 'Didn’t like it'), ('used', 'Had used'), ('other', 'Something else')], max_length=10, verbose_name='what got in the way')),
                        ('note', models.TextField(blank=True, help_text='What helped or got in the way. Don’t record who else was there or what was shared.')),
                        ('recorded_at', models.DateTimeField()),
                        ('recorded_by', models.ForeignKey(blank=True, help_text='Blank: as the client told it by a private link, and no one has put another report in its place.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('own_report', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='visit', to='referrals.ownreport')),
                    ],
                    options={
                        'ordering': ('-visited_on', '-pk'),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_meetingvisitevent" ("attended", "client_id", "fellowship", "id", "meeting_id", "missed_because", "note", "own_report_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "referral_id", "visited_on") VALUES (NEW."attended", NEW."client_id", NEW."fellowship", NEW."id", NEW."meeting_id", NEW."missed_because", NEW."note", NEW."own_report_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."referral_id", NEW."visited_on"); RETURN NULL;', hash='3ee1312c120c9f680321df23642885d9b0903360', operation='INSERT', pgid='pgtrigger_insert_insert_34d60', table='referrals_meetingvisit', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "referrals_meetingvisitevent" ("attended", "client_id", "fellowship", "id", "meeting_id", "missed_because", "note", "own_report_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "referral_id", "visited_on") VALUES (NEW."attended", NEW."client_id", NEW."fellowship", NEW."id", NEW."meeting_id", NEW."missed_because", NEW."note", NEW."own_report_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."referral_id", NEW."visited_on"); RETURN NULL;', hash='da1a986d51220e01f8b8febb0a51dc55282d277c', operation='UPDATE', pgid='pgtrigger_update_update_3ceae', table='referrals_meetingvisit', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_meetingvisitevent" ("attended", "client_id", "fellowship", "id", "meeting_id", "missed_because", "note", "own_report_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "referral_id", "visited_on") VALUES (OLD."attended", OLD."client_id", OLD."fellowship", OLD."id", OLD."meeting_id", OLD."missed_because", OLD."note", OLD."own_report_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."recorded_at", OLD."recorded_by_id", OLD."referral_id", OLD."visited_on"); RETURN NULL;', hash='54cf829767eefae4ca8600f8a97f7d8746414baa', operation='DELETE', pgid='pgtrigger_delete_delete_1f867', table='referrals_meetingvisit', when='AFTER'))],
                        'indexes': [models.Index(fields=['client', '-visited_on'], name='meeting_visit_by_client')],
                        'constraints': [staff.day_rules.DayWritten(column='visited_on', name='visit_visited_on_since_1900'), models.UniqueConstraint(fields=('referral', 'visited_on'), name='visit_once_a_day_per_referral'), models.CheckConstraint(condition=models.Q(('missed_because', ''), models.Q(('attended', False), ('missed_because__in', ['no_ride', 'anxious', 'forgot', 'schedule', 'disliked', 'used', 'other'])), _connector='OR'), name='visit_missed_for_a_reason_of_the_list'), models.CheckConstraint(condition=models.Q(('recorded_by__isnull', False), ('own_report__isnull', False), _connector='OR'), name='visit_told_by_somebody')],
                    },
                ),
                migrations.CreateModel(
                    name='MeetingVisitEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='referrals.meetingvisit')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client')),
                        ('referral', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='referrals.referral')),
                        ('meeting', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='referrals.meeting')),
                        ('fellowship', models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'SLAA (sex and love)'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20)),
                        ('visited_on', models.DateField(verbose_name='day')),
                        ('attended', models.BooleanField()),
                        ('missed_because', models.CharField(blank=True, choices=[('no_ride', 'No ride'), ('anxious', 'Felt anxious'), ('forgot', 'Forgot'), ('schedule', 'Schedule'), ('disliked', 'Didn’t like it'), ('used', 'Had used'), ('other', 'Something else')], max_length=10, verbose_name='what got in the way')),
                        ('note', models.TextField(blank=True, help_text='What helped or got in the way. Don’t record who else was there or what was shared.')),
                        ('recorded_at', models.DateTimeField()),
                        ('recorded_by', models.ForeignKey(blank=True, db_constraint=False, help_text='Blank: as the client told it by a private link, and no one has put another report in its place.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('own_report', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='referrals.ownreport')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4da7f9b83f5e1284a38c896d512bdf5880571dba', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e269f', table='referrals_meetingvisitevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Involvement',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='involvements', to='cases.client')),
                        ('on', models.DateField(verbose_name='asked on')),
                        ('fellowship', models.CharField(blank=True, choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'SLAA (sex and love)'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20)),
                        ('meetings_past_30_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='meetings in the past 30 days')),
                        ('home_group', models.BooleanField(blank=True, null=True, verbose_name='has a home group')),
                        ('sponsor', models.BooleanField(blank=True, null=True, verbose_name='has a sponsor')),
                        ('sponsor_contact', models.BooleanField(blank=True, null=True, verbose_name='contacted their sponsor in the past 30 days')),
                        ('service', models.BooleanField(blank=True, null=True, verbose_name='does service work')),
                        ('literature', models.BooleanField(blank=True, null=True, verbose_name='reads the literature')),
                        ('step_work', models.BooleanField(blank=True, null=True, verbose_name='works the steps or uses the program’s tools')),
                        ('sponsors_others', models.BooleanField(blank=True, null=True, verbose_name='sponsors others')),
                        ('considers_self_member', models.BooleanField(blank=True, null=True, verbose_name='considers themselves a member')),
                        ('ninety_in_ninety', models.BooleanField(default=False, verbose_name='has a personal goal of 90 meetings in 90 days')),
                        ('recorded_at', models.DateTimeField()),
                        ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('-on', '-pk'),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_involvementevent" ("client_id", "considers_self_member", "fellowship", "home_group", "id", "literature", "meetings_past_30_days", "ninety_in_ninety", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "service", "sponsor", "sponsor_contact", "sponsors_others", "step_work") VALUES (NEW."client_id", NEW."considers_self_member", NEW."fellowship", NEW."home_group", NEW."id", NEW."literature", NEW."meetings_past_30_days", NEW."ninety_in_ninety", NEW."on", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."service", NEW."sponsor", NEW."sponsor_contact", NEW."sponsors_others", NEW."step_work"); RETURN NULL;', hash='a2b87797ca7f9f2a78285d4d6e6c9b342623a7da', operation='INSERT', pgid='pgtrigger_insert_insert_970d2', table='referrals_involvement', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "referrals_involvementevent" ("client_id", "considers_self_member", "fellowship", "home_group", "id", "literature", "meetings_past_30_days", "ninety_in_ninety", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "service", "sponsor", "sponsor_contact", "sponsors_others", "step_work") VALUES (NEW."client_id", NEW."considers_self_member", NEW."fellowship", NEW."home_group", NEW."id", NEW."literature", NEW."meetings_past_30_days", NEW."ninety_in_ninety", NEW."on", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."service", NEW."sponsor", NEW."sponsor_contact", NEW."sponsors_others", NEW."step_work"); RETURN NULL;', hash='5efb68cb60393af6bcb1c25f4e35ca0262260000', operation='UPDATE', pgid='pgtrigger_update_update_ffdc2', table='referrals_involvement', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_involvementevent" ("client_id", "considers_self_member", "fellowship", "home_group", "id", "literature", "meetings_past_30_days", "ninety_in_ninety", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "service", "sponsor", "sponsor_contact", "sponsors_others", "step_work") VALUES (OLD."client_id", OLD."considers_self_member", OLD."fellowship", OLD."home_group", OLD."id", OLD."literature", OLD."meetings_past_30_days", OLD."ninety_in_ninety", OLD."on", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."recorded_at", OLD."recorded_by_id", OLD."service", OLD."sponsor", OLD."sponsor_contact", OLD."sponsors_others", OLD."step_work"); RETURN NULL;', hash='8d3ba173fc2063e7c1190cac8934e056ab970056', operation='DELETE', pgid='pgtrigger_delete_delete_170c5', table='referrals_involvement', when='AFTER'))],
                        'indexes': [models.Index(fields=['client', '-on'], name='involvement_by_client')],
                        'constraints': [staff.day_rules.DayWritten(column='on', name='involvement_on_since_1900'), models.CheckConstraint(condition=models.Q(('meetings_past_30_days', None), ('meetings_past_30_days__lte', 300), _connector='OR'), name='meetings_in_30_days_plausible')],
                    },
                ),
                migrations.CreateModel(
                    name='InvolvementEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='referrals.involvement')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client')),
                        ('on', models.DateField(verbose_name='asked on')),
                        ('fellowship', models.CharField(blank=True, choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'SLAA (sex and love)'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20)),
                        ('meetings_past_30_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='meetings in the past 30 days')),
                        ('home_group', models.BooleanField(blank=True, null=True, verbose_name='has a home group')),
                        ('sponsor', models.BooleanField(blank=True, null=True, verbose_name='has a sponsor')),
                        ('sponsor_contact', models.BooleanField(blank=True, null=True, verbose_name='contacted their sponsor in the past 30 days')),
                        ('service', models.BooleanField(blank=True, null=True, verbose_name='does service work')),
                        ('literature', models.BooleanField(blank=True, null=True, verbose_name='reads the literature')),
                        ('step_work', models.BooleanField(blank=True, null=True, verbose_name='works the steps or uses the program’s tools')),
                        ('sponsors_others', models.BooleanField(blank=True, null=True, verbose_name='sponsors others')),
                        ('considers_self_member', models.BooleanField(blank=True, null=True, verbose_name='considers themselves a member')),
                        ('ninety_in_ninety', models.BooleanField(default=False, verbose_name='has a personal goal of 90 meetings in 90 days')),
                        ('recorded_at', models.DateTimeField()),
                        ('recorded_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4061abab73ec27dc6bfb196925eefe037cb1ff75', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e313b', table='referrals_involvementevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='OwnGoal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='own_goals', to='cases.client')),
                        ('meetings', models.PositiveSmallIntegerField()),
                        ('days', models.PositiveSmallIntegerField(help_text='7: a week, and each week anew.')),
                        ('begins_on', models.DateField(verbose_name='from')),
                        ('put_away_on', models.DateField(blank=True, help_text='When the client had no more use for it.', null=True)),
                        ('set_at', models.DateTimeField()),
                        ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('-begins_on', '-pk'),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_owngoalevent" ("begins_on", "client_id", "days", "id", "meetings", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "put_away_on", "set_at", "set_by_id") VALUES (NEW."begins_on", NEW."client_id", NEW."days", NEW."id", NEW."meetings", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."put_away_on", NEW."set_at", NEW."set_by_id"); RETURN NULL;', hash='ca4d518edfd1e454a05fef2632b31f40a9b0f8bf', operation='INSERT', pgid='pgtrigger_insert_insert_94124', table='referrals_owngoal', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "referrals_owngoalevent" ("begins_on", "client_id", "days", "id", "meetings", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "put_away_on", "set_at", "set_by_id") VALUES (NEW."begins_on", NEW."client_id", NEW."days", NEW."id", NEW."meetings", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."put_away_on", NEW."set_at", NEW."set_by_id"); RETURN NULL;', hash='7106f863538973aa800c9bd808a6349bbb191a6e', operation='UPDATE', pgid='pgtrigger_update_update_45218', table='referrals_owngoal', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_owngoalevent" ("begins_on", "client_id", "days", "id", "meetings", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "put_away_on", "set_at", "set_by_id") VALUES (OLD."begins_on", OLD."client_id", OLD."days", OLD."id", OLD."meetings", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."put_away_on", OLD."set_at", OLD."set_by_id"); RETURN NULL;', hash='e9f0fad3d073313206ab765e690fa2f11474a19e', operation='DELETE', pgid='pgtrigger_delete_delete_93f85', table='referrals_owngoal', when='AFTER'))],
                        'indexes': [models.Index(fields=['client', '-begins_on'], name='own_goal_by_client')],
                        'constraints': [staff.day_rules.DayWritten(column='begins_on', name='own_goal_begins_on_since_1900'), staff.day_rules.DayWritten(column='put_away_on', name='own_goal_put_away_on_since_1900'), models.CheckConstraint(condition=models.Q(('days__gte', 7), ('days__lte', 366), ('meetings__gte', 1), ('meetings__lte', 1098)), name='own_goal_plausible'), models.CheckConstraint(condition=models.Q(('put_away_on', None), ('put_away_on__gte', models.F('begins_on')), _connector='OR'), name='own_goal_put_away_after_begun')],
                    },
                ),
                migrations.CreateModel(
                    name='OwnGoalEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='referrals.owngoal')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client')),
                        ('meetings', models.PositiveSmallIntegerField()),
                        ('days', models.PositiveSmallIntegerField(help_text='7: a week, and each week anew.')),
                        ('begins_on', models.DateField(verbose_name='from')),
                        ('put_away_on', models.DateField(blank=True, help_text='When the client had no more use for it.', null=True)),
                        ('set_at', models.DateTimeField()),
                        ('set_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4c9557cf3a52053132277f2ca8b1b2a8f35630f7', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_9d9c7', table='referrals_owngoalevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='PrivateLink',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                        ('follow_through', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='private_links', to='referrals.followthrough')),
                        ('seed', models.CharField(editable=False, max_length=32)),
                        ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                        ('made_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField()),
                        ('used_at', models.DateTimeField(blank=True, null=True)),
                        ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='turned off at')),
                        ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('pk',),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_privatelinkevent" ("clinic_id", "expires_at", "follow_through_id", "id", "made_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "revoked_by_id", "seed", "token_hash", "used_at") VALUES (NEW."clinic_id", NEW."expires_at", NEW."follow_through_id", NEW."id", NEW."made_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."revoked_at", NEW."revoked_by_id", NEW."seed", NEW."token_hash", NEW."used_at"); RETURN NULL;', hash='21b4c56a0d90b5965a34a674e637ff11e65b0aa6', operation='INSERT', pgid='pgtrigger_insert_insert_ad080', table='referrals_privatelink', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "referrals_privatelinkevent" ("clinic_id", "expires_at", "follow_through_id", "id", "made_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "revoked_by_id", "seed", "token_hash", "used_at") VALUES (NEW."clinic_id", NEW."expires_at", NEW."follow_through_id", NEW."id", NEW."made_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."revoked_at", NEW."revoked_by_id", NEW."seed", NEW."token_hash", NEW."used_at"); RETURN NULL;', hash='aa86699efd7f1f8ea4a3f1c0762cc56db6cfbe44', operation='UPDATE', pgid='pgtrigger_update_update_6f9ab', table='referrals_privatelink', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_privatelinkevent" ("clinic_id", "expires_at", "follow_through_id", "id", "made_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "revoked_by_id", "seed", "token_hash", "used_at") VALUES (OLD."clinic_id", OLD."expires_at", OLD."follow_through_id", OLD."id", OLD."made_at", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."revoked_at", OLD."revoked_by_id", OLD."seed", OLD."token_hash", OLD."used_at"); RETURN NULL;', hash='a14a420aa7f79a346c020fe9d99230f11b8542b1', operation='DELETE', pgid='pgtrigger_delete_delete_1428d', table='referrals_privatelink', when='AFTER'))],
                        'constraints': [models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='private_link_lasts'), models.CheckConstraint(condition=models.Q(('used_at', None), ('revoked_at', None), _connector='OR'), name='private_link_used_or_turned_off'), models.CheckConstraint(condition=models.Q(('revoked_by', None), ('revoked_at__isnull', False), _connector='OR'), name='private_link_turned_off_has_time'), models.UniqueConstraint(condition=models.Q(('revoked_at', None), ('used_at', None)), fields=('follow_through',), name='private_link_one_stands_for_a_plan')],
                    },
                ),
                migrations.CreateModel(
                    name='PrivateLinkEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='referrals.privatelink')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('clinic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic')),
                        ('follow_through', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='referrals.followthrough')),
                        ('seed', models.CharField(editable=False, max_length=32)),
                        ('token_hash', models.CharField(editable=False, max_length=64)),
                        ('made_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField()),
                        ('used_at', models.DateTimeField(blank=True, null=True)),
                        ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='turned off at')),
                        ('revoked_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='355872b3b5ab72a66728f7864258f4723b9c9e43', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_36d8a', table='referrals_privatelinkevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='OwnReport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('link', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='report', to='referrals.privatelink')),
                        ('attended', models.BooleanField()),
                        ('how_it_was', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='how it was, 1 to 5')),
                        ('line', models.CharField(blank=True, max_length=300, verbose_name='in their words')),
                        ('craving', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(10)], verbose_name='craving, 0 to 10')),
                        ('again', models.BooleanField(blank=True, null=True, verbose_name='means to go again next week')),
                        ('language', models.CharField(default='en', max_length=2)),
                        ('sent_as', models.CharField(blank=True, editable=False, help_text='Of the form that was sent: sent twice, it counts once.', max_length=32)),
                        ('said_at', models.DateTimeField()),
                    ],
                    options={
                        'ordering': ('pk',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('how_it_was', None), models.Q(('attended', True), ('how_it_was__gte', 1), ('how_it_was__lte', 5)), _connector='OR'), name='own_report_how_it_was_one_to_five'), models.CheckConstraint(condition=models.Q(('craving', None), ('craving__lte', 10), _connector='OR'), name='own_report_craving_up_to_ten')],
                    },
                ),
                migrations.CreateModel(
                    name='Referral',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='cases.client')),
                        ('episode', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='cases.treatmentepisode')),
                        ('fellowship', models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'SLAA (sex and love)'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20)),
                        ('meeting', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='referrals.meeting')),
                        ('experience', models.TextField(blank=True, help_text='The client’s experience with these groups and any concerns.', verbose_name='experience and concerns')),
                        ('conversation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='choices', to='referrals.conversation')),
                        ('choice', models.PositiveSmallIntegerField(blank=True, help_text='Which of up to three it is in the conversation.', null=True)),
                        ('offered_at', models.DateTimeField()),
                        ('offered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('-offered_at', '-pk'),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_referralevent" ("choice", "client_id", "conversation_id", "episode_id", "experience", "fellowship", "id", "meeting_id", "offered_at", "offered_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."choice", NEW."client_id", NEW."conversation_id", NEW."episode_id", NEW."experience", NEW."fellowship", NEW."id", NEW."meeting_id", NEW."offered_at", NEW."offered_by_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='2a14c39680961a53b7c1d393d2b65c426e1c04d3', operation='INSERT', pgid='pgtrigger_insert_insert_a74c8', table='referrals_referral', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "referrals_referralevent" ("choice", "client_id", "conversation_id", "episode_id", "experience", "fellowship", "id", "meeting_id", "offered_at", "offered_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."choice", NEW."client_id", NEW."conversation_id", NEW."episode_id", NEW."experience", NEW."fellowship", NEW."id", NEW."meeting_id", NEW."offered_at", NEW."offered_by_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='95ea3143df379c360d875aacbffce2a05eaa5727', operation='UPDATE', pgid='pgtrigger_update_update_223e7', table='referrals_referral', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_referralevent" ("choice", "client_id", "conversation_id", "episode_id", "experience", "fellowship", "id", "meeting_id", "offered_at", "offered_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."choice", OLD."client_id", OLD."conversation_id", OLD."episode_id", OLD."experience", OLD."fellowship", OLD."id", OLD."meeting_id", OLD."offered_at", OLD."offered_by_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='a588584f0eb3b5deb7a98d3071f5c0595d86ecf3', operation='DELETE', pgid='pgtrigger_delete_delete_e24da', table='referrals_referral', when='AFTER'))],
                        'indexes': [models.Index(fields=['client', '-offered_at'], name='referral_by_client')],
                        'constraints': [models.UniqueConstraint(fields=('conversation', 'choice'), name='choice_once_in_a_conversation'), models.CheckConstraint(condition=models.Q(models.Q(('choice', None), ('conversation', None)), models.Q(('choice__gte', 1), ('choice__isnull', False), ('choice__lte', 3), ('conversation__isnull', False)), _connector='OR'), name='conversation_has_up_to_three_choices')],
                    },
                ),
                migrations.CreateModel(
                    name='ReferralEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='referrals.referral')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client')),
                        ('episode', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.treatmentepisode')),
                        ('fellowship', models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'SLAA (sex and love)'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20)),
                        ('meeting', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='referrals.meeting')),
                        ('experience', models.TextField(blank=True, help_text='The client’s experience with these groups and any concerns.', verbose_name='experience and concerns')),
                        ('conversation', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='referrals.conversation')),
                        ('choice', models.PositiveSmallIntegerField(blank=True, help_text='Which of up to three it is in the conversation.', null=True)),
                        ('offered_at', models.DateTimeField()),
                        ('offered_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1a61dcd844caf3ca043cd5fc836a4fbfb5122b75', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d0304', table='referrals_referralevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='ServicePlace',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='service_places', to='staff.clinic')),
                        ('name', models.CharField(help_text='As it is written on consents.', max_length=120)),
                        ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('housing', 'Housing'), ('medical', 'Medical care'), ('legal', 'Legal help'), ('family', 'Family services'), ('employment', 'Employment'), ('naloxone', 'Naloxone'), ('other', 'Other help')], max_length=12), size=None)),
                        ('address', models.CharField(blank=True, max_length=200)),
                        ('phone', models.CharField(blank=True, max_length=40)),
                        ('hours', models.CharField(blank=True, help_text='For example: Mon–Fri 9–5, walk-ins until 3.', max_length=200)),
                        ('what_to_bring', models.CharField(blank=True, max_length=300)),
                        ('languages', models.CharField(blank=True, max_length=120)),
                        ('costs', models.CharField(blank=True, max_length=200, verbose_name='costs and insurance')),
                        ('contact_person', models.CharField(blank=True, help_text='Whom to ask for.', max_length=80)),
                        ('notes', models.TextField(blank=True, help_text='What to know. Nothing about a client.')),
                        ('is_in_use', models.BooleanField(default=True, verbose_name='in use')),
                        ('added_at', models.DateTimeField()),
                        ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'place',
                        'ordering': (django.db.models.functions.text.Lower('name'), 'pk'),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_serviceplaceevent" ("added_at", "added_by_id", "address", "clinic_id", "contact_person", "costs", "hours", "id", "is_in_use", "kinds", "languages", "name", "notes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "what_to_bring") VALUES (NEW."added_at", NEW."added_by_id", NEW."address", NEW."clinic_id", NEW."contact_person", NEW."costs", NEW."hours", NEW."id", NEW."is_in_use", NEW."kinds", NEW."languages", NEW."name", NEW."notes", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."what_to_bring"); RETURN NULL;', hash='0a00f8d75db1b6269cae59d8f270d96260594b05', operation='INSERT', pgid='pgtrigger_insert_insert_d2226', table='referrals_serviceplace', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "referrals_serviceplaceevent" ("added_at", "added_by_id", "address", "clinic_id", "contact_person", "costs", "hours", "id", "is_in_use", "kinds", "languages", "name", "notes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "what_to_bring") VALUES (NEW."added_at", NEW."added_by_id", NEW."address", NEW."clinic_id", NEW."contact_person", NEW."costs", NEW."hours", NEW."id", NEW."is_in_use", NEW."kinds", NEW."languages", NEW."name", NEW."notes", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."what_to_bring"); RETURN NULL;', hash='2ca472a2a3a8b7592235a543603481e95809953c', operation='UPDATE', pgid='pgtrigger_update_update_0349c', table='referrals_serviceplace', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_serviceplaceevent" ("added_at", "added_by_id", "address", "clinic_id", "contact_person", "costs", "hours", "id", "is_in_use", "kinds", "languages", "name", "notes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "what_to_bring") VALUES (OLD."added_at", OLD."added_by_id", OLD."address", OLD."clinic_id", OLD."contact_person", OLD."costs", OLD."hours", OLD."id", OLD."is_in_use", OLD."kinds", OLD."languages", OLD."name", OLD."notes", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."what_to_bring"); RETURN NULL;', hash='850444a5a7dcccc7743a5f26e7e6a06c5bdc8d90', operation='DELETE', pgid='pgtrigger_delete_delete_2bfcc', table='referrals_serviceplace', when='AFTER'))],
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), models.F('clinic'), name='service_place_once'), models.CheckConstraint(condition=models.Q(('kinds__len__gt', 0), ('kinds__contained_by', ['housing', 'medical', 'legal', 'family', 'employment', 'naloxone', 'other'])), name='service_place_gives_something')],
                    },
                ),
                migrations.CreateModel(
                    name='ServicePlaceEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='referrals.serviceplace')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('clinic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic')),
                        ('name', models.CharField(help_text='As it is written on consents.', max_length=120)),
                        ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('housing', 'Housing'), ('medical', 'Medical care'), ('legal', 'Legal help'), ('family', 'Family services'), ('employment', 'Employment'), ('naloxone', 'Naloxone'), ('other', 'Other help')], max_length=12), size=None)),
                        ('address', models.CharField(blank=True, max_length=200)),
                        ('phone', models.CharField(blank=True, max_length=40)),
                        ('hours', models.CharField(blank=True, help_text='For example: Mon–Fri 9–5, walk-ins until 3.', max_length=200)),
                        ('what_to_bring', models.CharField(blank=True, max_length=300)),
                        ('languages', models.CharField(blank=True, max_length=120)),
                        ('costs', models.CharField(blank=True, max_length=200, verbose_name='costs and insurance')),
                        ('contact_person', models.CharField(blank=True, help_text='Whom to ask for.', max_length=80)),
                        ('notes', models.TextField(blank=True, help_text='What to know. Nothing about a client.')),
                        ('is_in_use', models.BooleanField(default=True, verbose_name='in use')),
                        ('added_at', models.DateTimeField()),
                        ('added_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='be3199ca493f2116493c156d5dfe143c8faec346', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_bc6e2', table='referrals_serviceplaceevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='ServiceReferral',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='service_referrals', to='cases.client')),
                        ('episode', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='service_referrals', to='cases.treatmentepisode')),
                        ('kind', models.CharField(choices=[('housing', 'Housing'), ('medical', 'Medical care'), ('legal', 'Legal help'), ('family', 'Family services'), ('employment', 'Employment'), ('naloxone', 'Naloxone'), ('other', 'Other help')], max_length=12)),
                        ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='service_referrals', to='referrals.serviceplace')),
                        ('elsewhere', models.CharField(blank=True, max_length=120, verbose_name='place not on the list')),
                        ('need', models.TextField(blank=True, verbose_name='what the client wants')),
                        ('made_at', models.DateTimeField()),
                        ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'referral to a place',
                        'verbose_name_plural': 'referrals to places',
                        'ordering': ('-made_at', '-pk'),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_servicereferralevent" ("client_id", "elsewhere", "episode_id", "id", "kind", "made_at", "made_by_id", "need", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_id") VALUES (NEW."client_id", NEW."elsewhere", NEW."episode_id", NEW."id", NEW."kind", NEW."made_at", NEW."made_by_id", NEW."need", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."place_id"); RETURN NULL;', hash='245f4a28f21a6f6a24abed80c273de2790f6dfc0', operation='INSERT', pgid='pgtrigger_insert_insert_7f406', table='referrals_servicereferral', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "referrals_servicereferralevent" ("client_id", "elsewhere", "episode_id", "id", "kind", "made_at", "made_by_id", "need", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_id") VALUES (NEW."client_id", NEW."elsewhere", NEW."episode_id", NEW."id", NEW."kind", NEW."made_at", NEW."made_by_id", NEW."need", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."place_id"); RETURN NULL;', hash='2b01015b0eae534764e057458863c4e716279026', operation='UPDATE', pgid='pgtrigger_update_update_b6211', table='referrals_servicereferral', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_servicereferralevent" ("client_id", "elsewhere", "episode_id", "id", "kind", "made_at", "made_by_id", "need", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_id") VALUES (OLD."client_id", OLD."elsewhere", OLD."episode_id", OLD."id", OLD."kind", OLD."made_at", OLD."made_by_id", OLD."need", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."place_id"); RETURN NULL;', hash='7c86a90be434701ce94712ceab719d659c76754a', operation='DELETE', pgid='pgtrigger_delete_delete_8d257', table='referrals_servicereferral', when='AFTER'))],
                        'indexes': [models.Index(fields=['client', '-made_at'], name='service_referral_by_client'), models.Index(fields=['made_by'], name='service_referral_by_maker')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('elsewhere', ''), ('place__isnull', False)), models.Q(('place', None), models.Q(('elsewhere', ''), _negated=True)), _connector='OR'), name='service_referral_goes_to_one_place')],
                    },
                ),
                migrations.CreateModel(
                    name='ServiceReferralEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='referrals.servicereferral')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client')),
                        ('episode', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.treatmentepisode')),
                        ('kind', models.CharField(choices=[('housing', 'Housing'), ('medical', 'Medical care'), ('legal', 'Legal help'), ('family', 'Family services'), ('employment', 'Employment'), ('naloxone', 'Naloxone'), ('other', 'Other help')], max_length=12)),
                        ('place', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='referrals.serviceplace')),
                        ('elsewhere', models.CharField(blank=True, max_length=120, verbose_name='place not on the list')),
                        ('need', models.TextField(blank=True, verbose_name='what the client wants')),
                        ('made_at', models.DateTimeField()),
                        ('made_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5e120be63ebd8e4f233a7ee2c2ed9944308d859d', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7ef99', table='referrals_servicereferralevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='ServiceReferralStep',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('referral', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='referrals.servicereferral')),
                        ('step', models.CharField(choices=[('sent', 'Sent'), ('accepted', 'Accepted'), ('declined', 'Declined by the place'), ('seen', 'Seen there'), ('result', 'Result'), ('ended', 'Closed'), ('called', 'Call'), ('note', 'Note')], max_length=10)),
                        ('happened_on', models.DateField(verbose_name='day')),
                        ('at', models.DateTimeField(verbose_name='recorded at')),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('how', models.CharField(blank=True, choices=[('client', 'The client goes there themselves; we tell no one'), ('call', 'We call now, with the client in the room'), ('sent', 'We send it, with the client’s name')], max_length=8, verbose_name='how it went out')),
                        ('spoke_with', models.CharField(blank=True, help_text='Who answered the call.', max_length=80)),
                        ('disclosure', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='privacy.disclosure')),
                        ('told_by', models.CharField(blank=True, choices=[('client', 'The client'), ('place', 'The place'), ('family', 'Family or a friend'), ('colleague', 'A colleague')], max_length=10)),
                        ('outcome', models.CharField(blank=True, choices=[('got_it', 'Got what they needed'), ('partly', 'Got part of it'), ('not', 'Didn’t get it')], max_length=8)),
                        ('appointment_on', models.DateField(blank=True, null=True)),
                        ('appointment_time', models.TimeField(blank=True, null=True)),
                        ('note', models.TextField(blank=True)),
                        ('reports_danger', models.BooleanField(default=False, help_text='A safety concern opens, and stays open until a clinician has evaluated it.', verbose_name='thoughts of suicide, or an attempt, were reported')),
                    ],
                    options={
                        'verbose_name': 'step of a referral to a place',
                        'verbose_name_plural': 'steps of referrals to places',
                        'ordering': ('pk',),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_servicereferralstepevent" ("appointment_on", "appointment_time", "at", "by_id", "disclosure_id", "happened_on", "how", "id", "note", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "referral_id", "reports_danger", "spoke_with", "step", "told_by") VALUES (NEW."appointment_on", NEW."appointment_time", NEW."at", NEW."by_id", NEW."disclosure_id", NEW."happened_on", NEW."how", NEW."id", NEW."note", NEW."outcome", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."referral_id", NEW."reports_danger", NEW."spoke_with", NEW."step", NEW."told_by"); RETURN NULL;', hash='b35c2c8a57e45b3bed1be3c9edecfca25b94f5fc', operation='INSERT', pgid='pgtrigger_insert_insert_bcbd4', table='referrals_servicereferralstep', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "referrals_servicereferralstepevent" ("appointment_on", "appointment_time", "at", "by_id", "disclosure_id", "happened_on", "how", "id", "note", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "referral_id", "reports_danger", "spoke_with", "step", "told_by") VALUES (NEW."appointment_on", NEW."appointment_time", NEW."at", NEW."by_id", NEW."disclosure_id", NEW."happened_on", NEW."how", NEW."id", NEW."note", NEW."outcome", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."referral_id", NEW."reports_danger", NEW."spoke_with", NEW."step", NEW."told_by"); RETURN NULL;', hash='4c6114bd88db80270da07ba1036d5084318a34fa', operation='UPDATE', pgid='pgtrigger_update_update_48ad4', table='referrals_servicereferralstep', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_servicereferralstepevent" ("appointment_on", "appointment_time", "at", "by_id", "disclosure_id", "happened_on", "how", "id", "note", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "referral_id", "reports_danger", "spoke_with", "step", "told_by") VALUES (OLD."appointment_on", OLD."appointment_time", OLD."at", OLD."by_id", OLD."disclosure_id", OLD."happened_on", OLD."how", OLD."id", OLD."note", OLD."outcome", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."referral_id", OLD."reports_danger", OLD."spoke_with", OLD."step", OLD."told_by"); RETURN NULL;', hash='c27ff0b7e70e40123eeaa02578417db1b6bd1346', operation='DELETE', pgid='pgtrigger_delete_delete_5c764', table='referrals_servicereferralstep', when='AFTER'))],
                        'indexes': [models.Index(fields=['referral', '-id'], name='service_step_latest'), models.Index(condition=models.Q(('reports_danger', True)), fields=['referral'], name='service_step_danger'), models.Index(condition=models.Q(('reports_danger', True)), fields=['by'], name='service_step_danger_by')],
                        'constraints': [staff.day_rules.DayWritten(column='happened_on', name='service_step_happened_on_since_1900'), staff.day_rules.DayWritten(column='appointment_on', name='service_step_appointment_on_since_1900'), models.CheckConstraint(condition=models.Q(models.Q(('step', 'sent'), models.Q(('how', ''), _negated=True)), models.Q(models.Q(('step', 'sent'), _negated=True), ('how', '')), _connector='OR'), name='service_step_sent_says_how'), models.CheckConstraint(condition=models.Q(models.Q(('how', 'client'), _negated=True), ('disclosure', None), _connector='OR'), name='service_step_client_goes_unnamed'), models.CheckConstraint(condition=models.Q(models.Q(('how', 'sent'), _negated=True), ('disclosure__isnull', False), _connector='OR'), name='service_step_sent_is_disclosed'), models.CheckConstraint(condition=models.Q(('disclosure', None), ('step__in', ('sent', 'called')), _connector='OR'), name='service_step_discloses_when_going_out'), models.CheckConstraint(condition=models.Q(models.Q(('spoke_with', ''), _negated=True), models.Q(models.Q(('step', 'called'), _negated=True), models.Q(('how', 'call'), _negated=True)), _connector='OR'), name='service_step_call_says_with_whom'), models.CheckConstraint(condition=models.Q(models.Q(('step__in', ('accepted', 'declined', 'seen', 'result')), models.Q(('told_by', ''), _negated=True)), models.Q(models.Q(('step__in', ('accepted', 'declined', 'seen', 'result')), _negated=True), ('told_by', '')), _connector='OR'), name='service_step_answer_says_who_told'), models.CheckConstraint(condition=models.Q(models.Q(('step', 'result'), models.Q(('outcome', ''), _negated=True), models.Q(('note', ''), _negated=True)), models.Q(models.Q(('step', 'result'), _negated=True), ('outcome', '')), _connector='OR'), name='service_step_result_in_words'), models.CheckConstraint(condition=models.Q(('appointment_time', None), ('appointment_on__isnull', False), _connector='OR'), name='service_step_time_has_a_day'), models.UniqueConstraint(condition=models.Q(('step__in', ('sent', 'accepted', 'seen'))), fields=('referral', 'step'), name='service_step_once'), models.UniqueConstraint(condition=models.Q(('step__in', ('declined', 'result', 'ended'))), fields=('referral',), name='service_referral_closes_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ServiceReferralStepEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='referrals.servicereferralstep')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('referral', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='referrals.servicereferral')),
                        ('step', models.CharField(choices=[('sent', 'Sent'), ('accepted', 'Accepted'), ('declined', 'Declined by the place'), ('seen', 'Seen there'), ('result', 'Result'), ('ended', 'Closed'), ('called', 'Call'), ('note', 'Note')], max_length=10)),
                        ('happened_on', models.DateField(verbose_name='day')),
                        ('at', models.DateTimeField(verbose_name='recorded at')),
                        ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('how', models.CharField(blank=True, choices=[('client', 'The client goes there themselves; we tell no one'), ('call', 'We call now, with the client in the room'), ('sent', 'We send it, with the client’s name')], max_length=8, verbose_name='how it went out')),
                        ('spoke_with', models.CharField(blank=True, help_text='Who answered the call.', max_length=80)),
                        ('disclosure', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='privacy.disclosure')),
                        ('told_by', models.CharField(blank=True, choices=[('client', 'The client'), ('place', 'The place'), ('family', 'Family or a friend'), ('colleague', 'A colleague')], max_length=10)),
                        ('outcome', models.CharField(blank=True, choices=[('got_it', 'Got what they needed'), ('partly', 'Got part of it'), ('not', 'Didn’t get it')], max_length=8)),
                        ('appointment_on', models.DateField(blank=True, null=True)),
                        ('appointment_time', models.TimeField(blank=True, null=True)),
                        ('note', models.TextField(blank=True)),
                        ('reports_danger', models.BooleanField(default=False, help_text='A safety concern opens, and stays open until a clinician has evaluated it.', verbose_name='thoughts of suicide, or an attempt, were reported')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3bd5e8b615065565c62a31f33b95f93bf4b6fc5f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_8b021', table='referrals_servicereferralstepevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Tie',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ties', to='cases.client')),
                        ('kind', models.CharField(choices=[('sponsor', 'Sponsor'), ('home_group', 'Home group')], max_length=10)),
                        ('fellowship', models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'SLAA (sex and love)'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20)),
                        ('name', models.CharField(blank=True, help_text='First name or initial only: members are anonymous.', max_length=24, verbose_name='sponsor')),
                        ('meeting', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='home_group_of', to='referrals.meeting')),
                        ('group', models.CharField(blank=True, help_text='If it isn’t in a meeting list.', max_length=120, verbose_name='home group')),
                        ('since', models.DateField(blank=True, help_text='Blank: not known.', null=True)),
                        ('until', models.DateField(blank=True, null=True)),
                        ('recorded_at', models.DateTimeField()),
                        ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': (models.OrderBy(models.F('until'), descending=True, nulls_first=True), models.OrderBy(models.F('since'), descending=True, nulls_last=True), '-pk'),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_tieevent" ("client_id", "fellowship", "group", "id", "kind", "meeting_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "since", "until") VALUES (NEW."client_id", NEW."fellowship", NEW."group", NEW."id", NEW."kind", NEW."meeting_id", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."since", NEW."until"); RETURN NULL;', hash='5bf105090f320ca063b19e579825327b8e5116d4', operation='INSERT', pgid='pgtrigger_insert_insert_ede6d', table='referrals_tie', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "referrals_tieevent" ("client_id", "fellowship", "group", "id", "kind", "meeting_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "since", "until") VALUES (NEW."client_id", NEW."fellowship", NEW."group", NEW."id", NEW."kind", NEW."meeting_id", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."since", NEW."until"); RETURN NULL;', hash='0355223c6800e2b187fe6da11ff05d879a3529d1', operation='UPDATE', pgid='pgtrigger_update_update_36446', table='referrals_tie', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_tieevent" ("client_id", "fellowship", "group", "id", "kind", "meeting_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "since", "until") VALUES (OLD."client_id", OLD."fellowship", OLD."group", OLD."id", OLD."kind", OLD."meeting_id", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."recorded_at", OLD."recorded_by_id", OLD."since", OLD."until"); RETURN NULL;', hash='9414ca52bf57c21624c7f6ac45f772c0ffce2582', operation='DELETE', pgid='pgtrigger_delete_delete_26588', table='referrals_tie', when='AFTER'))],
                        'indexes': [models.Index(fields=['client', 'kind'], name='tie_by_client')],
                        'constraints': [staff.day_rules.DayWritten(column='since', name='tie_since_since_1900'), staff.day_rules.DayWritten(column='until', name='tie_until_since_1900'), models.CheckConstraint(condition=models.Q(models.Q(('group', ''), ('kind', 'sponsor'), ('meeting', None), models.Q(('name', ''), _negated=True)), models.Q(('kind', 'home_group'), ('name', ''), models.Q(models.Q(('group', ''), ('meeting__isnull', False)), models.Q(('meeting', None), models.Q(('group', ''), _negated=True)), _connector='OR')), _connector='OR'), name='tie_is_a_sponsor_or_a_home_group'), models.CheckConstraint(condition=models.Q(('name__regex', '[0-9@]'), _negated=True), name='tie_names_no_number_or_address'), models.CheckConstraint(condition=models.Q(('since', None), ('until', None), ('until__gte', models.F('since')), _connector='OR'), name='tie_ends_after_it_began')],
                    },
                ),
                migrations.CreateModel(
                    name='TieEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='referrals.tie')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client')),
                        ('kind', models.CharField(choices=[('sponsor', 'Sponsor'), ('home_group', 'Home group')], max_length=10)),
                        ('fellowship', models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'SLAA (sex and love)'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20)),
                        ('name', models.CharField(blank=True, help_text='First name or initial only: members are anonymous.', max_length=24, verbose_name='sponsor')),
                        ('meeting', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='referrals.meeting')),
                        ('group', models.CharField(blank=True, help_text='If it isn’t in a meeting list.', max_length=120, verbose_name='home group')),
                        ('since', models.DateField(blank=True, help_text='Blank: not known.', null=True)),
                        ('until', models.DateField(blank=True, null=True)),
                        ('recorded_at', models.DateTimeField()),
                        ('recorded_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e04f27f95c57ab47f0d70ae892baad48edef2727', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0e22f', table='referrals_tieevent', when='BEFORE'))],
                    },
                ),
            ],
        ),
    ]
