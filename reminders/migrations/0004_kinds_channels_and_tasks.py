import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import staff.table_making
from django.conf import settings
from django.db import migrations, models

from staff.immutability import append_only

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
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('cases', '0007_indexes_of_caseloads'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('reminders', '0003_tries_and_pauses'),
        ('staff', '0002_append_only'),
        ('staff', '0003_text_numbers_and_inbox'),
    ]

    operations = [
        staff.table_making.CreateTables(
            models=[
                migrations.CreateModel(
                    name='ClientChoice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('client_appointment', 'Appointment'), ('client_booked', 'Appointment booked'), ('client_moved', 'Appointment moved'), ('client_canceled', 'Appointment canceled'), ('client_missed_appointment', 'After a missed appointment'), ('client_group', 'Group tomorrow'), ('client_continuing_care', 'Continuing care call'), ('client_checkup', 'Recovery checkup'), ('client_meeting_followup', 'After a mutual-help meeting'), ('client_milestone', 'Recovery milestone'), ('staff_note_unsigned', 'Unsigned note'), ('staff_cosign', 'Cosignature waiting'), ('staff_plan_due', 'Treatment plan or review due'), ('staff_measure_due', 'Measure due'), ('staff_consent_expiring', 'Consent expiring'), ('staff_mentor_review', 'Peer mentor renewal'), ('staff_inquiry_callback', 'Inquiry not called back'), ('staff_interim_clock', 'Interim services or admission due'), ('staff_no_show_step', 'Step after a missed appointment'), ('staff_continuing_care', 'Continuing care call due'), ('staff_followup_call', 'Follow-up call after a meeting'), ('staff_task', 'Task to do')], max_length=40)),
                        ('is_wanted', models.BooleanField()),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminder_choices', to='cases.client')),
                    ],
                    options={
                        'ordering': ('-pk',),
                        'indexes': [models.Index(fields=['client', 'kind', '-id'], name='client_choice_latest')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__startswith', 'client_')), name='client_choice_of_a_clients_kind')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reminders_clientchoiceevent" ("at", "by_id", "client_id", "id", "is_wanted", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."at", NEW."by_id", NEW."client_id", NEW."id", NEW."is_wanted", NEW."kind", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='c1fda71f43d9f8ab16ab8eb0ab479569a6a2fddb', operation='INSERT', pgid='pgtrigger_insert_insert_9fc15', table='reminders_clientchoice', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reminders_clientchoiceevent" ("at", "by_id", "client_id", "id", "is_wanted", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."at", NEW."by_id", NEW."client_id", NEW."id", NEW."is_wanted", NEW."kind", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='12a2680f28dfc8b3424a3782e3d0fb7f80941a6d', operation='UPDATE', pgid='pgtrigger_update_update_aad67', table='reminders_clientchoice', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reminders_clientchoiceevent" ("at", "by_id", "client_id", "id", "is_wanted", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."at", OLD."by_id", OLD."client_id", OLD."id", OLD."is_wanted", OLD."kind", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='e144371fcec7b493cd7a85e854d7e8f1fa0dcf02', operation='DELETE', pgid='pgtrigger_delete_delete_f288f', table='reminders_clientchoice', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='ClientChoiceEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('kind', models.CharField(choices=[('client_appointment', 'Appointment'), ('client_booked', 'Appointment booked'), ('client_moved', 'Appointment moved'), ('client_canceled', 'Appointment canceled'), ('client_missed_appointment', 'After a missed appointment'), ('client_group', 'Group tomorrow'), ('client_continuing_care', 'Continuing care call'), ('client_checkup', 'Recovery checkup'), ('client_meeting_followup', 'After a mutual-help meeting'), ('client_milestone', 'Recovery milestone'), ('staff_note_unsigned', 'Unsigned note'), ('staff_cosign', 'Cosignature waiting'), ('staff_plan_due', 'Treatment plan or review due'), ('staff_measure_due', 'Measure due'), ('staff_consent_expiring', 'Consent expiring'), ('staff_mentor_review', 'Peer mentor renewal'), ('staff_inquiry_callback', 'Inquiry not called back'), ('staff_interim_clock', 'Interim services or admission due'), ('staff_no_show_step', 'Step after a missed appointment'), ('staff_continuing_care', 'Continuing care call due'), ('staff_followup_call', 'Follow-up call after a meeting'), ('staff_task', 'Task to do')], max_length=40)),
                        ('is_wanted', models.BooleanField()),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='reminders.clientchoice')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='111f7f95bfd2af0ee1ac38ba96dd132e60b2bf90', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_248af', table='reminders_clientchoiceevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='KindSwitch',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('client_appointment', 'Appointment'), ('client_booked', 'Appointment booked'), ('client_moved', 'Appointment moved'), ('client_canceled', 'Appointment canceled'), ('client_missed_appointment', 'After a missed appointment'), ('client_group', 'Group tomorrow'), ('client_continuing_care', 'Continuing care call'), ('client_checkup', 'Recovery checkup'), ('client_meeting_followup', 'After a mutual-help meeting'), ('client_milestone', 'Recovery milestone'), ('staff_note_unsigned', 'Unsigned note'), ('staff_cosign', 'Cosignature waiting'), ('staff_plan_due', 'Treatment plan or review due'), ('staff_measure_due', 'Measure due'), ('staff_consent_expiring', 'Consent expiring'), ('staff_mentor_review', 'Peer mentor renewal'), ('staff_inquiry_callback', 'Inquiry not called back'), ('staff_interim_clock', 'Interim services or admission due'), ('staff_no_show_step', 'Step after a missed appointment'), ('staff_continuing_care', 'Continuing care call due'), ('staff_followup_call', 'Follow-up call after a meeting'), ('staff_task', 'Task to do')], max_length=40)),
                        ('is_on', models.BooleanField()),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='kind_switches', to='staff.clinic')),
                    ],
                    options={
                        'verbose_name_plural': 'kind switches',
                        'ordering': ('-pk',),
                        'indexes': [models.Index(fields=['clinic', 'kind', '-id'], name='kind_switch_latest')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reminders_kindswitchevent" ("at", "by_id", "clinic_id", "id", "is_on", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") VALUES (NEW."at", NEW."by_id", NEW."clinic_id", NEW."id", NEW."is_on", NEW."kind", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason"); RETURN NULL;', hash='95bead8938b65c605deedaf12db6569fb4b201d3', operation='INSERT', pgid='pgtrigger_insert_insert_3f5ad', table='reminders_kindswitch', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reminders_kindswitchevent" ("at", "by_id", "clinic_id", "id", "is_on", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") VALUES (NEW."at", NEW."by_id", NEW."clinic_id", NEW."id", NEW."is_on", NEW."kind", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason"); RETURN NULL;', hash='ed5f6a6dfef0abcf4e0f2d5cd39842b6dac58e24', operation='UPDATE', pgid='pgtrigger_update_update_d2084', table='reminders_kindswitch', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reminders_kindswitchevent" ("at", "by_id", "clinic_id", "id", "is_on", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") VALUES (OLD."at", OLD."by_id", OLD."clinic_id", OLD."id", OLD."is_on", OLD."kind", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason"); RETURN NULL;', hash='86edaa91b02358a37579dc4ccad3b18fba15ae23', operation='DELETE', pgid='pgtrigger_delete_delete_73e70', table='reminders_kindswitch', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='KindSwitchEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('kind', models.CharField(choices=[('client_appointment', 'Appointment'), ('client_booked', 'Appointment booked'), ('client_moved', 'Appointment moved'), ('client_canceled', 'Appointment canceled'), ('client_missed_appointment', 'After a missed appointment'), ('client_group', 'Group tomorrow'), ('client_continuing_care', 'Continuing care call'), ('client_checkup', 'Recovery checkup'), ('client_meeting_followup', 'After a mutual-help meeting'), ('client_milestone', 'Recovery milestone'), ('staff_note_unsigned', 'Unsigned note'), ('staff_cosign', 'Cosignature waiting'), ('staff_plan_due', 'Treatment plan or review due'), ('staff_measure_due', 'Measure due'), ('staff_consent_expiring', 'Consent expiring'), ('staff_mentor_review', 'Peer mentor renewal'), ('staff_inquiry_callback', 'Inquiry not called back'), ('staff_interim_clock', 'Interim services or admission due'), ('staff_no_show_step', 'Step after a missed appointment'), ('staff_continuing_care', 'Continuing care call due'), ('staff_followup_call', 'Follow-up call after a meeting'), ('staff_task', 'Task to do')], max_length=40)),
                        ('is_on', models.BooleanField()),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('clinic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='reminders.kindswitch')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8b46e773f42f2246aaef8bd76760a397ac100165', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_8534e', table='reminders_kindswitchevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='ContactOrder',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ways', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), size=30)),
                        ('set_at', models.DateTimeField()),
                        ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contact_orders', to='cases.client')),
                        ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('-set_at', '-pk'),
                        'indexes': [models.Index(fields=['client', '-set_at', '-id'], name='contact_order_latest')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reminders_contactorderevent" ("client_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_at", "set_by_id", "ways") VALUES (NEW."client_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."set_at", NEW."set_by_id", NEW."ways"); RETURN NULL;', hash='27396a270fb48878848e09f04cdda4b36fecbc0b', operation='INSERT', pgid='pgtrigger_insert_insert_1b8e4', table='reminders_contactorder', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reminders_contactorderevent" ("client_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_at", "set_by_id", "ways") VALUES (NEW."client_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."set_at", NEW."set_by_id", NEW."ways"); RETURN NULL;', hash='44fad3b566dca2527ac3aecfa753a30f145eaa7f', operation='UPDATE', pgid='pgtrigger_update_update_b00bb', table='reminders_contactorder', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reminders_contactorderevent" ("client_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_at", "set_by_id", "ways") VALUES (OLD."client_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."set_at", OLD."set_by_id", OLD."ways"); RETURN NULL;', hash='0d04b7f33a8dd88936649a2d9b8383c937aaf41f', operation='DELETE', pgid='pgtrigger_delete_delete_e9dae', table='reminders_contactorder', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='ContactOrderEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('ways', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), size=30)),
                        ('set_at', models.DateTimeField()),
                        ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='reminders.contactorder')),
                        ('set_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='721831b02be3231c49756a4e9e4d13eac68b8ece', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b9238', table='reminders_contactorderevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='DeliveryReceipt',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('provider_id', models.CharField(help_text='The provider’s own name of the message.', max_length=64)),
                        ('status', models.CharField(max_length=20)),
                        ('error_code', models.CharField(blank=True, max_length=10)),
                        ('key', models.CharField(blank=True, help_text='What it is within Onward: reminder-12.', max_length=80)),
                        ('tried_at', models.DateTimeField(blank=True, null=True)),
                        ('received_at', models.DateTimeField()),
                        ('handled_at', models.DateTimeField(blank=True, null=True)),
                        ('attempt', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='reminders.deliveryattempt')),
                        ('tries', models.PositiveSmallIntegerField(db_default=0, default=0)),
                    ],
                    options={
                        'ordering': ('received_at', 'pk'),
                        'indexes': [models.Index(condition=models.Q(('handled_at', None)), fields=['received_at'], name='receipt_to_handle')],
                        'constraints': [models.UniqueConstraint(fields=('provider_id', 'status'), name='receipt_once')],
                    },
                ),
                migrations.CreateModel(
                    name='HelpAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('contact_value', models.CharField(max_length=254)),
                        ('on', models.DateField()),
                        ('asked_at', models.DateTimeField()),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                        ('answered_at', models.DateTimeField(blank=True, help_text='Set just before it is sent.', null=True)),
                        ('language', models.CharField(db_default='en', default='en', max_length=2)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('clinic', 'contact_value', 'on'), name='help_answered_once_a_day')],
                        'indexes': [models.Index(condition=models.Q(('answered_at', None)), fields=['asked_at'], name='help_to_answer')],
                    },
                ),
                migrations.CreateModel(
                    name='InboxItem',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('arrived_at', models.DateTimeField()),
                        ('read_at', models.DateTimeField(blank=True, null=True)),
                        ('nudged_at', models.DateTimeField(blank=True, help_text='When an email about the inbox was begun.', null=True)),
                        ('reminder', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='inbox_item', to='reminders.reminder')),
                        ('staff_member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inbox_items', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('-arrived_at', '-pk'),
                        'indexes': [models.Index(fields=['staff_member', '-arrived_at', '-id'], name='inbox_of'), models.Index(condition=models.Q(('read_at', None)), fields=['staff_member'], name='inbox_unread'), models.Index(condition=models.Q(('nudged_at', None)), fields=['arrived_at'], name='inbox_to_nudge')],
                    },
                ),
                migrations.CreateModel(
                    name='IncomingMessage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('provider_id', models.CharField(help_text='The provider’s own name of the message.', max_length=64, unique=True)),
                        ('contact_value', models.CharField(max_length=254, verbose_name='from')),
                        ('words', models.TextField(blank=True, max_length=2000)),
                        ('received_at', models.DateTimeField()),
                        ('handled_at', models.DateTimeField(blank=True, null=True)),
                        ('tries', models.PositiveSmallIntegerField(db_default=0, default=0)),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                    ],
                    options={
                        'ordering': ('received_at', 'pk'),
                        'indexes': [models.Index(condition=models.Q(('handled_at', None)), fields=['received_at'], name='incoming_to_handle')],
                    },
                ),
                migrations.CreateModel(
                    name='NumberFact',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('contact_value', models.CharField(help_text='Normalized.', max_length=254, verbose_name='number')),
                        ('kind', models.CharField(choices=[('no_texts', 'this number can’t get text messages'), ('blocked', 'the phone company blocks messages to this number'), ('unknown', 'this isn’t a working phone number')], max_length=10)),
                        ('source', models.CharField(help_text='What the provider said, with its code.', max_length=120)),
                        ('learned_at', models.DateTimeField()),
                        ('lifted_at', models.DateTimeField(blank=True, null=True)),
                        ('lifted_why', models.CharField(blank=True, max_length=200, verbose_name='why it no longer holds')),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                        ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('-learned_at', '-pk'),
                        'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('clinic', 'contact_value', 'kind'), name='number_fact_in_force_once'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at', None), ('lifted_by', None), ('lifted_why', '')), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False), models.Q(('lifted_why', ''), _negated=True)), _connector='OR'), name='number_fact_lifted_has_time_author_and_reason')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reminders_numberfactevent" ("clinic_id", "contact_value", "id", "kind", "learned_at", "lifted_at", "lifted_by_id", "lifted_why", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source") VALUES (NEW."clinic_id", NEW."contact_value", NEW."id", NEW."kind", NEW."learned_at", NEW."lifted_at", NEW."lifted_by_id", NEW."lifted_why", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."source"); RETURN NULL;', hash='4d8250d9dee0651381072b0af0bb23fa40afabd3', operation='INSERT', pgid='pgtrigger_insert_insert_efb93', table='reminders_numberfact', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reminders_numberfactevent" ("clinic_id", "contact_value", "id", "kind", "learned_at", "lifted_at", "lifted_by_id", "lifted_why", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source") VALUES (NEW."clinic_id", NEW."contact_value", NEW."id", NEW."kind", NEW."learned_at", NEW."lifted_at", NEW."lifted_by_id", NEW."lifted_why", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."source"); RETURN NULL;', hash='e4552d3aaea346c5e891be54f8124c0b30df4578', operation='UPDATE', pgid='pgtrigger_update_update_3032d', table='reminders_numberfact', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reminders_numberfactevent" ("clinic_id", "contact_value", "id", "kind", "learned_at", "lifted_at", "lifted_by_id", "lifted_why", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source") VALUES (OLD."clinic_id", OLD."contact_value", OLD."id", OLD."kind", OLD."learned_at", OLD."lifted_at", OLD."lifted_by_id", OLD."lifted_why", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."source"); RETURN NULL;', hash='8a99f0bcb771d78eff0162c380d75479b43a19d5', operation='DELETE', pgid='pgtrigger_delete_delete_da239', table='reminders_numberfact', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='NumberFactEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('contact_value', models.CharField(help_text='Normalized.', max_length=254, verbose_name='number')),
                        ('kind', models.CharField(choices=[('no_texts', 'this number can’t get text messages'), ('blocked', 'the phone company blocks messages to this number'), ('unknown', 'this isn’t a working phone number')], max_length=10)),
                        ('source', models.CharField(help_text='What the provider said, with its code.', max_length=120)),
                        ('learned_at', models.DateTimeField()),
                        ('lifted_at', models.DateTimeField(blank=True, null=True)),
                        ('lifted_why', models.CharField(blank=True, max_length=200, verbose_name='why it no longer holds')),
                        ('clinic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic')),
                        ('lifted_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='reminders.numberfact')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9ccd08a3c735ab5476c4ebc20768d0ba8974b3d7', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0eb43', table='reminders_numberfactevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='TaskHandover',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('reason', models.CharField(blank=True, help_text='Blank only for a task that no one had.', max_length=200)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('task', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='reminders.stafftask')),
                        ('to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('pk',),
                        'indexes': [models.Index(fields=['task', '-id'], name='task_handover_last')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('to', models.F('by')), models.Q(('reason', ''), _negated=True), _connector='OR'), name='task_handed_over_with_a_reason')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reminders_taskhandoverevent" ("at", "by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "task_id", "to_id") VALUES (NEW."at", NEW."by_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."task_id", NEW."to_id"); RETURN NULL;', hash='6eff62fbb4b9296f1de0b31dd1e40cca1a3ebd10', operation='INSERT', pgid='pgtrigger_insert_insert_8d100', table='reminders_taskhandover', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reminders_taskhandoverevent" ("at", "by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "task_id", "to_id") VALUES (NEW."at", NEW."by_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."task_id", NEW."to_id"); RETURN NULL;', hash='798cee77cd11990da2c65912821d9478047ebae2', operation='UPDATE', pgid='pgtrigger_update_update_c0e9d', table='reminders_taskhandover', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reminders_taskhandoverevent" ("at", "by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "task_id", "to_id") VALUES (OLD."at", OLD."by_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."task_id", OLD."to_id"); RETURN NULL;', hash='3f2bf4661f3b4d697ebe6358ef1547afaea2331e', operation='DELETE', pgid='pgtrigger_delete_delete_ba4ef', table='reminders_taskhandover', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='TaskHandoverEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('at', models.DateTimeField()),
                        ('reason', models.CharField(blank=True, help_text='Blank only for a task that no one had.', max_length=200)),
                        ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='reminders.taskhandover')),
                        ('task', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reminders.stafftask')),
                        ('to', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='936fa6d219ee87fa563ac606e33ae67771ae35a3', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b3d92', table='reminders_taskhandoverevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Turn',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=30, unique=True)),
                        ('holder', models.UUIDField()),
                        ('until', models.DateTimeField()),
                    ],
                ),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='messagetemplate',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='messagetemplate',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='messagetemplate',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='reminder',
            name='update_update',
        ),
        migrations.AlterModelOptions(
            name='messagetemplate',
            options={'ordering': ('kind', 'channel', 'language')},
        ),
        migrations.RemoveConstraint(
            model_name='messagetemplate',
            name='one_wording_per_kind',
        ),
        migrations.AddField(
            model_name='messagetemplate',
            name='language',
            field=models.CharField(choices=[('en', 'English'), ('es', 'Spanish')], db_default='en', default='en', max_length=2),
        ),
        migrations.AddField(
            model_name='messagetemplateevent',
            name='language',
            field=models.CharField(choices=[('en', 'English'), ('es', 'Spanish')], db_default='en', default='en', max_length=2),
        ),
        migrations.AlterField(
            model_name='messagetemplate',
            name='kind',
            field=models.CharField(choices=[('client_appointment', 'Appointment'), ('client_booked', 'Appointment booked'), ('client_moved', 'Appointment moved'), ('client_canceled', 'Appointment canceled'), ('client_missed_appointment', 'After a missed appointment'), ('client_group', 'Group tomorrow'), ('client_continuing_care', 'Continuing care call'), ('client_checkup', 'Recovery checkup'), ('client_meeting_followup', 'After a mutual-help meeting'), ('client_milestone', 'Recovery milestone'), ('staff_note_unsigned', 'Unsigned note'), ('staff_cosign', 'Cosignature waiting'), ('staff_plan_due', 'Treatment plan or review due'), ('staff_measure_due', 'Measure due'), ('staff_consent_expiring', 'Consent expiring'), ('staff_mentor_review', 'Peer mentor renewal'), ('staff_inquiry_callback', 'Inquiry not called back'), ('staff_interim_clock', 'Interim services or admission due'), ('staff_no_show_step', 'Step after a missed appointment'), ('staff_continuing_care', 'Continuing care call due'), ('staff_followup_call', 'Follow-up call after a meeting'), ('staff_task', 'Task to do')], max_length=40),
        ),
        migrations.AlterField(
            model_name='messagetemplateevent',
            name='kind',
            field=models.CharField(choices=[('client_appointment', 'Appointment'), ('client_booked', 'Appointment booked'), ('client_moved', 'Appointment moved'), ('client_canceled', 'Appointment canceled'), ('client_missed_appointment', 'After a missed appointment'), ('client_group', 'Group tomorrow'), ('client_continuing_care', 'Continuing care call'), ('client_checkup', 'Recovery checkup'), ('client_meeting_followup', 'After a mutual-help meeting'), ('client_milestone', 'Recovery milestone'), ('staff_note_unsigned', 'Unsigned note'), ('staff_cosign', 'Cosignature waiting'), ('staff_plan_due', 'Treatment plan or review due'), ('staff_measure_due', 'Measure due'), ('staff_consent_expiring', 'Consent expiring'), ('staff_mentor_review', 'Peer mentor renewal'), ('staff_inquiry_callback', 'Inquiry not called back'), ('staff_interim_clock', 'Interim services or admission due'), ('staff_no_show_step', 'Step after a missed appointment'), ('staff_continuing_care', 'Continuing care call due'), ('staff_followup_call', 'Follow-up call after a meeting'), ('staff_task', 'Task to do')], max_length=40),
        ),
        migrations.AlterField(
            model_name='reminder',
            name='kind',
            field=models.CharField(choices=[('client_appointment', 'Appointment'), ('client_booked', 'Appointment booked'), ('client_moved', 'Appointment moved'), ('client_canceled', 'Appointment canceled'), ('client_missed_appointment', 'After a missed appointment'), ('client_group', 'Group tomorrow'), ('client_continuing_care', 'Continuing care call'), ('client_checkup', 'Recovery checkup'), ('client_meeting_followup', 'After a mutual-help meeting'), ('client_milestone', 'Recovery milestone'), ('staff_note_unsigned', 'Unsigned note'), ('staff_cosign', 'Cosignature waiting'), ('staff_plan_due', 'Treatment plan or review due'), ('staff_measure_due', 'Measure due'), ('staff_consent_expiring', 'Consent expiring'), ('staff_mentor_review', 'Peer mentor renewal'), ('staff_inquiry_callback', 'Inquiry not called back'), ('staff_interim_clock', 'Interim services or admission due'), ('staff_no_show_step', 'Step after a missed appointment'), ('staff_continuing_care', 'Continuing care call due'), ('staff_followup_call', 'Follow-up call after a meeting'), ('staff_task', 'Task to do')], max_length=40),
        ),
        migrations.AlterField(
            model_name='reminderevent',
            name='kind',
            field=models.CharField(choices=[('client_appointment', 'Appointment'), ('client_booked', 'Appointment booked'), ('client_moved', 'Appointment moved'), ('client_canceled', 'Appointment canceled'), ('client_missed_appointment', 'After a missed appointment'), ('client_group', 'Group tomorrow'), ('client_continuing_care', 'Continuing care call'), ('client_checkup', 'Recovery checkup'), ('client_meeting_followup', 'After a mutual-help meeting'), ('client_milestone', 'Recovery milestone'), ('staff_note_unsigned', 'Unsigned note'), ('staff_cosign', 'Cosignature waiting'), ('staff_plan_due', 'Treatment plan or review due'), ('staff_measure_due', 'Measure due'), ('staff_consent_expiring', 'Consent expiring'), ('staff_mentor_review', 'Peer mentor renewal'), ('staff_inquiry_callback', 'Inquiry not called back'), ('staff_interim_clock', 'Interim services or admission due'), ('staff_no_show_step', 'Step after a missed appointment'), ('staff_continuing_care', 'Continuing care call due'), ('staff_followup_call', 'Follow-up call after a meeting'), ('staff_task', 'Task to do')], max_length=40),
        ),
        migrations.AddConstraint(
            model_name='messagetemplate',
            constraint=models.UniqueConstraint(fields=('clinic', 'kind', 'channel', 'language'), name='one_wording_per_kind'),
        ),
        migrations.AlterField(
            model_name='channelpause',
            name='channel',
            field=models.CharField(choices=[('email', 'Email'), ('sms', 'Text message'), ('voice', 'Phone call'), ('inbox', 'Inbox')], max_length=8, unique=True),
        ),
        migrations.AlterField(
            model_name='deliveryattempt',
            name='channel',
            field=models.CharField(choices=[('email', 'Email'), ('sms', 'Text message'), ('voice', 'Phone call'), ('inbox', 'Inbox')], max_length=8),
        ),
        migrations.AlterField(
            model_name='reminder',
            name='channel',
            field=models.CharField(choices=[('email', 'Email'), ('sms', 'Text message'), ('voice', 'Phone call'), ('inbox', 'Inbox')], default='email', max_length=8),
        ),
        migrations.AlterField(
            model_name='reminderevent',
            name='channel',
            field=models.CharField(choices=[('email', 'Email'), ('sms', 'Text message'), ('voice', 'Phone call'), ('inbox', 'Inbox')], default='email', max_length=8),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', 'inbox'), _negated=True), ('client', None), _connector='OR'), name='reminder_in_an_inbox_is_to_staff'),
        ),
        migrations.AlterField(
            model_name='stafftask',
            name='kind',
            field=models.CharField(choices=[('blocked', 'Contact another way'), ('held_back', 'Review a held message'), ('reply', 'Read a reply'), ('unclear', 'Ask whether to stop messages'), ('provider', 'Mend texts and calls'), ('uncertain', 'Ask whether a message arrived')], default='blocked', max_length=10),
        ),
        migrations.AlterField(
            model_name='stafftaskevent',
            name='kind',
            field=models.CharField(choices=[('blocked', 'Contact another way'), ('held_back', 'Review a held message'), ('reply', 'Read a reply'), ('unclear', 'Ask whether to stop messages'), ('provider', 'Mend texts and calls'), ('uncertain', 'Ask whether a message arrived')], default='blocked', max_length=10),
        ),
        migrations.AddField(
            model_name='deliveryattempt',
            name='words',
            field=models.TextField(blank=True, db_default='', help_text='The text that was handed over, as it was. Blank: nothing was.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='messagetemplate',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reminders_messagetemplateevent" ("body", "changed_at", "channel", "clinic_id", "id", "kind", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject") VALUES (NEW."body", NEW."changed_at", NEW."channel", NEW."clinic_id", NEW."id", NEW."kind", NEW."language", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."subject"); RETURN NULL;', hash='74ae61c2d6c9f6ab4dcc44bf247422f100c5bb00', operation='INSERT', pgid='pgtrigger_insert_insert_c4485', table='reminders_messagetemplate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='messagetemplate',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reminders_messagetemplateevent" ("body", "changed_at", "channel", "clinic_id", "id", "kind", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject") VALUES (NEW."body", NEW."changed_at", NEW."channel", NEW."clinic_id", NEW."id", NEW."kind", NEW."language", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."subject"); RETURN NULL;', hash='a7c082f62fe4dda2ea34e210b9766666d79791c0', operation='UPDATE', pgid='pgtrigger_update_update_3e19a', table='reminders_messagetemplate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='messagetemplate',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reminders_messagetemplateevent" ("body", "changed_at", "channel", "clinic_id", "id", "kind", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject") VALUES (OLD."body", OLD."changed_at", OLD."channel", OLD."clinic_id", OLD."id", OLD."kind", OLD."language", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."subject"); RETURN NULL;', hash='9003dbe4168ca992e0280601e70314432efbfbe6', operation='DELETE', pgid='pgtrigger_delete_delete_4827e', table='reminders_messagetemplate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reminder',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.* AND NOT (NEW.state = 'claimed'))", func='INSERT INTO "reminders_reminderevent" ("asked_for", "attempts", "attempts_before", "channel", "claim", "claimed_at", "claims", "client_id", "clinic_id", "context", "created_at", "created_by_id", "dedupe_key", "due_at", "ended_at", "id", "kind", "not_after", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sent_at", "staff_member_id", "state") VALUES (NEW."asked_for", NEW."attempts", NEW."attempts_before", NEW."channel", NEW."claim", NEW."claimed_at", NEW."claims", NEW."client_id", NEW."clinic_id", NEW."context", NEW."created_at", NEW."created_by_id", NEW."dedupe_key", NEW."due_at", NEW."ended_at", NEW."id", NEW."kind", NEW."not_after", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."sent_at", NEW."staff_member_id", NEW."state"); RETURN NULL;', hash='dcb41c6e5691f2e904b371d68b79185d63a34235', operation='UPDATE', pgid='pgtrigger_update_update_c3ab0', table='reminders_reminder', when='AFTER')),
        ),
        append_only('reminders_kindswitchevent'),
        append_only('reminders_clientchoiceevent'),
        append_only('reminders_numberfactevent'),
        append_only('reminders_contactorderevent'),
        append_only('reminders_taskhandover'),
        append_only('reminders_taskhandoverevent'),
        migrations.RunSQL(NEVER_REWRITTEN, 'DROP FUNCTION reminders_words_stand() CASCADE'),
    ]
