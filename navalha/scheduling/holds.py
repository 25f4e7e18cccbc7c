"""The times that are kept while somebody fills in the form."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned

from .chair import BLOCKED, TakesTheChair, only
from .offer import Professional


class SlotHold(TakesTheChair, ShopOwned):
    """A time kept for one visitor while the form is open. Ends by itself; the expired ones are swept as others come."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="slot_holds", verbose_name=_("barbearia"))
    professional = models.ForeignKey(
        Professional, models.CASCADE, related_name="slot_holds", verbose_name=_("profissional")
    )
    visitor = models.CharField(_("visitante"), max_length=64)
    expires_at = models.DateTimeField(_("reservado até"))

    class Meta(ShopOwned.Meta):
        verbose_name = _("horário reservado")
        verbose_name_plural = _("horários reservados")
        constraints = [
            ExclusionConstraint(
                name="one_hold_at_a_time",
                expressions=[(only("professional_id"), "&&"), (BLOCKED, "&&")],
            ),
            ExclusionConstraint(
                name="one_hold_in_a_chair",
                expressions=[(only("shop_id"), "&&"), (only("chair"), "&&"), (BLOCKED, "&&")],
                condition=Q(chair__isnull=False),
            ),
            models.UniqueConstraint(fields=["shop", "visitor"], name="one_hold_per_visitor"),
        ]

    def __str__(self) -> str:
        return f"{self.professional} {self.starts_at:%H:%M}"
