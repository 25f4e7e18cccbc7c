"""What members type into a conversation."""

from typing import Any

from django import forms
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

LONGEST = 4000


class ReplyForm(forms.Form):
    """A reply. `key` is new with each form that is shown, so that sending the same form twice is one message."""

    text = forms.CharField(
        label=_("Mensagem"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control", "maxlength": LONGEST}),
        error_messages={
            "required": _("Escreva a mensagem antes de enviar."),
            "max_length": _("A mensagem é longa demais. Divida em duas: cabem 4.000 letras em cada uma."),
        },
    )
    key = forms.RegexField(r"^[0-9A-Za-z]{16}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = lambda: get_random_string(16)
        self.fields["text"].widget.attrs["placeholder"] = _("Escreva uma mensagem")
