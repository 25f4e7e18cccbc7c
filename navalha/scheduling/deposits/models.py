"""The deposit (sinal) that a visit may need: the shop's policy, and what is asked for one visit."""

from collections.abc import Mapping
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned, StateChange

from .states import AWAITED, DEPOSIT_MOVES, DepositState

LONGEST_TO_PAY = 24 * 60  # minutes


class WhoPays(models.TextChoices):
    NOBODY = "nobody", _("Ninguém")
    EVERYBODY = "everybody", _("Todos")
    SOME = "some", _("Só em alguns casos")


class WhyPays(models.TextChoices):
    """Which rule asked for a deposit."""

    EVERYBODY = "everybody", _("todos pagam sinal")
    SERVICE = "service", _("o serviço pede sinal")
    PRICE = "price", _("o valor da visita pede sinal")
    NEW = "new", _("cliente novo")
    MISSED = "missed", _("faltas ou cancelamentos em cima da hora")
    ASKED = "asked", _("pedido pela barbearia")


class PixKeyKind(models.TextChoices):
    """The words of `core.pix.KeyKind`."""

    CPF = "cpf", "CPF"
    CNPJ = "cnpj", "CNPJ"
    PHONE = "phone", _("Celular")
    EMAIL = "email", _("E-mail")
    RANDOM = "random", _("Chave aleatória")


class DepositPolicy(ShopOwned):
    """Who pays a deposit, how much, until when, and to which Pix key. One row a shop; without it nobody pays.

    The key is read by every customer who pays: it is kept plain, and never written into a log.
    """

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="deposit_policies", verbose_name=_("barbearia")
    )
    who = models.CharField(_("quem paga"), max_length=10, choices=WhoPays, default=WhoPays.NOBODY)
    # The cases of SOME: any of them is enough.
    new_customers = models.BooleanField(_("clientes novos"), default=False)
    missed_from = models.PositiveSmallIntegerField(
        _("a partir de quantas faltas"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    price_from_cents = models.PositiveIntegerField(_("a partir de qual valor, em centavos"), null=True, blank=True)
    services = models.ManyToManyField("scheduling.Service", related_name="+", blank=True, verbose_name=_("serviços"))
    # Either a fixed amount, which the price limits, or a share of the price.
    fixed_cents = models.PositiveIntegerField(_("valor fixo, em centavos"), null=True, blank=True)
    percent = models.PositiveSmallIntegerField(
        _("parte do preço, em %"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    minutes_to_pay = models.PositiveSmallIntegerField(
        _("prazo para pagar, em minutos"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(LONGEST_TO_PAY)],
    )
    refund_minutes = models.PositiveIntegerField(_("devolve se cancelar até, em minutos antes"), default=24 * 60)
    key_kind = models.CharField(_("tipo da chave Pix"), max_length=10, choices=PixKeyKind, blank=True)
    pix_key = models.CharField(_("chave Pix"), max_length=77, blank=True)
    holder = models.CharField(_("nome do titular"), max_length=25, blank=True)
    city = models.CharField(_("cidade do titular"), max_length=15, blank=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("regra do sinal")
        verbose_name_plural = _("regras do sinal")
        ordering = ["shop", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["shop"], name="one_deposit_policy"),
            models.CheckConstraint(
                condition=Q(fixed_cents__gt=0, percent=None) | Q(fixed_cents=None, percent__gte=1, percent__lte=100),
                name="fixed_or_percent",
            ),
            models.CheckConstraint(
                condition=Q(who="nobody") | ~(Q(pix_key="") | Q(holder="") | Q(city="")), name="somebody_is_paid"
            ),
            models.CheckConstraint(
                condition=Q(minutes_to_pay__gte=5, minutes_to_pay__lte=LONGEST_TO_PAY), name="a_day_to_pay_at_most"
            ),
        ]

    def __str__(self) -> str:
        return self.get_who_display()


class Deposit(ShopOwned):
    """What one visit's customer is to pay before. It keeps its amount, its rule and its code when the policy changes.

    `due_at` is until when it is waited for: to be paid while PENDING, to be checked while RECEIPT.
    """

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = DEPOSIT_MOVES

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="deposits", verbose_name=_("barbearia"))
    appointment = models.OneToOneField(
        "scheduling.Appointment", models.CASCADE, related_name="deposit", verbose_name=_("agendamento")
    )
    state = models.CharField(_("situação"), max_length=10, choices=DepositState, default=DepositState.PENDING)
    state_changed_at = models.DateTimeField(_("desde"), default=timezone.now)
    why = models.CharField(_("por quê"), max_length=10, choices=WhyPays)
    amount_cents = models.PositiveIntegerField(_("valor, em centavos"))
    # Stands in the receiver's bank statement beside the payment.
    txid = models.CharField(_("identificador"), max_length=25)
    code = models.CharField(_("Pix copia e cola"), max_length=512)
    due_at = models.DateTimeField(_("espera até"))
    # Who cancels until then gets it back; a customer who moves the visit later than that does not win it back.
    refund_minutes = models.PositiveIntegerField(_("devolve se cancelar até, em minutos antes"))
    refund_until = models.DateTimeField(_("devolve até"))
    # The picture or document that came as a receipt, if one did.
    receipt = models.ForeignKey(
        "messaging.WhatsAppMessage",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("comprovante"),
    )
    # The shop looked and found no payment: a word alone is no news any more.
    not_found_at = models.DateTimeField(_("pagamento não encontrado em"), null=True, blank=True)
    # The shop was told a second time that a receipt waits to be checked.
    reminded_at = models.DateTimeField(_("lembrete à barbearia em"), null=True, blank=True)
    created_at = models.DateTimeField(_("pedido em"), default=timezone.now)

    class Meta(ShopOwned.Meta):
        verbose_name = _("sinal")
        verbose_name_plural = _("sinais")
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["txid"], name="one_deposit_per_txid"),
            models.CheckConstraint(condition=Q(txid__regex=r"^[A-Za-z0-9]{1,25}$"), name="txid_is_what_banks_read"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="deposit_is_something"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=AWAITED), name="deposits_awaited"),
            models.Index(fields=["shop", "state"], name="deposits_of_shop"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_state_display()}"

    @property
    def badge(self) -> str:
        """Its word in `web.badges`."""
        return f"deposit_{self.state}"

    @property
    def is_awaited(self) -> bool:
        return self.state in AWAITED


class DepositChange(StateChange):
    """One move of a deposit: who said that it came, went back, or need not come."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+", verbose_name=_("barbearia"))
    deposit = models.ForeignKey(Deposit, models.CASCADE, related_name="changes", verbose_name=_("sinal"))

    class Meta(StateChange.Meta):
        verbose_name = _("mudança de sinal")
        verbose_name_plural = _("mudanças de sinais")

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
