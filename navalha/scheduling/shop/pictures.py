"""The pictures of a shop's own that its booking page shows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned


class PictureKind(models.TextChoices):
    LOGO = "logo", _("Logotipo")
    COVER = "cover", _("Capa")


class ShopPicture(ShopOwned):
    """One logo or cover, as everybody gets it: without what a camera wrote beside it. `digest` is of `content`.

    The one that was removed or replaced last is kept, so that this can be undone.
    """

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="pictures", verbose_name=_("barbearia"))
    kind = models.CharField(_("o quê"), max_length=8, choices=PictureKind)
    content_type = models.CharField(_("tipo"), max_length=20)
    content = models.BinaryField(_("conteúdo"), editable=False)
    digest = models.CharField(_("impressão"), max_length=16)
    width = models.PositiveIntegerField(_("largura"))
    height = models.PositiveIntegerField(_("altura"))
    alt = models.CharField(_("descrição para quem não vê"), max_length=150, blank=True)
    added_at = models.DateTimeField(_("enviada em"))
    removed_at = models.DateTimeField(_("removida em"), null=True, blank=True)

    class Meta(ShopOwned.Meta):
        verbose_name = _("imagem da barbearia")
        verbose_name_plural = _("imagens da barbearia")
        ordering = ["kind", "-added_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "kind"], condition=Q(removed_at=None), name="one_picture_of_each_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def file_name(self) -> str:
        """The last part of its address: another picture has another, so it may be kept for ever."""
        return f"{self.digest}.{self.content_type.removeprefix('image/')}"
