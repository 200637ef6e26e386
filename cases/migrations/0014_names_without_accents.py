import cases.models.client
import django.contrib.postgres.indexes
from django.db import migrations, models

# Like cases_name_key (migration 0003), but with what stands between the letters, so that each half of a double name
# and letters outside A to Z count. unaccent() named with its schema and dictionary is safe to index.
NAME_PLAIN = migrations.RunSQL(
    sql="""
        CREATE FUNCTION cases_name_plain(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT upper(public.unaccent('public.unaccent'::regdictionary, name))
        $$;
    """,
    reverse_sql="DROP FUNCTION cases_name_plain(text);",
)


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0013_dates_and_voids'),
    ]

    operations = [
        NAME_PLAIN,
        migrations.RemoveIndex(
            model_name='client',
            name='client_names_trigram',
        ),
        migrations.RemoveIndex(
            model_name='client',
            name='client_former_name_trigram',
        ),
        migrations.RemoveIndex(
            model_name='client',
            name='client_by_beginning_of_name',
        ),
        migrations.RemoveIndex(
            model_name='client',
            name='client_by_beginning_of_given',
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(models.F('clinic'), django.contrib.postgres.indexes.OpClass(cases.models.client.NamePlain('family_name'), 'text_pattern_ops'), name='client_by_beginning_of_name'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(models.F('clinic'), django.contrib.postgres.indexes.OpClass(cases.models.client.NamePlain('given_name'), 'text_pattern_ops'), name='client_by_beginning_of_given'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(models.F('clinic'), django.contrib.postgres.indexes.OpClass(cases.models.client.NamePlain('preferred_name'), 'text_pattern_ops'), condition=models.Q(('preferred_name', ''), _negated=True), name='client_by_beginning_of_called'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(cases.models.client.NamePlain('given_name'), 'gin_trgm_ops'), django.contrib.postgres.indexes.OpClass(cases.models.client.NamePlain('family_name'), 'gin_trgm_ops'), django.contrib.postgres.indexes.OpClass(cases.models.client.NamePlain('preferred_name'), 'gin_trgm_ops'), name='client_names_trigram'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(cases.models.client.NamePlain('former_family_name'), 'gin_trgm_ops'), name='client_former_name_trigram'),
        ),
    ]
