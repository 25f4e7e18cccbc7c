"""The shops' numbers and what happened to each; servers, drops and webhooks have files of their own."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import Shop, ShopOwned, StateChange

from .incident_models import (
    Alert,
    AlertChange,
    AlertKind,
    AlertPreference,
    AlertState,
    AlertWay,
    ConnectionIncident,
    ServerOutage,
)
from .server_models import EvolutionServer, ServerCheck, ServerState, ServerTrial, TrialReport
from .webhook_models import EventState, WebhookEvent

__all__ = [
    "CONNECTION_MOVES",
    "Alert",
    "AlertChange",
    "AlertKind",
    "AlertPreference",
    "AlertState",
    "AlertWay",
    "ConnectionChange",
    "ConnectionIncident",
    "ConnectionState",
    "EventState",
    "EvolutionServer",
    "RetiredRemote",
    "ServerCheck",
    "ServerOutage",
    "ServerState",
    "ServerTrial",
    "TrialReport",
    "WebhookEvent",
    "WhatsAppInstance",
]


class ConnectionState(models.TextChoices):
    """Where a number stands. Ours; what Evolution says is `raw_status`."""

    CREATED = "created", _("Criado")
    AWAITING_QR = "awaiting_qr", _("Aguardando QR")
    CONNECTING = "connecting", _("Conectando")
    CONNECTED = "connected", _("Conectado")
    UNSTABLE = "unstable", _("Instável")
    DISCONNECTED = "disconnected", _("Desconectado")
    ERROR = "error", _("Com erro")
    REMOVED = "removed", _("Removido")


S = ConnectionState
CONNECTION_MOVES: Mapping[str, frozenset[str]] = {
    S.CREATED: frozenset({S.AWAITING_QR, S.ERROR, S.REMOVED}),
    S.AWAITING_QR: frozenset({S.CONNECTING, S.CONNECTED, S.DISCONNECTED, S.ERROR, S.REMOVED}),
    S.CONNECTING: frozenset({S.CONNECTED, S.AWAITING_QR, S.DISCONNECTED, S.ERROR, S.REMOVED}),
    S.CONNECTED: frozenset({S.UNSTABLE, S.DISCONNECTED, S.ERROR, S.REMOVED}),
    S.UNSTABLE: frozenset({S.CONNECTED, S.DISCONNECTED, S.ERROR, S.REMOVED}),
    S.DISCONNECTED: frozenset({S.AWAITING_QR, S.CONNECTING, S.CONNECTED, S.ERROR, S.REMOVED}),
    S.ERROR: frozenset({S.AWAITING_QR, S.CONNECTING, S.CONNECTED, S.DISCONNECTED, S.REMOVED}),
    S.REMOVED: frozenset(),
}

VERBOSE = {
    S.CREATED: _("Criado"),
    S.AWAITING_QR: _("Aguardando QR Code"),
    S.CONNECTING: _("Conectando"),
    S.CONNECTED: _("Conectado e Pronto"),
    S.UNSTABLE: _("Instável"),
    S.DISCONNECTED: _("Desconectado"),
    S.ERROR: _("Com erro"),
    S.REMOVED: _("Removido"),
}


# Each number is asked for twice a minute; several rounds missed mean that nobody asks.
VOUCHED_FOR = timedelta(minutes=3)


class WhatsAppInstance(ShopOwned):
    """A WhatsApp number of a shop, and the remote instance that carries it."""

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = CONNECTION_MOVES

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="numbers", verbose_name=_("barbearia"))
    server = models.ForeignKey(
        EvolutionServer, models.PROTECT, related_name="numbers", verbose_name=_("servidor"), null=True, blank=True
    )
    name = models.CharField(_("nome"), max_length=60)
    # A fresh one for each pairing after a logout: Evolution never delivers inbound messages to an instance that was
    # logged out and connected again (RECORDED, section 8, 1).
    remote_name = models.SlugField(_("nome técnico"), max_length=62, unique=True, null=True, blank=True)
    # How an operator wants its remote instances to be called: each pairing adds eight letters of its own.
    technical_name = models.SlugField(_("nome técnico escolhido"), max_length=48, unique=True, null=True, blank=True)
    # Where its server reports to, when that is not the installation's own address.
    webhook_url = models.CharField(_("endereço dos avisos"), max_length=300, blank=True)
    webhook_secret_hash = models.CharField(max_length=64, blank=True, editable=False)
    number = models.CharField(_("número"), max_length=20, blank=True)
    profile_name = models.CharField(_("nome no WhatsApp"), max_length=120, blank=True)
    profile_picture_url = models.CharField(_("foto no WhatsApp"), max_length=600, blank=True)
    picture_version = models.CharField(_("versão da foto guardada"), max_length=16, blank=True)
    picture_due_at = models.DateTimeField(_("foto a buscar desde"), null=True, blank=True)
    is_primary = models.BooleanField(_("principal"), default=False)

    state = models.CharField(_("situação"), max_length=20, choices=ConnectionState, default=ConnectionState.CREATED)
    state_changed_at = models.DateTimeField(_("desde"), default=timezone.now)
    raw_status = models.CharField(_("o que o servidor diz"), max_length=40, blank=True)
    raw_status_at = models.DateTimeField(_("o servidor diz isso desde"), null=True, blank=True)
    session_id = models.CharField(_("sessão"), max_length=64, blank=True)
    error_code = models.CharField(_("código do erro"), max_length=40, blank=True)
    error_message = models.TextField(_("erro"), blank=True)
    connected_at = models.DateTimeField(_("conectado em"), null=True, blank=True)
    disconnected_at = models.DateTimeField(_("desconectado em"), null=True, blank=True)

    # One pairing session: codes rotate every 45 s inside it (FACTS C), and it ends by itself.
    pairing_expires_at = models.DateTimeField(_("pareamento até"), null=True, blank=True)
    qr_code = models.TextField(_("QR (PNG em base64)"), blank=True, editable=False)
    qr_code_expires_at = models.DateTimeField(_("QR válido até"), null=True, blank=True)
    qr_code_count = models.PositiveSmallIntegerField(_("códigos nesta sessão"), default=0)
    # By code instead of QR: the phone that the owner typed (E.164), and the code that belongs to the QR on show.
    pairing_phone = models.CharField(_("pareamento pelo telefone"), max_length=20, blank=True)
    connection_code = models.CharField(_("código de 8 letras"), max_length=12, blank=True)
    # Pairings that WhatsApp turned away since the last one that lasted, and the rest that we take after several.
    refusals = models.PositiveSmallIntegerField(_("recusas seguidas"), default=0)
    pairing_paused_until = models.DateTimeField(_("pareamento pausado até"), null=True, blank=True)

    # Evidence of life, as opposed to what the server says.
    last_inbound_at = models.DateTimeField(_("última mensagem recebida"), null=True, blank=True)
    last_ack_at = models.DateTimeField(_("última entrega"), null=True, blank=True)
    checked_at = models.DateTimeField(_("conferido em"), null=True, blank=True)
    # Since when the server has not answered for it; empty while it does.
    unanswered_since = models.DateTimeField(_("servidor sem resposta desde"), null=True, blank=True)
    # Sends since the last sign of life that nobody confirmed: the oldest, how many, to how many people (`health`).
    unacked_since = models.DateTimeField(_("envio sem retorno desde"), null=True, blank=True)
    unacked_count = models.PositiveIntegerField(_("envios sem retorno"), default=0)
    unacked_people = models.PositiveIntegerField(_("pessoas sem retorno"), default=0)
    proved_at = models.DateTimeField(_("o WhatsApp respondeu em"), null=True, blank=True)
    probed_at = models.DateTimeField(_("última pergunta ao WhatsApp"), null=True, blank=True)
    silent_probes = models.PositiveSmallIntegerField(_("perguntas sem resposta"), default=0)
    restarted_at = models.DateTimeField(_("reiniciado em"), null=True, blank=True)
    # Drops of an open connection, counted within one window.
    flips = models.PositiveSmallIntegerField(_("quedas seguidas"), default=0)
    flips_since = models.DateTimeField(_("quedas contadas desde"), null=True, blank=True)
    flipped_at = models.DateTimeField(_("última queda curta"), null=True, blank=True)

    created_at = models.DateTimeField(_("criado em"), default=timezone.now)
    updated_at = models.DateTimeField(_("atualizado em"), auto_now=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("número de WhatsApp")
        verbose_name_plural = _("números de WhatsApp")
        ordering = ["-is_primary", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop"], condition=models.Q(is_primary=True), name="one_primary_number_per_shop"
            ),
            models.CheckConstraint(
                condition=~models.Q(is_primary=True, state="removed"), name="removed_number_is_not_primary"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def locked(self) -> "WhatsAppInstance":
        """The row as it is now, locked until the transaction ends: two clicks, or a click and a webhook, take turns.

        `no_key`, here and for shops: rows that only point at it can be written meanwhile. The receiver stores the
        webhooks of all shops in one statement, which must not wait for anybody.
        """
        return WhatsAppInstance.across_shops.select_for_update(no_key=True, of=("self",)).get(pk=self.pk)

    def others_in_use(self, number: str) -> "models.QuerySet[WhatsAppInstance]":
        """The other rows, of any shop, that are connected with this WhatsApp number (E.164).

        Across shops on purpose: one WhatsApp that answered for two would receive everything twice.
        """
        live = [ConnectionState.CONNECTED, ConnectionState.UNSTABLE]
        return WhatsAppInstance.across_shops.filter(number=number, state__in=live).exclude(pk=self.pk)

    @property
    def is_connected(self) -> bool:
        return self.state == ConnectionState.CONNECTED

    @property
    def vouched_at(self) -> datetime:
        """When anything last spoke for the state of this row: a report, an answer, an ack, a message."""
        spoke = (self.state_changed_at, self.checked_at, self.last_ack_at, self.last_inbound_at)
        return max(moment for moment in spoke if moment)

    def is_surely_connected_at(self, now: datetime) -> bool:
        """Connected, and somebody looked lately: with no worker running nobody does, and the row would lie."""
        return self.is_connected and now - self.vouched_at < VOUCHED_FOR

    def qr_code_is_valid_at(self, now: datetime) -> bool:
        return bool(self.qr_code and self.qr_code_expires_at and now < self.qr_code_expires_at)

    @property
    def qr_code_is_valid(self) -> bool:
        return self.qr_code_is_valid_at(timezone.now())

    def is_pairing_at(self, now: datetime) -> bool:
        """Whether somebody asked for a QR and the time to read one is not over."""
        asked = self.state in (ConnectionState.AWAITING_QR, ConnectionState.CONNECTING)
        return bool(asked and self.pairing_expires_at and now < self.pairing_expires_at)

    def is_paused_at(self, now: datetime) -> bool:
        """Whether no pairing is begun because WhatsApp turned several away in a row."""
        return bool(self.pairing_paused_until and now < self.pairing_paused_until)

    @property
    def connection_code_display(self) -> str:
        """`ABCDEFGH` -> `ABCD-EFGH`, as the phone shows it."""
        code = self.connection_code
        return f"{code[:4]}-{code[4:]}" if len(code) == 8 else code

    def get_status_display_verbose(self) -> str:
        return str(VERBOSE[ConnectionState(self.state)])


class ConnectionChange(StateChange):
    """One move of a number: its history, in plain words."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+", verbose_name=_("barbearia"))
    instance = models.ForeignKey(
        WhatsAppInstance, models.CASCADE, related_name="changes", verbose_name=_("número de WhatsApp")
    )

    class Meta(StateChange.Meta):
        verbose_name = _("mudança de conexão")
        verbose_name_plural = _("mudanças de conexão")
        indexes = [models.Index(fields=["instance", "-at"], name="connection_history")]

    @classmethod
    def of_shop(cls, shop: Shop) -> "models.QuerySet[ConnectionChange]":
        """The history of all numbers of `shop`, also of the removed ones."""
        return cls.across_shops.filter(shop=shop)


class ProfilePicture(ShopOwned):
    """The photo of the WhatsApp that is connected with a number, as it was when it connected; small (`pictures`)."""

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="profile_pictures", verbose_name=_("barbearia")
    )
    instance = models.OneToOneField(
        WhatsAppInstance, models.CASCADE, related_name="picture", verbose_name=_("número de WhatsApp")
    )
    content_type = models.CharField(_("tipo"), max_length=20)
    content = models.BinaryField(_("conteúdo"), editable=False)
    fetched_at = models.DateTimeField(_("buscada em"))

    class Meta(ShopOwned.Meta):
        verbose_name = _("foto do WhatsApp")
        verbose_name_plural = _("fotos do WhatsApp")
        ordering = ["-fetched_at", "pk"]

    def __str__(self) -> str:
        return f"{self.content_type} #{self.pk}"


class ConnectionConsent(ShopOwned):
    """Somebody of the shop read what an unofficial connection risks, and accepted it: one row for each text."""

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="connection_consents", verbose_name=_("barbearia")
    )
    version = models.PositiveSmallIntegerField(_("versão do aviso"))
    accepted_at = models.DateTimeField(_("aceito em"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("por")
    )
    # As it was then: the proof outlives the account.
    by_email = models.CharField(_("e-mail de quem aceitou"), max_length=254, blank=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("aceite do aviso de conexão")
        verbose_name_plural = _("aceites do aviso de conexão")
        ordering = ["-version", "pk"]
        constraints = [models.UniqueConstraint(fields=["shop", "version"], name="one_consent_per_text")]

    def __str__(self) -> str:
        return f"v{self.version} · {self.by_email}"


class RetiredRemote(ShopOwned):
    """A remote instance that nobody uses any more and that is to be deleted on its server.

    Written in the transaction that gives it up: a crash or a server that is down leaves a row to try again, not an
    instance that nobody knows of. It is kept for a day after the deletion, so that the receiver can tell the last words
    of an instance that is over from those of one it does not know.
    """

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="retired_remotes", verbose_name=_("barbearia")
    )
    server = models.ForeignKey(EvolutionServer, models.CASCADE, related_name="retired", verbose_name=_("servidor"))
    remote_name = models.CharField(_("nome técnico"), max_length=62, unique=True)
    webhook_secret_hash = models.CharField(max_length=64, blank=True, editable=False)
    retired_at = models.DateTimeField(_("abandonado em"))
    deleted_at = models.DateTimeField(_("apagado em"), null=True, blank=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("conexão a apagar")
        verbose_name_plural = _("conexões a apagar")
        ordering = ["retired_at", "pk"]

    def __str__(self) -> str:
        return self.remote_name
