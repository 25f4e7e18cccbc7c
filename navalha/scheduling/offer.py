"""What a shop offers, who does it, and where one of them differs from the list."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned

from .chair import LONGEST_BUFFER


class Service(ShopOwned):
    """Something a customer can book. One with `parts` is a combo: those together, at its own price and duration."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="services", verbose_name=_("barbearia"))
    name = models.CharField(_("nome"), max_length=80)
    duration_minutes = models.PositiveSmallIntegerField(
        _("duração, em minutos"), validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    price_cents = models.PositiveIntegerField(_("preço, em centavos"))
    # They block the chair and are not shown as the visit's time.
    buffer_before_minutes = models.PositiveSmallIntegerField(
        _("preparo antes, em minutos"), default=0, validators=[MaxValueValidator(LONGEST_BUFFER)]
    )
    buffer_after_minutes = models.PositiveSmallIntegerField(
        _("limpeza depois, em minutos"), default=0, validators=[MaxValueValidator(LONGEST_BUFFER)]
    )
    parts = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="combos", verbose_name=_("serviços do combo")
    )
    position = models.PositiveSmallIntegerField(_("ordem"), default=0)
    is_active = models.BooleanField(_("oferecido"), default=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("serviço")
        verbose_name_plural = _("serviços")
        ordering = ["position", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class Professional(ShopOwned):
    """Who serves: a chair that can hold one customer at a time."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="professionals", verbose_name=_("barbearia"))
    name = models.CharField(_("nome"), max_length=80)
    # The log-in of the same person, if they have one.
    user = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("pessoa")
    )
    phone = models.CharField(_("telefone para avisos"), max_length=20, blank=True)
    services = models.ManyToManyField(Service, related_name="professionals", verbose_name=_("serviços"))
    position = models.PositiveSmallIntegerField(_("ordem"), default=0)
    is_active = models.BooleanField(_("atende"), default=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("profissional")
        verbose_name_plural = _("profissionais")
        ordering = ["position", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class ServiceTerms(ShopOwned):
    """Where one professional differs from the shop's list: their own price, their own duration, or both."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="service_terms", verbose_name=_("barbearia"))
    professional = models.ForeignKey(Professional, models.CASCADE, related_name="terms", verbose_name=_("profissional"))
    service = models.ForeignKey(Service, models.CASCADE, related_name="terms", verbose_name=_("serviço"))
    price_cents = models.PositiveIntegerField(_("preço, em centavos"), null=True, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(
        _("duração, em minutos"), null=True, blank=True, validators=[MinValueValidator(5), MaxValueValidator(480)]
    )

    class Meta(ShopOwned.Meta):
        verbose_name = _("condição própria")
        verbose_name_plural = _("condições próprias")
        ordering = ["professional", "service"]
        constraints = [
            models.UniqueConstraint(fields=["professional", "service"], name="one_terms_of_a_service"),
            models.CheckConstraint(
                condition=Q(price_cents__isnull=False) | Q(duration_minutes__isnull=False), name="terms_say_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.professional_id} · {self.service_id}"
