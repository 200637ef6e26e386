import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from staff.immutability import append_only

# As for session notes (0002): what is signed refuses every change, whoever asks, but for which of two records of one
# person it hangs on, and that only along a merge of exactly those two. Nothing changes hands, and no row goes away.
STANDS = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_separate_note_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'UPDATE' THEN
                RAISE EXCEPTION 'separate notes are kept: % refused', TG_OP USING ERRCODE = 'restrict_violation';
            END IF;
            IF OLD.author_id <> NEW.author_id THEN
                RAISE EXCEPTION 'separate note % stays with its author', OLD.id USING ERRCODE = 'restrict_violation';
            END IF;
            IF OLD.signed_at IS NULL OR (
                OLD.client_id <> NEW.client_id
                AND to_jsonb(OLD) - 'client_id' = to_jsonb(NEW) - 'client_id'
                AND EXISTS (
                    SELECT 1 FROM cases_clientmerge
                    WHERE (keep_id, absorb_id) IN ((OLD.client_id, NEW.client_id), (NEW.client_id, OLD.client_id))
                )
            ) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'separate note % is signed: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER counseling_separate_note_stands BEFORE UPDATE OR DELETE ON counseling_separatenote
            FOR EACH ROW EXECUTE FUNCTION counseling_separate_note_stands();
        CREATE TRIGGER counseling_separate_notes_no_truncate BEFORE TRUNCATE ON counseling_separatenote
            FOR EACH STATEMENT EXECUTE FUNCTION counseling_separate_note_stands();
        CREATE CONSTRAINT TRIGGER separatenote_episode_is_the_clients
            AFTER INSERT OR UPDATE OF client_id, episode_id ON counseling_separatenote DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION counseling_episode_is_the_clients();
    """,
    reverse_sql="""
        DROP TRIGGER separatenote_episode_is_the_clients ON counseling_separatenote;
        DROP FUNCTION counseling_separate_note_stands() CASCADE;
    """,
)


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0012_links_have_history'),
        ('counseling', '0005_mentions'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('privacy', '0005_history_stands'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SeparateDisclosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('disclosure', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='privacy.disclosure')),
            ],
            options={
                'ordering': ('-pk',),
            },
        ),
        migrations.CreateModel(
            name='SeparateNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('session_on', models.DateField(verbose_name='session on')),
                ('text', models.TextField(blank=True)),
                ('version', models.PositiveIntegerField(default=1, help_text='Counts saves, so that two tabs never overwrite.')),
                ('started_at', models.DateTimeField()),
                ('saved_at', models.DateTimeField()),
                ('signed_at', models.DateTimeField(blank=True, null=True)),
                ('hash', models.CharField(blank=True, help_text='SHA-256 of what was signed (counseling/separate.py).', max_length=64)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.client')),
                ('episode', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.treatmentepisode')),
                ('signed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-session_on', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='SeparateDisclosureEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('disclosure', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='privacy.disclosure')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='counseling.separatedisclosure')),
                ('note', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='counseling.separatenote')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='separatedisclosure',
            name='note',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disclosed', to='counseling.separatenote'),
        ),
        migrations.CreateModel(
            name='SeparateNoteEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('session_on', models.DateField(verbose_name='session on')),
                ('version', models.PositiveIntegerField(default=1, help_text='Counts saves, so that two tabs never overwrite.')),
                ('started_at', models.DateTimeField()),
                ('saved_at', models.DateTimeField()),
                ('signed_at', models.DateTimeField(blank=True, null=True)),
                ('hash', models.CharField(blank=True, help_text='SHA-256 of what was signed (counseling/separate.py).', max_length=64)),
                ('author', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client')),
                ('episode', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.treatmentepisode')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='counseling.separatenote')),
                ('signed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddIndex(
            model_name='separatenote',
            index=models.Index(fields=['author', 'client', '-session_on', '-id'], name='separate_note_by_author'),
        ),
        migrations.AddConstraint(
            model_name='separatenote',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('hash', ''), ('signed_at', None), ('signed_by', None)), models.Q(('hash__regex', '^[0-9a-f]{64}$'), ('signed_at__isnull', False), ('signed_by__isnull', False)), _connector='OR'), name='separate_note_signature_whole'),
        ),
        migrations.AddConstraint(
            model_name='separatenote',
            constraint=models.CheckConstraint(condition=models.Q(('signed_by', None), ('signed_by', models.F('author')), _connector='OR'), name='separate_note_signed_by_its_author'),
        ),
        migrations.AddConstraint(
            model_name='separatenote',
            constraint=models.CheckConstraint(condition=models.Q(('signed_at', None), models.Q(('text', ''), _negated=True), _connector='OR'), name='separate_note_says_something_once_signed'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='separatenote',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "counseling_separatenoteevent" ("author_id", "client_id", "episode_id", "hash", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "saved_at", "session_on", "signed_at", "signed_by_id", "started_at", "version") VALUES (NEW."author_id", NEW."client_id", NEW."episode_id", NEW."hash", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."saved_at", NEW."session_on", NEW."signed_at", NEW."signed_by_id", NEW."started_at", NEW."version"); RETURN NULL;', hash='1ebda4bcdaaa26ccb534bd97634abe5d21d844af', operation='INSERT', pgid='pgtrigger_insert_insert_784ac', table='counseling_separatenote', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='separatenote',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."author_id" IS DISTINCT FROM (NEW."author_id") OR OLD."client_id" IS DISTINCT FROM (NEW."client_id") OR OLD."episode_id" IS DISTINCT FROM (NEW."episode_id") OR OLD."hash" IS DISTINCT FROM (NEW."hash") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."session_on" IS DISTINCT FROM (NEW."session_on") OR OLD."signed_at" IS DISTINCT FROM (NEW."signed_at") OR OLD."signed_by_id" IS DISTINCT FROM (NEW."signed_by_id") OR OLD."started_at" IS DISTINCT FROM (NEW."started_at"))', func='INSERT INTO "counseling_separatenoteevent" ("author_id", "client_id", "episode_id", "hash", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "saved_at", "session_on", "signed_at", "signed_by_id", "started_at", "version") VALUES (NEW."author_id", NEW."client_id", NEW."episode_id", NEW."hash", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."saved_at", NEW."session_on", NEW."signed_at", NEW."signed_by_id", NEW."started_at", NEW."version"); RETURN NULL;', hash='9a92ebf2a3c2b8910cb109d68a4957cbe4fd3ba6', operation='UPDATE', pgid='pgtrigger_update_update_014ca', table='counseling_separatenote', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='separatenote',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "counseling_separatenoteevent" ("author_id", "client_id", "episode_id", "hash", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "saved_at", "session_on", "signed_at", "signed_by_id", "started_at", "version") VALUES (OLD."author_id", OLD."client_id", OLD."episode_id", OLD."hash", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."saved_at", OLD."session_on", OLD."signed_at", OLD."signed_by_id", OLD."started_at", OLD."version"); RETURN NULL;', hash='06a62881c1eff0362abf1204328e9ce4fd977985', operation='DELETE', pgid='pgtrigger_delete_delete_65c8b', table='counseling_separatenote', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='separatedisclosureevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='499c42c0ceb0d3566cf4c8b4705ddf29ba529fa9', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7412a', table='counseling_separatedisclosureevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='separatedisclosure',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "counseling_separatedisclosureevent" ("disclosure_id", "id", "note_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."disclosure_id", NEW."id", NEW."note_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='3a2c044b5bc3701d216d0f57df2e34812328682f', operation='INSERT', pgid='pgtrigger_insert_insert_42077', table='counseling_separatedisclosure', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='separatedisclosure',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "counseling_separatedisclosureevent" ("disclosure_id", "id", "note_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."disclosure_id", NEW."id", NEW."note_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='e02bdada8ed65fb0f52394e46c06cf8359fd3c90', operation='UPDATE', pgid='pgtrigger_update_update_12630', table='counseling_separatedisclosure', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='separatedisclosure',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "counseling_separatedisclosureevent" ("disclosure_id", "id", "note_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."disclosure_id", OLD."id", OLD."note_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='9c6b1a6c78160a548c67ebdec003ddef106a3ae6', operation='DELETE', pgid='pgtrigger_delete_delete_8174e', table='counseling_separatedisclosure', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='separatenoteevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a5cdfadcd97842529634b4695a2ff8931258c209', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_f6936', table='counseling_separatenoteevent', when='BEFORE')),
        ),
        STANDS,
        append_only("counseling_separatedisclosure"),
        append_only("counseling_separatedisclosureevent"),
        append_only("counseling_separatenoteevent"),
    ]
