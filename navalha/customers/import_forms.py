"""A spreadsheet of customers, and which of its columns is what."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from . import sheets

LABELS = {
    "name": _("Nome"),
    "phone": _("Telefone"),
    "birthday": _("Aniversário"),
    "tags": _("Etiquetas"),
    "notes": _("Observações"),
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Planilha em CSV"),
        max_length=200,
        help_text=_("Até 1 MB e 5.000 clientes. No Excel ou no Google Planilhas, salve como CSV."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        error_messages={"required": _("Escolha o arquivo."), "empty": _("O arquivo está vazio.")},
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > sheets.MOST_BYTES:
            raise forms.ValidationError(_("O arquivo é grande demais: o limite é 1 MB. Divida a planilha em duas."))
        return file


class ColumnsForm(forms.Form):
    """One choice for each field; the phone needs a column, for it says who somebody is."""

    def __init__(self, *args: Any, heading: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Nenhuma")), *((str(at), cell or f"#{at + 1}") for at, cell in enumerate(heading))]
        guessed = sheets.guess(heading)
        for name, label in LABELS.items():
            self.fields[name] = forms.ChoiceField(
                label=label,
                choices=choices,
                required=name == "phone",
                initial="" if guessed[name] is None else str(guessed[name]),
                error_messages={"required": _("Escolha em que coluna está o telefone.")},
            )
        self.fields["known"] = forms.ChoiceField(
            label=_("Quem já é cliente"),
            choices=[("skip", _("deixar como está")), ("update", _("completar o que falta"))],
            initial="skip",
        )

    def columns(self) -> dict[str, int | None]:
        return {name: int(self.cleaned_data[name]) if self.cleaned_data[name] else None for name in LABELS}
