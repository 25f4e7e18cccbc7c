"""What was done to what is written of a customer: who, when, and what it was before."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned


class CustomerAct(models.TextChoices):
    ADDED = "added", _("Cadastro feito")
    EDITED = "edited", _("Cadastro mudado")
    MERGED = "merged", _("Juntado com outro cadastro")
    PARTED = "parted", _("Separado de novo")
    IMPORTED = "imported", _("Veio de uma planilha")
    FILLED = "filled", _("Completado por uma planilha")
    TAKEN_BACK = "taken_back", _("Importação desfeita")
    FORGIVEN = "forgiven", _("Agendamento online liberado")
    UNFORGIVEN = "unforgiven", _("Liberação do agendamento online desfeita")


class CustomerChange(ShopOwned):
    """One change. `fields` names what changed, each with what it was and what it became; it goes with the customer."""

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="customer_changes", verbose_name=_("barbearia")
    )
    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="history", verbose_name=_("cliente")
    )
    act = models.CharField(_("o quê"), max_length=12, choices=CustomerAct)
    fields = models.JSONField(_("o que mudou"), default=dict)
    at = models.DateTimeField(_("quando"))
    # Nobody: WhatsApp showed that two are one.
    by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("por")
    )
    # Of the acts of a spreadsheet: which.
    source = models.ForeignKey(
        "customers.CustomerImport",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="effects",
        verbose_name=_("planilha"),
    )

    class Meta(ShopOwned.Meta):
        verbose_name = _("mudança de cliente")
        verbose_name_plural = _("mudanças de clientes")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["source", "id"], name="effects_of_an_import")]

    def __str__(self) -> str:
        return f"{self.get_act_display()} #{self.customer_id}"
