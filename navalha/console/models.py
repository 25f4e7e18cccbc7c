"""Commands for many numbers at once: rows that the worker works off, so that a reload or a crash loses nothing."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned, StateChange


class Command(models.TextChoices):
    """What can be done with many numbers at once."""

    SYNC = "sync", _("Sincronizar")
    RESTART = "restart", _("Reiniciar")
    WEBHOOK = "webhook", _("Refazer webhook")
    DISCONNECT = "disconnect", _("Desconectar")


class BulkRun(models.Model):
    """One command for many numbers of any shops. Its progress is counted from its items."""

    command = models.CharField(_("comando"), max_length=12, choices=Command)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("por")
    )
    created_at = models.DateTimeField(_("pedido em"))
    ended_at = models.DateTimeField(_("terminou em"), null=True, blank=True)

    class Meta:
        verbose_name = _("comando em lote")
        verbose_name_plural = _("comandos em lote")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_command_display()} #{self.pk}"


class ItemState(models.TextChoices):
    WAITING = "waiting", _("Na fila")
    RUNNING = "running", _("Em andamento")
    DONE = "done", _("Feito")
    SKIPPED = "skipped", _("Não se aplica")
    FAILED = "failed", _("Falhou")
    CANCELLED = "cancelled", _("Cancelado")


S = ItemState


class BulkItem(ShopOwned):
    """One number of a run."""

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        S.WAITING: frozenset({S.RUNNING, S.CANCELLED}),
        # Back to waiting when the worker that had it died: every command can be repeated.
        S.RUNNING: frozenset({S.DONE, S.SKIPPED, S.FAILED, S.WAITING}),
        S.DONE: frozenset(),
        S.SKIPPED: frozenset(),
        S.FAILED: frozenset(),
        S.CANCELLED: frozenset(),
    }

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="bulk_items", verbose_name=_("barbearia"))
    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="items", verbose_name=_("comando em lote"))
    instance = models.ForeignKey(
        "whatsapp.WhatsAppInstance", models.CASCADE, related_name="bulk_items", verbose_name=_("número de WhatsApp")
    )
    server = models.ForeignKey(
        "whatsapp.EvolutionServer", models.SET_NULL, related_name="+", verbose_name=_("servidor"), null=True, blank=True
    )
    state = models.CharField(_("situação"), max_length=10, choices=ItemState, default=ItemState.WAITING)
    state_changed_at = models.DateTimeField(_("desde"))
    # What became of it: a code of `outcomes.WORDS` and what its sentence names.
    outcome = models.CharField(_("resultado"), max_length=20, blank=True)
    outcome_values = models.JSONField(_("dados do resultado"), default=dict, blank=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("número de um comando em lote")
        verbose_name_plural = _("números de comandos em lote")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["run", "instance"], name="one_item_per_run_and_number")]
        indexes = [
            models.Index(
                fields=["run", "server"], condition=models.Q(state__in=["waiting", "running"]), name="bulk_items_to_do"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.instance_id}"


class BulkItemChange(StateChange):
    """One move of one item."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+", verbose_name=_("barbearia"))
    item = models.ForeignKey(BulkItem, models.CASCADE, related_name="changes", verbose_name=_("número do lote"))

    class Meta(StateChange.Meta):
        verbose_name = _("mudança de um número do lote")
        verbose_name_plural = _("mudanças dos números do lote")


class StrayInstance(models.Model):
    """An instance that a server has and that we know nothing of: of another system, or left behind by a lost answer.

    Nothing is done with it unasked: whose it is, the server does not say.
    """

    server = models.ForeignKey(
        "whatsapp.EvolutionServer", models.CASCADE, related_name="strays", verbose_name=_("servidor")
    )
    remote_name = models.CharField(_("nome técnico"), max_length=200)
    raw_status = models.CharField(_("o que o servidor diz"), max_length=40, blank=True)
    profile_name = models.CharField(_("nome no WhatsApp"), max_length=120, blank=True)
    first_seen_at = models.DateTimeField(_("visto primeiro em"))
    seen_at = models.DateTimeField(_("visto por último em"))
    ignored_at = models.DateTimeField(_("ignorado em"), null=True, blank=True)

    class Meta:
        verbose_name = _("instância desconhecida")
        verbose_name_plural = _("instâncias desconhecidas")
        ordering = ["server__name", "remote_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["server", "remote_name"], name="one_stray_per_name")]

    def __str__(self) -> str:
        return self.remote_name
