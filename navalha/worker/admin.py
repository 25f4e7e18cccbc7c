"""The inbox of webhooks in the admin: what came, what became of it, and trying again what failed.

What people wrote is masked; an operator who needs it says why in the event monitor (`/eventos/`).
"""

import json

import structlog
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from navalha.web.read_only import ReadOnly
from navalha.whatsapp.events import replay
from navalha.whatsapp.masking import masked
from navalha.whatsapp.models import WebhookEvent

log = structlog.get_logger(__name__)


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnly, admin.ModelAdmin):
    """Rows are written by the webhook door and by the worker alone."""

    list_display = ("id", "event", "shop", "instance", "state", "attempts", "received_at", "processed_at", "due_at")
    list_filter = ("state", "event", "shop")
    list_select_related = ("shop", "instance")
    search_fields = ("=id", "dedupe_key", "instance__remote_name", "instance__name", "shop__name")
    date_hierarchy = "received_at"
    show_full_result_count = False
    actions = ("replay_events",)
    exclude = ("payload",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[WebhookEvent]":
        return WebhookEvent.across_shops.all()

    readonly_fields = ("content",)

    @admin.display(description=_("conteúdo"))
    def content(self, event: WebhookEvent) -> SafeString:
        """Masked; the event monitor shows more, for a reason that it keeps."""
        text = json.dumps(masked(event.payload), ensure_ascii=False, indent=2)
        words = _("Ver no monitor de eventos")
        return format_html('<pre>{}</pre><a href="/eventos/{}/">{}</a>', text, event.pk, words)

    @admin.action(description=_("Tentar de novo"), permissions=["view"])
    def replay_events(self, request: HttpRequest, events: "QuerySet[WebhookEvent]") -> None:
        count = replay(events, now=timezone.now())
        log.info("events replayed", count=count, by=request.user.pk)
        sentence = ngettext("%(count)d evento volta para a fila.", "%(count)d eventos voltam para a fila.", count)
        messages.success(request, sentence % {"count": count})
