"""The operator's view of the waitlists."""

from django.contrib import admin

from navalha.web.read_only import ReadOnly

from .models import OfferChange, WaitlistChange, WaitlistEntry, WaitlistOffer


class WaitlistChangeInline(ReadOnly, admin.TabularInline):
    model = WaitlistChange
    fields = ("at", "from_state", "to_state", "by", "reason")
    extra = 0


class WaitlistOfferInline(ReadOnly, admin.TabularInline):
    model = WaitlistOffer
    fields = ("made_at", "professional", "starts_at", "state", "told_at", "expires_at", "appointment")
    extra = 0


@admin.register(WaitlistEntry)
class WaitlistEntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("customer", "shop", "professional", "first_day", "last_day", "state", "joined_at")
    list_filter = ("state", "shop")
    list_select_related = ("customer", "shop", "professional")
    search_fields = ("customer__name", "customer__phone")
    date_hierarchy = "joined_at"
    inlines = (WaitlistOfferInline, WaitlistChangeInline)


@admin.register(WaitlistChange)
class WaitlistChangeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("entry", "at", "from_state", "to_state", "by", "reason", "shop")
    list_filter = ("to_state", "shop")
    list_select_related = ("entry", "by", "shop")
    search_fields = ("reason", "entry__customer__name")


class OfferChangeInline(ReadOnly, admin.TabularInline):
    model = OfferChange
    fields = ("at", "from_state", "to_state", "by", "reason")
    extra = 0


@admin.register(WaitlistOffer)
class WaitlistOfferAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("entry", "shop", "professional", "starts_at", "state", "made_at", "told_at", "expires_at")
    list_filter = ("state", "shop")
    list_select_related = ("entry", "shop", "professional")
    search_fields = ("entry__customer__name", "entry__customer__phone", "=appointment__id")
    date_hierarchy = "made_at"
    inlines = (OfferChangeInline,)


@admin.register(OfferChange)
class OfferChangeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("offer", "at", "from_state", "to_state", "by", "reason", "shop")
    list_filter = ("to_state", "shop")
    list_select_related = ("offer", "by", "shop")
    search_fields = ("reason", "offer__entry__customer__name")
