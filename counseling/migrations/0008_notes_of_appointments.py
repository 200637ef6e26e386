import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from staff.immutability import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('appointments', '0002_rules_of_appointments'),
        ('counseling', '0007_discarded_by_author'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='NoteOfAppointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes_about', to='appointments.appointment')),
                ('note', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='of_appointment', to='counseling.sessionnote')),
            ],
        ),
        migrations.CreateModel(
            name='NoteOfAppointmentEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('appointment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='appointments.appointment')),
                ('note', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='counseling.sessionnote')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='counseling.noteofappointment')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noteofappointment',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "counseling_noteofappointmentevent" ("appointment_id", "id", "note_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."appointment_id", NEW."id", NEW."note_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='be9651d30c699bddfc73e06b16b45951d723aab2', operation='INSERT', pgid='pgtrigger_insert_insert_32e10', table='counseling_noteofappointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noteofappointment',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "counseling_noteofappointmentevent" ("appointment_id", "id", "note_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."appointment_id", NEW."id", NEW."note_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='60d261e2a439068bd4c0f5fcbe7ff585cb8a9a4b', operation='UPDATE', pgid='pgtrigger_update_update_e7c26', table='counseling_noteofappointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noteofappointment',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "counseling_noteofappointmentevent" ("appointment_id", "id", "note_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."appointment_id", OLD."id", OLD."note_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='c1e8d2ba696d29d2e1a28d5a7688d4a7abd1c36e', operation='DELETE', pgid='pgtrigger_delete_delete_19dab', table='counseling_noteofappointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noteofappointmentevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c649e62595ccc72f06cdcd59ac0e5cde9940e4a8', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_42699', table='counseling_noteofappointmentevent', when='BEFORE')),
        ),
        append_only("counseling_noteofappointmentevent"),
    ]
