
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0005_names_by_their_beginning'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='inquiry',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='inquiry',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='inquiry',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='inquiry',
            name='entry_key',
            field=models.UUIDField(blank=True, editable=False, help_text='One per opened form: sent twice, it is one call.', null=True, unique=True),
        ),
        migrations.AddField(
            model_name='inquiryevent',
            name='entry_key',
            field=models.UUIDField(blank=True, editable=False, help_text='One per opened form: sent twice, it is one call.', null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='inquiry',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_inquiryevent" ("assigned_to_id", "benefits_of_change", "benefits_of_now", "birth_date", "call_back_phone", "caller_name", "client_id", "clinic_id", "closing_reason", "costs_of_change", "costs_of_now", "danger_signs", "days_since_last_use", "entry_key", "family_name", "given_name", "id", "injects", "interim_services_at", "is_draft", "language", "must_not_reveal", "next_action", "next_action_at", "offer_lapses_on", "payer", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "pregnant", "program_id", "reason", "relation", "ssn_last4", "stage", "substances", "taken_at", "taken_by_id", "voicemail_ok", "voicemail_words") VALUES (NEW."assigned_to_id", NEW."benefits_of_change", NEW."benefits_of_now", NEW."birth_date", NEW."call_back_phone", NEW."caller_name", NEW."client_id", NEW."clinic_id", NEW."closing_reason", NEW."costs_of_change", NEW."costs_of_now", NEW."danger_signs", NEW."days_since_last_use", NEW."entry_key", NEW."family_name", NEW."given_name", NEW."id", NEW."injects", NEW."interim_services_at", NEW."is_draft", NEW."language", NEW."must_not_reveal", NEW."next_action", NEW."next_action_at", NEW."offer_lapses_on", NEW."payer", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."pregnant", NEW."program_id", NEW."reason", NEW."relation", NEW."ssn_last4", NEW."stage", NEW."substances", NEW."taken_at", NEW."taken_by_id", NEW."voicemail_ok", NEW."voicemail_words"); RETURN NULL;', hash='79c9ca9249de0484608f6d13058f85f323876675', operation='INSERT', pgid='pgtrigger_insert_insert_5ba74', table='cases_inquiry', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='inquiry',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "cases_inquiryevent" ("assigned_to_id", "benefits_of_change", "benefits_of_now", "birth_date", "call_back_phone", "caller_name", "client_id", "clinic_id", "closing_reason", "costs_of_change", "costs_of_now", "danger_signs", "days_since_last_use", "entry_key", "family_name", "given_name", "id", "injects", "interim_services_at", "is_draft", "language", "must_not_reveal", "next_action", "next_action_at", "offer_lapses_on", "payer", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "pregnant", "program_id", "reason", "relation", "ssn_last4", "stage", "substances", "taken_at", "taken_by_id", "voicemail_ok", "voicemail_words") VALUES (NEW."assigned_to_id", NEW."benefits_of_change", NEW."benefits_of_now", NEW."birth_date", NEW."call_back_phone", NEW."caller_name", NEW."client_id", NEW."clinic_id", NEW."closing_reason", NEW."costs_of_change", NEW."costs_of_now", NEW."danger_signs", NEW."days_since_last_use", NEW."entry_key", NEW."family_name", NEW."given_name", NEW."id", NEW."injects", NEW."interim_services_at", NEW."is_draft", NEW."language", NEW."must_not_reveal", NEW."next_action", NEW."next_action_at", NEW."offer_lapses_on", NEW."payer", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."pregnant", NEW."program_id", NEW."reason", NEW."relation", NEW."ssn_last4", NEW."stage", NEW."substances", NEW."taken_at", NEW."taken_by_id", NEW."voicemail_ok", NEW."voicemail_words"); RETURN NULL;', hash='d432e7b9340da0f7d53ed9ffca251ebd54967ad5', operation='UPDATE', pgid='pgtrigger_update_update_f01da', table='cases_inquiry', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='inquiry',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_inquiryevent" ("assigned_to_id", "benefits_of_change", "benefits_of_now", "birth_date", "call_back_phone", "caller_name", "client_id", "clinic_id", "closing_reason", "costs_of_change", "costs_of_now", "danger_signs", "days_since_last_use", "entry_key", "family_name", "given_name", "id", "injects", "interim_services_at", "is_draft", "language", "must_not_reveal", "next_action", "next_action_at", "offer_lapses_on", "payer", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "pregnant", "program_id", "reason", "relation", "ssn_last4", "stage", "substances", "taken_at", "taken_by_id", "voicemail_ok", "voicemail_words") VALUES (OLD."assigned_to_id", OLD."benefits_of_change", OLD."benefits_of_now", OLD."birth_date", OLD."call_back_phone", OLD."caller_name", OLD."client_id", OLD."clinic_id", OLD."closing_reason", OLD."costs_of_change", OLD."costs_of_now", OLD."danger_signs", OLD."days_since_last_use", OLD."entry_key", OLD."family_name", OLD."given_name", OLD."id", OLD."injects", OLD."interim_services_at", OLD."is_draft", OLD."language", OLD."must_not_reveal", OLD."next_action", OLD."next_action_at", OLD."offer_lapses_on", OLD."payer", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."pregnant", OLD."program_id", OLD."reason", OLD."relation", OLD."ssn_last4", OLD."stage", OLD."substances", OLD."taken_at", OLD."taken_by_id", OLD."voicemail_ok", OLD."voicemail_words"); RETURN NULL;', hash='499c76c2115802dc1c8fc00d603ee26f5252cd99', operation='DELETE', pgid='pgtrigger_delete_delete_6011a', table='cases_inquiry', when='AFTER')),
        ),
    ]
