import django.db.models.deletion
import staff.seals
from django.db import migrations, models

from staff.immutability import append_only, changes_only, mark_where_seals_begin, moves_in_merges, sealed_chain

CHECKS_GO_FORWARD = migrations.RunSQL(
    sql="""
        CREATE OR REPLACE FUNCTION privacy_auditcheck_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF OLD.finished_at IS NULL AND NEW.id = OLD.id AND NEW.clinic_id = OLD.clinic_id AND NEW.log = OLD.log
                    AND NEW.started_at = OLD.started_at AND NEW.reached >= OLD.reached
                    AND NEW.entries_checked >= OLD.entries_checked AND NEW.mailed_at IS NULL
                    OR OLD.finished_at IS NOT NULL AND OLD.mailed_at IS NULL
                    AND to_jsonb(NEW) - 'mailed_at' = to_jsonb(OLD) - 'mailed_at' THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION 'privacy_auditcheck is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
        END $$;
    """,
    reverse_sql=migrations.RunSQL.noop,
)
REVIEWED_ONCE = "OLD.reviewed_at IS NULL"
EMERGENCY_STANDS = changes_only(
    "privacy_emergencyaccess",
    called="emergency access",
    columns={
        "client_id": moves_in_merges("cases_clientmerge"),
        "ends_at": "NEW.ends_at < OLD.ends_at",
        "finding": REVIEWED_ONCE,
        "review_note": REVIEWED_ONCE,
        "reviewed_at": REVIEWED_ONCE,
        "reviewed_by_id": REVIEWED_ONCE,
    },
)


class Migration(migrations.Migration):

    dependencies = [
        ('privacy', '0004_look_ups_and_reads'),
        ('staff', '0005_seals'),
    ]

    operations = [
        migrations.AddField(
            model_name='chartaccess',
            name='seal',
            field=models.CharField(default="", editable=False, max_length=320),  # rows from before have none
        ),
        migrations.AlterField(
            model_name='chartaccess',
            name='seal',
            field=models.CharField(default=staff.seals.new, editable=False, max_length=320),
        ),
        migrations.AddField(
            model_name='listaccess',
            name='seal',
            field=models.CharField(default="", editable=False, max_length=320),
        ),
        migrations.AlterField(
            model_name='listaccess',
            name='seal',
            field=models.CharField(default=staff.seals.new, editable=False, max_length=320),
        ),
        migrations.CreateModel(
            name='AuditCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('log', models.CharField(help_text='Its model: one of settings.AUDIT_CHAINS.', max_length=80)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('entries_checked', models.PositiveBigIntegerField(default=0)),
                ('reached', models.BigIntegerField(default=0, help_text='Entries up to this number are checked.')),
                ('reached_hash', models.CharField(blank=True, max_length=64)),
                ('mailed_at', models.DateTimeField(help_text='When the result was emailed to the privacy officers.', null=True)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='staff.clinic')),
            ],
            options={
                'ordering': ('-started_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='AuditFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fault', models.CharField(choices=[('missing', 'Entries were removed'), ('changed', 'Entries were changed'), ('reordered', 'The order was changed'), ('inserted', 'Entries were inserted'), ('recomputed', 'Entries were rewritten and recomputed'), ('unknown_key', 'Entries were written with a key that isn’t known'), ('unlinked', 'An entry doesn’t follow from the one before it'), ('cut_off', 'The end was cut off'), ('unguarded', 'The log isn’t protected against changes'), ('ends', 'The record of where the log ended was changed')], max_length=12)),
                ('position', models.BigIntegerField(help_text='The entry at which it shows.')),
                ('words', models.CharField(max_length=300)),
                ('found_in', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='privacy.auditcheck')),
            ],
            options={
                'ordering': ('position', 'pk'),
            },
        ),
        migrations.AddIndex(
            model_name='auditcheck',
            index=models.Index(fields=['clinic', 'log', '-started_at', '-id'], name='audit_check_by_start'),
        ),
        migrations.AddConstraint(
            model_name='auditcheck',
            constraint=models.CheckConstraint(condition=models.Q(('finished_at', None), ('finished_at__gte', models.F('started_at')), _connector='OR'), name='audit_check_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='auditcheck',
            constraint=models.CheckConstraint(condition=models.Q(('mailed_at', None), ('finished_at__isnull', False), _connector='OR'), name='audit_check_is_mailed_when_over'),
        ),
        migrations.AddConstraint(
            model_name='auditcheck',
            constraint=models.UniqueConstraint(condition=models.Q(('finished_at', None)), fields=('clinic', 'log'), name='one_audit_check_under_way'),
        ),
        sealed_chain(
            "privacy_chartaccess",
            columns=(
                "extract(epoch FROM @at)",
                "@staff_member_id",
                "@client_id",
                "@inquiry_id",
                "@group_id",
                "@view_name",
                "@method",
                "@status",
                "@emergency",
            ),
        ),
        sealed_chain(
            "privacy_listaccess",
            columns=(
                "extract(epoch FROM @at)",
                "@staff_member_id",
                "@view_name",
                "@method",
                "@status",
                "@asked",
                "@how_many",
                "@client_ids",
            ),
        ),
        append_only("privacy_auditfinding"),
        append_only("privacy_auditcheck"),
        CHECKS_GO_FORWARD,
        EMERGENCY_STANDS,
        mark_where_seals_begin("privacy_chartaccess"),
        mark_where_seals_begin("privacy_listaccess"),
    ]
