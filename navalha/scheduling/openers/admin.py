"""The operator's view of who wrote first. The codes themselves are kept nowhere."""

from django.contrib import admin

from navalha.web.read_only import ReadOnly

from .models import Opener


@admin.register(Opener)
class OpenerAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("appointment", "shop", "created_at", "expires_at", "opened_at", "writer", "is_proven")
    list_filter = (("opened_at", admin.EmptyFieldListFilter), "is_proven", "shop")
    list_select_related = ("appointment", "shop", "writer")
    search_fields = ("=appointment__id", "writer__name", "writer__phone")
    date_hierarchy = "created_at"
