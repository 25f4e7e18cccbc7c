"""The code with which whoever has just booked may write to the shop first."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned
from navalha.core.phones import phone_key

from ..appointments import Appointment

# A booking that somebody has just made; the page is long closed after that.
LIFE = timedelta(hours=24)


class Standing(models.TextChoices):
    """Who wrote, compared with whom the visit is for."""

    VERIFIED = "verified", _("número verificado")
    HIDDEN = "hidden", _("escreveu sem mostrar o telefone")
    OTHER = "other", _("escreveu de outro número")


class Opener(ShopOwned):
    """Of one visit that was booked on the public page: who holds its code writes first, once."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="openers", verbose_name=_("barbearia"))
    appointment = models.OneToOneField(
        Appointment, models.CASCADE, related_name="opener", verbose_name=_("agendamento")
    )
    code_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("criado em"))
    expires_at = models.DateTimeField(_("vale até"))
    opened_at = models.DateTimeField(_("cliente escreveu em"), null=True, blank=True)
    # Who wrote: the visit's own customer, or somebody else who held the code.
    writer = models.ForeignKey(
        "customers.Customer",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="first_words",
        verbose_name=_("quem escreveu"),
    )
    # As in a message: E.164, or a whole `…@lid`.
    address = models.CharField(_("endereço de quem escreveu"), max_length=80, blank=True)
    # Before the code came, WhatsApp's own data already said that this address is the visit's customer.
    is_proven = models.BooleanField(_("número comprovado"), default=False)

    class Meta(ShopOwned.Meta):
        verbose_name = _("código de primeira mensagem")
        verbose_name_plural = _("códigos de primeira mensagem")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opened_at=None, writer=None, address="", is_proven=False)
                | (Q(opened_at__isnull=False) & ~Q(address="")),
                name="opened_by_somebody",
            ),
        ]
        # Not unique: two visits may have the same code years apart.
        indexes = [models.Index(fields=["shop", "code_hash"], name="opener_by_code")]

    def __str__(self) -> str:
        return f"#{self.appointment_id}"

    @property
    def standing(self) -> str:
        """A word of `Standing`; empty while nobody has written. Reads `appointment` and its customer."""
        if self.opened_at is None:
            return ""
        customer = self.appointment.customer
        if self.writer_id == customer.pk:
            if self.is_proven or phone_key(self.address) == phone_key(customer.phone):
                return Standing.VERIFIED
            if self.has_no_phone:
                return Standing.HIDDEN
        return Standing.OTHER

    @property
    def has_no_phone(self) -> bool:
        """WhatsApp showed only an identifier of who wrote."""
        return "@" in self.address
