"""Which professionals have their visits in a calendar of their own."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned

from ..offer import Professional


class CalendarFeed(ShopOwned):
    """That a professional's own calendar may read their visits. Its address is signed over this row, kept nowhere.

    Another `made_at` is another address; without the row there is none.
    """

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="calendar_feeds", verbose_name=_("barbearia")
    )
    professional = models.OneToOneField(
        Professional, models.CASCADE, related_name="calendar_feed", verbose_name=_("profissional")
    )
    made_at = models.DateTimeField(_("criado em"))

    class Meta(ShopOwned.Meta):
        verbose_name = _("endereço de calendário")
        verbose_name_plural = _("endereços de calendário")
        ordering = ["professional", "pk"]

    def __str__(self) -> str:
        return str(self.professional)
