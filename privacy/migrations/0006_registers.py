import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from staff.immutability import append_only

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


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0008_stand'),
        ('privacy', '0005_seals_and_checks'),
        ('staff', '0005_seals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
        append_only("privacy_disclosurereview"),
        REVIEW_BY_ANOTHER,
    ]
