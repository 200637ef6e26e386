import staff.seals
from django.db import migrations, models

from staff.immutability import append_only, mark_where_seals_begin, sealed_chain


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0004_signing_in'),
    ]

    operations = [
        migrations.AddField(
            model_name='auditentry',
            name='seal',
            field=models.CharField(default="", editable=False, max_length=320),  # rows from before have none
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='seal',
            field=models.CharField(default=staff.seals.new, editable=False, max_length=320),
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
        sealed_chain(
            "staff_auditentry",
            columns=(
                "extract(epoch FROM @at)",
                "@staff_member_id",
                "@act",
                "@client_id",
                "@subject_type",
                "@subject_id",
                "@details",
            ),
        ),
        append_only("staff_chainmark"),
        mark_where_seals_begin("staff_auditentry"),
    ]
