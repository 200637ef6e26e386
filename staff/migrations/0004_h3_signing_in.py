from django.db import migrations

SIGN_IN_LIMITS = """
    CREATE TABLE staff_signinlimit (
        cache_key varchar(255) PRIMARY KEY,
        value text NOT NULL,
        expires timestamp with time zone NOT NULL
    );
    CREATE INDEX staff_signinlimit_expires ON staff_signinlimit (expires);
"""


class Migration(migrations.Migration):
    """Where limits of sign-in are counted (CACHES in config/settings/base.py)."""

    dependencies = [("staff", "0003_text_numbers_and_inbox")]

    operations = [migrations.RunSQL(SIGN_IN_LIMITS, "DROP TABLE staff_signinlimit")]
