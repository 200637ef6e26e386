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

AGREEMENT_STANDS = changes_only(
    "privacy_serviceagreement",
    called="service agreement",
    columns={column: "OLD.ended_on IS NULL" for column in ("ended_on", "ended_at", "ended_by_id")},
)

HOLD_STANDS = changes_only(
    "privacy_legalhold",
    called="legal hold",
    columns={
        "client_id": moves_in_merges("cases_clientmerge"),
        "lifted_at": "OLD.lifted_at IS NULL",
        "lifted_by_id": "OLD.lifted_at IS NULL",
        "lift_reason": "OLD.lifted_at IS NULL",
    },
)
HELD_RECORDS_STAY = migrations.RunSQL(
    sql="""
        CREATE FUNCTION privacy_held_client_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM privacy_legalhold h WHERE h.client_id = OLD.id AND h.lifted_at IS NULL) THEN
                RAISE EXCEPTION 'client % is on legal hold: DELETE refused', OLD.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN OLD;
        END $$;
        CREATE TRIGGER privacy_held_client_stays BEFORE DELETE ON cases_client
            FOR EACH ROW EXECUTE FUNCTION privacy_held_client_stays();

        CREATE FUNCTION privacy_held_client_is_not_merged() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (TG_OP = 'INSERT' OR NEW.undone_at IS DISTINCT FROM OLD.undone_at) AND EXISTS (
                SELECT FROM privacy_legalhold h
                WHERE h.client_id IN (NEW.keep_id, NEW.absorb_id) AND h.lifted_at IS NULL
            ) THEN
                RAISE EXCEPTION 'a record on legal hold is not merged or unmerged: % refused', TG_OP
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER privacy_held_client_is_not_merged BEFORE INSERT OR UPDATE ON cases_clientmerge
            FOR EACH ROW EXECUTE FUNCTION privacy_held_client_is_not_merged();
    """,
    reverse_sql="DROP FUNCTION privacy_held_client_stays() CASCADE;"
    " DROP FUNCTION privacy_held_client_is_not_merged() CASCADE;",
)


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0008_stand'),
        ('pghistory', '0007_auto_20250421_0444'),
        ("privacy", "0006_requests_queue"),
        ('staff', '0005_seals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ServiceAgreementEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=200, verbose_name='organization')),
                ('services', models.CharField(help_text='What it does for the clinic, e.g. laboratory analyses.', max_length=300)),
                ('agreed_on', models.DateField(verbose_name='date of the agreement')),
                ('ends_on', models.DateField(blank=True, help_text='Leave blank if it has none.', null=True, verbose_name='last day')),
                ('is_bound', models.BooleanField(default=False, verbose_name='The agreement acknowledges that it is fully bound by 42 CFR part 2')),
                ('resists', models.BooleanField(default=False, verbose_name='It agrees to resist in judicial proceedings any effort to get the records')),
                ('added_at', models.DateTimeField()),
                ('ended_on', models.DateField(blank=True, help_text='If it was ended before its last day.', null=True, verbose_name='ended on')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
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
        migrations.AlterField(
            model_name='disclosure',
            name='basis',
            field=models.CharField(choices=[('consent', 'Written consent'), ('emergency', 'Medical emergency'), ('court_order', 'Court order'), ('audit', 'Audit or evaluation'), ('qso', 'Qualified service organization')], max_length=12),
        ),
        migrations.CreateModel(
            name='Breach',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('discovered_on', models.DateField(help_text='The first day that anyone who works here knew of it, or could have (45 CFR 164.404(a)(2)).', verbose_name='discovered on')),
                ('happened_on', models.DateField(blank=True, help_text='If known.', null=True, verbose_name='happened on')),
                ('what_happened', models.TextField(max_length=2000)),
                ('information', models.CharField(help_text='E.g. names, birth dates, diagnoses, notes.', max_length=300, verbose_name='kinds of information')),
                ('recorded_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
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
                ('breach', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='privacy.breach')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
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
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('breach', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='listed', to='privacy.breach')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='breaches', to='cases.client')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                ('taken_off_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
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
                ('added_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('breach', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='privacy.breach')),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client')),
                ('clinic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='privacy.breachclient')),
                ('taken_off_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
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
                ('clinic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='privacy.breach')),
                ('recorded_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
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
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                ('listed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='privacy.breachclient')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
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
                ('breach', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='privacy.breach')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
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
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                ('disclosure', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review', to='privacy.disclosure')),
                ('reviewed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-reviewed_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500)),
                ('from_on', models.DateField(help_text='The day on which the clinic had to begin to keep it.', verbose_name='from')),
                ('placed_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lift_reason', models.CharField(blank=True, max_length=500)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='legal_holds', to='cases.client')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-placed_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='LegalHoldEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('reason', models.CharField(max_length=500)),
                ('from_on', models.DateField(help_text='The day on which the clinic had to begin to keep it.', verbose_name='from')),
                ('placed_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lift_reason', models.CharField(blank=True, max_length=500)),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cases.client')),
                ('clinic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic')),
                ('lifted_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='privacy.legalhold')),
                ('placed_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ServiceAgreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='organization')),
                ('services', models.CharField(help_text='What it does for the clinic, e.g. laboratory analyses.', max_length=300)),
                ('agreed_on', models.DateField(verbose_name='date of the agreement')),
                ('ends_on', models.DateField(blank=True, help_text='Leave blank if it has none.', null=True, verbose_name='last day')),
                ('is_bound', models.BooleanField(default=False, verbose_name='The agreement acknowledges that it is fully bound by 42 CFR part 2')),
                ('resists', models.BooleanField(default=False, verbose_name='It agrees to resist in judicial proceedings any effort to get the records')),
                ('added_at', models.DateTimeField()),
                ('ended_on', models.DateField(blank=True, help_text='If it was ended before its last day.', null=True, verbose_name='ended on')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('name', '-agreed_on', '-pk'),
            },
        ),
        migrations.AddField(
            model_name='disclosure',
            name='agreement',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='disclosures', to='privacy.serviceagreement'),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis', 'emergency'), _negated=True), models.Q(('no_consent', ''), _negated=True), _connector='OR'), name='emergency_disclosure_says_why_no_consent', violation_error_message='Choose why there was no written consent (42 CFR 2.51(a)).'),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis', 'qso'), _negated=True), ('agreement__isnull', False), _connector='OR'), name='disclosure_to_a_service_organization_names_the_agreement', violation_error_message='Choose the agreement with this organization (42 CFR 2.11).'),
        ),
        migrations.AddField(
            model_name='serviceagreementevent',
            name='added_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='serviceagreementevent',
            name='clinic',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic'),
        ),
        migrations.AddField(
            model_name='serviceagreementevent',
            name='ended_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='serviceagreementevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='serviceagreementevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='privacy.serviceagreement'),
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
        migrations.AddConstraint(
            model_name='legalhold',
            constraint=staff.day_rules.DayWritten(column='from_on', name='legal_hold_from_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='legalhold',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='legal_hold_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='legalhold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lift_reason', ''), ('lifted_at', None), ('lifted_by', None)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False), models.Q(('lift_reason', ''), _negated=True)), _connector='OR'), name='legal_hold_lifted_by_someone_for_a_reason'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='legalhold',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "privacy_legalholdevent" ("client_id", "clinic_id", "from_on", "id", "lift_reason", "lifted_at", "lifted_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "placed_at", "placed_by_id", "reason") VALUES (NEW."client_id", NEW."clinic_id", NEW."from_on", NEW."id", NEW."lift_reason", NEW."lifted_at", NEW."lifted_by_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."placed_at", NEW."placed_by_id", NEW."reason"); RETURN NULL;', hash='5bcc58514829969e0cafd9a317ffd2dc0a0605a8', operation='INSERT', pgid='pgtrigger_insert_insert_d4c57', table='privacy_legalhold', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='legalhold',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "privacy_legalholdevent" ("client_id", "clinic_id", "from_on", "id", "lift_reason", "lifted_at", "lifted_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "placed_at", "placed_by_id", "reason") VALUES (NEW."client_id", NEW."clinic_id", NEW."from_on", NEW."id", NEW."lift_reason", NEW."lifted_at", NEW."lifted_by_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."placed_at", NEW."placed_by_id", NEW."reason"); RETURN NULL;', hash='3fd692de3aa0ecc32301aa0bc40333527a51e714', operation='UPDATE', pgid='pgtrigger_update_update_594c1', table='privacy_legalhold', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='legalhold',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "privacy_legalholdevent" ("client_id", "clinic_id", "from_on", "id", "lift_reason", "lifted_at", "lifted_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "placed_at", "placed_by_id", "reason") VALUES (OLD."client_id", OLD."clinic_id", OLD."from_on", OLD."id", OLD."lift_reason", OLD."lifted_at", OLD."lifted_by_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."placed_at", OLD."placed_by_id", OLD."reason"); RETURN NULL;', hash='8a5a66c0fc16cacace6f8e8eab5b7790e9863ed6', operation='DELETE', pgid='pgtrigger_delete_delete_7b750', table='privacy_legalhold', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='legalholdevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c05006aff2ce22b8bb1d0c34fc6e73c30dbcf398', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b8925', table='privacy_legalholdevent', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='serviceagreement',
            index=models.Index(fields=['clinic', 'name', '-agreed_on'], name='service_agreement_by_name'),
        ),
        migrations.AddConstraint(
            model_name='serviceagreement',
            constraint=staff.day_rules.DayWritten(column='agreed_on', name='service_agreement_agreed_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='serviceagreement',
            constraint=staff.day_rules.DayWritten(column='ends_on', name='service_agreement_ends_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='serviceagreement',
            constraint=staff.day_rules.DayWritten(column='ended_on', name='service_agreement_ended_on_since_1900'),
        ),
        migrations.AddConstraint(
            model_name='serviceagreement',
            constraint=models.CheckConstraint(condition=models.Q(('is_bound', True), ('resists', True)), name='service_agreement_binds', violation_error_message='An agreement needs both promises (42 CFR 2.11).'),
        ),
        migrations.AddConstraint(
            model_name='serviceagreement',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('agreed_on')), _connector='OR'), name='service_agreement_ends_after_it_begins', violation_error_message='The last day is before the agreement.'),
        ),
        migrations.AddConstraint(
            model_name='serviceagreement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None), ('ended_on', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('ended_on__isnull', False)), _connector='OR'), name='service_agreement_end_has_author'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='serviceagreement',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "privacy_serviceagreementevent" ("added_at", "added_by_id", "agreed_on", "clinic_id", "ended_at", "ended_by_id", "ended_on", "ends_on", "id", "is_bound", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resists", "services") VALUES (NEW."added_at", NEW."added_by_id", NEW."agreed_on", NEW."clinic_id", NEW."ended_at", NEW."ended_by_id", NEW."ended_on", NEW."ends_on", NEW."id", NEW."is_bound", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."resists", NEW."services"); RETURN NULL;', hash='e708f90d90ce080505beafe75dd15ff780194ea8', operation='INSERT', pgid='pgtrigger_insert_insert_62617', table='privacy_serviceagreement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='serviceagreement',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "privacy_serviceagreementevent" ("added_at", "added_by_id", "agreed_on", "clinic_id", "ended_at", "ended_by_id", "ended_on", "ends_on", "id", "is_bound", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resists", "services") VALUES (NEW."added_at", NEW."added_by_id", NEW."agreed_on", NEW."clinic_id", NEW."ended_at", NEW."ended_by_id", NEW."ended_on", NEW."ends_on", NEW."id", NEW."is_bound", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."resists", NEW."services"); RETURN NULL;', hash='233c8cd666a9b2e632f0b56533a6acc212c527e6', operation='UPDATE', pgid='pgtrigger_update_update_c3b31', table='privacy_serviceagreement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='serviceagreement',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "privacy_serviceagreementevent" ("added_at", "added_by_id", "agreed_on", "clinic_id", "ended_at", "ended_by_id", "ended_on", "ends_on", "id", "is_bound", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resists", "services") VALUES (OLD."added_at", OLD."added_by_id", OLD."agreed_on", OLD."clinic_id", OLD."ended_at", OLD."ended_by_id", OLD."ended_on", OLD."ends_on", OLD."id", OLD."is_bound", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."resists", OLD."services"); RETURN NULL;', hash='83809d1de3670792e01b44cd0d2718ba58e4107f', operation='DELETE', pgid='pgtrigger_delete_delete_4b7dc', table='privacy_serviceagreement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='serviceagreementevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d36b35da91f58b71e2089ae9c76d96def1027421', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7b5eb', table='privacy_serviceagreementevent', when='BEFORE')),
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
        AGREEMENT_STANDS,
        append_only("privacy_serviceagreementevent"),
        HOLD_STANDS,
        append_only("privacy_legalholdevent"),
        HELD_RECORDS_STAY,
    ]
