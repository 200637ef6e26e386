import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from staff.immutability import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('referrals', '0004_places_and_other_referrals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(choices=[('use', 'Use the shorter list'), ('keep', 'Keep the meetings')], max_length=4)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='UploadedPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
            ],
            options={
                'ordering': ('number',),
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='importorder',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='importorder',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='importorder',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='meetingfeed',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='meetingfeed',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='meetingfeed',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='importorder',
            name='file_name',
            field=models.CharField(blank=True, help_text='Of an uploaded file. Blank: the address.', max_length=255),
        ),
        migrations.AddField(
            model_name='importorder',
            name='rows_read',
            field=models.PositiveIntegerField(default=0, help_text='So far, while a worker reads it.'),
        ),
        migrations.AddField(
            model_name='importorderevent',
            name='file_name',
            field=models.CharField(blank=True, help_text='Of an uploaded file. Blank: the address.', max_length=255),
        ),
        migrations.AddField(
            model_name='importorderevent',
            name='rows_read',
            field=models.PositiveIntegerField(default=0, help_text='So far, while a worker reads it.'),
        ),
        migrations.AddField(
            model_name='importrun',
            name='digest',
            field=models.CharField(blank=True, help_text='SHA-256 of what was read, and how.', max_length=64),
        ),
        migrations.AddField(
            model_name='importrun',
            name='etag',
            field=models.CharField(blank=True, help_text='The source’s name for this version of its list.', max_length=255),
        ),
        migrations.AddField(
            model_name='importrun',
            name='last_modified',
            field=models.CharField(blank=True, help_text='When the source says its list changed.', max_length=64),
        ),
        migrations.AddField(
            model_name='importrun',
            name='renamed',
            field=models.PositiveIntegerField(default=0, help_text='Changed meetings under another id: recognized by name, day, time and place.'),
        ),
        migrations.AddField(
            model_name='importrun',
            name='same_as',
            field=models.ForeignKey(help_text='The source is as it was: the report of this earlier import still holds.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='referrals.importrun'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='row_hash',
            field=models.CharField(blank=True, editable=False, help_text='Of the row as written: the same row is not read again.', max_length=32),
        ),
        migrations.AddField(
            model_name='meetingfeed',
            name='often',
            field=models.PositiveSmallIntegerField(choices=[(0, 'Only when someone asks'), (1, 'Every night'), (7, 'Once a week, at night')], default=1, verbose_name='read the address'),
        ),
        migrations.AddField(
            model_name='meetingfeedevent',
            name='often',
            field=models.PositiveSmallIntegerField(choices=[(0, 'Only when someone asks'), (1, 'Every night'), (7, 'Once a week, at night')], default=1, verbose_name='read the address'),
        ),
        migrations.AlterField(
            model_name='importorder',
            name='ordered_by',
            field=models.ForeignKey(help_text='Blank: the schedule.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='importorderevent',
            name='ordered_by',
            field=models.ForeignKey(db_constraint=False, help_text='Blank: the schedule.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='involvement',
            name='fellowship',
            field=models.CharField(blank=True, choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'Sex and Love Addicts Anonymous'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20),
        ),
        migrations.AlterField(
            model_name='involvementevent',
            name='fellowship',
            field=models.CharField(blank=True, choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'Sex and Love Addicts Anonymous'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20),
        ),
        migrations.AlterField(
            model_name='meeting',
            name='fellowship',
            field=models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'Sex and Love Addicts Anonymous'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20),
        ),
        migrations.AlterField(
            model_name='meetingfeed',
            name='fellowship',
            field=models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'Sex and Love Addicts Anonymous'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20),
        ),
        migrations.AlterField(
            model_name='meetingfeedevent',
            name='fellowship',
            field=models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'Sex and Love Addicts Anonymous'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20),
        ),
        migrations.AlterField(
            model_name='meetingvisit',
            name='fellowship',
            field=models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'Sex and Love Addicts Anonymous'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20),
        ),
        migrations.AlterField(
            model_name='meetingvisitevent',
            name='fellowship',
            field=models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'Sex and Love Addicts Anonymous'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20),
        ),
        migrations.AlterField(
            model_name='referral',
            name='fellowship',
            field=models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'Sex and Love Addicts Anonymous'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20),
        ),
        migrations.AlterField(
            model_name='referralevent',
            name='fellowship',
            field=models.CharField(choices=[('aca', 'ACA (adult children)'), ('al-anon', 'Al-Anon (family)'), ('aa', 'Alcoholics Anonymous'), ('celebrate-recovery', 'Celebrate Recovery'), ('ca', 'Cocaine Anonymous'), ('cma', 'Crystal Meth Anonymous'), ('ga', 'Gamblers Anonymous'), ('ha', 'Heroin Anonymous'), ('lifering', 'LifeRing Secular Recovery'), ('ma', 'Marijuana Anonymous'), ('mara', 'Medication-Assisted Recovery Anonymous'), ('nar-anon', 'Nar-Anon (family)'), ('na', 'Narcotics Anonymous'), ('recovery-dharma', 'Recovery Dharma'), ('refuge-recovery', 'Refuge Recovery'), ('slaa', 'Sex and Love Addicts Anonymous'), ('smart', 'SMART Recovery'), ('wfs', 'Women for Sobriety'), ('other', 'Another mutual-help group')], max_length=20),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='importorder',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_importorderevent" ("claimed_at", "confirm_drop", "done_at", "feed_id", "file_name", "id", "ordered_at", "ordered_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rows_read", "run_id") VALUES (NEW."claimed_at", NEW."confirm_drop", NEW."done_at", NEW."feed_id", NEW."file_name", NEW."id", NEW."ordered_at", NEW."ordered_by_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."rows_read", NEW."run_id"); RETURN NULL;', hash='cdcadf59785a5d76603738ff6b158a981981397a', operation='INSERT', pgid='pgtrigger_insert_insert_a965b', table='referrals_importorder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='importorder',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.* AND NOT (OLD.rows_read IS DISTINCT FROM NEW.rows_read))', func='INSERT INTO "referrals_importorderevent" ("claimed_at", "confirm_drop", "done_at", "feed_id", "file_name", "id", "ordered_at", "ordered_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rows_read", "run_id") VALUES (NEW."claimed_at", NEW."confirm_drop", NEW."done_at", NEW."feed_id", NEW."file_name", NEW."id", NEW."ordered_at", NEW."ordered_by_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."rows_read", NEW."run_id"); RETURN NULL;', hash='5c1183e8de79c4f939ebc4c23f6c858bc4d6bb14', operation='UPDATE', pgid='pgtrigger_update_update_676c6', table='referrals_importorder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='importorder',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_importorderevent" ("claimed_at", "confirm_drop", "done_at", "feed_id", "file_name", "id", "ordered_at", "ordered_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rows_read", "run_id") VALUES (OLD."claimed_at", OLD."confirm_drop", OLD."done_at", OLD."feed_id", OLD."file_name", OLD."id", OLD."ordered_at", OLD."ordered_by_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."rows_read", OLD."run_id"); RETURN NULL;', hash='4541a23ac432e53f9870fadc65b17436d9b9a423', operation='DELETE', pgid='pgtrigger_delete_delete_c8013', table='referrals_importorder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='meetingfeed',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_meetingfeedevent" ("clinic_id", "fellowship", "format", "id", "is_active", "is_shared", "name", "often", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "time_zone", "url") VALUES (NEW."clinic_id", NEW."fellowship", NEW."format", NEW."id", NEW."is_active", NEW."is_shared", NEW."name", NEW."often", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."time_zone", NEW."url"); RETURN NULL;', hash='3ba25b40b9a8521ff09045ff8c55ba7b81f7545c', operation='INSERT', pgid='pgtrigger_insert_insert_00226', table='referrals_meetingfeed', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='meetingfeed',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "referrals_meetingfeedevent" ("clinic_id", "fellowship", "format", "id", "is_active", "is_shared", "name", "often", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "time_zone", "url") VALUES (NEW."clinic_id", NEW."fellowship", NEW."format", NEW."id", NEW."is_active", NEW."is_shared", NEW."name", NEW."often", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."time_zone", NEW."url"); RETURN NULL;', hash='540dcda56059335ad012ea5da8d5ee43ce9c7ea3', operation='UPDATE', pgid='pgtrigger_update_update_27abc', table='referrals_meetingfeed', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='meetingfeed',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "referrals_meetingfeedevent" ("clinic_id", "fellowship", "format", "id", "is_active", "is_shared", "name", "often", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "time_zone", "url") VALUES (OLD."clinic_id", OLD."fellowship", OLD."format", OLD."id", OLD."is_active", OLD."is_shared", OLD."name", OLD."often", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."time_zone", OLD."url"); RETURN NULL;', hash='4149ab549e5676b6e31948ac28f19c9d9098a592', operation='DELETE', pgid='pgtrigger_delete_delete_4e21b', table='referrals_meetingfeed', when='AFTER')),
        ),
        migrations.AddField(
            model_name='importdecision',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='importdecision',
            name='run',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='decision', to='referrals.importrun'),
        ),
        migrations.AddField(
            model_name='uploadedpart',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='referrals.importorder'),
        ),
        migrations.AddConstraint(
            model_name='uploadedpart',
            constraint=models.UniqueConstraint(fields=('order', 'number'), name='uploaded_part_once'),
        ),
        append_only('referrals_importdecision'),
    ]
