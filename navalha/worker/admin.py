"""The inbox of webhooks in the admin: what came, what became of it, and trying again what failed.

What people wrote is masked; an operator who needs it says so, and that is logged.
"""

import json
from typing import Any

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

REVEAL = "conteudo"


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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """`?conteudo=1` shows what came as it came, and leaves a line in the log."""
        if obj is None or not request.GET.get(REVEAL):
            return ("content",)
        log.info("webhook content shown", row=obj.pk, shop=obj.shop_id, by=request.user.pk)
        return ("whole_content",)

    @admin.display(description=_("conteúdo"))
    def content(self, event: WebhookEvent) -> SafeString:
        return format_html(
            '<pre>{}</pre><a href="?{}=1">{}</a>', as_text(masked(event.payload)), REVEAL, _("Mostrar tudo")
        )

    @admin.display(description=_("conteúdo"))
    def whole_content(self, event: WebhookEvent) -> SafeString:
        return format_html("<pre>{}</pre>", as_text(event.payload))

    @admin.action(description=_("Tentar de novo"), permissions=["view"])
    def replay_events(self, request: HttpRequest, events: "QuerySet[WebhookEvent]") -> None:
        count = replay(events, now=timezone.now())
        log.info("events replayed", count=count, by=request.user.pk)
        sentence = ngettext("%(count)d evento volta para a fila.", "%(count)d eventos voltam para a fila.", count)
        messages.success(request, sentence % {"count": count})


def as_text(payload: Any) -> str:
    return json.dumps(payload, ensure_ascii=False, indent=2)
