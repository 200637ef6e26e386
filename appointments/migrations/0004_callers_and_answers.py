import django.db.models.deletion
import pgtrigger.compiler
import staff.day_rules
import staff.table_making
from django.conf import settings
from django.db import migrations, models

from staff.immutability import append_only


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('appointments', '0003_calendar_feed'),
        ('cases', '0007_indexes_of_caseloads'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('reminders', '0004_kinds_channels_and_tasks'),
    ]

    operations = [
        staff.table_making.CreateTables(
            models=[
                migrations.CreateModel(
                    name='AppointmentAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('answer', models.CharField(choices=[('confirm', 'C: confirms'), ('reschedule', 'R: asks for another time'), ('cannot_come', 'X: can’t come')], max_length=12)),
                        ('at', models.DateTimeField()),
                        ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='appointments.appointment')),
                        ('task', models.ForeignKey(blank=True, help_text='What it left to a person. Blank: nothing.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reminders.stafftask')),
                    ],
                    options={
                        'ordering': ('at', 'pk'),
                        'indexes': [models.Index(fields=['appointment', 'at'], name='appointment_answers')],
                        'constraints': [staff.day_rules.MomentWritten(column='at', name='appointment_answer_at_since_1900')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "appointments_appointmentanswerevent" ("answer", "appointment_id", "at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "task_id") VALUES (NEW."answer", NEW."appointment_id", NEW."at", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."task_id"); RETURN NULL;', hash='04898856f0da8bf20061f05889d98030befc4773', operation='INSERT', pgid='pgtrigger_insert_insert_f72f3', table='appointments_appointmentanswer', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "appointments_appointmentanswerevent" ("answer", "appointment_id", "at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "task_id") VALUES (NEW."answer", NEW."appointment_id", NEW."at", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."task_id"); RETURN NULL;', hash='8a2d6090c34408222729ee2e39ee93eaf509a8b5', operation='UPDATE', pgid='pgtrigger_update_update_18fe1', table='appointments_appointmentanswer', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "appointments_appointmentanswerevent" ("answer", "appointment_id", "at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "task_id") VALUES (OLD."answer", OLD."appointment_id", OLD."at", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."task_id"); RETURN NULL;', hash='02095dd5d36a1d79fd06ca266b234d1d4137f6f3', operation='DELETE', pgid='pgtrigger_delete_delete_679c5', table='appointments_appointmentanswer', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='AppointmentAnswerEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('answer', models.CharField(choices=[('confirm', 'C: confirms'), ('reschedule', 'R: asks for another time'), ('cannot_come', 'X: can’t come')], max_length=12)),
                        ('at', models.DateTimeField()),
                        ('appointment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='appointments.appointment')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='appointments.appointmentanswer')),
                        ('task', models.ForeignKey(blank=True, db_constraint=False, help_text='What it left to a person. Blank: nothing.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reminders.stafftask')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6cf1a1e97f47f7166e0fd4589644837bed5e8f11', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e73fa', table='appointments_appointmentanswerevent', when='BEFORE'))],
                    },
                ),
            ],
        ),
        migrations.AlterField(
            model_name='noshowcontact',
            name='client',
            field=models.ForeignKey(blank=True, help_text='Blank: a caller who was not a client then.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='no_show_contacts', to='cases.client'),
        ),
        migrations.AlterField(
            model_name='noshowcontactevent',
            name='client',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Blank: a caller who was not a client then.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client'),
        ),
        append_only('appointments_appointmentanswer'),
        append_only('appointments_appointmentanswerevent'),
    ]
