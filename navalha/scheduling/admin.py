"""The operator's view of schedules. Appointments are moved by commands, not by editing a state here."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from navalha.core import pix
from navalha.web.read_only import ReadOnly

from .models import (
    Appointment,
    AppointmentChange,
    AppointmentService,
    CalendarFeed,
    DateHours,
    Deposit,
    DepositChange,
    DepositPolicy,
    DoneService,
    Preference,
    Professional,
    QueueChange,
    QueueEntry,
    SeriesGap,
    Service,
    ServiceTerms,
    ShopHoliday,
    ShopPicture,
    SlotHold,
    TimeOff,
    VisitSeries,
    WorkingHours,
)
from .openers import admin as openers_admin  # noqa: F401 - registers the codes of first messages
from .reminders import admin as reminders_admin  # noqa: F401 - registers the tables of the reminders
from .waitlist import admin as waitlist_admin  # noqa: F401 - registers the tables of the waitlist


class ItemInline(ReadOnly, admin.TabularInline):
    model = AppointmentService
    fields = ("name", "price_cents", "duration_minutes")
    extra = 0


class ChangeInline(ReadOnly, admin.TabularInline):
    model = AppointmentChange
    fields = ("at", "from_state", "to_state", "to_professional", "to_starts_at", "to_ends_at", "by", "reason")
    extra = 0


@admin.register(Appointment)
class AppointmentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("pk", "shop", "professional", "customer", "starts_at", "state", "source", "channel")
    list_filter = ("state", "source", "shop")
    list_select_related = ("shop", "professional", "customer")
    search_fields = ("customer__name", "customer__phone", "professional__name")
    date_hierarchy = "starts_at"
    inlines = (ItemInline, ChangeInline)


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin):
    autocomplete_fields = ("shop",)
    list_display = ("name", "shop", "duration_minutes", "price_cents", "is_active")
    list_filter = ("is_active", "shop")
    list_select_related = ("shop",)
    search_fields = ("name",)
    raw_id_fields = ("parts",)


@admin.register(ServiceTerms)
class ServiceTermsAdmin(admin.ModelAdmin):
    autocomplete_fields = ("shop",)
    list_display = ("professional", "service", "shop", "price_cents", "duration_minutes")
    list_filter = ("shop",)
    list_select_related = ("professional", "service", "shop")
    search_fields = ("professional__name", "service__name")
    raw_id_fields = ("professional", "service")


class HoursInline(admin.TabularInline):
    model = WorkingHours
    fields = ("shop", "weekday", "starts", "ends")
    raw_id_fields = ("shop",)
    extra = 0


@admin.register(Professional)
class ProfessionalAdmin(admin.ModelAdmin):
    autocomplete_fields = ("shop",)
    list_display = ("name", "shop", "phone", "is_active")
    list_filter = ("is_active", "shop")
    list_select_related = ("shop",)
    search_fields = ("name", "phone")
    raw_id_fields = ("user", "services")
    inlines = (HoursInline,)


@admin.register(WorkingHours)
class WorkingHoursAdmin(admin.ModelAdmin):
    autocomplete_fields = ("shop",)
    list_display = ("professional", "shop", "weekday", "starts", "ends")
    search_fields = ("professional__name", "shop__name")
    list_filter = ("weekday", "shop")
    list_select_related = ("professional", "shop")
    raw_id_fields = ("professional",)


@admin.register(DateHours)
class DateHoursAdmin(admin.ModelAdmin):
    autocomplete_fields = ("shop",)
    list_display = ("professional", "shop", "on", "starts", "ends")
    list_filter = ("shop",)
    list_select_related = ("professional", "shop")
    search_fields = ("professional__name",)
    raw_id_fields = ("professional",)
    date_hierarchy = "on"


@admin.register(ShopHoliday)
class ShopHolidayAdmin(admin.ModelAdmin):
    autocomplete_fields = ("shop",)
    list_display = ("on", "name", "shop", "is_open", "every_year", "is_own")
    list_filter = ("is_open", "is_own", "shop")
    list_select_related = ("shop",)
    search_fields = ("name", "shop__name")


@admin.register(TimeOff)
class TimeOffAdmin(admin.ModelAdmin):
    autocomplete_fields = ("shop",)
    list_display = ("shop", "professional", "starts_at", "ends_at", "reason")
    list_filter = ("shop",)
    list_select_related = ("shop", "professional")
    search_fields = ("reason", "professional__name")
    raw_id_fields = ("professional",)


@admin.register(SlotHold)
class SlotHoldAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("professional", "shop", "starts_at", "ends_at", "expires_at")
    search_fields = ("professional__name", "shop__name")
    list_filter = ("shop",)
    list_select_related = ("professional", "shop")
    fields = ("shop", "professional", "starts_at", "ends_at", "expires_at")  # the visitor's key is nobody's business


@admin.register(AppointmentService)
class AppointmentServiceAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("appointment", "name", "price_cents", "duration_minutes", "shop")
    list_filter = ("shop",)
    list_select_related = ("appointment", "shop")
    search_fields = ("name", "=appointment__id")


@admin.register(AppointmentChange)
class AppointmentChangeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = (
        "appointment",
        "at",
        "from_state",
        "to_state",
        "to_starts_at",
        "to_professional",
        "by",
        "reason",
        "shop",
    )
    list_filter = ("to_state", "shop")
    list_select_related = ("appointment", "to_professional", "by", "shop")
    search_fields = ("reason", "=appointment__id")


@admin.register(DoneService)
class DoneServiceAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("appointment", "name", "price_cents", "shop")
    list_filter = ("shop",)
    list_select_related = ("appointment", "shop")
    search_fields = ("name", "=appointment__id")


class GapInline(ReadOnly, admin.TabularInline):
    model = SeriesGap
    fields = ("starts_at", "problem", "found_at", "settled_at", "settled_by")
    extra = 0


@admin.register(VisitSeries)
class VisitSeriesAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("pk", "shop", "professional", "every_weeks", "planned_until", "ended_at", "created_by")
    list_filter = ("every_weeks", ("ended_at", admin.EmptyFieldListFilter), "shop")
    list_select_related = ("shop", "professional", "created_by")
    search_fields = ("=id", "shop__name", "professional__name")
    inlines = (GapInline,)


@admin.register(SeriesGap)
class SeriesGapAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("series", "shop", "starts_at", "problem", "settled_at")
    list_filter = (("settled_at", admin.EmptyFieldListFilter), "shop")
    list_select_related = ("series", "shop")
    search_fields = ("=series__id", "problem")


@admin.register(Preference)
class PreferenceAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("customer", "professional", "shop", "said_at")
    list_filter = ("shop",)
    list_select_related = ("customer", "professional", "shop")
    search_fields = ("customer__name", "professional__name")


class QueueChangeInline(ReadOnly, admin.TabularInline):
    model = QueueChange
    fields = ("at", "from_state", "to_state", "by", "reason")
    extra = 0


@admin.register(QueueEntry)
class QueueEntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "shop", "professional", "state", "joined_at")
    list_filter = ("state", "shop")
    list_select_related = ("shop", "professional")
    search_fields = ("name", "customer__phone")
    date_hierarchy = "joined_at"
    inlines = (QueueChangeInline,)


@admin.register(QueueChange)
class QueueChangeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("entry", "at", "from_state", "to_state", "by", "reason", "shop")
    list_filter = ("to_state", "shop")
    list_select_related = ("entry", "by", "shop")
    search_fields = ("reason", "entry__name")


@admin.register(CalendarFeed)
class CalendarFeedAdmin(admin.ModelAdmin):
    """Deleting one ends its address, for somebody whose phone was stolen while nobody of the shop can be reached."""

    list_display = ("professional", "shop", "made_at")
    list_filter = ("shop",)
    list_select_related = ("professional", "shop")
    search_fields = ("professional__name", "shop__name")
    readonly_fields = ("shop", "professional", "made_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(DepositPolicy)
class DepositPolicyAdmin(ReadOnly, admin.ModelAdmin):
    """The key is the shop's own business: the operator sees which one it is, not the whole of it."""

    list_display = ("shop", "who", "fixed_cents", "percent", "minutes_to_pay", "masked_key")
    list_filter = ("who", "key_kind")
    list_select_related = ("shop",)
    search_fields = ("shop__name",)
    exclude = ("pix_key", "holder")
    readonly_fields = ("masked_key",)

    @admin.display(description="chave Pix")
    def masked_key(self, policy: DepositPolicy) -> str:
        return pix.masked(policy.pix_key) if policy.pix_key else "–"


class DepositChangeInline(ReadOnly, admin.TabularInline):
    model = DepositChange
    fields = ("at", "from_state", "to_state", "by", "reason")
    extra = 0


@admin.register(Deposit)
class DepositAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("pk", "shop", "appointment", "state", "amount_cents", "due_at", "why", "txid")
    list_filter = ("state", "why", "shop")
    list_select_related = ("shop", "appointment")
    search_fields = ("txid", "appointment__customer__name", "appointment__customer__phone")
    date_hierarchy = "created_at"
    exclude = ("code",)
    inlines = (DepositChangeInline,)


@admin.register(DepositChange)
class DepositChangeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("deposit", "at", "from_state", "to_state", "by", "reason", "shop")
    list_filter = ("to_state", "shop")
    list_select_related = ("deposit", "by", "shop")
    search_fields = ("reason", "deposit__txid")


@admin.register(ShopPicture)
class ShopPictureAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("pk", "shop", "kind", "content_type", "width", "height", "added_at", "removed_at")
    list_filter = ("kind", "shop")
    list_select_related = ("shop",)
    search_fields = ("alt", "shop__name")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[ShopPicture]":
        return super().get_queryset(request).defer("content")
