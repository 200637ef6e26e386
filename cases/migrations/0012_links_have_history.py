import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from staff.immutability import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0011_episode_data_set'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='RelapseWarningSign',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('cases.relapse_warning_signs',),
        ),
        migrations.CreateModel(
            name='RelapseTrigger',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('cases.relapse_triggers',),
        ),
        migrations.CreateModel(
            name='RelapseTriggerEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('relapse', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.relapse')),
                ('trigger', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.trigger')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RelapseWarningSignEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('relapse', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.relapse')),
                ('warningsign', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.warningsign')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='cases.relapsewarningsign')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relapsewarningsign',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_relapsewarningsignevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relapse_id", "warningsign_id") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."relapse_id", NEW."warningsign_id"); RETURN NULL;', hash='2f957080aba3e00cf6a63b160e1b90fa1f3b7ed9', operation='INSERT', pgid='pgtrigger_insert_insert_56c72', table='cases_relapse_warning_signs', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relapsewarningsign',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "cases_relapsewarningsignevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relapse_id", "warningsign_id") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."relapse_id", NEW."warningsign_id"); RETURN NULL;', hash='0c8582fd6a69b111414af64257dd1fbff9f62207', operation='UPDATE', pgid='pgtrigger_update_update_ea142', table='cases_relapse_warning_signs', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relapsewarningsign',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_relapsewarningsignevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relapse_id", "warningsign_id") VALUES (OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."relapse_id", OLD."warningsign_id"); RETURN NULL;', hash='40466101e6d2047b93731ab28e2d98c0bae6e694', operation='DELETE', pgid='pgtrigger_delete_delete_f8ef3', table='cases_relapse_warning_signs', when='AFTER')),
        ),
        migrations.AddField(
            model_name='relapsetriggerevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='cases.relapsetrigger'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relapsetrigger',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_relapsetriggerevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relapse_id", "trigger_id") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."relapse_id", NEW."trigger_id"); RETURN NULL;', hash='7e31cc3f11d5a516dcf9ead181f06f9aec41d368', operation='INSERT', pgid='pgtrigger_insert_insert_2f820', table='cases_relapse_triggers', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relapsetrigger',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "cases_relapsetriggerevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relapse_id", "trigger_id") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."relapse_id", NEW."trigger_id"); RETURN NULL;', hash='bd08b553842877d8d797869b393d6b56e24771a8', operation='UPDATE', pgid='pgtrigger_update_update_bb2fb', table='cases_relapse_triggers', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relapsetrigger',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_relapsetriggerevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relapse_id", "trigger_id") VALUES (OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."relapse_id", OLD."trigger_id"); RETURN NULL;', hash='b8e8d99a7260353bc6d08743b1e5c9f5acd0c9a3', operation='DELETE', pgid='pgtrigger_delete_delete_6d855', table='cases_relapse_triggers', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relapsewarningsignevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='60679ea67c08541b83d079bf14389b0bb61e5dc9', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5b9cd', table='cases_relapsewarningsignevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relapsetriggerevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c85c13a77fd5e2a050444dd2e81505fff0028b1c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ba81d', table='cases_relapsetriggerevent', when='BEFORE')),
        ),
        append_only("cases_relapsetriggerevent"),
        append_only("cases_relapsewarningsignevent"),
    ]
