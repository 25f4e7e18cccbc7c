"""The operator's view of reminders."""

from django.contrib import admin

from navalha.web.read_only import ReadOnly

from .models import ReminderOffset, ReminderPolicy, VisitReminder


@admin.register(ReminderPolicy)
class ReminderPolicyAdmin(ReadOnly, admin.ModelAdmin):
    """Only looked at: a change here would not have the coming visits looked at again."""

    list_display = ("shop", "is_on", "on_since", "review_is_on", "review_hours", "review_days")
    list_filter = ("is_on", "review_is_on", "shop")
    list_select_related = ("shop",)
    search_fields = ("shop__name",)


@admin.register(ReminderOffset)
class ReminderOffsetAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("shop", "minutes", "since", "removed_at")
    list_filter = ("shop",)
    list_select_related = ("shop",)
    search_fields = ("shop__name", "minutes")


@admin.register(VisitReminder)
class VisitReminderAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("appointment", "shop", "kind", "minutes", "planned_at", "dropped", "message", "times")
    list_filter = ("kind", "dropped", "shop")
    list_select_related = ("appointment", "shop", "message")
    search_fields = ("appointment__customer__name", "appointment__customer__phone")
    date_hierarchy = "planned_at"
