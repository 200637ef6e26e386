import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from staff.immutability import append_only

# What an earlier version of a plan said stands. The one thing that may change is which of two records of one person it
# hangs on, and only along a merge of exactly those two (cases.ClientMerge). This trigger has no switch.
EARLIER_VERSIONS = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_earlier_plan_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE'
                AND OLD.client_id <> NEW.client_id
                AND to_jsonb(OLD) - 'client_id' = to_jsonb(NEW) - 'client_id'
                AND EXISTS (
                    SELECT 1 FROM cases_clientmerge
                    WHERE (keep_id, absorb_id) IN ((OLD.client_id, NEW.client_id), (NEW.client_id, OLD.client_id))
                )
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'plan % was followed by another version: % refused', OLD.id, TG_OP
                USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER counseling_earlier_plan_stands BEFORE UPDATE OR DELETE ON counseling_treatmentplan
            FOR EACH ROW WHEN (OLD.stood_as IS NOT NULL) EXECUTE FUNCTION counseling_earlier_plan_stands();
    """,
    reverse_sql="DROP FUNCTION counseling_earlier_plan_stands() CASCADE;",
)

# A review speaks of goals of its own plan's episode; a note is filed after its signature and under its own client's
# objectives; a drawing is a list, and none of megabytes.
OF_ONE_RECORD = migrations.RunSQL(
    sql="""
        CREATE FUNCTION counseling_review_of_own_goals() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT 1 FROM counseling_planreview AS r
                JOIN counseling_treatmentplan AS p ON p.id = r.plan_id
                JOIN counseling_goal AS g ON g.episode_id = p.episode_id
                WHERE r.id = NEW.review_id AND g.id = NEW.goal_id
            ) THEN
                RAISE EXCEPTION 'a review speaks of goals of its own plan' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER counseling_review_of_own_goals BEFORE INSERT ON counseling_planreviewgoal
            FOR EACH ROW EXECUTE FUNCTION counseling_review_of_own_goals();

        CREATE FUNCTION counseling_filed_under_own_objective() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT 1 FROM counseling_sessionnote AS n
                JOIN counseling_goal AS g ON g.client_id = n.client_id
                JOIN counseling_objective AS o ON o.goal_id = g.id
                WHERE n.id = NEW.note_id AND o.id = NEW.objective_id
                    AND n.signed_at IS NOT NULL AND n.signed_at <= NEW.filed_at
            ) THEN
                RAISE EXCEPTION 'a signed note is filed under an objective of its own client'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER counseling_filed_under_own_objective BEFORE INSERT ON counseling_laterfiling
            FOR EACH ROW EXECUTE FUNCTION counseling_filed_under_own_objective();

        ALTER TABLE counseling_plansignature ADD CONSTRAINT plan_signature_drawing_has_a_size
            CHECK (strokes IS NULL OR (jsonb_typeof(strokes) = 'array' AND octet_length(strokes::text) < 100000));
    """,
    reverse_sql="""
        ALTER TABLE counseling_plansignature DROP CONSTRAINT plan_signature_drawing_has_a_size;
        DROP FUNCTION counseling_filed_under_own_objective() CASCADE;
        DROP FUNCTION counseling_review_of_own_goals() CASCADE;
    """,
)

GROWS_ONLY = (
    "counseling_planreview",
    "counseling_planreviewgoal",
    "counseling_plansignature",
    "counseling_laterfiling",
)


class Migration(migrations.Migration):

    dependencies = [
        ('counseling', '0003_history_stands'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LaterFiling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('filed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('filed_at', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='PlanReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reviewed_at', models.DateTimeField()),
                ('summary', models.TextField()),
                ('next_review_on', models.DateField(blank=True, help_text="Where an earlier day was agreed than the clinic's interval gives.", null=True)),
            ],
            options={
                'ordering': ('-reviewed_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='PlanReviewGoal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('progress', models.CharField(choices=[('better', 'Better'), ('same', 'About the same'), ('worse', 'Harder than before'), ('met', 'Met')], max_length=6)),
                ('words', models.TextField(blank=True)),
            ],
            options={
                'ordering': ('goal__opened_on', 'goal'),
            },
        ),
        migrations.CreateModel(
            name='PlanSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('signer', models.CharField(choices=[('client', 'Client'), ('counselor', 'Counselor')], max_length=9)),
                ('typed_name', models.CharField(blank=True, max_length=160)),
                ('strokes', models.JSONField(blank=True, help_text='As drawn: a list of strokes, each a list of [x, y].', null=True)),
                ('signed_at', models.DateTimeField()),
                ('hash', models.CharField(max_length=64)),
                ('text_version', models.PositiveSmallIntegerField(help_text='Which rules the text was made by.')),
            ],
            options={
                'ordering': ('-signed_at', '-pk'),
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='treatmentplan',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='treatmentplan',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='treatmentplan',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='treatmentplan',
            name='stood_as',
            field=models.JSONField(blank=True, help_text='What it said when the next version followed it (plan_text.Contents); then the database keeps it.', null=True),
        ),
        migrations.AddField(
            model_name='treatmentplanevent',
            name='stood_as',
            field=models.JSONField(blank=True, help_text='What it said when the next version followed it (plan_text.Contents); then the database keeps it.', null=True),
        ),
        migrations.AlterField(
            model_name='treatmentplan',
            name='needs',
            field=models.TextField(blank=True, help_text='One need a line.', verbose_name='what the client needs'),
        ),
        migrations.AlterField(
            model_name='treatmentplanevent',
            name='needs',
            field=models.TextField(blank=True, help_text='One need a line.', verbose_name='what the client needs'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='treatmentplan',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "counseling_treatmentplanevent" ("client_id", "episode_id", "id", "needs", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "started_by_id", "stood_as", "version") VALUES (NEW."client_id", NEW."episode_id", NEW."id", NEW."needs", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."started_at", NEW."started_by_id", NEW."stood_as", NEW."version"); RETURN NULL;', hash='694478f485f38f3f270647706bb154e46ee1cec3', operation='INSERT', pgid='pgtrigger_insert_insert_1a79c', table='counseling_treatmentplan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='treatmentplan',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "counseling_treatmentplanevent" ("client_id", "episode_id", "id", "needs", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "started_by_id", "stood_as", "version") VALUES (NEW."client_id", NEW."episode_id", NEW."id", NEW."needs", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."started_at", NEW."started_by_id", NEW."stood_as", NEW."version"); RETURN NULL;', hash='097be11e79c43fbcc177db6b91c20ac0256724a2', operation='UPDATE', pgid='pgtrigger_update_update_16d8b', table='counseling_treatmentplan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='treatmentplan',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "counseling_treatmentplanevent" ("client_id", "episode_id", "id", "needs", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "started_by_id", "stood_as", "version") VALUES (OLD."client_id", OLD."episode_id", OLD."id", OLD."needs", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."started_at", OLD."started_by_id", OLD."stood_as", OLD."version"); RETURN NULL;', hash='146e6526f21f58428c19d0fe994be21e7ceeca24', operation='DELETE', pgid='pgtrigger_delete_delete_7e5e0', table='counseling_treatmentplan', when='AFTER')),
        ),
        migrations.AddField(
            model_name='laterfiling',
            name='filed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='laterfiling',
            name='note',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='later_filings', to='counseling.sessionnote'),
        ),
        migrations.AddField(
            model_name='laterfiling',
            name='objective',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='later_filings', to='counseling.objective'),
        ),
        migrations.AddField(
            model_name='planreview',
            name='plan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='counseling.treatmentplan'),
        ),
        migrations.AddField(
            model_name='planreview',
            name='reviewed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='planreviewgoal',
            name='goal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='progress', to='counseling.goal'),
        ),
        migrations.AddField(
            model_name='planreviewgoal',
            name='review',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='goals', to='counseling.planreview'),
        ),
        migrations.AddField(
            model_name='plansignature',
            name='by',
            field=models.ForeignKey(help_text='The counselor who signed, or who was there when the client did.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='plansignature',
            name='plan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='counseling.treatmentplan'),
        ),
        migrations.AddConstraint(
            model_name='laterfiling',
            constraint=models.UniqueConstraint(fields=('note', 'objective'), name='note_filed_once_under_an_objective'),
        ),
        migrations.AddIndex(
            model_name='planreview',
            index=models.Index(fields=['plan', '-reviewed_at', '-id'], name='plan_review_by_plan'),
        ),
        migrations.AddConstraint(
            model_name='planreview',
            constraint=models.CheckConstraint(condition=models.Q(('summary', ''), _negated=True), name='plan_review_says_something'),
        ),
        migrations.AddConstraint(
            model_name='planreviewgoal',
            constraint=models.UniqueConstraint(fields=('review', 'goal'), name='goal_once_in_a_review'),
        ),
        migrations.AddConstraint(
            model_name='plansignature',
            constraint=models.UniqueConstraint(fields=('plan', 'signer', 'hash'), name='plan_text_signed_once_by_each'),
        ),
        migrations.AddConstraint(
            model_name='plansignature',
            constraint=models.CheckConstraint(condition=models.Q(('hash__regex', '^[0-9a-f]{64}$')), name='plan_signature_hash_is_sha256'),
        ),
        migrations.AddConstraint(
            model_name='plansignature',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('typed_name', ''), _negated=True), ('strokes__isnull', False), _connector='OR'), name='plan_signature_typed_or_drawn'),
        ),
        migrations.AddConstraint(
            model_name='plansignature',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signer', 'counselor'), _negated=True), models.Q(models.Q(('typed_name', ''), _negated=True), ('strokes__isnull', True)), _connector='OR'), name='plan_signature_of_counselor_is_named'),
        ),
        *(append_only(table) for table in GROWS_ONLY),
        EARLIER_VERSIONS,
        OF_ONE_RECORD,
    ]
