"""Imports of before: where each stands, how many lines it had, and which customers it made.

What they filled in was not noted: an undo leaves it. Files whose columns nobody had chosen are forgotten, as they
would be within a day.
"""

from django.db import migrations


def tell(apps, schema_editor):
    imports = apps.get_model("customers", "CustomerImport").across_shops
    changes = apps.get_model("customers", "CustomerChange").across_shops
    imports.filter(done_at=None).delete()
    for row in imports.all():
        lines = row.created + row.updated + row.skipped + len(row.errors)
        imports.filter(pk=row.pk).update(
            state="done" if row.undone_at is None else "undone",
            state_changed_at=row.undone_at or row.done_at,
            total=lines,
            position=lines,
            left=0 if row.undone_at is None else row.created - row.removed,
        )
    made = apps.get_model("customers", "Customer").across_shops.exclude(imported=None)
    for batch in in_batches(made.select_related("imported").order_by("pk")):
        changes.bulk_create(
            changes.model(
                shop_id=one.shop_id,
                customer=one,
                act="imported",
                at=one.imported.done_at,
                by_id=one.imported.by_id,
                source=one.imported,
            )
            for one in batch
        )


def in_batches(rows, size=1000):
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:size]):
        yield batch
        last = batch[-1].pk


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_history_and_steps_of_imports")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
