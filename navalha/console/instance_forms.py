"""What an operator types about a number. The server is chosen: its address and key live on its own row."""

import re
from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from navalha.accounts.models import Shop
from navalha.core.phones import display, to_e164
from navalha.evolution.errors import InvalidInput
from navalha.evolution.transport import checked_url
from navalha.whatsapp import gateway
from navalha.whatsapp.models import ConnectionState, EvolutionServer, WhatsAppInstance

TECHNICAL = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,46}[a-z0-9])")
SUGGESTED = 20


class InstanceForm(forms.Form):
    """A number of any shop."""

    name = forms.CharField(
        label=gettext_lazy("Nome"),
        max_length=60,
        help_text=gettext_lazy("O nome que a barbearia vê. Exemplos: Recepção, Celular do Zé."),
        error_messages={
            "required": gettext_lazy("Dê um nome ao número, para reconhecê-lo depois."),
            "max_length": gettext_lazy("Use no máximo 60 letras."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    technical_name = forms.CharField(
        label=gettext_lazy("Nome técnico"),
        max_length=48,
        required=False,
        help_text=gettext_lazy(
            "Como a conexão se chama no servidor: letras sem acento, números e hífens. Cada pareamento acrescenta oito"
            " letras, porque uma conexão refeita com o mesmo nome deixaria de receber mensagens."
        ),
        error_messages={"max_length": gettext_lazy("Use no máximo 48 letras.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    shop = forms.CharField(
        label=gettext_lazy("Barbearia"),
        max_length=80,
        help_text=gettext_lazy("Nome da barbearia, ou o endereço da página dela."),
        error_messages={"required": gettext_lazy("Diga de que barbearia é este número.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "shops"}),
    )
    server = forms.ChoiceField(
        label=gettext_lazy("Servidor da Evolution API"),
        required=False,
        help_text=gettext_lazy("O endereço e a chave são os do servidor escolhido."),
    )
    number = forms.CharField(
        label=gettext_lazy("Número do WhatsApp"),
        max_length=25,
        required=False,
        help_text=gettext_lazy("Com DDD. Ao ler o QR, vale o número do celular que leu."),
        widget=forms.TextInput(
            attrs={"inputmode": "tel", "autocomplete": "off", "data-behaviour": "phone-mask", "type": "tel"}
        ),
    )
    webhook_url = forms.CharField(
        label=gettext_lazy("Webhook URL"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Vazio: o endereço desta instalação. Mude só se este servidor nos alcança por outro."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, instance: WhatsAppInstance | None = None, **kwargs: Any) -> None:
        self.instance = instance
        if instance is not None:
            kwargs["initial"] = {**_known(instance), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        servers = cast(forms.ChoiceField, self.fields["server"])
        servers.choices = [("", _("O sistema escolhe o mais livre")), *_servers()]
        self.fields["webhook_url"].widget.attrs["placeholder"] = gateway.webhook_address()
        if instance is not None:
            self.fields["shop"].disabled = True
            servers.choices = list(_servers())
            servers.required = instance.server_id is not None

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        named = WhatsAppInstance.across_shops.filter(name__iexact=name).exclude(state=ConnectionState.REMOVED)
        shop = self.instance.shop if self.instance else _shop_named(str(self.data.get("shop", "")))
        if shop is not None and self._others(named.filter(shop=shop)).exists():
            raise forms.ValidationError(_("Esta barbearia já tem um número com este nome. Escolha outro."))
        return name

    def clean_technical_name(self) -> str | None:
        name = str(self.cleaned_data["technical_name"])
        if not name:
            return None
        if not TECHNICAL.fullmatch(name):
            raise forms.ValidationError(
                _("Use de 3 a 48 letras minúsculas sem acento, números e hífens, sem espaços. Sugestão: %(name)s")
                % {"name": suggested(name) or "barbearia"}
            )
        if self._others(WhatsAppInstance.across_shops.filter(technical_name=name)).exists():
            raise forms.ValidationError(_("Este nome técnico já é de outro número. Escolha outro."))
        return name

    def clean_shop(self) -> Shop:
        if self.instance is not None:
            return self.instance.shop
        typed = str(self.cleaned_data["shop"])
        shop = _shop_named(typed)
        if shop is not None:
            return shop
        if Shop.objects.filter(name__iexact=typed).exists():
            raise forms.ValidationError(_("Há mais de uma barbearia com este nome: digite o endereço da página dela."))
        raise forms.ValidationError(_("Nenhuma barbearia tem este nome. Digite o nome inteiro, ou escolha da lista."))

    def clean_server(self) -> EvolutionServer | None:
        chosen = self.cleaned_data["server"]
        if not chosen:
            return None
        server = EvolutionServer.objects.get(pk=chosen)
        lives_there = self.instance is not None and self.instance.server_id == server.pk
        if not server.accepts_new and not lives_there:
            raise forms.ValidationError(
                _(
                    "Este servidor está sendo drenado: não recebe números novos. Escolha outro, ou faça-o voltar a"
                    " receber."
                )
            )
        return server

    def clean_number(self) -> str:
        typed = str(self.cleaned_data["number"])
        if not typed:
            return ""
        number = to_e164(typed)
        if number is None:
            raise forms.ValidationError(_("Este número não existe. Digite o DDD e o número, como (11) 99999-0001."))
        return number

    def clean_webhook_url(self) -> str:
        typed = str(self.cleaned_data["webhook_url"])
        if typed in ("", gateway.webhook_address()):
            return ""
        try:
            return checked_url(typed, what="webhook url", plain=True)
        except InvalidInput:
            raise forms.ValidationError(
                _("Isto não é um endereço. Comece com http:// ou https://, sem usuário, senha nem “?”.")
            ) from None

    def columns(self) -> dict[str, Any]:
        """The cleaned values that are columns of the number, the shop aside."""
        return {name: value for name, value in self.cleaned_data.items() if name != "shop"}

    def _others(self, rows: Any) -> Any:
        return rows.exclude(pk=self.instance.pk) if self.instance else rows


def suggested(name: str) -> str:
    """A technical name for a name: `Recepção do Zé` -> `recepcao-do-ze`."""
    return slugify(name)[:40].strip("-")


def shops_like(text: str) -> list[Shop]:
    """A few shops whose name has `text` in it."""
    return list(Shop.objects.filter(name__icontains=text.strip()).order_by("name", "pk")[:SUGGESTED])


def _shop_named(text: str) -> Shop | None:
    """The shop of that address, or the only one of that name."""
    text = text.replace("\x00", "").strip()
    found = Shop.objects.filter(slug=text.lower()).first()
    if found is not None:
        return found
    same = list(Shop.objects.filter(name__iexact=text)[:2])
    return same[0] if len(same) == 1 else None


def _servers() -> Iterator[tuple[str, str]]:
    for server in EvolutionServer.objects.order_by("-priority", "name"):
        drained = "" if server.accepts_new else f" ({_('drenando')})"
        yield str(server.pk), f"{server.name} · {server.url}{drained}"


def _known(instance: WhatsAppInstance) -> dict[str, Any]:
    return {
        "name": instance.name,
        "technical_name": instance.technical_name or "",
        "shop": instance.shop.name,
        "server": str(instance.server_id or ""),
        "number": display(instance.number) if instance.number else "",
        "webhook_url": instance.webhook_url,
    }
