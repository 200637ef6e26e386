import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import staff.seals
import staff.table_making
import staff.time_zones
from django.conf import settings
from django.contrib.postgres.operations import (
    BtreeGistExtension,
    CreateExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations, models

REFUSED = migrations.RunSQL(
    sql="""
        CREATE FUNCTION staff_day_not_possible() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'new row for relation "%" violates "%"', TG_TABLE_NAME, TG_ARGV[0]
                USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0], TABLE = TG_TABLE_NAME;
        END $$;
    """,
    reverse_sql="DROP FUNCTION staff_day_not_possible();",
)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        CreateExtension("fuzzystrmatch"),
        REFUSED,
        staff.table_making.CreateTables(
            models=[
                migrations.CreateModel(
                    name='Clinic',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, unique=True)),
                        ('neutral_name', models.CharField(default='Your appointment office', help_text='Sender name on reminders. It must not show what kind of clinic this is.', max_length=40)),
                        ('phone', models.CharField(help_text='The number reminders tell clients to call.', max_length=32)),
                        ('text_number', models.CharField(blank=True, db_default='', default='', help_text='Texts and calls come from it, and replies to it are this clinic’s: +15185550130. Blank: no texts or calls.', max_length=16, validators=[django.core.validators.RegexValidator('^\\+[1-9]\\d{7,14}$', 'Enter the number as +15185550130.')], verbose_name='number for texts and calls')),
                        ('time_zone', models.CharField(default='America/New_York', max_length=64, validators=[staff.time_zones.is_time_zone])),
                        ('criteria_edition', models.CharField(choices=[('asam-3', 'ASAM 3rd edition'), ('asam-4', 'ASAM 4th edition')], default='asam-3', max_length=8)),
                        ('minor_consent_age', models.PositiveSmallIntegerField(default=18, help_text='Minimum age to consent to treatment without a parent, by state law.')),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        'ordering': ('name',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('time_zone__regex', '^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Za-z_/+-]+$')), name='clinic_time_zone_is_a_place'), models.UniqueConstraint(condition=models.Q(('text_number', ''), _negated=True), fields=('text_number',), name='text_number_of_one_clinic'), models.CheckConstraint(condition=models.Q(('text_number', ''), ('text_number__regex', '^\\+[1-9][0-9]{7,14}$'), _connector='OR'), name='text_number_in_e164')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_clinicevent" ("created_at", "criteria_edition", "id", "minor_consent_age", "name", "neutral_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "text_number", "time_zone") VALUES (NEW."created_at", NEW."criteria_edition", NEW."id", NEW."minor_consent_age", NEW."name", NEW."neutral_name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."text_number", NEW."time_zone"); RETURN NULL;', hash='63329c12e7d84fa9218edd09c6bf7257a30d8c7e', operation='INSERT', pgid='pgtrigger_insert_insert_9dda5', table='staff_clinic', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "staff_clinicevent" ("created_at", "criteria_edition", "id", "minor_consent_age", "name", "neutral_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "text_number", "time_zone") VALUES (NEW."created_at", NEW."criteria_edition", NEW."id", NEW."minor_consent_age", NEW."name", NEW."neutral_name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."text_number", NEW."time_zone"); RETURN NULL;', hash='b3bd13a8f5cac2c3ef0df878676c0e1d457976d0', operation='UPDATE', pgid='pgtrigger_update_update_257a2', table='staff_clinic', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_clinicevent" ("created_at", "criteria_edition", "id", "minor_consent_age", "name", "neutral_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "text_number", "time_zone") VALUES (OLD."created_at", OLD."criteria_edition", OLD."id", OLD."minor_consent_age", OLD."name", OLD."neutral_name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."text_number", OLD."time_zone"); RETURN NULL;', hash='d6f8ebe8e567d2a698e3fdb1b5fc2bb1f028718f', operation='DELETE', pgid='pgtrigger_delete_delete_5e55d', table='staff_clinic', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='ClinicEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='staff.clinic')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('name', models.CharField(max_length=120)),
                        ('neutral_name', models.CharField(default='Your appointment office', help_text='Sender name on reminders. It must not show what kind of clinic this is.', max_length=40)),
                        ('phone', models.CharField(help_text='The number reminders tell clients to call.', max_length=32)),
                        ('text_number', models.CharField(blank=True, db_default='', default='', help_text='Texts and calls come from it, and replies to it are this clinic’s: +15185550130. Blank: no texts or calls.', max_length=16, validators=[django.core.validators.RegexValidator('^\\+[1-9]\\d{7,14}$', 'Enter the number as +15185550130.')], verbose_name='number for texts and calls')),
                        ('time_zone', models.CharField(default='America/New_York', max_length=64, validators=[staff.time_zones.is_time_zone])),
                        ('criteria_edition', models.CharField(choices=[('asam-3', 'ASAM 3rd edition'), ('asam-4', 'ASAM 4th edition')], default='asam-3', max_length=8)),
                        ('minor_consent_age', models.PositiveSmallIntegerField(default=18, help_text='Minimum age to consent to treatment without a parent, by state law.')),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5f4ceb9a8c202a0b4fe1bccea7dac056add3df7e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_9b12d', table='staff_clinicevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Program',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='programs', to='staff.clinic')),
                        ('name', models.CharField(max_length=120)),
                        ('setting', models.PositiveSmallIntegerField(choices=[(1, 'Outpatient'), (2, 'Intensive outpatient (IOP) or partial hospitalization (PHP)'), (3, 'Residential'), (4, 'Hospital')])),
                        ('medical_intensity', models.PositiveSmallIntegerField(choices=[(0, 'None'), (1, 'Medical evaluation within 24 hours'), (2, '24-hour medical care'), (3, 'Emergency care now')], default=0, help_text='Medical care this program provides. Only a program that lists it can meet a documented medical need.', verbose_name='medical care')),
                        ('level_code', models.CharField(help_text='Level of care at admission, e.g. 2.1.', max_length=8)),
                        ('capacity', models.PositiveSmallIntegerField(help_text='Most clients in the program at one time.')),
                        ('is_open', models.BooleanField(default=True, help_text='Accepts new admissions.')),
                    ],
                    options={
                        'ordering': ('setting', 'name'),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_programevent" ("capacity", "clinic_id", "id", "is_open", "level_code", "medical_intensity", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "setting") VALUES (NEW."capacity", NEW."clinic_id", NEW."id", NEW."is_open", NEW."level_code", NEW."medical_intensity", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."setting"); RETURN NULL;', hash='fbee95176464bb5e0789c156204c705867d16d4f', operation='INSERT', pgid='pgtrigger_insert_insert_3cf98', table='staff_program', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "staff_programevent" ("capacity", "clinic_id", "id", "is_open", "level_code", "medical_intensity", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "setting") VALUES (NEW."capacity", NEW."clinic_id", NEW."id", NEW."is_open", NEW."level_code", NEW."medical_intensity", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."setting"); RETURN NULL;', hash='78b94bbc0e4bc93d97285982a344f17bb26efdb5', operation='UPDATE', pgid='pgtrigger_update_update_81c2f', table='staff_program', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_programevent" ("capacity", "clinic_id", "id", "is_open", "level_code", "medical_intensity", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "setting") VALUES (OLD."capacity", OLD."clinic_id", OLD."id", OLD."is_open", OLD."level_code", OLD."medical_intensity", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."setting"); RETURN NULL;', hash='c917d469b3e1e2a474a833b8109bac9107fd75ec', operation='DELETE', pgid='pgtrigger_delete_delete_9a13c', table='staff_program', when='AFTER'))],
                        'constraints': [models.UniqueConstraint(fields=('clinic', 'name'), name='program_name_once_per_clinic')],
                    },
                ),
                migrations.CreateModel(
                    name='ProgramEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='staff.program')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('clinic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic')),
                        ('name', models.CharField(max_length=120)),
                        ('setting', models.PositiveSmallIntegerField(choices=[(1, 'Outpatient'), (2, 'Intensive outpatient (IOP) or partial hospitalization (PHP)'), (3, 'Residential'), (4, 'Hospital')])),
                        ('medical_intensity', models.PositiveSmallIntegerField(choices=[(0, 'None'), (1, 'Medical evaluation within 24 hours'), (2, '24-hour medical care'), (3, 'Emergency care now')], default=0, help_text='Medical care this program provides. Only a program that lists it can meet a documented medical need.', verbose_name='medical care')),
                        ('level_code', models.CharField(help_text='Level of care at admission, e.g. 2.1.', max_length=8)),
                        ('capacity', models.PositiveSmallIntegerField(help_text='Most clients in the program at one time.')),
                        ('is_open', models.BooleanField(default=True, help_text='Accepts new admissions.')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7976ad94b911796e6734dc3dff76acd17ef468ba', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_cbb63', table='staff_programevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='StaffMember',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='staff_members', to='staff.clinic')),
                        ('email', models.EmailField(max_length=254)),
                        ('given_name', models.CharField(max_length=60)),
                        ('family_name', models.CharField(max_length=60)),
                        ('role', models.CharField(choices=[('intake', 'Intake coordinator'), ('counselor', 'Counselor'), ('supervisor', 'Clinical supervisor'), ('medical', 'Medical provider'), ('administrator', 'Clinic administrator'), ('privacy', 'Privacy officer')], max_length=16)),
                        ('credential', models.CharField(blank=True, help_text='Shown after the name on signed notes, e.g. LCDC.', max_length=30)),
                        ('supervisor', models.ForeignKey(blank=True, help_text='If set, this person’s notes need the supervisor’s cosignature.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supervisees', to=settings.AUTH_USER_MODEL)),
                        ('is_active', models.BooleanField(default=True, help_text='Can sign in. Never delete someone who signed a record. Turn this off instead.')),
                        ('is_staff', models.BooleanField(default=False, help_text='Can open the administration pages.', verbose_name='administers')),
                        ('inbox_by_email', models.BooleanField(db_default=True, default=True, help_text='An email says that something is in the inbox, and nothing about it.', verbose_name='email about the inbox')),
                        ('joined_at', models.DateTimeField(auto_now_add=True)),
                        ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                        ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                        ('programs', models.ManyToManyField(blank=True, related_name='staff_members', to='staff.program')),
                    ],
                    options={
                        'ordering': ('family_name', 'given_name'),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_staffmemberevent" ("clinic_id", "credential", "email", "family_name", "given_name", "id", "inbox_by_email", "is_active", "is_staff", "is_superuser", "joined_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "supervisor_id") VALUES (NEW."clinic_id", NEW."credential", NEW."email", NEW."family_name", NEW."given_name", NEW."id", NEW."inbox_by_email", NEW."is_active", NEW."is_staff", NEW."is_superuser", NEW."joined_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."role", NEW."supervisor_id"); RETURN NULL;', hash='2050d43b072a9ea7080757a3c0836185059ae6cd', operation='INSERT', pgid='pgtrigger_insert_insert_f984c', table='staff_staffmember', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."clinic_id" IS DISTINCT FROM (NEW."clinic_id") OR OLD."credential" IS DISTINCT FROM (NEW."credential") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."family_name" IS DISTINCT FROM (NEW."family_name") OR OLD."given_name" IS DISTINCT FROM (NEW."given_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."inbox_by_email" IS DISTINCT FROM (NEW."inbox_by_email") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_staff" IS DISTINCT FROM (NEW."is_staff") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."joined_at" IS DISTINCT FROM (NEW."joined_at") OR OLD."role" IS DISTINCT FROM (NEW."role") OR OLD."supervisor_id" IS DISTINCT FROM (NEW."supervisor_id"))', func='INSERT INTO "staff_staffmemberevent" ("clinic_id", "credential", "email", "family_name", "given_name", "id", "inbox_by_email", "is_active", "is_staff", "is_superuser", "joined_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "supervisor_id") VALUES (NEW."clinic_id", NEW."credential", NEW."email", NEW."family_name", NEW."given_name", NEW."id", NEW."inbox_by_email", NEW."is_active", NEW."is_staff", NEW."is_superuser", NEW."joined_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."role", NEW."supervisor_id"); RETURN NULL;', hash='142e8751c7871447896f3b117aacecc93ea8252f', operation='UPDATE', pgid='pgtrigger_update_update_7895f', table='staff_staffmember', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_staffmemberevent" ("clinic_id", "credential", "email", "family_name", "given_name", "id", "inbox_by_email", "is_active", "is_staff", "is_superuser", "joined_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "supervisor_id") VALUES (OLD."clinic_id", OLD."credential", OLD."email", OLD."family_name", OLD."given_name", OLD."id", OLD."inbox_by_email", OLD."is_active", OLD."is_staff", OLD."is_superuser", OLD."joined_at", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."role", OLD."supervisor_id"); RETURN NULL;', hash='80fc81b7ed6d7339648b97c83c4b784a0c22a47e', operation='DELETE', pgid='pgtrigger_delete_delete_11fa4', table='staff_staffmember', when='AFTER'))],
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='staff_email_once', violation_error_message='This email address is already in use.'), models.CheckConstraint(condition=models.Q(('supervisor', models.F('id')), _negated=True), name='nobody_supervises_themselves')],
                    },
                ),
                migrations.CreateModel(
                    name='StaffMemberEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to=settings.AUTH_USER_MODEL)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('clinic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic')),
                        ('email', models.EmailField(max_length=254)),
                        ('given_name', models.CharField(max_length=60)),
                        ('family_name', models.CharField(max_length=60)),
                        ('role', models.CharField(choices=[('intake', 'Intake coordinator'), ('counselor', 'Counselor'), ('supervisor', 'Clinical supervisor'), ('medical', 'Medical provider'), ('administrator', 'Clinic administrator'), ('privacy', 'Privacy officer')], max_length=16)),
                        ('credential', models.CharField(blank=True, help_text='Shown after the name on signed notes, e.g. LCDC.', max_length=30)),
                        ('supervisor', models.ForeignKey(blank=True, db_constraint=False, help_text='If set, this person’s notes need the supervisor’s cosignature.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('is_active', models.BooleanField(default=True, help_text='Can sign in. Never delete someone who signed a record. Turn this off instead.')),
                        ('is_staff', models.BooleanField(default=False, help_text='Can open the administration pages.', verbose_name='administers')),
                        ('inbox_by_email', models.BooleanField(db_default=True, default=True, help_text='An email says that something is in the inbox, and nothing about it.', verbose_name='email about the inbox')),
                        ('joined_at', models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0cd101a944b2b0482657bb08302e15492144da17', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_02845', table='staff_staffmemberevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='AccountChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                        ('kind', models.CharField(choices=[('invitation', 'New account'), ('role', 'Other role'), ('supervision', 'Other supervisor or credential'), ('email', 'Other email address'), ('second_step', 'Two-step sign-in removed'), ('return', 'Account turned on again'), ('departure', 'Work here ends')], max_length=16)),
                        ('staff_member', models.ForeignKey(blank=True, help_text='Blank for an invitation until it is approved.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='account_changes', to=settings.AUTH_USER_MODEL)),
                        ('reason', models.CharField(max_length=300)),
                        ('email', models.EmailField(blank=True, max_length=254)),
                        ('role', models.CharField(blank=True, choices=[('intake', 'Intake coordinator'), ('counselor', 'Counselor'), ('supervisor', 'Clinical supervisor'), ('medical', 'Medical provider'), ('administrator', 'Clinic administrator'), ('privacy', 'Privacy officer')], max_length=16)),
                        ('administers', models.BooleanField(default=False)),
                        ('given_name', models.CharField(blank=True, max_length=60)),
                        ('family_name', models.CharField(blank=True, max_length=60)),
                        ('credential', models.CharField(blank=True, max_length=30)),
                        ('supervisor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('takes_over', models.ForeignKey(blank=True, help_text='Who gets the work of someone whose work here ends.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('was', models.CharField(blank=True, editable=False, max_length=300)),
                        ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('requested_at', models.DateTimeField()),
                        ('outcome', models.CharField(blank=True, choices=[('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], max_length=10)),
                        ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('decided_at', models.DateTimeField(blank=True, null=True)),
                        ('on_server', models.BooleanField(default=False, help_text='Approved by whoever runs the server, as no one else at the clinic could.')),
                    ],
                    options={
                        'ordering': ('-requested_at',),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_accountchangeevent" ("administers", "clinic_id", "credential", "decided_at", "decided_by_id", "email", "family_name", "given_name", "id", "kind", "on_server", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "requested_at", "requested_by_id", "role", "staff_member_id", "supervisor_id", "takes_over_id", "was") VALUES (NEW."administers", NEW."clinic_id", NEW."credential", NEW."decided_at", NEW."decided_by_id", NEW."email", NEW."family_name", NEW."given_name", NEW."id", NEW."kind", NEW."on_server", NEW."outcome", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."requested_at", NEW."requested_by_id", NEW."role", NEW."staff_member_id", NEW."supervisor_id", NEW."takes_over_id", NEW."was"); RETURN NULL;', hash='20c8edab414afd347661d2aeeb07ea2150dde12e', operation='INSERT', pgid='pgtrigger_insert_insert_378a6', table='staff_accountchange', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "staff_accountchangeevent" ("administers", "clinic_id", "credential", "decided_at", "decided_by_id", "email", "family_name", "given_name", "id", "kind", "on_server", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "requested_at", "requested_by_id", "role", "staff_member_id", "supervisor_id", "takes_over_id", "was") VALUES (NEW."administers", NEW."clinic_id", NEW."credential", NEW."decided_at", NEW."decided_by_id", NEW."email", NEW."family_name", NEW."given_name", NEW."id", NEW."kind", NEW."on_server", NEW."outcome", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."requested_at", NEW."requested_by_id", NEW."role", NEW."staff_member_id", NEW."supervisor_id", NEW."takes_over_id", NEW."was"); RETURN NULL;', hash='5245a98645ba8faeb2cd02636866f2913b77bec1', operation='UPDATE', pgid='pgtrigger_update_update_44258', table='staff_accountchange', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_accountchangeevent" ("administers", "clinic_id", "credential", "decided_at", "decided_by_id", "email", "family_name", "given_name", "id", "kind", "on_server", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "requested_at", "requested_by_id", "role", "staff_member_id", "supervisor_id", "takes_over_id", "was") VALUES (OLD."administers", OLD."clinic_id", OLD."credential", OLD."decided_at", OLD."decided_by_id", OLD."email", OLD."family_name", OLD."given_name", OLD."id", OLD."kind", OLD."on_server", OLD."outcome", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."requested_at", OLD."requested_by_id", OLD."role", OLD."staff_member_id", OLD."supervisor_id", OLD."takes_over_id", OLD."was"); RETURN NULL;', hash='e488f3c16cd45d8853296a1669c0adfcb4fbd64d', operation='DELETE', pgid='pgtrigger_delete_delete_8eaad', table='staff_accountchange', when='AFTER'))],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('on_server', False), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='account_change_is_decided_or_waits'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'approved'), _negated=True), models.Q(('decided_by', None), ('on_server', True), ('staff_member__isnull', False)), models.Q(('decided_by__isnull', False), ('on_server', False), ('staff_member__isnull', False), models.Q(('decided_by', models.F('requested_by')), _negated=True), models.Q(('decided_by', models.F('staff_member')), _negated=True)), _connector='OR'), name='account_change_approved_by_a_second_person'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'role'), _negated=True), models.Q(('staff_member', models.F('requested_by')), _negated=True), _connector='OR'), name='nobody_asks_for_another_role'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'supervision'), _negated=True), models.Q(models.Q(('staff_member', models.F('requested_by')), _negated=True), models.Q(('supervisor', None), models.Q(('supervisor', models.F('staff_member')), _negated=True), _connector='OR')), _connector='OR'), name='nobody_asks_for_their_own_supervision'), models.CheckConstraint(condition=models.Q(('kind', 'invitation'), ('staff_member__isnull', False), _connector='OR'), name='account_change_says_whose'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('invitation', 'email')), _negated=True), models.Q(('email', ''), _negated=True), _connector='OR'), name='account_change_says_which_address'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('invitation', 'role')), _negated=True), models.Q(('role', ''), _negated=True), _connector='OR'), name='account_change_says_which_role'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'departure'), _negated=True), models.Q(('takes_over__isnull', False), models.Q(('takes_over', models.F('staff_member')), _negated=True), models.Q(('requested_by', models.F('staff_member')), _negated=True)), _connector='OR'), name='departure_says_who_takes_over'), models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('staff_member', 'kind'), name='account_change_waits_once')],
                    },
                ),
                migrations.CreateModel(
                    name='AccountChangeEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='staff.accountchange')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('clinic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic')),
                        ('kind', models.CharField(choices=[('invitation', 'New account'), ('role', 'Other role'), ('supervision', 'Other supervisor or credential'), ('email', 'Other email address'), ('second_step', 'Two-step sign-in removed'), ('return', 'Account turned on again'), ('departure', 'Work here ends')], max_length=16)),
                        ('staff_member', models.ForeignKey(blank=True, db_constraint=False, help_text='Blank for an invitation until it is approved.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('reason', models.CharField(max_length=300)),
                        ('email', models.EmailField(blank=True, max_length=254)),
                        ('role', models.CharField(blank=True, choices=[('intake', 'Intake coordinator'), ('counselor', 'Counselor'), ('supervisor', 'Clinical supervisor'), ('medical', 'Medical provider'), ('administrator', 'Clinic administrator'), ('privacy', 'Privacy officer')], max_length=16)),
                        ('administers', models.BooleanField(default=False)),
                        ('given_name', models.CharField(blank=True, max_length=60)),
                        ('family_name', models.CharField(blank=True, max_length=60)),
                        ('credential', models.CharField(blank=True, max_length=30)),
                        ('supervisor', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('takes_over', models.ForeignKey(blank=True, db_constraint=False, help_text='Who gets the work of someone whose work here ends.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('was', models.CharField(blank=True, editable=False, max_length=300)),
                        ('requested_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('requested_at', models.DateTimeField()),
                        ('outcome', models.CharField(blank=True, choices=[('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], max_length=10)),
                        ('decided_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('decided_at', models.DateTimeField(blank=True, null=True)),
                        ('on_server', models.BooleanField(default=False, help_text='Approved by whoever runs the server, as no one else at the clinic could.')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='98045023d1465276b22220e0741ff328fd0b423e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_3c6f8', table='staff_accountchangeevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='AuditEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
                        ('position', models.BigIntegerField(default=0, editable=False)),
                        ('at', models.DateTimeField()),
                        ('staff_member', models.ForeignKey(blank=True, help_text='Blank: a scheduled job.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('act', models.CharField(max_length=80)),
                        ('client_id', models.BigIntegerField(blank=True, null=True)),
                        ('subject_type', models.CharField(max_length=80)),
                        ('subject_id', models.BigIntegerField(null=True)),
                        ('details', models.JSONField(blank=True, default=dict)),
                        ('previous_hash', models.CharField(default='', editable=False, max_length=64)),
                        ('hash', models.CharField(default='', editable=False, max_length=64)),
                        ('seal', models.CharField(default=staff.seals.new, editable=False, max_length=320)),
                    ],
                    options={
                        'verbose_name_plural': 'audit entries',
                        'ordering': ('clinic', '-position'),
                        'indexes': [models.Index(fields=['client_id', '-at'], name='audit_by_client')],
                        'constraints': [models.UniqueConstraint(fields=('clinic', 'position'), name='audit_position_once_per_clinic')],
                    },
                ),
                migrations.CreateModel(
                    name='ChainMark',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('log', models.CharField(help_text='Its table.', max_length=80)),
                        ('clinic_number', models.BigIntegerField()),
                        ('position', models.BigIntegerField()),
                        ('hash', models.CharField(max_length=64)),
                        ('mac', models.CharField(max_length=64)),
                    ],
                    options={
                        'ordering': ('log', 'clinic_number'),
                        'constraints': [models.UniqueConstraint(fields=('log', 'clinic_number'), name='chain_marked_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Session',
                    fields=[
                        ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                        ('session_data', models.TextField(verbose_name='session data')),
                        ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                        ('staff_member', models.ForeignKey(help_text='Blank: not signed in.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
                        ('handle', models.UUIDField(db_index=True, editable=False, null=True)),
                        ('began_at', models.DateTimeField(null=True)),
                        ('ends_at', models.DateTimeField(help_text='When it ends, however much its owner does in it.', null=True)),
                        ('used_at', models.DateTimeField(help_text='The last request, to half a minute.', null=True)),
                        ('address', models.GenericIPAddressField(null=True)),
                        ('browser', models.CharField(blank=True, default='', max_length=300)),
                    ],
                    options={
                        'verbose_name': 'session',
                        'verbose_name_plural': 'sessions',
                        'abstract': False,
                        'constraints': [models.CheckConstraint(condition=models.Q(('staff_member', None), models.Q(('began_at__isnull', False), ('ends_at__gte', models.F('expire_date')), ('ends_at__isnull', False), ('handle__isnull', False), ('used_at__isnull', False)), _connector='OR'), name='a_signed_in_session_ends')],
                    },
                ),
                migrations.CreateModel(
                    name='ClinicThreshold',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='thresholds', to='staff.clinic')),
                        ('key', models.CharField(max_length=80)),
                        ('value', models.PositiveIntegerField()),
                        ('reason', models.CharField(help_text='Why this clinic’s value differs, and who decided it.', max_length=200)),
                        ('changed_at', models.DateTimeField(auto_now=True)),
                    ],
                    options={
                        'ordering': ('key',),
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_clinicthresholdevent" ("changed_at", "clinic_id", "id", "key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "value") VALUES (NEW."changed_at", NEW."clinic_id", NEW."id", NEW."key", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."value"); RETURN NULL;', hash='e109e3bc77d5a5396f43dc4e40df4a4aea6965e0', operation='INSERT', pgid='pgtrigger_insert_insert_f3b05', table='staff_clinicthreshold', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "staff_clinicthresholdevent" ("changed_at", "clinic_id", "id", "key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "value") VALUES (NEW."changed_at", NEW."clinic_id", NEW."id", NEW."key", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."value"); RETURN NULL;', hash='be54b721106b8a6479cb22c0d3fb7d696a2348ff', operation='UPDATE', pgid='pgtrigger_update_update_e7008', table='staff_clinicthreshold', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_clinicthresholdevent" ("changed_at", "clinic_id", "id", "key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "value") VALUES (OLD."changed_at", OLD."clinic_id", OLD."id", OLD."key", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."value"); RETURN NULL;', hash='91732d102305b399ee18e45f6970257c4ce301c9', operation='DELETE', pgid='pgtrigger_delete_delete_41f53', table='staff_clinicthreshold', when='AFTER'))],
                        'constraints': [models.UniqueConstraint(fields=('clinic', 'key'), name='threshold_once_per_clinic')],
                    },
                ),
                migrations.CreateModel(
                    name='ClinicThresholdEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='staff.clinicthreshold')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('clinic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='staff.clinic')),
                        ('key', models.CharField(max_length=80)),
                        ('value', models.PositiveIntegerField()),
                        ('reason', models.CharField(help_text='Why this clinic’s value differs, and who decided it.', max_length=200)),
                        ('changed_at', models.DateTimeField(auto_now=True)),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7d34950d45273254a088da3fc68addfaf8cb77ec', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_03eed', table='staff_clinicthresholdevent', when='BEFORE'))],
                    },
                ),
            ],
        ),
    ]
