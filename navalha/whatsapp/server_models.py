"""The Evolution servers, and what is known of each over time: how it answered, and what a trial of it found."""

from django.conf import settings
from django.core.validators import MinValueValidator, URLValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.core import secrets


class ServerState(models.TextChoices):
    """How a server answered when it was last asked."""

    WELL = "well", _("Respondendo")
    SLOW = "slow", _("Lento")
    SILENT = "silent", _("Sem resposta")
    FAILING = "failing", _("Responde com erro")
    KEY_REFUSED = "key_refused", _("Chave recusada")
    LICENCE = "licence", _("Pede licença")
    UNSUPPORTED = "unsupported", _("Versão não aceita")


# A server in one of these takes no new connection; one that nobody has looked at yet may.
ABLE = frozenset({ServerState.WELL.value, ServerState.SLOW.value, ""})


class EvolutionServer(models.Model):
    """A self-hosted Evolution API. Owners never see one; the product picks it."""

    name = models.CharField(_("nome"), max_length=80, unique=True)
    url = models.CharField(_("endereço"), max_length=200, unique=True, validators=[URLValidator(["http", "https"])])
    encrypted_api_key = models.TextField(_("chave (cifrada)"), editable=False)
    capacity = models.PositiveIntegerField(_("capacidade"), default=50, validators=[MinValueValidator(1)])
    priority = models.SmallIntegerField(_("prioridade"), default=0, help_text=_("A maior recebe números primeiro."))
    accepts_new = models.BooleanField(_("recebe números novos"), default=True)
    version = models.CharField(_("versão"), max_length=20, blank=True)
    seen_at = models.DateTimeField(_("respondeu em"), null=True, blank=True)
    # The newest of `checks`, so that a list of servers needs no look into their history.
    state = models.CharField(_("situação"), max_length=12, choices=ServerState, blank=True)
    state_changed_at = models.DateTimeField(_("desde"), null=True, blank=True)
    response_ms = models.PositiveIntegerField(_("tempo de resposta (ms)"), null=True, blank=True)
    created_at = models.DateTimeField(_("criado em"), default=timezone.now)

    class Meta:
        verbose_name = _("servidor Evolution")
        verbose_name_plural = _("servidores Evolution")
        ordering = ["-priority", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_able(self) -> bool:
        """Whether it would make a remote instance, by how it answered when it was last asked."""
        return self.state in ABLE

    @property
    def api_key(self) -> str:
        """The key in clear: for the gateway alone. Raises `core.secrets.WrongKey`."""
        return secrets.decrypt(self.encrypted_api_key, settings.FIELD_KEYS)

    @api_key.setter
    def api_key(self, key: str) -> None:
        self.encrypted_api_key = secrets.encrypt(key, settings.FIELD_KEYS)


class ServerCheck(models.Model):
    """One look at one server. `milliseconds` is how long its answer took; None when there was none."""

    server = models.ForeignKey(EvolutionServer, models.CASCADE, related_name="checks", verbose_name=_("servidor"))
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

    server = models.ForeignKey(EvolutionServer, models.CASCADE, related_name="trials", verbose_name=_("servidor"))
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
