"""The counters of what strangers send. Whom a counter is about cannot be told from it."""

from django.contrib import admin

from . import admin_filters  # noqa: F401 - registers itself for every table
from .models import HitCount
from .read_only import ReadOnly


@admin.register(HitCount)
class HitCountAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("__str__", "hits", "expires_at")
    search_fields = ("=key",)
    ordering = ("-hits",)
