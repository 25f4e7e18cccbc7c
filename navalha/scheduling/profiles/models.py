"""Who likes to be served by whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned

from ..offer import Professional


class Preference(ShopOwned):
    """By whom a customer likes to be served. The newest one counts; nobody named takes it back.

    Rows are only added, so that two customers who become one keep the wishes of both.
    """

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="preferences", verbose_name=_("barbearia"))
    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="preferences", verbose_name=_("cliente")
    )
    professional = models.ForeignKey(
        Professional, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("profissional")
    )
    said_at = models.DateTimeField(_("dito em"))

    class Meta(ShopOwned.Meta):
        verbose_name = _("profissional preferido")
        verbose_name_plural = _("profissionais preferidos")
        ordering = ["-said_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.customer_id} · {self.professional_id}"
