import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from staff.immutability import append_only

SIGN_IN_LIMITS = """
    CREATE TABLE staff_signinlimit (
        cache_key varchar(255) PRIMARY KEY,
        value text NOT NULL,
        expires timestamp with time zone NOT NULL
    );
    CREATE INDEX staff_signinlimit_expires ON staff_signinlimit (expires);
"""

# Only a change that waits may be changed, and only by deciding it.
DECIDED = """
    CREATE FUNCTION staff_accountchange_stands() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        decision text[] := ARRAY['outcome', 'decided_by_id', 'decided_at', 'on_server'];
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.outcome = '' THEN
            IF OLD.kind = 'invitation' THEN
                decision := array_append(decision, 'staff_member_id');
            END IF;
            IF to_jsonb(OLD) - decision = to_jsonb(NEW) - decision THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'a change of an account stands as it was asked for and decided: % refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER staff_accountchange_stands BEFORE UPDATE OR DELETE ON staff_accountchange
        FOR EACH ROW EXECUTE FUNCTION staff_accountchange_stands();
    CREATE TRIGGER staff_accountchange_no_truncate BEFORE TRUNCATE ON staff_accountchange
        FOR EACH STATEMENT EXECUTE FUNCTION staff_accountchange_stands();
"""


class Migration(migrations.Migration):
    """Limits of sign-in (CACHES in config/settings/base.py), sessions that end, changes of accounts by two people."""

    dependencies = [("staff", "0003_text_numbers_and_inbox")]

    operations = [
        migrations.RunSQL(SIGN_IN_LIMITS, "DROP TABLE staff_signinlimit"),
        migrations.CreateModel(
            name='AccountChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('invitation', 'New account'), ('role', 'Other role'), ('email', 'Other email address'), ('second_step', 'Two-step sign-in removed'), ('return', 'Account turned on again')], max_length=16)),
                ('reason', models.CharField(max_length=300)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('role', models.CharField(blank=True, choices=[('intake', 'Intake coordinator'), ('counselor', 'Counselor'), ('supervisor', 'Clinical supervisor'), ('medical', 'Medical provider'), ('administrator', 'Clinic administrator'), ('privacy', 'Privacy officer')], max_length=16)),
                ('administers', models.BooleanField(default=False)),
                ('given_name', models.CharField(blank=True, max_length=60)),
                ('family_name', models.CharField(blank=True, max_length=60)),
                ('credential', models.CharField(blank=True, max_length=30)),
                ('was', models.CharField(blank=True, editable=False, max_length=300)),
                ('requested_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], max_length=10)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('on_server', models.BooleanField(default=False, help_text='Approved by whoever runs the server, as no one else at the clinic could.')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('staff_member', models.ForeignKey(blank=True, help_text='Blank for an invitation until it is approved.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='account_changes', to=settings.AUTH_USER_MODEL)),
                ('supervisor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-requested_at',),
            },
        ),
        migrations.CreateModel(
            name='AccountChangeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('invitation', 'New account'), ('role', 'Other role'), ('email', 'Other email address'), ('second_step', 'Two-step sign-in removed'), ('return', 'Account turned on again')], max_length=16)),
                ('reason', models.CharField(max_length=300)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('role', models.CharField(blank=True, choices=[('intake', 'Intake coordinator'), ('counselor', 'Counselor'), ('supervisor', 'Clinical supervisor'), ('medical', 'Medical provider'), ('administrator', 'Clinic administrator'), ('privacy', 'Privacy officer')], max_length=16)),
                ('administers', models.BooleanField(default=False)),
                ('given_name', models.CharField(blank=True, max_length=60)),
                ('family_name', models.CharField(blank=True, max_length=60)),
                ('credential', models.CharField(blank=True, max_length=30)),
                ('was', models.CharField(blank=True, editable=False, max_length=300)),
                ('requested_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], max_length=10)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('on_server', models.BooleanField(default=False, help_text='Approved by whoever runs the server, as no one else at the clinic could.')),
                ('clinic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic')),
                ('decided_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='staff.accountchange')),
                ('requested_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('staff_member', models.ForeignKey(blank=True, db_constraint=False, help_text='Blank for an invitation until it is approved.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('supervisor', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('handle', models.UUIDField(db_index=True, editable=False, null=True)),
                ('began_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(help_text='When it ends, however much its owner does in it.', null=True)),
                ('used_at', models.DateTimeField(help_text='The last request, to half a minute.', null=True)),
                ('address', models.GenericIPAddressField(null=True)),
                ('browser', models.CharField(blank=True, default='', max_length=300)),
                ('staff_member', models.ForeignKey(help_text='Blank: not signed in.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='accountchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('on_server', False), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='account_change_is_decided_or_waits'),
        ),
        migrations.AddConstraint(
            model_name='accountchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'approved'), _negated=True), models.Q(('decided_by', None), ('on_server', True), ('staff_member__isnull', False)), models.Q(('decided_by__isnull', False), ('on_server', False), ('staff_member__isnull', False), models.Q(('decided_by', models.F('requested_by')), _negated=True), models.Q(('decided_by', models.F('staff_member')), _negated=True)), _connector='OR'), name='account_change_approved_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='accountchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'role'), _negated=True), models.Q(('staff_member', models.F('requested_by')), _negated=True), _connector='OR'), name='nobody_asks_for_another_role'),
        ),
        migrations.AddConstraint(
            model_name='accountchange',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'invitation'), ('staff_member__isnull', False), _connector='OR'), name='account_change_says_whose'),
        ),
        migrations.AddConstraint(
            model_name='accountchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('invitation', 'email')), _negated=True), models.Q(('email', ''), _negated=True), _connector='OR'), name='account_change_says_which_address'),
        ),
        migrations.AddConstraint(
            model_name='accountchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('invitation', 'role')), _negated=True), models.Q(('role', ''), _negated=True), _connector='OR'), name='account_change_says_which_role'),
        ),
        migrations.AddConstraint(
            model_name='accountchange',
            constraint=models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('staff_member', 'kind'), name='account_change_waits_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountchange',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_accountchangeevent" ("administers", "clinic_id", "credential", "decided_at", "decided_by_id", "email", "family_name", "given_name", "id", "kind", "on_server", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "requested_at", "requested_by_id", "role", "staff_member_id", "supervisor_id", "was") VALUES (NEW."administers", NEW."clinic_id", NEW."credential", NEW."decided_at", NEW."decided_by_id", NEW."email", NEW."family_name", NEW."given_name", NEW."id", NEW."kind", NEW."on_server", NEW."outcome", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."requested_at", NEW."requested_by_id", NEW."role", NEW."staff_member_id", NEW."supervisor_id", NEW."was"); RETURN NULL;', hash='291a92db2b9635cbecf489fb5cbf56f54580da03', operation='INSERT', pgid='pgtrigger_insert_insert_378a6', table='staff_accountchange', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountchange',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "staff_accountchangeevent" ("administers", "clinic_id", "credential", "decided_at", "decided_by_id", "email", "family_name", "given_name", "id", "kind", "on_server", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "requested_at", "requested_by_id", "role", "staff_member_id", "supervisor_id", "was") VALUES (NEW."administers", NEW."clinic_id", NEW."credential", NEW."decided_at", NEW."decided_by_id", NEW."email", NEW."family_name", NEW."given_name", NEW."id", NEW."kind", NEW."on_server", NEW."outcome", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."requested_at", NEW."requested_by_id", NEW."role", NEW."staff_member_id", NEW."supervisor_id", NEW."was"); RETURN NULL;', hash='939dc953326f8f9e65402ba8be1a8d4a9836cf14', operation='UPDATE', pgid='pgtrigger_update_update_44258', table='staff_accountchange', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountchange',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_accountchangeevent" ("administers", "clinic_id", "credential", "decided_at", "decided_by_id", "email", "family_name", "given_name", "id", "kind", "on_server", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "requested_at", "requested_by_id", "role", "staff_member_id", "supervisor_id", "was") VALUES (OLD."administers", OLD."clinic_id", OLD."credential", OLD."decided_at", OLD."decided_by_id", OLD."email", OLD."family_name", OLD."given_name", OLD."id", OLD."kind", OLD."on_server", OLD."outcome", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."requested_at", OLD."requested_by_id", OLD."role", OLD."staff_member_id", OLD."supervisor_id", OLD."was"); RETURN NULL;', hash='5a6c17f3596ca3ee0e107932a972b640eb680ddf', operation='DELETE', pgid='pgtrigger_delete_delete_8eaad', table='staff_accountchange', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountchangeevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='98045023d1465276b22220e0741ff328fd0b423e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_3c6f8', table='staff_accountchangeevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(('staff_member', None), models.Q(('began_at__isnull', False), ('ends_at__gte', models.F('expire_date')), ('ends_at__isnull', False), ('handle__isnull', False), ('used_at__isnull', False)), _connector='OR'), name='a_signed_in_session_ends'),
        ),
        append_only("staff_accountchangeevent"),
        migrations.RunSQL(DECIDED, "DROP FUNCTION staff_accountchange_stands() CASCADE"),
    ]
