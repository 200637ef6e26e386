import django.core.validators
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('staff', '0002_append_only'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='clinic',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='clinic',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='clinic',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='staffmember',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='staffmember',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='staffmember',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='clinic',
            name='text_number',
            field=models.CharField(blank=True, db_default='', default='', help_text='Texts and calls come from it, and replies to it are this clinic’s: +15185550130. Blank: no texts or calls.', max_length=16, validators=[django.core.validators.RegexValidator('^\\+[1-9]\\d{7,14}$', 'Enter the number as +15185550130.')], verbose_name='number for texts and calls'),
        ),
        migrations.AddField(
            model_name='clinicevent',
            name='text_number',
            field=models.CharField(blank=True, db_default='', default='', help_text='Texts and calls come from it, and replies to it are this clinic’s: +15185550130. Blank: no texts or calls.', max_length=16, validators=[django.core.validators.RegexValidator('^\\+[1-9]\\d{7,14}$', 'Enter the number as +15185550130.')], verbose_name='number for texts and calls'),
        ),
        migrations.AddField(
            model_name='staffmember',
            name='inbox_by_email',
            field=models.BooleanField(db_default=True, default=True, help_text='An email says that something is in the inbox, and nothing about it.', verbose_name='email about the inbox'),
        ),
        migrations.AddField(
            model_name='staffmemberevent',
            name='inbox_by_email',
            field=models.BooleanField(db_default=True, default=True, help_text='An email says that something is in the inbox, and nothing about it.', verbose_name='email about the inbox'),
        ),
        migrations.AddConstraint(
            model_name='clinic',
            constraint=models.UniqueConstraint(condition=models.Q(('text_number', ''), _negated=True), fields=('text_number',), name='text_number_of_one_clinic'),
        ),
        migrations.AddConstraint(
            model_name='clinic',
            constraint=models.CheckConstraint(condition=models.Q(('text_number', ''), ('text_number__regex', '^\\+[1-9][0-9]{7,14}$'), _connector='OR'), name='text_number_in_e164'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clinic',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_clinicevent" ("created_at", "criteria_edition", "id", "minor_consent_age", "name", "neutral_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "text_number", "time_zone") VALUES (NEW."created_at", NEW."criteria_edition", NEW."id", NEW."minor_consent_age", NEW."name", NEW."neutral_name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."text_number", NEW."time_zone"); RETURN NULL;', hash='63329c12e7d84fa9218edd09c6bf7257a30d8c7e', operation='INSERT', pgid='pgtrigger_insert_insert_9dda5', table='staff_clinic', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clinic',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "staff_clinicevent" ("created_at", "criteria_edition", "id", "minor_consent_age", "name", "neutral_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "text_number", "time_zone") VALUES (NEW."created_at", NEW."criteria_edition", NEW."id", NEW."minor_consent_age", NEW."name", NEW."neutral_name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."text_number", NEW."time_zone"); RETURN NULL;', hash='b3bd13a8f5cac2c3ef0df878676c0e1d457976d0', operation='UPDATE', pgid='pgtrigger_update_update_257a2', table='staff_clinic', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clinic',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_clinicevent" ("created_at", "criteria_edition", "id", "minor_consent_age", "name", "neutral_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "text_number", "time_zone") VALUES (OLD."created_at", OLD."criteria_edition", OLD."id", OLD."minor_consent_age", OLD."name", OLD."neutral_name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."text_number", OLD."time_zone"); RETURN NULL;', hash='d6f8ebe8e567d2a698e3fdb1b5fc2bb1f028718f', operation='DELETE', pgid='pgtrigger_delete_delete_5e55d', table='staff_clinic', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='staffmember',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_staffmemberevent" ("clinic_id", "credential", "email", "family_name", "given_name", "id", "inbox_by_email", "is_active", "is_staff", "is_superuser", "joined_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "supervisor_id") VALUES (NEW."clinic_id", NEW."credential", NEW."email", NEW."family_name", NEW."given_name", NEW."id", NEW."inbox_by_email", NEW."is_active", NEW."is_staff", NEW."is_superuser", NEW."joined_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."role", NEW."supervisor_id"); RETURN NULL;', hash='2050d43b072a9ea7080757a3c0836185059ae6cd', operation='INSERT', pgid='pgtrigger_insert_insert_f984c', table='staff_staffmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='staffmember',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."clinic_id" IS DISTINCT FROM (NEW."clinic_id") OR OLD."credential" IS DISTINCT FROM (NEW."credential") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."family_name" IS DISTINCT FROM (NEW."family_name") OR OLD."given_name" IS DISTINCT FROM (NEW."given_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."inbox_by_email" IS DISTINCT FROM (NEW."inbox_by_email") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_staff" IS DISTINCT FROM (NEW."is_staff") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."joined_at" IS DISTINCT FROM (NEW."joined_at") OR OLD."role" IS DISTINCT FROM (NEW."role") OR OLD."supervisor_id" IS DISTINCT FROM (NEW."supervisor_id"))', func='INSERT INTO "staff_staffmemberevent" ("clinic_id", "credential", "email", "family_name", "given_name", "id", "inbox_by_email", "is_active", "is_staff", "is_superuser", "joined_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "supervisor_id") VALUES (NEW."clinic_id", NEW."credential", NEW."email", NEW."family_name", NEW."given_name", NEW."id", NEW."inbox_by_email", NEW."is_active", NEW."is_staff", NEW."is_superuser", NEW."joined_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."role", NEW."supervisor_id"); RETURN NULL;', hash='142e8751c7871447896f3b117aacecc93ea8252f', operation='UPDATE', pgid='pgtrigger_update_update_7895f', table='staff_staffmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='staffmember',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_staffmemberevent" ("clinic_id", "credential", "email", "family_name", "given_name", "id", "inbox_by_email", "is_active", "is_staff", "is_superuser", "joined_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "supervisor_id") VALUES (OLD."clinic_id", OLD."credential", OLD."email", OLD."family_name", OLD."given_name", OLD."id", OLD."inbox_by_email", OLD."is_active", OLD."is_staff", OLD."is_superuser", OLD."joined_at", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."role", OLD."supervisor_id"); RETURN NULL;', hash='80fc81b7ed6d7339648b97c83c4b784a0c22a47e', operation='DELETE', pgid='pgtrigger_delete_delete_11fa4', table='staff_staffmember', when='AFTER')),
        ),
    ]
