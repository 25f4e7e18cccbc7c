"""Counters of what strangers send; see `limits.py`."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HitCount(models.Model):
    """How often one key (a hashed address) did one thing in one window of time."""

    key = models.CharField(max_length=64, primary_key=True)
    hits = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("contador de visitas")
        verbose_name_plural = _("contadores de visitas")

    def __str__(self) -> str:
        return self.key[:8]
