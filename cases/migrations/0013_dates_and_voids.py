import cases.models.relapse
import datetime
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


# Mistyped years that are on record already stay until somebody corrects or voids them: NOT VALID lets them be.


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0012_links_have_history'),
        ('staff', '0003_history_stands'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='relapse',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='relapse',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='relapse',
            name='delete_delete',
        ),
        migrations.RemoveConstraint(
            model_name='relapse',
            name='days_used_within_span',
        ),
        migrations.AddField(
            model_name='relapse',
            name='void_reason',
            field=models.CharField(blank=True, db_default='', max_length=200, verbose_name='why it was voided'),
        ),
        migrations.AddField(
            model_name='relapse',
            name='voided_at',
            field=models.DateTimeField(blank=True, help_text='Entered by mistake: on record, never counted.', null=True),
        ),
        migrations.AddField(
            model_name='relapse',
            name='voided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='relapseevent',
            name='void_reason',
            field=models.CharField(blank=True, db_default='', max_length=200, verbose_name='why it was voided'),
        ),
        migrations.AddField(
            model_name='relapseevent',
            name='voided_at',
            field=models.DateTimeField(blank=True, help_text='Entered by mistake: on record, never counted.', null=True),
        ),
        migrations.AddField(
            model_name='relapseevent',
            name='voided_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relapse',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_relapseevent" ("abstinence_violation", "client_id", "days_used", "emergency_department", "emotional_state", "ended_on", "ended_precision", "ended_source", "episode_id", "id", "injected", "is_confirmed", "kind", "learned", "longest_abstinence_before_days", "medication_status", "naloxone_given", "overdosed_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_change", "precipitant", "primary_situation", "recorded_at", "recorded_by_id", "situations", "started_on", "started_precision", "started_source", "supports_contacted", "tolerance_warned_at", "tolerance_warned_by_id", "used_alone", "void_reason", "voided_at", "voided_by_id", "worked_before") VALUES (NEW."abstinence_violation", NEW."client_id", NEW."days_used", NEW."emergency_department", NEW."emotional_state", NEW."ended_on", NEW."ended_precision", NEW."ended_source", NEW."episode_id", NEW."id", NEW."injected", NEW."is_confirmed", NEW."kind", NEW."learned", NEW."longest_abstinence_before_days", NEW."medication_status", NEW."naloxone_given", NEW."overdosed_on", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."plan_change", NEW."precipitant", NEW."primary_situation", NEW."recorded_at", NEW."recorded_by_id", NEW."situations", NEW."started_on", NEW."started_precision", NEW."started_source", NEW."supports_contacted", NEW."tolerance_warned_at", NEW."tolerance_warned_by_id", NEW."used_alone", NEW."void_reason", NEW."voided_at", NEW."voided_by_id", NEW."worked_before"); RETURN NULL;', hash='63f4f2ba755d9512385579078bf9124d0082898d', operation='INSERT', pgid='pgtrigger_insert_insert_a983b', table='cases_relapse', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relapse',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "cases_relapseevent" ("abstinence_violation", "client_id", "days_used", "emergency_department", "emotional_state", "ended_on", "ended_precision", "ended_source", "episode_id", "id", "injected", "is_confirmed", "kind", "learned", "longest_abstinence_before_days", "medication_status", "naloxone_given", "overdosed_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_change", "precipitant", "primary_situation", "recorded_at", "recorded_by_id", "situations", "started_on", "started_precision", "started_source", "supports_contacted", "tolerance_warned_at", "tolerance_warned_by_id", "used_alone", "void_reason", "voided_at", "voided_by_id", "worked_before") VALUES (NEW."abstinence_violation", NEW."client_id", NEW."days_used", NEW."emergency_department", NEW."emotional_state", NEW."ended_on", NEW."ended_precision", NEW."ended_source", NEW."episode_id", NEW."id", NEW."injected", NEW."is_confirmed", NEW."kind", NEW."learned", NEW."longest_abstinence_before_days", NEW."medication_status", NEW."naloxone_given", NEW."overdosed_on", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."plan_change", NEW."precipitant", NEW."primary_situation", NEW."recorded_at", NEW."recorded_by_id", NEW."situations", NEW."started_on", NEW."started_precision", NEW."started_source", NEW."supports_contacted", NEW."tolerance_warned_at", NEW."tolerance_warned_by_id", NEW."used_alone", NEW."void_reason", NEW."voided_at", NEW."voided_by_id", NEW."worked_before"); RETURN NULL;', hash='0af9daa1d8fc1a73d4d7a7dae2bf6924f7b5fa1e', operation='UPDATE', pgid='pgtrigger_update_update_6051b', table='cases_relapse', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relapse',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cases_relapseevent" ("abstinence_violation", "client_id", "days_used", "emergency_department", "emotional_state", "ended_on", "ended_precision", "ended_source", "episode_id", "id", "injected", "is_confirmed", "kind", "learned", "longest_abstinence_before_days", "medication_status", "naloxone_given", "overdosed_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_change", "precipitant", "primary_situation", "recorded_at", "recorded_by_id", "situations", "started_on", "started_precision", "started_source", "supports_contacted", "tolerance_warned_at", "tolerance_warned_by_id", "used_alone", "void_reason", "voided_at", "voided_by_id", "worked_before") VALUES (OLD."abstinence_violation", OLD."client_id", OLD."days_used", OLD."emergency_department", OLD."emotional_state", OLD."ended_on", OLD."ended_precision", OLD."ended_source", OLD."episode_id", OLD."id", OLD."injected", OLD."is_confirmed", OLD."kind", OLD."learned", OLD."longest_abstinence_before_days", OLD."medication_status", OLD."naloxone_given", OLD."overdosed_on", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."plan_change", OLD."precipitant", OLD."primary_situation", OLD."recorded_at", OLD."recorded_by_id", OLD."situations", OLD."started_on", OLD."started_precision", OLD."started_source", OLD."supports_contacted", OLD."tolerance_warned_at", OLD."tolerance_warned_by_id", OLD."used_alone", OLD."void_reason", OLD."voided_at", OLD."voided_by_id", OLD."worked_before"); RETURN NULL;', hash='5eea13b21c39a90785fd424733b6cadd625ad556', operation='DELETE', pgid='pgtrigger_delete_delete_54b81', table='cases_relapse', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='relapse',
            constraint=models.CheckConstraint(condition=models.Q(('days_used', None), models.Q(('days_used__gte', 1), models.Q(('ended_on', None), ('ended_precision', 'unknown'), ('days_used__lte', cases.models.relapse.SpanInDays(models.F('ended_on'), models.F('started_on'))), _connector='OR')), _connector='OR'), name='days_used_within_span', violation_error_message='There cannot be more days of use than days from first to last use.'),
        ),
        migrations.AddConstraint(
            model_name='relapse',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('void_reason', ''), ('voided_at', None), ('voided_by', None)), models.Q(('voided_at__isnull', False), ('voided_by__isnull', False), models.Q(('void_reason', ''), _negated=True)), _connector='OR'), name='voided_has_time_author_and_reason'),
        ),
        AddConstraintNotValid(
            model_name='relapse',
            constraint=models.CheckConstraint(condition=models.Q(('started_on__gte', datetime.date(1900, 1, 1)), ('voided_at__isnull', False), _connector='OR'), name='use_since_1900'),
        ),
        AddConstraintNotValid(
            model_name='relapse',
            constraint=models.CheckConstraint(condition=models.Q(('overdosed_on', None), ('overdosed_on__gte', datetime.date(1900, 1, 1)), ('voided_at__isnull', False), _connector='OR'), name='overdose_since_1900'),
        ),
        AddConstraintNotValid(
            model_name='sobrietystatement',
            constraint=models.CheckConstraint(condition=models.Q(('sobriety_date__gte', datetime.date(1900, 1, 1))), name='stated_sobriety_date_since_1900'),
        ),
        AddConstraintNotValid(
            model_name='treatmentepisode',
            constraint=models.CheckConstraint(condition=models.Q(('admitted_on__gte', datetime.date(1900, 1, 1))), name='admitted_since_1900'),
        ),
    ]
