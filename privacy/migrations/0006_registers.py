import datetime
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
import staff.day_rules
from django.conf import settings
from django.db import migrations, models

from staff.immutability import append_only, changes_only, moves_in_merges

REVIEW_BY_ANOTHER = migrations.RunSQL(
    sql="""
        CREATE FUNCTION privacy_disclosurereview_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT FROM privacy_disclosure d
                WHERE d.id = NEW.disclosure_id AND NEW.reviewed_by_id IN (d.disclosed_by_id, d.recorded_by_id)
            ) THEN
                RAISE EXCEPTION 'nobody reviews their own disclosure' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER privacy_disclosurereview_by_another BEFORE INSERT ON privacy_disclosurereview
            FOR EACH ROW EXECUTE FUNCTION privacy_disclosurereview_by_another();
    """,
    reverse_sql="DROP FUNCTION privacy_disclosurereview_by_another() CASCADE;",
)

BREACH_CLIENT_STAYS = changes_only(
    "privacy_breachclient",
    called="client of a breach",
    columns={
        "client_id": moves_in_merges("cases_clientmerge"),
        "taken_off_at": "OLD.taken_off_at IS NULL",
        "taken_off_by_id": "OLD.taken_off_at IS NULL",
        "taken_off_reason": "OLD.taken_off_at IS NULL",
    },
)


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0008_stand'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('privacy', '0005_seals_and_checks'),
        ('staff', '0005_seals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Breach',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('discovered_on', models.DateField(help_text='The first day that anyone who works here knew of it, or could have (45 CFR 164.404(a)(2)).', verbose_name='discovered on')),
                ('happened_on', models.DateField(blank=True, help_text='If known.', null=True, verbose_name='happened on')),
                ('what_happened', models.TextField(max_length=2000)),
                ('information', models.CharField(help_text='E.g. names, birth dates, diagnoses, notes.', max_length=300, verbose_name='kinds of information')),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'breaches',
                'ordering': ('-discovered_on', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='BreachAssessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nature', models.TextField(help_text='Which identifiers, and how likely someone could be identified by them.', max_length=1000, verbose_name='nature and extent of the records')),
                ('whom', models.TextField(help_text='And whether they have to keep them confidential.', max_length=1000, verbose_name='who used or received them')),
                ('viewed', models.TextField(max_length=1000, verbose_name='whether they were acquired or viewed')),
                ('mitigated', models.TextField(help_text='E.g. returned, destroyed, promised in writing.', max_length=1000, verbose_name='how far the risk was reduced')),
                ('decision', models.CharField(choices=[('low', 'Low probability that the records were compromised'), ('breach', 'Breach: notices are due')], max_length=8)),
                ('decided_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-pk',),
            },
        ),
        migrations.CreateModel(
            name='BreachClient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('added_at', models.DateTimeField()),
                ('taken_off_at', models.DateTimeField(blank=True, null=True)),
                ('taken_off_reason', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ('breach', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='BreachClientEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('added_at', models.DateTimeField()),
                ('taken_off_at', models.DateTimeField(blank=True, null=True)),
                ('taken_off_reason', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='BreachEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('discovered_on', models.DateField(help_text='The first day that anyone who works here knew of it, or could have (45 CFR 164.404(a)(2)).', verbose_name='discovered on')),
                ('happened_on', models.DateField(blank=True, help_text='If known.', null=True, verbose_name='happened on')),
                ('what_happened', models.TextField(max_length=2000)),
                ('information', models.CharField(help_text='E.g. names, birth dates, diagnoses, notes.', max_length=300, verbose_name='kinds of information')),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='BreachNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sent_on', models.DateField()),
                ('way', models.CharField(choices=[('mail', 'First-class mail'), ('email', 'Email, as the person agreed'), ('other', 'Substitute notice (no address that reaches them)'), ('phone', 'By phone, in addition, since it was urgent')], max_length=8, verbose_name='how')),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('pk',),
            },
        ),
        migrations.CreateModel(
            name='BreachStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('note', 'Note'), ('others', 'People without a record here counted'), ('told', 'People without a record here notified'), ('media', 'Media notified'), ('hhs', 'Reported to HHS'), ('delay', 'Law enforcement asked to wait'), ('go_on', 'The wait for law enforcement ended'), ('error', 'Entered in error')], max_length=8)),
                ('happened_on', models.DateField()),
                ('note', models.TextField(blank=True, max_length=1000)),
                ('number', models.PositiveIntegerField(blank=True, null=True, verbose_name='how many')),
                ('until', models.DateField(blank=True, null=True)),
                ('official', models.CharField(blank=True, max_length=200, verbose_name='official and agency')),
                ('in_writing', models.BooleanField(default=False)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('pk',),
            },
        ),
        migrations.CreateModel(
            name='DisclosureReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('finding', models.CharField(choices=[('justified', 'Justified'), ('not_justified', 'Not justified')], max_length=14)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('reviewed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-reviewed_at', '-pk'),
            },
        ),
        migrations.AddField(
            model_name='disclosure',
            name='no_consent',
            field=models.CharField(blank=True, choices=[('unable', 'The client couldn’t consent (unconscious, confused, or in crisis)'), ('no_time', 'There was no time to get a signature'), ('closed', 'The program was closed in a declared state of emergency (42 CFR 2.51(a)(2))')], max_length=8, verbose_name='why no written consent'),
        ),
        migrations.AddField(
            model_name='disclosure',
            name='recorded_by',
            field=models.ForeignKey(blank=True, help_text='If someone else recorded it than made it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis', 'emergency'), _negated=True), models.Q(('no_consent', ''), _negated=True), _connector='OR'), name='emergency_disclosure_says_why_no_consent', violation_error_message='Choose why there was no written consent (42 CFR 2.51(a)).'),
        ),
        migrations.AddField(
            model_name='breach',
            name='clinic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic'),
        ),
        migrations.AddField(
            model_name='breach',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='breachassessment',
            name='breach',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='privacy.breach'),
        ),
        migrations.AddField(
            model_name='breachassessment',
            name='clinic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic'),
        ),
        migrations.AddField(
            model_name='breachassessment',
            name='decided_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='breachclient',
            name='added_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='breachclient',
            name='breach',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='listed', to='privacy.breach'),
        ),
        migrations.AddField(
            model_name='breachclient',
            name='client',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='breaches', to='cases.client'),
        ),
        migrations.AddField(
            model_name='breachclient',
            name='clinic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic'),
        ),
        migrations.AddField(
            model_name='breachclient',
            name='taken_off_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='breachclientevent',
            name='added_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='breachclientevent',
            name='breach',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='privacy.breach'),
        ),
        migrations.AddField(
            model_name='breachclientevent',
            name='client',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client'),
        ),
        migrations.AddField(
            model_name='breachclientevent',
            name='clinic',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic'),
        ),
        migrations.AddField(
            model_name='breachclientevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='breachclientevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='privacy.breachclient'),
        ),
        migrations.AddField(
            model_name='breachclientevent',
            name='taken_off_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='breachevent',
            name='clinic',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic'),
        ),
        migrations.AddField(
            model_name='breachevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='breachevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='privacy.breach'),
        ),
        migrations.AddField(
            model_name='breachevent',
            name='recorded_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='breachnotice',
            name='clinic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic'),
        ),
        migrations.AddField(
            model_name='breachnotice',
            name='listed',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='privacy.breachclient'),
        ),
        migrations.AddField(
            model_name='breachnotice',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='breachstep',
            name='breach',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='privacy.breach'),
        ),
        migrations.AddField(
            model_name='breachstep',
            name='clinic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic'),
        ),
        migrations.AddField(
            model_name='breachstep',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='disclosurereview',
            name='clinic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic'),
        ),
        migrations.AddField(
            model_name='disclosurereview',
            name='disclosure',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review', to='privacy.disclosure'),
        ),
        migrations.AddField(
            model_name='disclosurereview',
            name='reviewed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='breach',
            index=models.Index(fields=['clinic', '-discovered_on', '-id'], name='breach_by_discovery'),
        ),
        migrations.AddConstraint(
            model_name='breach',
            constraint=staff.day_rules.DayWritten(column='discovered_on', name='breach_discovered_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='breach',
            constraint=staff.day_rules.DayWritten(column='happened_on', name='breach_happened_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='breach',
            constraint=models.CheckConstraint(condition=models.Q(('happened_on', None), ('happened_on__lte', models.F('discovered_on')), _connector='OR'), name='breach_happens_before_it_is_discovered', violation_error_message='It can’t be discovered before it happened.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='breach',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "privacy_breachevent" ("clinic_id", "discovered_on", "happened_on", "id", "information", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "what_happened") VALUES (NEW."clinic_id", NEW."discovered_on", NEW."happened_on", NEW."id", NEW."information", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."what_happened"); RETURN NULL;', hash='4739472123881287e912a4c7097c5c044fc3de64', operation='INSERT', pgid='pgtrigger_insert_insert_46efc', table='privacy_breach', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='breach',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "privacy_breachevent" ("clinic_id", "discovered_on", "happened_on", "id", "information", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "what_happened") VALUES (NEW."clinic_id", NEW."discovered_on", NEW."happened_on", NEW."id", NEW."information", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."what_happened"); RETURN NULL;', hash='d28f5d97ab178f5bd5f268586b77ad0a5a4ef667', operation='UPDATE', pgid='pgtrigger_update_update_94c6e', table='privacy_breach', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='breach',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "privacy_breachevent" ("clinic_id", "discovered_on", "happened_on", "id", "information", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "what_happened") VALUES (OLD."clinic_id", OLD."discovered_on", OLD."happened_on", OLD."id", OLD."information", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."recorded_at", OLD."recorded_by_id", OLD."what_happened"); RETURN NULL;', hash='df149bbce137060a194d256783efe61ec25617db', operation='DELETE', pgid='pgtrigger_delete_delete_58361', table='privacy_breach', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='breachassessment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('nature', ''), _negated=True), models.Q(('whom', ''), _negated=True), models.Q(('viewed', ''), _negated=True), models.Q(('mitigated', ''), _negated=True)), name='breach_assessed_by_all_four_factors'),
        ),
        migrations.AddConstraint(
            model_name='breachclient',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('taken_off_at', None), ('taken_off_by', None), ('taken_off_reason', '')), models.Q(('taken_off_at__isnull', False), ('taken_off_by__isnull', False), models.Q(('taken_off_reason', ''), _negated=True)), _connector='OR'), name='taken_off_a_breach_by_someone_for_a_reason'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='breachclient',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "privacy_breachclientevent" ("added_at", "added_by_id", "breach_id", "client_id", "clinic_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "taken_off_at", "taken_off_by_id", "taken_off_reason") VALUES (NEW."added_at", NEW."added_by_id", NEW."breach_id", NEW."client_id", NEW."clinic_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."taken_off_at", NEW."taken_off_by_id", NEW."taken_off_reason"); RETURN NULL;', hash='3a258a3f0a481fea3280825f3863d75c84732b61', operation='INSERT', pgid='pgtrigger_insert_insert_98fa2', table='privacy_breachclient', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='breachclient',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "privacy_breachclientevent" ("added_at", "added_by_id", "breach_id", "client_id", "clinic_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "taken_off_at", "taken_off_by_id", "taken_off_reason") VALUES (NEW."added_at", NEW."added_by_id", NEW."breach_id", NEW."client_id", NEW."clinic_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."taken_off_at", NEW."taken_off_by_id", NEW."taken_off_reason"); RETURN NULL;', hash='0fe8ffa0b9e6371af5a49fa221297b0489d30c9f', operation='UPDATE', pgid='pgtrigger_update_update_d7db8', table='privacy_breachclient', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='breachclient',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "privacy_breachclientevent" ("added_at", "added_by_id", "breach_id", "client_id", "clinic_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "taken_off_at", "taken_off_by_id", "taken_off_reason") VALUES (OLD."added_at", OLD."added_by_id", OLD."breach_id", OLD."client_id", OLD."clinic_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."taken_off_at", OLD."taken_off_by_id", OLD."taken_off_reason"); RETURN NULL;', hash='abbc264da0094347a2c72542adcbb84e8cd2f50f', operation='DELETE', pgid='pgtrigger_delete_delete_d33b4', table='privacy_breachclient', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='breachclientevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3a8911e17b3830b83ff620ce95590606025a77a8', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1e60c', table='privacy_breachclientevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='breachevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='25bb530d58c10a581c5ef86a37752a1789e60b46', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c8a8c', table='privacy_breachevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='breachnotice',
            constraint=staff.day_rules.DayWritten(column='sent_on', name='breach_notice_sent_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='breachstep',
            constraint=staff.day_rules.DayWritten(column='happened_on', name='breach_step_happened_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='breachstep',
            constraint=staff.day_rules.DayWritten(column='until', name='breach_step_until_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='breachstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('others', 'told')), ('number__isnull', False)), models.Q(models.Q(('kind__in', ('others', 'told')), _negated=True), ('number', None)), _connector='OR'), name='breach_step_counts_people'),
        ),
        migrations.AddConstraint(
            model_name='breachstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('delay', 'go_on')), ('until__isnull', False)), models.Q(models.Q(('kind__in', ('delay', 'go_on')), _negated=True), ('until', None)), _connector='OR'), name='breach_step_waits_until_a_day'),
        ),
        migrations.AddConstraint(
            model_name='breachstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'delay'), _negated=True), models.Q(models.Q(('official', ''), _negated=True), ('until__gte', models.F('happened_on'))), _connector='OR'), name='breach_delay_names_the_official'),
        ),
        migrations.AddConstraint(
            model_name='breachstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'delay'), _negated=True), ('in_writing', True), ('until__lte', django.db.models.expressions.CombinedExpression(models.F('happened_on'), '+', models.Value(datetime.timedelta(days=30)))), _connector='OR'), name='breach_delay_by_word_of_mouth_is_30_days'),
        ),
        migrations.AddConstraint(
            model_name='breachstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('note', 'error', 'media', 'hhs')), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='breach_step_says_what'),
        ),
        append_only("privacy_disclosurereview"),
        REVIEW_BY_ANOTHER,
        append_only("privacy_breach"),
        append_only("privacy_breachevent"),
        BREACH_CLIENT_STAYS,
        append_only("privacy_breachclientevent"),
        append_only("privacy_breachnotice"),
        append_only("privacy_breachassessment"),
        append_only("privacy_breachstep"),
    ]
