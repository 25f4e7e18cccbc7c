from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('console', '0005_outcomes_of_before'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='bulkitem',
            name='detail',
        ),
    ]
