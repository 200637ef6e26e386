import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_levels_without_gaps"),
        ("staff", "0002_audit_chain"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                models.F("clinic"),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("family_name"), "text_pattern_ops"
                ),
                name="client_by_beginning_of_name",
            ),
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                models.F("clinic"),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("given_name"), "text_pattern_ops"
                ),
                name="client_by_beginning_of_given",
            ),
        ),
    ]
