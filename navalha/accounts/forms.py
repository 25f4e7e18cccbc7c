"""allauth's forms with our words: labels instead of placeholders, and one hint where it helps."""

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.utils.translation import gettext_lazy as _

BAD_EMAIL = _("Informe um endereço de e-mail válido, como voce@exemplo.com.")
PASSWORD_HINT = _("Pelo menos 10 caracteres. Uma frase curta é mais fácil de lembrar e mais difícil de adivinhar.")


def word(field: forms.Field, label: Any, hint: Any = "") -> None:
    """Give a field its label; a placeholder would vanish as soon as somebody types."""
    field.label, field.help_text = label, hint
    field.widget.attrs.pop("placeholder", None)


class LoginForm(allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self.fields["login"], _("E-mail"))
        word(self.fields["password"], _("Senha"))
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["login"].error_messages["invalid"] = BAD_EMAIL


class ResetPasswordForm(allauth.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self.fields["email"], _("E-mail"))
        self.fields["email"].error_messages["invalid"] = BAD_EMAIL


class ResetPasswordKeyForm(allauth.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self.fields["password1"], _("Nova senha"), PASSWORD_HINT)
        word(self.fields["password2"], _("Nova senha, de novo"))


class ChangePasswordForm(allauth.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self.fields["oldpassword"], _("Senha atual"))
        word(self.fields["password1"], _("Nova senha"), PASSWORD_HINT)
        word(self.fields["password2"], _("Nova senha, de novo"))
