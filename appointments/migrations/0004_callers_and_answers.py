import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
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
                        ('offered', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), blank=True, default=list, help_text='Openings that the person may offer.', size=None)),
                    ],
                    options={
                        'ordering': ('at', 'pk'),
                        'indexes': [models.Index(fields=['appointment', 'at'], name='appointment_answers')],
                        'constraints': [staff.day_rules.MomentWritten(column='at', name='appointment_answer_at_since_1900')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "appointments_appointmentanswerevent" ("answer", "appointment_id", "at", "id", "offered", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "task_id") VALUES (NEW."answer", NEW."appointment_id", NEW."at", NEW."id", NEW."offered", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."task_id"); RETURN NULL;', hash='e711975692f1d4b75c216247b96e255afe521e14', operation='INSERT', pgid='pgtrigger_insert_insert_f72f3', table='appointments_appointmentanswer', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "appointments_appointmentanswerevent" ("answer", "appointment_id", "at", "id", "offered", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "task_id") VALUES (NEW."answer", NEW."appointment_id", NEW."at", NEW."id", NEW."offered", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."task_id"); RETURN NULL;', hash='fd9d664314534c29d277686c4602821d07abf206', operation='UPDATE', pgid='pgtrigger_update_update_18fe1', table='appointments_appointmentanswer', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "appointments_appointmentanswerevent" ("answer", "appointment_id", "at", "id", "offered", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "task_id") VALUES (OLD."answer", OLD."appointment_id", OLD."at", OLD."id", OLD."offered", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."task_id"); RETURN NULL;', hash='45f445fa3db0b3e1ef96004e62bde00f4a421660', operation='DELETE', pgid='pgtrigger_delete_delete_679c5', table='appointments_appointmentanswer', when='AFTER'))],
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
                        ('offered', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), blank=True, default=list, help_text='Openings that the person may offer.', size=None)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6cf1a1e97f47f7166e0fd4589644837bed5e8f11', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e73fa', table='appointments_appointmentanswerevent', when='BEFORE'))],
                    },
                ),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='appointment',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='appointment',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='appointment',
            name='delete_delete',
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
        migrations.AddField(
            model_name='appointment',
            name='outside_hours_reason',
            field=models.CharField(blank=True, help_text='Of one outside working hours, in time off or on a holiday. It says nothing of an overlap.', max_length=200, verbose_name='why it has to be then'),
        ),
        migrations.AddField(
            model_name='appointmentevent',
            name='outside_hours_reason',
            field=models.CharField(blank=True, help_text='Of one outside working hours, in time off or on a holiday. It says nothing of an overlap.', max_length=200, verbose_name='why it has to be then'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "appointments_appointmentevent" ("client_id", "clinic_id", "id", "inquiry_id", "link", "minutes", "mode", "moved_to_id", "outside_hours_reason", "overlap_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "purpose", "room_id", "series_id", "staff_member_id", "starts_at") VALUES (NEW."client_id", NEW."clinic_id", NEW."id", NEW."inquiry_id", NEW."link", NEW."minutes", NEW."mode", NEW."moved_to_id", NEW."outside_hours_reason", NEW."overlap_reason", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."purpose", NEW."room_id", NEW."series_id", NEW."staff_member_id", NEW."starts_at"); RETURN NULL;', hash='258f1abc74c75372d022a7c3723b580e03d282b1', operation='INSERT', pgid='pgtrigger_insert_insert_30113', table='appointments_appointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "appointments_appointmentevent" ("client_id", "clinic_id", "id", "inquiry_id", "link", "minutes", "mode", "moved_to_id", "outside_hours_reason", "overlap_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "purpose", "room_id", "series_id", "staff_member_id", "starts_at") VALUES (NEW."client_id", NEW."clinic_id", NEW."id", NEW."inquiry_id", NEW."link", NEW."minutes", NEW."mode", NEW."moved_to_id", NEW."outside_hours_reason", NEW."overlap_reason", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."purpose", NEW."room_id", NEW."series_id", NEW."staff_member_id", NEW."starts_at"); RETURN NULL;', hash='caace8518558c30bb6caeffbf86e69a994b66a1e', operation='UPDATE', pgid='pgtrigger_update_update_34af4', table='appointments_appointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "appointments_appointmentevent" ("client_id", "clinic_id", "id", "inquiry_id", "link", "minutes", "mode", "moved_to_id", "outside_hours_reason", "overlap_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "purpose", "room_id", "series_id", "staff_member_id", "starts_at") VALUES (OLD."client_id", OLD."clinic_id", OLD."id", OLD."inquiry_id", OLD."link", OLD."minutes", OLD."mode", OLD."moved_to_id", OLD."outside_hours_reason", OLD."overlap_reason", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."program_id", OLD."purpose", OLD."room_id", OLD."series_id", OLD."staff_member_id", OLD."starts_at"); RETURN NULL;', hash='02d4abbfaacc159e4092d2083eb9afa84865c4d4', operation='DELETE', pgid='pgtrigger_delete_delete_d64e7', table='appointments_appointment', when='AFTER')),
        ),
        append_only('appointments_appointmentanswer'),
        append_only('appointments_appointmentanswerevent'),
    ]
