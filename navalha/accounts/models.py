"""People, shops, and who may do what in which shop."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from .brazil import BRAZILIAN_TIME_ZONES, REGIONS


class UserManager(BaseUserManager["User"]):
    """Makes people by e-mail; there are no user names."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in. A customer of a shop is none: customers never need an account."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("nome"), max_length=120, blank=True)
    is_staff = models.BooleanField(_("acessa o admin"), default=False)
    is_active = models.BooleanField(_("ativo"), default=True)
    date_joined = models.DateTimeField(_("desde"), default=now)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("pessoa")
        verbose_name_plural = _("pessoas")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_user_per_email")]

    def __str__(self) -> str:
        return self.name or self.email


class Plan(models.Model):
    """What a shop may use of the installation; an empty limit is none. A shop without a plan has the usual limits."""

    name = models.CharField(_("nome"), max_length=60, unique=True)
    most_numbers = models.PositiveSmallIntegerField(
        _("números de WhatsApp"), default=1, validators=[MinValueValidator(1)]
    )
    most_professionals = models.PositiveSmallIntegerField(
        _("profissionais"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    most_messages_a_day = models.PositiveIntegerField(
        _("mensagens por dia"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    created_at = models.DateTimeField(_("criado em"), default=now)

    class Meta:
        verbose_name = _("plano")
        verbose_name_plural = _("planos")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class ShopState(models.TextChoices):
    PENDING = "pending", _("Aguardando aprovação")
    ACTIVE = "active", _("Ativa")
    SUSPENDED = "suspended", _("Suspensa")


SHOP_MOVES: Mapping[str, frozenset[str]] = {
    ShopState.PENDING: frozenset({ShopState.ACTIVE, ShopState.SUSPENDED}),
    ShopState.ACTIVE: frozenset({ShopState.SUSPENDED}),
    ShopState.SUSPENDED: frozenset({ShopState.ACTIVE}),
}


class Shop(models.Model):
    """A barbershop: the tenant. Everything that belongs to it is reached through its related names."""

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = SHOP_MOVES

    name = models.CharField(_("nome"), max_length=80)
    slug = models.SlugField(_("endereço na página pública"), max_length=60, unique=True)
    timezone = models.CharField(
        _("fuso horário"), max_length=40, choices=BRAZILIAN_TIME_ZONES, default="America/Sao_Paulo"
    )
    phone = models.CharField(_("telefone para avisos"), max_length=20, blank=True)
    address = models.CharField(_("endereço"), max_length=200, blank=True)
    # Whose holidays count; with none only the national ones.
    region = models.CharField(_("estado"), max_length=2, choices=REGIONS, blank=True)
    opens_on_holidays = models.BooleanField(_("trabalhamos nos feriados"), default=False)
    chairs = models.PositiveSmallIntegerField(
        _("cadeiras"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
        help_text=_("Quantas pessoas cabem ao mesmo tempo. Vazio: uma para cada profissional."),
    )
    slot_step_minutes = models.PositiveSmallIntegerField(
        _("intervalo entre horários, em minutos"),
        default=15,
        validators=[MinValueValidator(5), MaxValueValidator(120)],
    )
    min_notice_minutes = models.PositiveIntegerField(_("antecedência mínima, em minutos"), default=30)
    horizon_days = models.PositiveSmallIntegerField(
        _("agenda aberta por quantos dias"), default=30, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    cancel_window_minutes = models.PositiveIntegerField(_("cancelamento pelo cliente até, em minutos"), default=120)
    # From so many misses on a customer books only through the shop; empty for no limit. `scheduling.attendance` counts.
    most_missed = models.PositiveSmallIntegerField(
        _("faltas a partir das quais só se marca pela barbearia"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("Faltas e cancelamentos em cima da hora nos últimos 12 meses. Vazio: sem limite."),
    )
    # How long the confirmation of somebody who never talked to the shop waits for them to write first; 0: not at all.
    customer_first_minutes = models.PositiveSmallIntegerField(
        _("minutos à espera de que o cliente novo escreva primeiro"), default=0, validators=[MaxValueValidator(30)]
    )
    takes_waitlist = models.BooleanField(_("tem lista de espera"), default=True)
    waitlist_minutes = models.PositiveSmallIntegerField(
        _("minutos para responder a uma oferta"),
        default=15,
        validators=[MinValueValidator(5), MaxValueValidator(120)],
    )
    is_indexed = models.BooleanField(_("aparece em buscadores"), default=True)
    # Of its public pages, `#rrggbb`; empty for the product's own. `core.tones` makes it readable.
    accent = models.CharField(_("cor das páginas públicas"), max_length=7, blank=True)
    # Origins (`https://barbearia.com.br`) that may frame the booking page; empty for any.
    widget_sites = ArrayField(
        models.CharField(max_length=120), verbose_name=_("sites que mostram a página"), default=list, blank=True
    )
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="shops", verbose_name=_("plano"))
    # Only an active shop sends messages and takes bookings from strangers.
    state = models.CharField(_("situação"), max_length=12, choices=ShopState, default=ShopState.ACTIVE)
    state_changed_at = models.DateTimeField(_("desde"), default=now)
    state_reason = models.CharField(_("motivo da situação"), max_length=200, blank=True)
    # The step of the first set-up at which its owner stopped; empty when it is done or was left.
    setup_step = models.CharField(_("etapa do começo"), max_length=20, blank=True)
    checklist_closed_at = models.DateTimeField(_("primeiros passos fechados em"), null=True, blank=True)
    link_shared_at = models.DateTimeField(_("link divulgado em"), null=True, blank=True)
    created_at = models.DateTimeField(_("criada em"), default=now)

    class Meta:
        verbose_name = _("barbearia")
        verbose_name_plural = _("barbearias")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(slot_step_minutes__gte=5), name="slot_step_at_least_5"),
            models.CheckConstraint(
                condition=models.Q(most_missed=None) | models.Q(most_missed__range=(1, 20)), name="most_missed_1_to_20"
            ),
            # It stands in an address and in a stylesheet.
            models.CheckConstraint(condition=models.Q(accent__regex=r"^(#[0-9a-f]{6})?$"), name="accent_is_a_colour"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.state == ShopState.ACTIVE

    @property
    def shop_id(self) -> int:
        """Its own shop, as every row that moves has one."""
        return self.pk


class Role(models.IntegerChoices):
    """What a member may do; a higher number may all that a lower one may."""

    BARBER = 10, _("Barbeiro")
    RECEPTION = 20, _("Recepção")
    MANAGER = 30, _("Gerente")
    OWNER = 40, _("Dono")


class Membership(models.Model):
    """One person's role in one shop."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="memberships", verbose_name=_("barbearia"))
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("pessoa"))
    role = models.PositiveSmallIntegerField(_("papel"), choices=Role)
    created_at = models.DateTimeField(_("desde"), default=now)

    class Meta:
        verbose_name = _("membro da equipe")
        verbose_name_plural = _("equipe")
        ordering = ["shop_id", "-role", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "user"], name="one_membership_per_shop"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class ShopOwned(models.Model):
    """A row of a shop. Its manager has a frightening name on purpose: rows are reached as `shop.<related name>`."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="%(class)ss", verbose_name=_("barbearia"))

    across_shops = models.Manager()

    class Meta:
        abstract = True
        default_manager_name = "across_shops"


class StateChange(ShopOwned):
    """One move of one row: the history that people read. A concrete one adds its row with related name `changes`."""

    from_state = models.CharField(_("de"), max_length=20)
    to_state = models.CharField(_("para"), max_length=20)
    at = models.DateTimeField(_("quando"))
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("por"))
    reason = models.CharField(_("motivo"), max_length=200, blank=True)

    class Meta:
        abstract = True
        ordering = ["-at", "-pk"]


class ShopChange(StateChange):
    """One move of a shop: who suspended it, when and why."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="changes", verbose_name=_("barbearia"))

    class Meta(StateChange.Meta):
        verbose_name = _("mudança de barbearia")
        verbose_name_plural = _("mudanças de barbearias")

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class OperatorAct(models.TextChoices):
    """What the operator did that somebody may ask about later."""

    APPROVED = "approved", _("Aprovou a barbearia")
    SUSPENDED = "suspended", _("Suspendeu a barbearia")
    REACTIVATED = "reactivated", _("Reativou a barbearia")
    PLAN = "plan", _("Mudou o plano")
    ENTERED = "entered", _("Entrou na barbearia")
    ACTED = "acted", _("Agiu dentro da barbearia")
    LEFT = "left", _("Saiu da barbearia")
    REVEALED = "revealed", _("Viu um conteúdo mascarado")
    REPLAYED = "replayed", _("Mandou processar de novo")
    SERVER_ADDED = "server_added", _("Cadastrou o servidor")
    SERVER_CHANGED = "server_changed", _("Alterou o servidor")
    SERVER_DRAINED = "server_drained", _("Drenou o servidor")
    SERVER_OPENED = "server_opened", _("Abriu o servidor a números novos")
    SERVER_REMOVED = "server_removed", _("Removeu o servidor")


class OperatorAction(models.Model):
    """One line of the operators' audit: who, what, when, why. Written, and never changed or deleted."""

    at = models.DateTimeField(_("quando"))
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("quem"))
    act = models.CharField(_("o quê"), max_length=20, choices=OperatorAct)
    shop = models.ForeignKey(
        Shop, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("barbearia")
    )
    subject = models.CharField(_("sobre"), max_length=200, blank=True)
    reason = models.CharField(_("motivo"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("ato do operador")
        verbose_name_plural = _("atos dos operadores")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["-at", "-id"], name="operators_acts")]

    def __str__(self) -> str:
        return f"{self.get_act_display()} #{self.pk}"
