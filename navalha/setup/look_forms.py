"""The colour and the pictures of a shop's booking page, as owners send them. Validates, never saves."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from navalha.core import tones
from navalha.scheduling.models import PictureKind
from navalha.scheduling.shop import dressing

USUAL = "#cf9f45"  # the product's own brass: where the control begins for a shop without a colour
ACCEPTED = "image/jpeg,image/png,image/webp"
# What the page shrinks a photo to before it is sent (`shrink-picture.js`): side in pixels, bytes.
TARGETS = {PictureKind.LOGO: (512, 60_000), PictureKind.COVER: (1200, 110_000)}


class ColourForm(forms.Form):
    """`accent` is cleaned to `#rrggbb`, or to nothing for the product's own colour."""

    accent = forms.CharField(required=False, max_length=20)

    def clean_accent(self) -> str:
        typed = self.cleaned_data["accent"]
        colour = tones.read(typed)
        if typed.strip() and not colour:
            raise forms.ValidationError(_("Escreva a cor com seis números ou letras de A a F, assim: #1f6f54."))
        return colour


class PictureForm(forms.Form):
    """One picture and its description; the file may be left out where there is one already."""

    picture = forms.FileField(
        label=gettext_lazy("Arquivo"),
        error_messages={
            "required": gettext_lazy("Escolha uma imagem."),
            "empty": gettext_lazy("O arquivo está vazio."),
        },
    )
    alt = forms.CharField(
        label=gettext_lazy("Descrição para quem não vê a imagem"),
        max_length=150,
        required=False,
    )

    def __init__(self, *args: Any, kind: PictureKind, has_one: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "auto_id": f"{kind}_%s"})
        self.fields["picture"].required = not has_one
        side, most = TARGETS[kind]
        attrs = {"accept": ACCEPTED, "data-behaviour": "shrink-picture", "data-side": side, "data-bytes": most}
        if kind == PictureKind.LOGO:
            attrs["data-clear"] = "yes"  # a logo may be cut out; a cover becomes a JPEG, which every chat shows
        self.fields["picture"].widget = forms.FileInput(attrs)

    def clean_alt(self) -> str:
        return " ".join(self.cleaned_data["alt"].split())

    def clean_picture(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["picture"]
        if file and (file.size or 0) > dressing.MOST_BYTES:
            raise forms.ValidationError(dressing.too_large())
        return file
