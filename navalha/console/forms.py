"""What an operator types. Forms validate and never save; the sentences say what to do."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from navalha.evolution.errors import InvalidInput
from navalha.evolution.transport import checked_url
from navalha.whatsapp.models import EvolutionServer


class ServerForm(forms.Form):
    """A server. Its key is only ever written; on a known server an empty one keeps the key that it has."""

    name = forms.CharField(
        label=_("Nome"),
        max_length=80,
        help_text=_("Como você chama este servidor. Exemplo: Servidor 1."),
        error_messages={"required": _("Dê um nome ao servidor."), "max_length": _("Use no máximo 80 letras.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    url = forms.CharField(
        label=_("Endereço da Evolution API"),
        max_length=200,
        help_text=_("Como este sistema chega ao servidor, com http:// ou https://. Exemplo: http://10.0.0.5:8080."),
        error_messages={"required": _("Digite o endereço do servidor.")},
        widget=forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url", "spellcheck": "false"}),
    )
    api_key = forms.CharField(
        label=_("Chave de acesso"),
        max_length=500,
        error_messages={"required": _("Um servidor novo precisa da chave (AUTHENTICATION_API_KEY).")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    capacity = forms.IntegerField(
        label=_("Capacidade"),
        min_value=1,
        max_value=100_000,
        initial=50,
        help_text=_("Quantos números cabem neste servidor."),
        error_messages={
            "invalid": _("Digite um número inteiro."),
            "required": _("Diga quantos números cabem."),
            "min_value": _("Digite um número de 1 a 100.000."),
            "max_value": _("Digite um número de 1 a 100.000."),
        },
    )
    priority = forms.IntegerField(
        label=_("Prioridade"),
        min_value=-100,
        max_value=100,
        initial=0,
        help_text=_("A maior recebe números primeiro."),
        error_messages={
            "invalid": _("Digite um número inteiro."),
            "required": _("Digite uma prioridade, ou 0."),
            "min_value": _("Digite um número de -100 a 100."),
            "max_value": _("Digite um número de -100 a 100."),
        },
    )
    accepts_new = forms.BooleanField(label=_("Recebe números novos"), required=False, initial=True)

    def __init__(self, *args: Any, server: EvolutionServer | None = None, **kwargs: Any) -> None:
        self.server = server
        if server is not None:
            known = {name: getattr(server, name) for name in ("name", "url", "capacity", "priority", "accepts_new")}
            kwargs["initial"] = {**known, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["api_key"].required = server is None
        self.fields["api_key"].help_text = (
            _("Fica cifrada e nunca mais é mostrada. Deixe vazio para manter a atual.")
            if server
            else _("O valor de AUTHENTICATION_API_KEY do servidor. Fica cifrada e nunca mais é mostrada.")
        )
        if self.is_bound:  # what was just typed stays for who typed it; a key that is stored never comes here
            self.fields["api_key"].widget.render_value = True

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if self._others().filter(name__iexact=name).exists():
            raise forms.ValidationError(_("Já existe um servidor com este nome. Escolha outro."))
        return name

    def clean_url(self) -> str:
        try:
            url = checked_url(str(self.cleaned_data["url"]), what="url", plain=True).rstrip("/")
        except InvalidInput:
            raise forms.ValidationError(
                _("Isto não é um endereço. Comece com http:// ou https://, sem usuário, senha nem “?”.")
            ) from None
        if self._others().filter(url__in=[url, f"{url}/"]).exists():
            raise forms.ValidationError(_("Este servidor já está cadastrado."))
        return url

    def clean_api_key(self) -> str:
        key = str(self.cleaned_data["api_key"]).strip()
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise forms.ValidationError(_("A chave só pode ter letras sem acento, números e sinais, sem espaços."))
        return key

    def columns(self) -> dict[str, Any]:
        """The cleaned values that are columns of the server."""
        return {name: value for name, value in self.cleaned_data.items() if name != "api_key"}

    def _others(self) -> Any:
        others = EvolutionServer.objects.all()
        return others.exclude(pk=self.server.pk) if self.server else others
