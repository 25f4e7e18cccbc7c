"""Customers in the admin: who they are to WhatsApp, and making one of two."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import User
from navalha.core.phones import masked
from navalha.web.read_only import ReadOnly

from .actions import merge
from .models import (
    AllowedPhone,
    Customer,
    CustomerChange,
    CustomerImport,
    CustomerImportChange,
    CustomerMerge,
    Identity,
    KnownApart,
)


class IdentityInline(admin.TabularInline):
    """Learnt from messages and bookings, never typed: a wrong one sends words to a stranger."""

    model = Identity
    fields = ("kind", "value", "learnt_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    """Names can be corrected; everything else comes from what happened."""

    autocomplete_fields = ("shop",)
    list_display = ("id", "name", "phone", "shop", "name_from_whatsapp", "created_at")
    list_filter = ("shop", "name_from_whatsapp")
    list_select_related = ("shop",)
    search_fields = ("=id", "name", "phone", "identities__value", "shop__name")
    date_hierarchy = "created_at"
    show_full_result_count = False
    readonly_fields = ("shop", "phone", "name_from_whatsapp", "created_at", "misses_forgiven_at")
    inlines = (IdentityInline,)
    actions = ("merge_customers",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Customer]":
        return Customer.across_shops.all()

    @admin.action(description=_("Juntar os clientes escolhidos em um só"), permissions=["change"])
    def merge_customers(self, request: HttpRequest, customers: "QuerySet[Customer]") -> None:
        first, *others = customers.select_related("shop").order_by("pk")
        if not others or any(other.shop_id != first.shop_id for other in others):
            messages.error(request, _("Escolha pelo menos dois clientes da mesma barbearia."))
            return
        for other in others:
            merge(first.shop, keep_id=first.pk, gone_id=other.pk, now=timezone.now(), by=cast("User", request.user))
        messages.success(request, _("Os clientes agora são um só."))


@admin.register(Identity)
class IdentityAdmin(admin.ModelAdmin):
    autocomplete_fields = ("shop", "customer")
    list_display = ("id", "kind", "value", "customer", "shop", "learnt_at")
    list_filter = ("kind", "shop")
    list_select_related = ("shop", "customer")
    search_fields = ("value", "customer__name", "customer__phone")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Identity]":
        return Identity.across_shops.all()


@admin.register(AllowedPhone)
class AllowedPhoneAdmin(ReadOnly, admin.ModelAdmin):
    """Who may send images and commands to which shop; the shop itself rules its list."""

    list_display = ("shop", "name", "shown_phone", "added_by", "added_at", "removed_by", "removed_at")
    list_filter = ("shop", ("removed_at", admin.EmptyFieldListFilter))
    list_select_related = ("shop", "added_by", "removed_by")
    search_fields = ("name", "=key", "shop__name")

    @admin.display(description=_("telefone"))
    def shown_phone(self, row: AllowedPhone) -> str:
        return masked(row.phone)


@admin.register(CustomerMerge)
class CustomerMergeAdmin(ReadOnly, admin.ModelAdmin):
    """Who became one, who did it, and whether it was taken back. Its texts are what people wrote: not shown here."""

    list_display = ("id", "gone_id", "kept", "shop", "at", "by", "undone_at", "undone_by")
    list_filter = ("shop", ("undone_at", admin.EmptyFieldListFilter))
    list_select_related = ("shop", "kept", "by", "undone_by")
    search_fields = ("=id", "=gone_id", "kept__name", "shop__name")
    exclude = ("gone", "before", "after", "moved")


@admin.register(KnownApart)
class KnownApartAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("one", "other", "shop", "said_at", "said_by")
    list_filter = ("shop",)
    list_select_related = ("one", "other", "shop", "said_by")
    search_fields = ("one__name", "other__name", "shop__name")


@admin.register(CustomerChange)
class CustomerChangeAdmin(ReadOnly, admin.ModelAdmin):
    """Who changed what is written of a customer, and when. What was written is the shop's: not shown here."""

    list_display = ("id", "customer", "act", "shop", "at", "by", "source")
    list_filter = ("act", "shop")
    list_select_related = ("customer", "shop", "by", "source")
    search_fields = ("=id", "customer__name", "shop__name")
    exclude = ("fields",)


@admin.register(CustomerImportChange)
class CustomerImportChangeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("customer_import", "from_state", "to_state", "at", "by", "shop")
    list_filter = ("to_state", "shop")
    list_select_related = ("customer_import", "by", "shop")
    search_fields = ("=customer_import__id", "customer_import__file_name", "shop__name")


@admin.register(CustomerImport)
class CustomerImportAdmin(ReadOnly, admin.ModelAdmin):
    list_display = (
        "id",
        "shop",
        "state",
        "at",
        "by",
        "total",
        "position",
        "created",
        "updated",
        "skipped",
        "removed",
        "reverted",
    )
    list_filter = ("state", "shop")
    list_select_related = ("shop", "by")
    search_fields = ("=id", "file_name", "shop__name")
    exclude = ("content",)
