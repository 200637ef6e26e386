import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from staff.immutability import append_only

# What a signed note says came up stands with it. Only which row of the person's record it is about may change, when two
# wordings of one thing are joined (cases.LearnedJoin) or taken apart again; the history keeps both.
SIGNED_MENTIONS = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_signed_mentions_stand() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            about CONSTANT text[] := ARRAY['trigger_id', 'warning_sign_id', 'strategy_id'];
            of_note bigint;
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                RAISE EXCEPTION 'mentions cannot be truncated' USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - about = to_jsonb(NEW) - about THEN
                RETURN NEW;
            END IF;
            SELECT id INTO of_note FROM counseling_sessionnote WHERE signed_at IS NOT NULL AND id IN (
                CASE WHEN TG_OP <> 'INSERT' THEN OLD.note_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.note_id END
            ) LIMIT 1;
            IF of_note IS NOT NULL THEN
                RAISE EXCEPTION 'note % is signed: % of a mention refused', of_note, TG_OP
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END $$;
        CREATE TRIGGER counseling_signed_mentions_stand BEFORE INSERT OR UPDATE OR DELETE ON counseling_notemention
            FOR EACH ROW EXECUTE FUNCTION counseling_signed_mentions_stand();
        CREATE TRIGGER counseling_mentions_no_truncate BEFORE TRUNCATE ON counseling_notemention
            FOR EACH STATEMENT EXECUTE FUNCTION counseling_signed_mentions_stand();
    """,
    reverse_sql="DROP FUNCTION counseling_signed_mentions_stand() CASCADE;",
)


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0012_links_have_history'),
        ('counseling', '0004_plan_reviews_and_signatures'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NoteMention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quote', models.CharField(max_length=300, verbose_name='the sentence')),
                ('outcome', models.CharField(blank=True, choices=[('helped', 'Helped'), ('partly', 'Helped partly'), ('did_not', 'Did not help this time')], max_length=8, verbose_name='what the strategy did')),
                ('progress', models.CharField(blank=True, choices=[('better', 'Better'), ('same', 'About the same'), ('worse', 'Harder than before'), ('met', 'Met')], max_length=8, verbose_name='how the goal goes')),
                ('recorded_at', models.DateTimeField()),
                ('goal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mentions', to='counseling.goal')),
                ('note', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mentions', to='counseling.sessionnote')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('strategy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mentions', to='cases.copingstrategy')),
                ('trigger', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mentions', to='cases.trigger')),
                ('warning_sign', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mentions', to='cases.warningsign')),
            ],
            options={
                'ordering': ('recorded_at', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='NoteMentionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('quote', models.CharField(max_length=300, verbose_name='the sentence')),
                ('outcome', models.CharField(blank=True, choices=[('helped', 'Helped'), ('partly', 'Helped partly'), ('did_not', 'Did not help this time')], max_length=8, verbose_name='what the strategy did')),
                ('progress', models.CharField(blank=True, choices=[('better', 'Better'), ('same', 'About the same'), ('worse', 'Harder than before'), ('met', 'Met')], max_length=8, verbose_name='how the goal goes')),
                ('recorded_at', models.DateTimeField()),
                ('goal', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='counseling.goal')),
                ('note', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='counseling.sessionnote')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='counseling.notemention')),
                ('recorded_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('strategy', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.copingstrategy')),
                ('trigger', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.trigger')),
                ('warning_sign', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.warningsign')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='notemention',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('goal__isnull', True), ('strategy__isnull', True), ('trigger__isnull', False), ('warning_sign__isnull', True)), models.Q(('goal__isnull', True), ('strategy__isnull', True), ('trigger__isnull', True), ('warning_sign__isnull', False)), models.Q(('goal__isnull', True), ('strategy__isnull', False), ('trigger__isnull', True), ('warning_sign__isnull', True)), models.Q(('goal__isnull', False), ('strategy__isnull', True), ('trigger__isnull', True), ('warning_sign__isnull', True)), _connector='OR'), name='mention_of_exactly_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='notemention',
            constraint=models.CheckConstraint(condition=models.Q(('quote', ''), _negated=True), name='mention_has_its_sentence'),
        ),
        migrations.AddConstraint(
            model_name='notemention',
            constraint=models.CheckConstraint(condition=models.Q(('outcome', ''), ('strategy__isnull', False), _connector='OR'), name='mention_outcome_of_a_strategy'),
        ),
        migrations.AddConstraint(
            model_name='notemention',
            constraint=models.CheckConstraint(condition=models.Q(('progress', ''), ('goal__isnull', False), _connector='OR'), name='mention_progress_of_a_goal'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notemention',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "counseling_notementionevent" ("goal_id", "id", "note_id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "progress", "quote", "recorded_at", "recorded_by_id", "strategy_id", "trigger_id", "warning_sign_id") VALUES (NEW."goal_id", NEW."id", NEW."note_id", NEW."outcome", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."progress", NEW."quote", NEW."recorded_at", NEW."recorded_by_id", NEW."strategy_id", NEW."trigger_id", NEW."warning_sign_id"); RETURN NULL;', hash='fcb08ca25cf6950870986c1d339fd4ece3cb180b', operation='INSERT', pgid='pgtrigger_insert_insert_37ebe', table='counseling_notemention', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notemention',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "counseling_notementionevent" ("goal_id", "id", "note_id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "progress", "quote", "recorded_at", "recorded_by_id", "strategy_id", "trigger_id", "warning_sign_id") VALUES (NEW."goal_id", NEW."id", NEW."note_id", NEW."outcome", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."progress", NEW."quote", NEW."recorded_at", NEW."recorded_by_id", NEW."strategy_id", NEW."trigger_id", NEW."warning_sign_id"); RETURN NULL;', hash='97edcf9338e30ba0b71934a562a2bc63a47750b1', operation='UPDATE', pgid='pgtrigger_update_update_fba11', table='counseling_notemention', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notemention',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "counseling_notementionevent" ("goal_id", "id", "note_id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "progress", "quote", "recorded_at", "recorded_by_id", "strategy_id", "trigger_id", "warning_sign_id") VALUES (OLD."goal_id", OLD."id", OLD."note_id", OLD."outcome", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."progress", OLD."quote", OLD."recorded_at", OLD."recorded_by_id", OLD."strategy_id", OLD."trigger_id", OLD."warning_sign_id"); RETURN NULL;', hash='8185c06ead0ea14afad0c833fc87796652c83092', operation='DELETE', pgid='pgtrigger_delete_delete_329b7', table='counseling_notemention', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notementionevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='15cbecfd866916c95888ab3ec8d6042f17fa637d', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_126ce', table='counseling_notementionevent', when='BEFORE')),
        ),
        SIGNED_MENTIONS,
        append_only("counseling_notementionevent"),
    ]
