"""The inbox: what Evolution servers report, kept as it came until it is applied."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned


class EventState(models.TextChoices):
    STORED = "stored", _("Guardado")
    LATER = "later", _("Tentar de novo")
    PROCESSED = "processed", _("Processado")
    QUARANTINED = "quarantined", _("Quarentena")


class WebhookEvent(ShopOwned):
    """The inbox: a webhook as it came, without its `apikey`. Written by `webhook.py`, read by the worker."""

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="webhook_events", verbose_name=_("barbearia")
    )
    instance = models.ForeignKey(
        "whatsapp.WhatsAppInstance", models.CASCADE, related_name="webhook_events", verbose_name=_("número de WhatsApp")
    )
    event = models.CharField(_("evento"), max_length=60)
    dedupe_key = models.CharField(_("chave de repetição"), max_length=160)
    payload = models.JSONField(_("conteúdo"))
    received_at = models.DateTimeField(_("recebido em"))
    state = models.CharField(_("situação"), max_length=12, choices=EventState, default=EventState.STORED)
    attempts = models.PositiveSmallIntegerField(_("tentativas"), default=0)
    due_at = models.DateTimeField(_("próxima tentativa"))
    processed_at = models.DateTimeField(_("processado em"), null=True, blank=True)
    error = models.TextField(_("erro"), blank=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("evento recebido")
        verbose_name_plural = _("eventos recebidos")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["instance", "dedupe_key"], name="one_row_per_webhook")]
        indexes = [
            models.Index(
                fields=["instance", "id"], condition=models.Q(state__in=["stored", "later"]), name="webhooks_to_do"
            ),
            models.Index(
                fields=["-id"], condition=models.Q(state__in=["quarantined", "later"]), name="webhooks_that_failed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} #{self.pk}"
