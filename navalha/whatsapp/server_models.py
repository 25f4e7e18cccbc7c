"""What is known of an Evolution server over time: how it answered, and what a trial of its settings found."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ServerState(models.TextChoices):
    """How a server answered when it was last asked."""

    WELL = "well", _("Respondendo")
    SLOW = "slow", _("Lento")
    SILENT = "silent", _("Sem resposta")
    KEY_REFUSED = "key_refused", _("Chave recusada")
    LICENCE = "licence", _("Pede licença")
    UNSUPPORTED = "unsupported", _("Versão não aceita")


class ServerCheck(models.Model):
    """One look at one server. `milliseconds` is how long its answer took; None when there was none."""

    server = models.ForeignKey(
        "whatsapp.EvolutionServer", models.CASCADE, related_name="checks", verbose_name=_("servidor")
    )
    at = models.DateTimeField(_("quando"))
    state = models.CharField(_("situação"), max_length=12, choices=ServerState)
    milliseconds = models.PositiveIntegerField(_("tempo de resposta (ms)"), null=True, blank=True)

    class Meta:
        verbose_name = _("conferência de servidor")
        verbose_name_plural = _("conferências de servidores")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["server", "-at"], name="server_checks_in_time")]

    def __str__(self) -> str:
        return f"{self.server_id} {self.at:%Y-%m-%d %H:%M}"


class ServerTrial(models.Model):
    """A trial of a server's settings: two throw-away instances on it, made, used and deleted again.

    The receiver knows `remote_name` and takes its webhooks as `TrialReport` rows. `findings` are those of
    `console.preflight`, in its order. An ended trial whose instances could not be deleted keeps `deleted_at` empty.
    """

    server = models.ForeignKey(
        "whatsapp.EvolutionServer", models.CASCADE, related_name="trials", verbose_name=_("servidor")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("por")
    )
    remote_name = models.CharField(_("nome técnico"), max_length=62, unique=True)
    webhook_secret_hash = models.CharField(max_length=64, blank=True, editable=False)
    asked_at = models.DateTimeField(_("pedido em"))
    began_at = models.DateTimeField(_("começou em"), null=True, blank=True)
    ended_at = models.DateTimeField(_("terminou em"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("apagado no servidor em"), null=True, blank=True)
    findings = models.JSONField(_("o que se viu"), default=list)

    class Meta:
        verbose_name = _("conferência de configuração")
        verbose_name_plural = _("conferências de configuração")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["server"], condition=models.Q(ended_at__isnull=True), name="one_open_trial_per_server"
            ),
        ]

    def __str__(self) -> str:
        return self.remote_name


class TrialReport(models.Model):
    """A webhook of a trial, without its content. `said_at` is the server's own clock as it wrote it (FACTS A1)."""

    trial = models.ForeignKey(ServerTrial, models.CASCADE, related_name="reports")
    event = models.CharField(_("evento"), max_length=60)
    said_at = models.CharField(_("hora que o servidor diz"), max_length=40, blank=True)
    sent_at = models.DateTimeField(_("hora da mensagem"), null=True, blank=True)
    has_key = models.BooleanField(_("trouxe a chave"), default=False)
    received_at = models.DateTimeField(_("recebido em"))

    class Meta:
        verbose_name = _("aviso de conferência")
        verbose_name_plural = _("avisos de conferência")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.event
