"""Taking rows to work on, so that no two workers take the same."""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def claim(rows: "QuerySet[Row]", *, limit: int) -> list[Row]:
    """Lock and return up to `limit` rows that nobody else has locked. Call inside a transaction.

    The lock ends with the transaction, so what must survive it (a lease, a state) is written before the commit.
    """
    return list(rows.select_for_update(skip_locked=True, of=("self",))[:limit])
