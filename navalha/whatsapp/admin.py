"""The operator's tables of servers and numbers. A key goes in and never comes out again."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from navalha.web.read_only import ReadOnly

from . import incident_admin  # noqa: F401 - registers the tables of drops
from .models import (
    ConnectionChange,
    ConnectionConsent,
    ConnectionState,
    EvolutionServer,
    ProfilePicture,
    RetiredRemote,
    ServerCheck,
    ServerTrial,
    TrialReport,
    WhatsAppInstance,
)


class ServerForm(forms.ModelForm):
    """A server with a field to write its key into; it is empty whenever it is shown."""

    new_api_key = forms.CharField(
        label=_("chave de acesso"),
        required=False,
        strip=True,
        max_length=500,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
        help_text=_("Fica cifrada e nunca mais é mostrada. Deixe vazio para manter a atual."),
    )

    class Meta:
        model = EvolutionServer
        fields = ("name", "url", "new_api_key", "capacity", "priority", "accepts_new")

    def clean_new_api_key(self) -> str:
        key = str(self.cleaned_data["new_api_key"])
        if not key and not self.instance.encrypted_api_key:
            raise forms.ValidationError(_("Um servidor novo precisa da chave (AUTHENTICATION_API_KEY)."))
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise forms.ValidationError(_("A chave só pode ter letras sem acento, números e sinais, sem espaços."))
        return key


@admin.register(EvolutionServer)
class EvolutionServerAdmin(ModelAdmin):
    """Where numbers live. `seen_at` is when the server last answered a check."""

    form = ServerForm
    list_display = ("name", "url", "priority", "used_of_capacity", "accepts_new", "version", "seen_at")
    list_filter = ("accepts_new",)
    search_fields = ("name", "url")
    readonly_fields = ("version", "seen_at", "created_at")
    fields = (*ServerForm.Meta.fields, *readonly_fields)

    def get_queryset(self, request: HttpRequest) -> QuerySet[EvolutionServer]:
        live = Count("numbers", filter=~Q(numbers__state=ConnectionState.REMOVED))
        return super().get_queryset(request).annotate(used=live)

    @admin.display(description=_("números"))
    def used_of_capacity(self, server: Any) -> str:
        return f"{server.used} / {server.capacity}"

    def save_model(self, request: HttpRequest, obj: EvolutionServer, form: Any, change: bool) -> None:
        if form.cleaned_data["new_api_key"]:
            obj.api_key = form.cleaned_data["new_api_key"]
        obj.version = ""  # another address, or another server behind it: the next pairing asks
        super().save_model(request, obj, form, change)


class ChangesInline(admin.TabularInline):
    model = ConnectionChange
    fields = ("at", "from_state", "to_state", "reason", "by")
    readonly_fields = fields
    extra = 0
    can_delete = False
    ordering = ("-at", "-pk")

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(WhatsAppInstance)
class WhatsAppInstanceAdmin(ReadOnly, ModelAdmin):
    """The numbers of all shops. A QR is not shown here: who reads it gets the shop's conversations."""

    list_display = ("name", "shop", "number", "state", "state_changed_at", "is_primary", "server", "checked_at")
    list_filter = ("state", "server", "is_primary")
    search_fields = ("name", "number", "remote_name", "shop__name", "shop__slug")
    list_select_related = ("shop", "server")
    date_hierarchy = "created_at"
    exclude = ("qr_code", "webhook_secret_hash", "connection_code")
    inlines = (ChangesInline,)


@admin.register(ConnectionChange)
class ConnectionChangeAdmin(ReadOnly, ModelAdmin):
    list_display = ("at", "shop", "instance", "from_state", "to_state", "reason", "by")
    list_filter = ("to_state",)
    search_fields = ("shop__name", "instance__name", "reason")
    list_select_related = ("shop", "instance", "by")
    date_hierarchy = "at"


@admin.register(RetiredRemote)
class RetiredRemoteAdmin(ReadOnly, ModelAdmin):
    list_display = ("remote_name", "shop", "server", "retired_at", "deleted_at")
    list_filter = ("server",)
    search_fields = ("remote_name", "shop__name")
    list_select_related = ("shop", "server")
    exclude = ("webhook_secret_hash",)


@admin.register(ServerCheck)
class ServerCheckAdmin(ReadOnly, ModelAdmin):
    list_display = ("at", "server", "state", "milliseconds")
    list_filter = ("state", "server")
    search_fields = ("server__name", "server__url")
    list_select_related = ("server",)
    date_hierarchy = "at"


class ReportsInline(admin.TabularInline):
    model = TrialReport
    fields = ("received_at", "event", "said_at", "sent_at", "has_key")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(ServerTrial)
class ServerTrialAdmin(ReadOnly, ModelAdmin):
    list_display = ("asked_at", "server", "remote_name", "ended_at", "deleted_at", "by")
    list_filter = ("server",)
    search_fields = ("remote_name", "server__name")
    list_select_related = ("server", "by")
    exclude = ("webhook_secret_hash",)
    inlines = (ReportsInline,)


@admin.register(TrialReport)
class TrialReportAdmin(ReadOnly, ModelAdmin):
    list_display = ("received_at", "event", "trial", "said_at", "sent_at", "has_key")
    list_filter = ("event",)
    search_fields = ("trial__remote_name",)
    list_select_related = ("trial",)


@admin.register(ConnectionConsent)
class ConnectionConsentAdmin(ReadOnly, ModelAdmin):
    """Who accepted which text of the note about the risks, and when."""

    list_display = ("shop", "version", "accepted_at", "by", "by_email")
    list_filter = ("version",)
    search_fields = ("shop__name", "shop__slug", "by_email")
    list_select_related = ("shop", "by")
    date_hierarchy = "accepted_at"


@admin.register(ProfilePicture)
class ProfilePictureAdmin(ReadOnly, ModelAdmin):
    list_display = ("instance", "shop", "content_type", "fetched_at")
    list_filter = ("content_type",)
    search_fields = ("shop__name", "instance__name", "instance__number")
    list_select_related = ("shop", "instance")
