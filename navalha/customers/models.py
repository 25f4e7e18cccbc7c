"""Customers of a shop and the names by which WhatsApp knows them. Never shared between shops."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned


class Customer(ShopOwned):
    """A person whom a shop serves. Needs no account."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="customers", verbose_name=_("barbearia"))
    name = models.CharField(_("nome"), max_length=120, blank=True)
    # A name that a person typed in a booking wins over the one WhatsApp shows, never the reverse.
    name_from_whatsapp = models.BooleanField(_("nome veio do WhatsApp"), default=False, editable=False)
    phone = models.CharField(_("telefone"), max_length=20, blank=True, help_text=_("No formato +5511999990001"))
    created_at = models.DateTimeField(_("cliente desde"), default=timezone.now)

    class Meta(ShopOwned.Meta):
        verbose_name = _("cliente")
        verbose_name_plural = _("clientes")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name or self.phone or str(_("Cliente sem nome"))


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
