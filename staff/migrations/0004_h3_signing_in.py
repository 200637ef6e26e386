import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SIGN_IN_LIMITS = """
    CREATE TABLE staff_signinlimit (
        cache_key varchar(255) PRIMARY KEY,
        value text NOT NULL,
        expires timestamp with time zone NOT NULL
    );
    CREATE INDEX staff_signinlimit_expires ON staff_signinlimit (expires);
"""


class Migration(migrations.Migration):
    """Limits of sign-in (CACHES in config/settings/base.py), sessions that end, changes of accounts by two people."""

    dependencies = [("staff", "0003_text_numbers_and_inbox")]

    operations = [
        migrations.RunSQL(SIGN_IN_LIMITS, "DROP TABLE staff_signinlimit"),
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
                'constraints': [models.CheckConstraint(condition=models.Q(('staff_member', None), models.Q(('began_at__isnull', False), ('ends_at__gte', models.F('expire_date')), ('ends_at__isnull', False), ('handle__isnull', False), ('used_at__isnull', False)), _connector='OR'), name='a_signed_in_session_ends')],
            },
        ),
    ]
