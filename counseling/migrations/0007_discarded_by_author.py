from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Discarded drafts of a writer, without a look at all that they wrote."""

    dependencies = [
        ('cases', '0003_append_only'),
        ('counseling', '0006_cosigned_at'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='sessionnote',
            index=models.Index(condition=models.Q(('discarded_at__isnull', False)), fields=['author', 'discarded_at'], name='note_discarded_by_author'),
        ),
    ]
