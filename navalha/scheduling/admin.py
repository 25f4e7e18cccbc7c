"""The operator's view of schedules. Appointments are moved by commands, not by editing a state here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import (
    Appointment,
    AppointmentChange,
    AppointmentService,
    Professional,
    Service,
    SlotHold,
    TimeOff,
    WorkingHours,
)


class ReadOnly(admin.ModelAdmin):
    """Rows that only the product writes: an edit here would leave no history and tell nobody."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ItemInline(admin.TabularInline):
    model = AppointmentService
    fields = ("name", "price_cents", "duration_minutes")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ChangeInline(admin.TabularInline):
    model = AppointmentChange
    fields = ("at", "from_state", "to_state", "by", "reason")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Appointment)
class AppointmentAdmin(ReadOnly):
    list_display = ("pk", "shop", "professional", "customer", "starts_at", "state", "source")
    list_filter = ("state", "source", "shop")
    list_select_related = ("shop", "professional", "customer")
    search_fields = ("customer__name", "customer__phone", "professional__name")
    date_hierarchy = "starts_at"
    inlines = (ItemInline, ChangeInline)


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin):
    list_display = ("name", "shop", "duration_minutes", "price_cents", "is_active")
    list_filter = ("is_active", "shop")
    list_select_related = ("shop",)
    search_fields = ("name",)


class HoursInline(admin.TabularInline):
    model = WorkingHours
    fields = ("shop", "weekday", "starts", "ends")
    raw_id_fields = ("shop",)
    extra = 0


@admin.register(Professional)
class ProfessionalAdmin(admin.ModelAdmin):
    list_display = ("name", "shop", "phone", "is_active")
    list_filter = ("is_active", "shop")
    list_select_related = ("shop",)
    search_fields = ("name", "phone")
    raw_id_fields = ("user", "services")
    inlines = (HoursInline,)


@admin.register(WorkingHours)
class WorkingHoursAdmin(admin.ModelAdmin):
    list_display = ("professional", "shop", "weekday", "starts", "ends")
    list_filter = ("weekday", "shop")
    list_select_related = ("professional", "shop")
    raw_id_fields = ("professional",)


@admin.register(TimeOff)
class TimeOffAdmin(admin.ModelAdmin):
    list_display = ("shop", "professional", "starts_at", "ends_at", "reason")
    list_filter = ("shop",)
    list_select_related = ("shop", "professional")
    search_fields = ("reason", "professional__name")
    raw_id_fields = ("professional",)


@admin.register(SlotHold)
class SlotHoldAdmin(ReadOnly):
    list_display = ("professional", "shop", "starts_at", "ends_at", "expires_at")
    list_filter = ("shop",)
    list_select_related = ("professional", "shop")
    fields = ("shop", "professional", "starts_at", "ends_at", "expires_at")  # the visitor's key is nobody's business
