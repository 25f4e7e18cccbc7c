from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('console', '0003_keep_items'),
    ]

    operations = [
        migrations.AddField(
            model_name='bulkitem',
            name='outcome',
            field=models.CharField(blank=True, max_length=20, verbose_name='resultado'),
        ),
        migrations.AddField(
            model_name='bulkitem',
            name='outcome_values',
            field=models.JSONField(blank=True, default=dict, verbose_name='dados do resultado'),
        ),
    ]
