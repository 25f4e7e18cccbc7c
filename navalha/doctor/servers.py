"""The Evolution servers: their keys open, they answer, we know their answers, and their webhooks reach us."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count

from navalha.console.filters import shown_as
from navalha.console.findings import Finding as TrialFinding
from navalha.console.findings import Verdict, shown
from navalha.console.trials import KEPT_FOR as TRIALS_KEPT_FOR
from navalha.console.trials import ask_trial, run_trial
from navalha.core.secrets import WrongKey
from navalha.evolution.errors import EvolutionError, LicenceRequired, NoConnection, Unauthorized, UnsupportedVersion
from navalha.whatsapp import gateway
from navalha.whatsapp.causes import LICENCE_STEP
from navalha.whatsapp.models import ConnectionState, EvolutionServer, WebhookEvent, WhatsAppInstance

from .findings import Finding, broken, doubtful, fine
from .installation import HERE

PATIENCE = 8.0  # seconds for one server; all are asked at once
AT_ONCE = 16
QUIET_AFTER = timedelta(hours=24)
KEY_MEND = "Corrija a chave do servidor em /servidores/: é a AUTHENTICATION_API_KEY dele."


def keys(now: datetime) -> Finding:
    """FIELD_KEYS opens the key of every server."""
    closed = [server.name for server in EvolutionServer.objects.order_by("name") if not _opens(server)]
    if closed:
        return broken(
            f"FIELD_KEYS não abre a chave de: {', '.join(closed)}.",
            "Ponha de volta em FIELD_KEYS a chave antiga (no fim da lista), ou escreva a chave do servidor de novo.",
        )
    return fine("As chaves de todos os servidores abrem.")


def _opens(server: EvolutionServer) -> bool:
    try:
        return bool(server.api_key)
    except WrongKey:
        return False


def answer(now: datetime) -> Iterator[Finding]:
    """One finding for each server."""
    servers = list(EvolutionServer.objects.order_by("name"))
    if not servers:
        yield doubtful("Nenhum servidor Evolution cadastrado.", "Cadastre um em /servidores/.")
        return
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(servers)), thread_name_prefix="doctor") as pool:
        yield from pool.map(_ask, servers)


def _ask(server: EvolutionServer) -> Finding:
    """Runs in a thread of its own, so it must not touch the database."""
    name = server.name
    try:
        with gateway.client_for(server, read_timeout=PATIENCE) as client:
            info = client.server_info()
            count = len(client.instances())
    except WrongKey:
        return broken(f"{name}: a chave guardada não abre.", KEY_MEND)
    except Unauthorized:
        return broken(f"{name}: recusou a nossa chave.", KEY_MEND)
    except LicenceRequired:
        return broken(f"{name}: pede a ativação da licença (503 LICENSE_REQUIRED).", str(LICENCE_STEP))
    except UnsupportedVersion:
        return broken(f"{name}: o endereço não é de uma Evolution API.", "Confira o endereço em /servidores/.")
    except NoConnection:
        return broken(f"{name}: não deu para conectar.", "Confira se ele está no ar e se o endereço está certo.")
    except EvolutionError as error:
        said = "não respondeu" if error.status is None else "responde com erro"
        return broken(f"{name}: {said} ({error}).", "Veja o log da Evolution API deste servidor.")
    if not info.supported:
        return broken(f"{name}: a versão {info.version} não é aceita.", "Instale a Evolution API 2.3.x nele.")
    return fine(f"{name}: versão {info.version}, chave aceita, instâncias: {count}.")


def webhooks(now: datetime) -> Iterator[Finding]:
    """Each server with connected numbers has reported lately, and could find us."""
    if urlsplit(settings.WEBHOOK_BASE_URL).hostname in HERE and _any_elsewhere():
        yield broken(
            f"WEBHOOK_BASE_URL é {settings.WEBHOOK_BASE_URL}: um servidor em outra máquina não chega aqui.",
            "Configure WEBHOOK_BASE_URL com o endereço deste site visto pelos servidores.",
        )
    shown_connected = WhatsAppInstance.across_shops.filter(shown_as(ConnectionState.CONNECTED, now))
    connected = dict(shown_connected.order_by().values_list("server_id").annotate(count=Count("pk")))
    for server in EvolutionServer.objects.filter(pk__in=connected).order_by("name"):
        yield _heard(server, connected[server.pk], now)


def _heard(server: EvolutionServer, connected: int, now: datetime) -> Finding:
    events = WebhookEvent.across_shops.filter(instance__server=server, received_at__gt=now - QUIET_AFTER)
    last = events.order_by("-pk").values_list("received_at", flat=True).first()
    if last is None:
        return doubtful(
            f"{server.name}: {connected} números conectados e nenhum aviso em 24 horas.",
            "Abra o servidor em /servidores/ e rode a conferência: ela testa a ida e a volta dos avisos.",
        )
    return fine(f"{server.name}: último aviso há {max(0, int((now - last).total_seconds() // 60))} min.")


def _any_elsewhere() -> bool:
    return any(urlsplit(url).hostname not in HERE for url in EvolutionServer.objects.values_list("url", flat=True))


def settings_of(now: datetime) -> Iterator[Finding]:
    """What the last trial of each server's settings found: the round trip of a webhook is part of it."""
    for server in EvolutionServer.objects.order_by("name"):
        trial = server.trials.filter(ended_at__isnull=False).first()
        if trial is None or now - trial.asked_at > TRIALS_KEPT_FOR:
            yield doubtful(
                f"{server.name}: as configurações dele nunca foram conferidas, ou faz mais de 30 dias.",
                "Rode `manage.py doctor --trial`, ou abra o servidor em /servidores/ e confira a configuração.",
            )
            continue
        found = [shown(kept) for kept in trial.findings]
        wrong = [finding for finding in found if finding.verdict is Verdict.BAD]
        yield from (_wrong(server, finding) for finding in wrong)
        if not wrong:
            yield fine(f"{server.name}: a conferência não achou nada que perca dados.")


def _wrong(server: EvolutionServer, finding: TrialFinding) -> Finding:
    mend = f"No ambiente deste servidor: {finding.mend}" if finding.mend else "Veja a conferência em /servidores/."
    return broken(f"{server.name}: {finding.title}. {finding.sentence}", mend)


def try_settings(now: datetime) -> None:
    """Try the settings of every server, one after another: about a minute each, with throw-away instances on it."""
    for server in EvolutionServer.objects.order_by("name"):
        run_trial(ask_trial(server, now=now, by=None).pk)
