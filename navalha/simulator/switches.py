"""Every fault and every delay of the pretend server, changeable while it runs.

A switch has a value for all, and may have another one for one instance or one customer's number (number wins over
instance, instance over all). "Counting" switches take `false`, `true` (until switched off) or how many times still.
Times are in seconds and are divided by `speed`, except those marked "real seconds", which meet another program's clock.
"""

from dataclasses import dataclass, field
from typing import Any

from navalha.simulator.shapes import canonical

Value = bool | int | float | str | list[str]


@dataclass(frozen=True)
class Switch:
    """One switch: default (its type is the type of all values), section and label on the phone page, allowed words."""

    default: Value
    section: str
    label: str
    choices: tuple[str, ...] = ()
    counting: bool = False


def _count(section: str, label: str) -> Switch:
    return Switch(False, section, label, counting=True)


_SEND, _ACK, _HOOK, _SERVER, _TIME = "Envio", "Confirmações", "Webhooks", "Servidor e conexão", "Tempos (s)"
_SETTING = "Configuração do servidor"
ADDRESSING = ("pn", "pn_only", "lid", "lid_only")
SERVER_VERSIONS = ("2.3.6", "2.3.7", "2.2.3", "2.4.0")
TIME_ZONES = ("America/Sao_Paulo", "UTC")
SERVER_MODES = ("up", "down", "503", "hang", "licence")

SWITCHES: dict[str, Switch] = {
    "not_on_whatsapp": Switch(False, _SEND, "Número não está no WhatsApp"),
    "send_hang_after": _count(_SEND, "Demora sem resposta, mas a mensagem saiu"),
    "send_hang_before": _count(_SEND, "Demora sem resposta, e a mensagem não saiu"),
    "hang_seconds": Switch(120.0, _SEND, "Duração da demora (segundos reais)"),
    "hang_echo": Switch(True, _SEND, "Na demora, o aviso de envio (send.message) sai"),
    "send_500": _count(_SEND, "Envio responde 500 Connection Closed"),
    "send_400": _count(_SEND, "Envio responde 400 Connection Closed"),
    "dead": Switch(False, _SEND, "Conectado, mas morto"),
    "addressing": Switch("pn", _SEND, "Endereço do cliente (número ou LID)", choices=ADDRESSING),
    "acks": Switch(True, _ACK, "Confirmações ligadas"),
    "ack_error": _count(_ACK, "ERROR no lugar da confirmação"),
    "auto_read": Switch(True, _ACK, "Cliente lê sozinho"),
    "delivered_after": Switch(1.2, _ACK, "Entregue depois de"),
    "read_after": Switch(2.5, _ACK, "Lida depois de"),
    "server_ack_fraction": Switch(0.05, _ACK, "Fração com SERVER_ACK"),
    "webhook_duplicates": Switch(0, _HOOK, "Cópias a mais de cada aviso"),
    "webhook_reorder": Switch(False, _HOOK, "Fora de ordem"),
    "webhook_delay_min": Switch(0.0, _HOOK, "Atraso mínimo (s)"),
    "webhook_delay_max": Switch(0.0, _HOOK, "Atraso máximo (s)"),
    "webhook_drop": Switch(0.0, _HOOK, "Fração perdida (0 a 1)"),
    "webhook_drop_next": Switch(0, _HOOK, "Perder os próximos"),
    "webhook_only": Switch([], _HOOK, "Só nestes eventos (vazio: todos)"),
    "server_mode": Switch("up", _SERVER, "Servidor da Evolution", choices=SERVER_MODES),
    "server_version": Switch("2.3.6", _SERVER, "Versão que o servidor diz", choices=SERVER_VERSIONS),
    "answer_wait": Switch(0.0, _SERVER, "Demora de cada resposta (segundos reais)"),
    "list_500": _count(_SERVER, "Lista de instâncias (fetchInstances) responde 500"),
    "save_messages": Switch(True, _SETTING, "DATABASE_SAVE_DATA_NEW_MESSAGE"),
    "save_updates": Switch(True, _SETTING, "DATABASE_SAVE_MESSAGE_UPDATE"),
    "save_sessions": Switch(True, _SETTING, "DATABASE_SAVE_DATA_INSTANCE"),
    "time_zone": Switch("America/Sao_Paulo", _SETTING, "TZ", choices=TIME_ZONES),
    "clock_ahead": Switch(0.0, _SETTING, "Relógio adiantado (segundos)"),
    "expose_keys": Switch(True, _SETTING, "AUTHENTICATION_EXPOSE_IN_FETCH_INSTANCES"),
    "webhook_unreachable": Switch(False, _SETTING, "Avisos não alcançam o nosso endereço"),
    "unreachable": Switch(False, _SERVER, "WhatsApp inalcançável (enxurrada de connecting)"),
    "pairing_fails": Switch(False, _SERVER, "Leitura do QR não completa"),
    "passkey_wall": _count(_SERVER, "WhatsApp pede chave de acesso (lê o QR, e vem outro QR)"),
    "pairing_closes": Switch("off", _SERVER, "Leitura acaba recusada com o código", choices=("off", "401", "403")),
    "pairing_loops": Switch(False, _SERVER, "Leitura recomeça sem fim (515)"),
    "logout_after_open": _count(_SERVER, "Conecta e é desligado na hora (401)"),
    "code_refused": Switch(False, _SERVER, "Código de letras recusado sem aviso"),
    "profile_picture": Switch(True, _SERVER, "WhatsApp tem foto de perfil"),
    "speed": Switch(1.0, _TIME, "Velocidade (divide os tempos)"),
    "create_wait": Switch(5.0, _TIME, "Criar com QR"),
    "connect_wait": Switch(2.0, _TIME, "Pedir QR"),
    "socket_wait": Switch(0.06, _TIME, "Até começar a conectar"),
    "qr_first": Switch(0.25, _TIME, "Até o primeiro QR"),
    "qr_rotation": Switch(45.0, _TIME, "Troca do QR"),
    "qr_limit": Switch(30, _TIME, "Limite de QRs (quantidade)"),
    "scan_wait": Switch(0.5, _TIME, "Leitura até connecting"),
    "open_wait": Switch(0.6, _TIME, "Connecting até open"),
    "reconnect_wait": Switch(0.15, _TIME, "Reconexão até open"),
    "logout_after": Switch(0.5, _TIME, "Open até ser desligado"),
    "history_wait": Switch(0.7, _TIME, "Open até o histórico"),
    "logout_wait": Switch(0.05, _TIME, "Logout até close"),
    "connecting_send_wait": Switch(60.0, _TIME, "Envio enquanto conecta"),
    "storm_interval": Switch(0.02, _TIME, "Intervalo da enxurrada (segundos reais)"),
    "reorder_window": Switch(1.0, _TIME, "Janela fora de ordem"),
    "webhook_timeout": Switch(30.0, _TIME, "Limite de cada aviso (segundos reais)"),
    "retry_first": Switch(5.0, _TIME, "Primeira repetição de aviso"),
    "retry_longest": Switch(300.0, _TIME, "Maior espera entre repetições"),
    "retry_attempts": Switch(10, _TIME, "Tentativas por aviso (quantidade)"),
}


def checked(name: str, value: Any) -> Value:
    """The value in the switch's own type; raises ValueError with a plain sentence for a wrong name, type or word."""
    switch = SWITCHES.get(name)
    if switch is None:
        raise ValueError(f"there is no switch {name!r}")
    default = switch.default
    if switch.counting:
        if isinstance(value, bool | int) and value >= 0:
            return value
        raise ValueError(f"{name} takes false, true or how many times still")
    if isinstance(default, bool) and isinstance(value, bool):
        return value
    if isinstance(default, str) and value in switch.choices:
        return str(value)
    if isinstance(default, list) and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [item.strip().lower().replace("_", ".") for item in value if item.strip()]
    if isinstance(default, int | float) and not isinstance(default, bool):
        return _number(name, default, value)
    raise ValueError(f"{name} takes {switch.choices or type(default).__name__}")


def _number(name: str, default: int | float, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"{name} takes a number that is not negative")
    if name == "speed" and value == 0:
        raise ValueError("speed must be above zero")
    return int(value) if isinstance(default, int) else float(value)


@dataclass
class Switches:
    """The values in force. Scopes are "" (all), "instance:<name>" and "number:<canonical number>"."""

    start: dict[str, Value] = field(default_factory=dict)
    scopes: dict[str, dict[str, Value]] = field(default_factory=dict)

    def set(self, values: dict[str, Any], *, instance: str = "", number: str = "") -> None:
        """Check all, then set all. Raises ValueError and sets nothing when one is wrong."""
        good = {name: checked(name, value) for name, value in values.items()}
        scope = f"number:{canonical(number)}" if number else f"instance:{instance}" if instance else ""
        self.scopes.setdefault(scope, {}).update(good)

    def reset(self) -> None:
        """All back to how the server was started."""
        self.scopes.clear()

    def get(self, name: str, *, instance: str = "", number: str = "") -> Any:
        home = self._home(name, instance, number)
        if home is not None:
            return home[name]
        return self.start.get(name, SWITCHES[name].default)

    def take(self, name: str, *, instance: str = "", number: str = "") -> bool:
        """Is a counting switch (or `webhook_drop_next`) on now? Uses one up when it counts."""
        value = self.get(name, instance=instance, number=number)
        home = self._home(name, instance, number)
        if value and not isinstance(value, bool) and home is not None:
            home[name] = value - 1
        return bool(value)

    def _home(self, name: str, instance: str, number: str) -> dict[str, Value] | None:
        for scope in (f"number:{number}", f"instance:{instance}", ""):
            if name in self.scopes.get(scope, {}):
                return self.scopes[scope]
        return None

    def as_dict(self) -> dict[str, Any]:
        """For people and tests: values for all, and the exceptions per instance or number."""
        return {
            "values": {name: self.get(name) for name in SWITCHES},
            "changed": sorted(name for name in self.scopes.get("", {}) if self.get(name) != self._start_of(name)),
            "scopes": {scope: dict(values) for scope, values in self.scopes.items() if scope and values},
        }

    def _start_of(self, name: str) -> Value:
        return self.start.get(name, SWITCHES[name].default)
