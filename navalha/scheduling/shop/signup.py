"""Sign-up of a shop: one form, and its public page works. Here and not in `accounts`, which knows no services."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from navalha.accounts.forms import BAD_EMAIL, PASSWORD_HINT
from navalha.accounts.models import User
from navalha.core.phones import to_e164
from navalha.web.limits import Limit, allow, client_address

from .defaults import open_shop

SIGN_UPS = Limit("signup", most=20, seconds=3600)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TRIES = 3


class SignUpForm(forms.Form):
    """What a shop needs to begin; everything else has defaults that its owner changes later."""

    shop_name = forms.CharField(label=gettext_lazy("Nome da barbearia"), max_length=80)
    name = forms.CharField(label=gettext_lazy("Seu nome"), max_length=80)
    phone = forms.CharField(
        label=gettext_lazy("Seu WhatsApp (opcional)"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Com DDD. É para lá que vão os avisos de novos agendamentos."),
        widget=forms.TextInput({"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"}),
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254, error_messages={"invalid": BAD_EMAIL})
    password = forms.CharField(
        label=gettext_lazy("Senha"),
        max_length=200,
        strip=False,
        help_text=PASSWORD_HINT,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, autocomplete in {"shop_name": "organization", "name": "name", "email": "email"}.items():
            self.fields[name].widget.attrs["autocomplete"] = autocomplete

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        phone = to_e164(typed) if typed else ""
        if phone is None:
            raise ValidationError(_("Escreva o número com DDD, assim: (11) 99999-0001."))
        return phone

    def clean_email(self) -> str:
        email = User.objects.normalize_email(self.cleaned_data["email"]).lower()
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError(taken())
        return email

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        person = User(email=data.get("email", ""), name=data.get("name", ""))
        if data.get("password"):
            try:
                validate_password(data["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        return data


def taken() -> str:
    return _("Já existe uma conta com este e-mail. Entre com ela, ou crie uma nova senha em “Esqueci a senha”.")


def welcome() -> str:
    if settings.SIGN_UP_NEEDS_APPROVAL:
        return _("Sua barbearia está criada. Arrume tudo com calma: a página abre quando o cadastro for aprovado.")
    return _("Sua barbearia está pronta e já pode receber agendamentos.")


@never_cache
@sensitive_post_parameters("password")
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make the person and the shop, log in, go to work."""
    if request.user.is_authenticated:
        return redirect("home")
    now = timezone.now()
    if request.method == "POST" and not allow(SIGN_UPS, client_address(request), now=now):
        return render(request, "429.html", status=429)
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        owner = begin(form.cleaned_data, now=now)
        if owner is not None:
            login(request, owner, backend=BACKEND)
            messages.success(request, welcome())
            return redirect("setup:start")
        form.add_error("email", taken())
    return render(request, "scheduling/signup.html", {"form": form})


def begin(data: dict[str, Any], *, now: datetime) -> User | None:
    """The new owner with a shop; None when the e-mail was taken a moment ago."""
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                owner = User.objects.create_user(data["email"], data["password"], name=data["name"])
                open_shop(name=data["shop_name"], phone=data["phone"], owner=owner, now=now)
                return owner
        except IntegrityError:
            if User.objects.filter(email__iexact=data["email"]).exists():
                return None
    return None
