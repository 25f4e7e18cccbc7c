"""Customers of a shop and the names by which WhatsApp knows them. Never shared between shops."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned

from .changes import CustomerAct, CustomerChange
from .spreadsheets import CustomerImport, CustomerImportChange, ImportState

__all__ = [
    "AllowedPhone",
    "Customer",
    "CustomerAct",
    "CustomerChange",
    "CustomerImport",
    "CustomerImportChange",
    "CustomerMerge",
    "Identity",
    "IdentityKind",
    "ImportState",
    "KnownApart",
]


class Customer(ShopOwned):
    """A person whom a shop serves. Needs no account."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="customers", verbose_name=_("barbearia"))
    name = models.CharField(_("nome"), max_length=120, blank=True)
    # A name that a person typed in a booking wins over the one WhatsApp shows, never the reverse.
    name_from_whatsapp = models.BooleanField(_("nome veio do WhatsApp"), default=False, editable=False)
    phone = models.CharField(_("telefone"), max_length=20, blank=True, help_text=_("No formato +5511999990001"))
    notes = models.TextField(_("observações"), blank=True, max_length=2000)
    tags = ArrayField(models.CharField(max_length=30), verbose_name=_("etiquetas"), default=list, blank=True)
    # Most people tell the day and the month, few the year.
    birth_day = models.PositiveSmallIntegerField(
        _("dia do aniversário"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    birth_month = models.PositiveSmallIntegerField(
        _("mês do aniversário"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    birth_year = models.PositiveSmallIntegerField(_("ano de nascimento"), null=True, blank=True)
    created_at = models.DateTimeField(_("cliente desde"), default=timezone.now)
    # The spreadsheet that brought them, so that it can be taken back.
    imported = models.ForeignKey(
        "customers.CustomerImport", models.SET_NULL, null=True, blank=True, related_name="customers", editable=False
    )
    # When a person last changed what is written of them; who edits says which version they saw.
    edited_at = models.DateTimeField(_("editado em"), null=True, blank=True, editable=False)
    # The shop lets them book alone again: what they missed before does not count toward its limit.
    misses_forgiven_at = models.DateTimeField(
        _("agendamento online liberado em"), null=True, blank=True, editable=False
    )

    class Meta(ShopOwned.Meta):
        verbose_name = _("cliente")
        verbose_name_plural = _("clientes")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(birth_day=None, birth_month=None, birth_year=None)
                | models.Q(birth_day__range=(1, 31), birth_month__range=(1, 12)),
                name="birthday_has_day_and_month",
            ),
        ]
        indexes = [GinIndex(fields=["tags"], name="customers_by_tag")]

    def __str__(self) -> str:
        return self.name or self.phone or str(_("Cliente sem nome"))

    @property
    def birthday(self) -> str:
        """`24/11` or `24/11/1990`; empty when it is not known."""
        if self.birth_day is None:
            return ""
        return f"{self.birth_day:02}/{self.birth_month:02}" + (f"/{self.birth_year}" if self.birth_year else "")


class IdentityKind(models.TextChoices):
    PHONE = "phone", _("telefone")
    LID = "lid", _("identificador do WhatsApp")


class Identity(ShopOwned):
    """One name of a customer: a phone without its ninth digit (`core.phones.phone_key`), or a whole `…@lid`."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="identities", verbose_name=_("barbearia"))
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="identities", verbose_name=_("cliente"))
    kind = models.CharField(_("tipo"), max_length=10, choices=IdentityKind)
    value = models.CharField(_("valor"), max_length=80)
    learnt_at = models.DateTimeField(_("visto em"), default=timezone.now)

    class Meta(ShopOwned.Meta):
        verbose_name = _("identidade")
        verbose_name_plural = _("identidades")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "kind", "value"], name="one_customer_per_identity"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} …{self.value[-8:]}"


class CustomerMerge(ShopOwned):
    """Two customers who became one: who did it, and what is needed to take it back."""

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="customer_merges", verbose_name=_("barbearia")
    )
    kept = models.ForeignKey(Customer, models.CASCADE, related_name="merges", verbose_name=_("ficou"))
    gone_id = models.BigIntegerField(_("número de quem foi juntado"))
    gone = models.JSONField(_("quem foi juntado"))
    before = models.JSONField(_("antes"))
    after = models.JSONField(_("depois"))
    moved = models.JSONField(_("o que mudou de dono"))
    at = models.DateTimeField(_("quando"))
    # Nobody: WhatsApp showed that the two are one, or a code did.
    by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("por")
    )
    # Nobody either: who holds the code of a booking wrote from there. Likely and not proved, so it can be undone.
    by_code = models.BooleanField(_("pelo código de um horário"), default=False)
    undone_at = models.DateTimeField(_("desfeito em"), null=True, blank=True)
    undone_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("desfeito por")
    )

    class Meta(ShopOwned.Meta):
        verbose_name = _("união de clientes")
        verbose_name_plural = _("uniões de clientes")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["shop", "gone_id"], name="where_a_customer_went")]

    def __str__(self) -> str:
        return f"#{self.gone_id} → #{self.kept_id}"

    @property
    def gone_name(self) -> str:
        """How the one that went was called."""
        return str(self.gone["fields"]["name"] or self.gone["fields"]["phone"] or _("Cliente sem nome"))


class KnownApart(ShopOwned):
    """Two customers who look like one, of whom somebody said that they are two."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="known_apart", verbose_name=_("barbearia"))
    one = models.ForeignKey(Customer, models.CASCADE, related_name="+", verbose_name=_("um"))
    other = models.ForeignKey(Customer, models.CASCADE, related_name="+", verbose_name=_("outro"))
    said_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("por")
    )
    said_at = models.DateTimeField(_("dito em"))

    class Meta(ShopOwned.Meta):
        verbose_name = _("clientes diferentes")
        verbose_name_plural = _("clientes diferentes")
        ordering = ["-said_at", "-pk"]

    def __str__(self) -> str:
        return f"#{self.one_id} ≠ #{self.other_id}"


class AllowedPhone(ShopOwned):
    """A phone whose images and commands the shop has processed. Kept when it is taken off: who allowed it, and when."""

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="allowed_phones", verbose_name=_("barbearia")
    )
    name = models.CharField(_("de quem é"), max_length=60, blank=True)
    phone = models.CharField(_("telefone"), max_length=20)
    key = models.CharField(_("telefone sem o nono dígito"), max_length=20, editable=False)
    added_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("autorizado por")
    )
    added_at = models.DateTimeField(_("autorizado em"))
    removed_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("retirado por")
    )
    removed_at = models.DateTimeField(_("retirado em"), null=True, blank=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("número autorizado")
        verbose_name_plural = _("números autorizados")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "key"], condition=models.Q(removed_at=None), name="allowed_once_per_shop"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"…{self.phone[-4:]}"
