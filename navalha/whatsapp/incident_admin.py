"""The operator's tables of drops and of who was told of them, how."""

from django.contrib import admin
from django.contrib.admin import ModelAdmin

from navalha.web.read_only import ReadOnly

from .models import Alert, AlertChange, AlertPreference, ConnectionIncident, ServerOutage


class AlertsInline(admin.TabularInline):
    model = Alert
    fields = ("kind", "way", "user", "state", "attempts", "due_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(ConnectionIncident)
class ConnectionIncidentAdmin(ReadOnly, ModelAdmin):
    list_display = ("began_at", "shop", "instance", "code", "told_at", "returned_at", "ended_at")
    list_filter = ("code",)
    search_fields = ("shop__name", "instance__name", "instance__number")
    list_select_related = ("shop", "instance")
    date_hierarchy = "began_at"
    inlines = (AlertsInline,)


@admin.register(Alert)
class AlertAdmin(ReadOnly, ModelAdmin):
    list_display = ("id", "kind", "way", "shop", "user", "state", "attempts", "due_at", "state_changed_at")
    list_filter = ("state", "kind", "way")
    search_fields = ("shop__name", "user__email")
    list_select_related = ("shop", "user")


@admin.register(AlertChange)
class AlertChangeAdmin(ReadOnly, ModelAdmin):
    list_display = ("at", "shop", "alert", "from_state", "to_state", "reason")
    list_filter = ("to_state",)
    search_fields = ("shop__name", "=alert__id")
    list_select_related = ("shop", "alert")


@admin.register(AlertPreference)
class AlertPreferenceAdmin(ReadOnly, ModelAdmin):
    list_display = ("shop", "user", "by_email", "phone")
    list_filter = ("by_email",)
    search_fields = ("shop__name", "user__email")
    list_select_related = ("shop", "user")


@admin.register(ServerOutage)
class ServerOutageAdmin(ReadOnly, ModelAdmin):
    list_display = ("began_at", "server", "returned_at", "ended_at", "down_told_at", "back_told_at", "attempts")
    search_fields = ("server__name",)
    list_select_related = ("server",)
    date_hierarchy = "began_at"
