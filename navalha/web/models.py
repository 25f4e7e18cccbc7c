"""Counters of what strangers send; see `limits.py`."""

from django.db import models


class HitCount(models.Model):
    """How often one key (a hashed address) did one thing in one window of time."""

    key = models.CharField(max_length=64, primary_key=True)
    hits = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key[:8]
