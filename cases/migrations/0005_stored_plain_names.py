import cases.models.people.client
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    """Names as they are compared, stored beside the names."""

    dependencies = [
        ("cases", "0004_indexes_of_today"),
        ('staff', '0002_append_only'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='client',
            name='client_names_trigram',
        ),
        migrations.RemoveIndex(
            model_name='client',
            name='client_former_name_trigram',
        ),
        migrations.AddField(
            model_name='client',
            name='called_plain',
            field=models.GeneratedField(db_persist=True, expression=cases.models.people.client.NamePlain('preferred_name'), output_field=models.TextField()),
        ),
        migrations.AddField(
            model_name='client',
            name='family_plain',
            field=models.GeneratedField(db_persist=True, expression=cases.models.people.client.NamePlain('family_name'), output_field=models.TextField()),
        ),
        migrations.AddField(
            model_name='client',
            name='former_plain',
            field=models.GeneratedField(db_persist=True, expression=cases.models.people.client.NamePlain('former_family_name'), output_field=models.TextField()),
        ),
        migrations.AddField(
            model_name='client',
            name='given_plain',
            field=models.GeneratedField(db_persist=True, expression=cases.models.people.client.NamePlain('given_name'), output_field=models.TextField()),
        ),
        migrations.AddIndex(
            model_name='client',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('given_plain', 'gin_trgm_ops'), django.contrib.postgres.indexes.OpClass('family_plain', 'gin_trgm_ops'), django.contrib.postgres.indexes.OpClass('called_plain', 'gin_trgm_ops'), name='client_names_trigram'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('former_plain', 'gin_trgm_ops'), name='client_former_name_trigram'),
        ),
    ]
