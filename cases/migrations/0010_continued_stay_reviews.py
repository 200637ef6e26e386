import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from staff.immutability import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0009_offered_places'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ContinuedStayReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('continue', 'This level still fits'), ('change', 'Another level fits better now'), ('discharge', 'Ready to leave')], max_length=10)),
                ('reason', models.TextField()),
                ('reviewed_at', models.DateTimeField()),
                ('next_review_on', models.DateField(blank=True, null=True)),
                ('authorized_through', models.DateField(blank=True, help_text='The last day that the payer has authorized, where one asks for reviews.', null=True)),
                ('period', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='cases.levelofcareperiod')),
                ('reviewed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('reviewed_at', 'pk'),
                'indexes': [models.Index(fields=['period', '-reviewed_at', '-id'], name='review_by_period')],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='continued_stay_review_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'continue'), _negated=True), ('next_review_on__isnull', False), _connector='OR'), name='continued_stay_has_its_next_review')],
            },
        ),
        append_only("cases_continuedstayreview"),
    ]
