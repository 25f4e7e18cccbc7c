"""What happens unasked: whether anybody does it, and what is stuck."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef

from navalha.accounts.models import ShopState
from navalha.messaging.models import MessageState, WhatsAppMessage
from navalha.whatsapp.models import ConnectionState, EventState, WebhookEvent, WhatsAppInstance
from navalha.worker.every import NETWORK, ROWS

from .findings import Finding, broken, doubtful, fine

START = "Inicie `manage.py work` e mantenha-o rodando (veja o README)."
SILENT_AFTER = timedelta(seconds=30)
STUCK_JOB_AFTER = timedelta(minutes=2)
STUCK_EVENT_AFTER = timedelta(minutes=2)
STUCK_MESSAGE_AFTER = timedelta(minutes=15)  # longer than the longest wait between two attempts
LOOK_AT_LOG = "Veja o log do worker: ele está parado, sobrecarregado ou sem banco."


def worker(now: datetime) -> Finding:
    """Somebody reports for work: each worker process beats twice, once for each lane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat), count(*) FROM procrastinate_workers")
        last, count = cursor.fetchone()
    if last is None:
        return broken("Nenhum worker está rodando: nada é enviado nem processado.", START)
    if now - last > SILENT_AFTER:
        return broken(f"O worker não dá sinal há {int((now - last).total_seconds())} s.", START)
    return fine(f"O worker deu sinal há {max(0, int((now - last).total_seconds()))} s ({count} filas atendidas).")


def lane(name: str, now: datetime) -> Finding:
    """No job of one lane waits long although it is due."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(deferred.at) FROM procrastinate_jobs job JOIN LATERAL (SELECT max(at) AS at FROM"
            " procrastinate_events event WHERE event.job_id = job.id) deferred ON true WHERE job.status = 'todo' AND"
            " job.queue_name = %s AND (job.scheduled_at IS NULL OR job.scheduled_at <= %s) AND deferred.at < %s",
            [name, now, now - STUCK_JOB_AFTER],
        )
        count, since = cursor.fetchone()
    if not count:
        return fine("Nenhum trabalho atrasado.")
    minutes = int((now - since).total_seconds() // 60)
    return broken(f"{count} trabalhos esperam há até {minutes} min.", LOOK_AT_LOG)


def rows_lane(now: datetime) -> Finding:
    return lane(ROWS, now)


def network_lane(now: datetime) -> Finding:
    return lane(NETWORK, now)


def inbox(now: datetime) -> Finding:
    """Webhooks are applied soon after they come."""
    late = WebhookEvent.across_shops.filter(state=EventState.STORED, received_at__lt=now - STUCK_EVENT_AFTER)
    found = late.aggregate(count=Count("pk"), since=Min("received_at"))
    if not found["count"]:
        return fine("Nenhum evento esperando.")
    minutes = int((now - found["since"]).total_seconds() // 60)
    return broken(f"{found['count']} eventos recebidos esperam há até {minutes} min.", LOOK_AT_LOG)


def quarantine(now: datetime) -> Finding:
    count = WebhookEvent.across_shops.filter(state=EventState.QUARANTINED).count()
    if not count:
        return fine("Nenhum evento em quarentena.")
    return doubtful(
        f"{count} eventos em quarentena: falharam várias vezes.",
        "Abra /eventos/?estado=quarantined, veja o erro de cada um e use “Tentar de novo” depois de corrigir.",
    )


def outbox(now: datetime) -> Finding:
    """What could go out does: the shop is active and has a connected number."""
    ready = WhatsAppInstance.across_shops.filter(
        shop_id=OuterRef("shop_id"), state=ConnectionState.CONNECTED, is_primary=True
    )
    late = WhatsAppMessage.across_shops.filter(
        Exists(ready), state=MessageState.QUEUED, due_at__lt=now - STUCK_MESSAGE_AFTER, shop__state=ShopState.ACTIVE
    ).count()
    if late:
        return broken(f"{late} mensagens deveriam ter saído há mais de 15 min.", LOOK_AT_LOG)
    return fine("Nenhuma mensagem atrasada.")


def leases(now: datetime) -> Finding:
    """A send that nobody finished is doubted within a minute of its lease."""
    late = WhatsAppMessage.across_shops.filter(
        state=MessageState.SENDING, lease_until__lt=now - STUCK_MESSAGE_AFTER
    ).count()
    if late:
        return broken(f"{late} mensagens ficaram no meio do envio.", LOOK_AT_LOG)
    return fine("Nenhuma mensagem parada no meio do envio.")
