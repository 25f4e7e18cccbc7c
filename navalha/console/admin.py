"""The operator's commands for many numbers, as tables."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from navalha.web.read_only import ReadOnly

from . import outcomes
from .models import BulkItem, BulkItemChange, BulkRun, StrayInstance


@admin.register(BulkRun)
class BulkRunAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("__str__", "command", "by", "created_at", "ended_at")
    list_filter = ("command",)
    search_fields = ("=id", "by__email")
    list_select_related = ("by",)
    date_hierarchy = "created_at"


@admin.register(BulkItem)
class BulkItemAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("run", "instance", "shop", "server", "state", "said", "state_changed_at")
    list_filter = ("state", "run__command", "server")
    search_fields = ("instance__name", "shop__name", "=run__id")
    list_select_related = ("run", "instance", "shop", "server")

    @admin.display(description=_("resultado"), ordering="outcome")
    def said(self, item: BulkItem) -> str:
        return outcomes.words(item)


@admin.register(BulkItemChange)
class BulkItemChangeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "item", "from_state", "to_state", "reason")
    list_filter = ("to_state",)
    search_fields = ("item__instance__name", "shop__name", "reason")
    list_select_related = ("item",)


@admin.register(StrayInstance)
class StrayInstanceAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("remote_name", "server", "raw_status", "profile_name", "first_seen_at", "seen_at", "ignored_at")
    list_filter = ("server",)
    search_fields = ("remote_name", "profile_name", "server__name")
    list_select_related = ("server",)
