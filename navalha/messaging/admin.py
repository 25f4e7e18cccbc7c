"""Messages in the admin. What people wrote to each other is private: lists show how much there is, not what."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.core.phones import masked
from navalha.web.read_only import ReadOnly

from .models import MessageChange, Pace, PendingDelivery, WhatsAppMessage
from .rules import release


class ChangesInline(ReadOnly, admin.TabularInline):
    model = MessageChange
    fields = ("at", "from_state", "to_state", "by", "reason")
    extra = 0
    can_delete = False


@admin.register(WhatsAppMessage)
class WhatsAppMessageAdmin(ReadOnly, admin.ModelAdmin):
    """Search by ids, purpose and key. What people wrote is on the shop's own pages alone."""

    list_display = ("id", "shop", "direction", "state", "purpose", "to", "size", "attempts", "created_at")
    list_filter = ("state", "direction", "purpose", "kind", "needs_person", "shop")
    list_select_related = ("shop",)
    search_fields = ("=id", "wa_id", "dedupe_key", "=customer__id", "instance__remote_name")
    date_hierarchy = "created_at"
    inlines = (ChangesInline,)
    show_full_result_count = False
    exclude = ("text", "address")
    readonly_fields = ("to", "size")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[WhatsAppMessage]":
        return WhatsAppMessage.across_shops.all()

    @admin.display(description=_("endereço"))
    def to(self, message: WhatsAppMessage) -> str:
        return masked(message.address)

    @admin.display(description=_("letras"))
    def size(self, message: WhatsAppMessage) -> int:
        return len(message.text)


@admin.register(MessageChange)
class MessageChangeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "shop", "message_id", "from_state", "to_state", "by", "reason")
    list_filter = ("to_state", "shop")
    list_select_related = ("shop", "by")
    search_fields = ("=message__id",)
    date_hierarchy = "at"
    show_full_result_count = False


@admin.register(PendingDelivery)
class PendingDeliveryAdmin(ReadOnly, admin.ModelAdmin):
    """Acks whose message nobody knows yet; many old ones mean that answers to sends get lost."""

    list_display = ("at", "shop", "instance", "wa_id", "status")
    list_filter = ("status", "shop")
    list_select_related = ("shop", "instance")
    search_fields = ("wa_id",)


@admin.register(Pace)
class PaceAdmin(admin.ModelAdmin):
    """How fast each phone may write. An operator may switch the pace of one off, or set when its warm-up began."""

    raw_id_fields = ("lifted_by",)
    list_display = ("shop", "shown_phone", "is_on", "began_at", "quiet_from", "quiet_until", "per_day", "new_per_day")
    list_filter = ("is_on", "shop")
    list_select_related = ("shop",)
    search_fields = ("=phone", "shop__name")
    fields = ("shop", "shown_phone", "is_on", "began_at", "quiet_from", "quiet_until", "per_day", "new_per_day")
    readonly_fields = ("shop", "shown_phone")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Pace | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Pace, form: Any, change: bool) -> None:
        """What waits is looked at anew under the new rules."""
        super().save_model(request, obj, form, change)
        release(obj.shop, now=timezone.now())

    @admin.display(description=_("telefone"))
    def shown_phone(self, row: Pace) -> str:
        return masked(row.phone)
