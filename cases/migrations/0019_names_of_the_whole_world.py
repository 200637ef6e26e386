import cases.models.client
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The database's half of cases/names.py. All of them are safe to index and to store: unaccent() is named with its schema
# and dictionary. What stands between letters: white space, punctuation and signs of any script.
FUNCTIONS = migrations.RunSQL(
    sql=r"""
        CREATE FUNCTION cases_plain(said text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT replace(lower(public.unaccent('public.unaccent'::regdictionary, normalize(regexp_replace(
                normalize(translate(said, '’‘ʼʻ`´′ʹʾʿ＇', $q$'''''''''''$q$), NFKD),
                '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]',
                '', 'g'), NFC))), 'ς', 'σ')
        $$;
        CREATE OR REPLACE FUNCTION cases_name_plain(name text)
        RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT public.cases_plain(name)
        $$;
        CREATE FUNCTION cases_one_name_words(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT ' ' || regexp_replace(plain, '[\s[:punct:]]+', ' ', 'g')
                || CASE WHEN plain ~ '''' THEN
                    ' ' || regexp_replace(replace(plain, '''', ''), '[\s[:punct:]]+', ' ', 'g') ELSE '' END
                || CASE WHEN plain ~ '[\s[:punct:]]' THEN
                    ' ' || regexp_replace(plain, '[\s[:punct:]]+', '', 'g') ELSE '' END
            FROM (SELECT public.cases_plain(name) AS plain) AS said
        $$;
        CREATE FUNCTION cases_name_words(given text, called text, family text, former text)
        RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT public.cases_one_name_words(given) || public.cases_one_name_words(called)
                || public.cases_one_name_words(family) || public.cases_one_name_words(former)
                || CASE WHEN family ~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]'
                    THEN ' ' || public.cases_plain(family || given) || ' ' || public.cases_plain(given || family)
                    ELSE '' END
                || ' '
        $$;
        CREATE FUNCTION cases_name_sounds(given text, called text, family text, former text)
        RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT coalesce(array_agg(DISTINCT public.dmetaphone(word)), '{}')
            FROM regexp_split_to_table(public.cases_name_words(given, called, family, former), ' +') AS word
            WHERE word ~ '^[a-z]{2,}$' AND public.dmetaphone(word) <> ''
        $$;
    """,
    reverse_sql="""
        DROP FUNCTION cases_name_sounds(text, text, text, text);
        DROP FUNCTION cases_name_words(text, text, text, text);
        DROP FUNCTION cases_one_name_words(text);
        CREATE OR REPLACE FUNCTION cases_name_plain(name text)
        RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT upper(public.unaccent('public.unaccent'::regdictionary, name))
        $$;
        DROP FUNCTION cases_plain(text);
    """,
)
OLD = (
    "client_by_beginning_of_name",
    "client_by_beginning_of_given",
    "client_by_beginning_of_called",
    "client_names_trigram",
    "client_former_name_trigram",
    "client_by_sound_of_name",
    "client_by_sound_of_former_name",
)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0018_possible_days"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="client",
            name="update_update",
        ),
        *(migrations.RemoveIndex(model_name="client", name=name) for name in OLD),
        FUNCTIONS,
        migrations.AlterField(
            model_name="client",
            name="given_name",
            field=models.CharField(blank=True, help_text="Empty where one name is the whole name.", max_length=60),
        ),
        migrations.AlterField(
            model_name="client",
            name="family_name",
            field=models.CharField(blank=True, help_text="Empty where one name is the whole name.", max_length=60),
        ),
        migrations.AlterField(
            model_name="clientevent",
            name="given_name",
            field=models.CharField(blank=True, help_text="Empty where one name is the whole name.", max_length=60),
        ),
        migrations.AlterField(
            model_name="clientevent",
            name="family_name",
            field=models.CharField(blank=True, help_text="Empty where one name is the whole name.", max_length=60),
        ),
        migrations.AddField(
            model_name="client",
            name="name_words",
            field=models.GeneratedField(
                db_persist=True,
                expression=cases.models.client.NameWords(
                    "given_name", "preferred_name", "family_name", "former_family_name"
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="name_sounds",
            field=models.GeneratedField(
                db_persist=True,
                expression=cases.models.client.NameSounds(
                    "given_name", "preferred_name", "family_name", "former_family_name"
                ),
                output_field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None),
            ),
        ),
        migrations.AddConstraint(
            model_name="client",
            constraint=models.CheckConstraint(
                condition=models.Q(("given_name__regex", "\\S"), ("family_name__regex", "\\S"), _connector="OR"),
                name="client_has_a_name",
            ),
        ),
        migrations.AddIndex(
            model_name="client",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("name_words", "gin_trgm_ops"), name="client_by_words_of_name"
            ),
        ),
        migrations.AddIndex(
            model_name="client",
            index=django.contrib.postgres.indexes.GinIndex(fields=["name_sounds"], name="client_by_sounds_of_name"),
        ),
        migrations.AddIndex(
            model_name="client",
            index=django.contrib.postgres.indexes.GinIndex(
                *(
                    django.contrib.postgres.indexes.OpClass(cases.models.client.NamePlain(name), "gin_trgm_ops")
                    for name in ("given_name", "family_name", "preferred_name")
                ),
                name="client_names_trigram",
            ),
        ),
        migrations.AddIndex(
            model_name="client",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    cases.models.client.NamePlain("former_family_name"), "gin_trgm_ops"
                ),
                name="client_former_name_trigram",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="client",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."birth_date" IS DISTINCT FROM (NEW."birth_date") OR OLD."city" IS DISTINCT FROM (NEW."city") OR OLD."clinic_id" IS DISTINCT FROM (NEW."clinic_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."family_name" IS DISTINCT FROM (NEW."family_name") OR OLD."former_family_name" IS DISTINCT FROM (NEW."former_family_name") OR OLD."given_name" IS DISTINCT FROM (NEW."given_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."must_not_reveal" IS DISTINCT FROM (NEW."must_not_reveal") OR OLD."named_by_others" IS DISTINCT FROM (NEW."named_by_others") OR OLD."postal_code" IS DISTINCT FROM (NEW."postal_code") OR OLD."preferred_name" IS DISTINCT FROM (NEW."preferred_name") OR OLD."pronouns" IS DISTINCT FROM (NEW."pronouns") OR OLD."sex" IS DISTINCT FROM (NEW."sex") OR OLD."ssn_last4" IS DISTINCT FROM (NEW."ssn_last4") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."street" IS DISTINCT FROM (NEW."street") OR OLD."time_zone" IS DISTINCT FROM (NEW."time_zone"))',
                    func='INSERT INTO "cases_clientevent" ("birth_date", "city", "clinic_id", "created_at", "family_name", "former_family_name", "given_name", "id", "language", "merged_into_id", "must_not_reveal", "named_by_others", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postal_code", "preferred_name", "pronouns", "sex", "ssn_last4", "state", "street", "time_zone") VALUES (NEW."birth_date", NEW."city", NEW."clinic_id", NEW."created_at", NEW."family_name", NEW."former_family_name", NEW."given_name", NEW."id", NEW."language", NEW."merged_into_id", NEW."must_not_reveal", NEW."named_by_others", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."postal_code", NEW."preferred_name", NEW."pronouns", NEW."sex", NEW."ssn_last4", NEW."state", NEW."street", NEW."time_zone"); RETURN NULL;',
                    hash="b07d93c5eaffe7ab0599b0485b9c3e60c24e7020",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8b7f5",
                    table="cases_client",
                    when="AFTER",
                ),
            ),
        ),
    ]
