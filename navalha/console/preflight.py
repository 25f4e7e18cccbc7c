"""A trial of a server's settings: what can be seen is tried out, not asked, because no call of the server tells it.

Two throw-away instances are made and deleted again. One has no WhatsApp (`evolution.trial`): a message handed in comes
back as a webhook, which shows the way to us, both clocks and whether keys travel along. The other asks WhatsApp for a
QR that nobody reads. Whether messages are saved shows only in what real numbers have sent: the channel without WhatsApp
saves always.
"""

import secrets as random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from navalha.core import secrets
from navalha.core.secrets import WrongKey
from navalha.evolution.errors import EvolutionError, LicenceRequired, Unauthorized, UnsupportedVersion
from navalha.evolution.trial import TrialClient
from navalha.evolution.types import Qr
from navalha.live import topics
from navalha.live.publish import publish
from navalha.messaging.models import MessageState, WhatsAppMessage
from navalha.web.sentences import to_keep
from navalha.whatsapp import gateway
from navalha.whatsapp.causes import cause_of
from navalha.whatsapp.models import ConnectionChange, EvolutionServer, ServerTrial, TrialReport

from .findings import Verdict

log = structlog.get_logger(__name__)

PATIENCE = 15.0  # seconds for one call
WEBHOOK_TAKES = 10.0  # seconds in which a webhook has to be here; it takes some milliseconds when it can
LOOK_EVERY = 0.2
CLOCK_SLACK = 30.0  # seconds; messages carry whole ones
BRAZIL = -3.0  # hours
SAMPLE = 3
TRAFFIC_OF = timedelta(days=7)
SETTLED_AFTER = timedelta(minutes=1)  # the server stores a message a moment after it answered
VANISHED_OF = timedelta(days=30)
OUT = (MessageState.SENT, MessageState.DELIVERED, MessageState.READ, MessageState.PLAYED)


class Blocked(Exception):
    """Nothing more can be tried on this server; nothing was made there yet."""


class Trying:
    """One run. Each finding is committed as soon as there is one, so that a page can watch."""

    def __init__(self, trial: ServerTrial, client: TrialClient, *, now: Callable[[], datetime]) -> None:
        self.trial, self.client, self.now = trial, client, now
        self.secret = secrets.new_secret()

    def found(self, code: str, verdict: Verdict, **detail: Any) -> None:
        note(self.trial, {"code": code, "verdict": verdict.value, "detail": detail})

    def run(self) -> None:
        """Every step after `talks`; one that fails says so and does not stop the others."""
        for step, codes in (
            (self.reports, ("webhook", "clock", "time_zone", "keys")),
            (self.pairs, ("sessions", "whatsapp")),
            (self.saves, ("messages", "updates")),
        ):
            before = len(self.trial.findings)
            try:
                step()
            except EvolutionError as error:
                log.warning("trial_step_failed", server=self.trial.server_id, step=step.__name__, error=str(error))
                said = {finding["code"] for finding in self.trial.findings[before:]}
                for code in codes:
                    if code not in said:
                        self.found(code, Verdict.UNKNOWN, error=error.detail or type(error).__name__)
        self.keeps()
        self.found("cache", Verdict.UNKNOWN)
        self.found("telemetry", Verdict.UNKNOWN)

    # ---- the steps

    def talks(self) -> None:
        """Version, licence and key. Raises `Blocked` when there is no use in going on."""
        try:
            info = self.client.server_info()
        except UnsupportedVersion:
            self.found("version", Verdict.BAD, version="?")
            raise Blocked from None
        except EvolutionError as error:
            self.found("reach", Verdict.BAD)
            raise Blocked from error
        EvolutionServer.objects.filter(pk=self.trial.server_id).update(version=info.version[:20])
        try:
            self.client.ping()
        except LicenceRequired:
            self.found("version", Verdict.BAD, version=info.version)
            self.found("licence", Verdict.BAD)
            raise Blocked from None
        except Unauthorized:
            self.found("key", Verdict.BAD)
            raise Blocked from None
        except EvolutionError as error:
            self.found("reach", Verdict.BAD)
            raise Blocked from error
        self.found("reach", Verdict.GOOD)
        self.found("version", Verdict.GOOD if info.supported else Verdict.BAD, version=info.version)
        self.found("licence", Verdict.GOOD)
        if not info.supported:
            raise Blocked

    def reports(self) -> None:
        """A message there and back."""
        number, name = f"5500{random.randbelow(10**9):09d}", self.trial.remote_name
        headers = gateway.webhook_headers(self.secret)
        self.client.create_channel(name, number=number, webhook_url=gateway.webhook_address(), webhook_headers=headers)
        began, began_at = time.monotonic(), self.now()
        self.client.hand_in(number, key_id=f"NAVALHA{random.token_hex(6).upper()}", text="Teste do Navalha")
        report = self._report_since(began_at, until=began + WEBHOOK_TAKES)
        if report is None:
            address = gateway.webhook_address()
            self.found("webhook", Verdict.BAD, seconds=int(WEBHOOK_TAKES), address=address, mend=f"curl -i {address}")
            for code in ("clock", "time_zone", "keys"):
                self.found(code, Verdict.UNKNOWN)
            return
        elapsed = (report.received_at - began_at).total_seconds()
        self.found("webhook", Verdict.GOOD, ms=max(1, round(elapsed * 1000)))
        self._clocks(report)
        self.found("keys", Verdict.ADVICE if report.has_key else Verdict.GOOD)

    def _report_since(self, since: datetime, *, until: float) -> TrialReport | None:
        while time.monotonic() < until:
            report = self.trial.reports.filter(event="messages.upsert", received_at__gte=since).first()
            if report is not None:
                return report
            time.sleep(LOOK_EVERY)
        return None

    def _clocks(self, report: TrialReport) -> None:
        if report.sent_at is None:
            self.found("clock", Verdict.UNKNOWN)
            self.found("time_zone", Verdict.UNKNOWN)
            return
        off = (report.sent_at - report.received_at).total_seconds()
        wrong = abs(off) > CLOCK_SLACK
        self.found("clock", Verdict.BAD if wrong else Verdict.GOOD, seconds=round(abs(off)))
        hours = zone_of(report)
        if hours is None:
            self.found("time_zone", Verdict.UNKNOWN)
        else:
            self.found("time_zone", Verdict.GOOD if hours == BRAZIL else Verdict.ADVICE, zone=f"UTC{hours:+g}")

    def pairs(self) -> None:
        """A QR that nobody reads."""
        name = pairing_name(self.trial)
        headers = gateway.webhook_headers(self.secret)
        self.client.create_instance(name, webhook_url=gateway.webhook_address(), webhook_headers=headers)
        try:
            answer = self.client.connect(name)
        except EvolutionError as error:
            if "error: true" not in error.detail:
                raise
            self.found("sessions", Verdict.BAD)
            self.found("whatsapp", Verdict.UNKNOWN)
            return
        self.found("sessions", Verdict.GOOD)
        self.found("whatsapp", Verdict.GOOD if isinstance(answer, Qr) else Verdict.BAD)

    def saves(self) -> None:
        """Whether the server still has what our numbers sent, and what it told of it."""
        out = WhatsAppMessage.across_shops.filter(
            instance__server=self.trial.server_id, wa_id__isnull=False, attempts__gt=0, state__in=OUT
        ).filter(sent_at__gt=self.now() - TRAFFIC_OF, sent_at__lt=self.now() - SETTLED_AFTER)
        newest = out.exclude(remote_name="").select_related("instance").order_by("-sent_at")
        self._sampled("messages", newest, self._is_stored)
        self._sampled("updates", newest.filter(delivered_at__isnull=False), self._is_told)

    def _sampled(self, code: str, messages: Any, is_there: Callable[[WhatsAppMessage], bool]) -> None:
        """Of messages whose number was paired anew nothing is known: they lived in another instance."""
        sample = [each for each in messages[: SAMPLE * 10] if each.remote_name == each.instance.remote_name][:SAMPLE]
        if not sample:
            self.found(code, Verdict.UNKNOWN)
            return
        self.found(code, Verdict.GOOD if any(is_there(message) for message in sample) else Verdict.BAD)

    def _is_stored(self, message: WhatsAppMessage) -> bool:
        return self.client.find_message(message.remote_name, message.wa_id or "") is not None

    def _is_told(self, message: WhatsAppMessage) -> bool:
        return self.client.delivery(message.remote_name, message.wa_id or "") is not None

    def keeps(self) -> None:
        """Instances that vanished are no proof of `DEL_INSTANCE`, but the best sign there is."""
        reason = to_keep(cause_of("missing").happened)
        gone = ConnectionChange.across_shops.filter(
            instance__server=self.trial.server_id, at__gt=self.now() - VANISHED_OF, reason=reason
        ).count()
        self.found("del_instance", Verdict.ADVICE if gone else Verdict.UNKNOWN, count=gone)


def zone_of(report: TrialReport) -> float | None:
    """Hours from UTC of the server's local time, from the false `Z` of its `date_time` (RECORDED 4)."""
    try:
        said = datetime.fromisoformat(report.said_at)
    except ValueError:
        return None
    if report.sent_at is None or said.tzinfo is None:
        return None
    quarters = round((said - report.sent_at).total_seconds() / 900)
    return quarters / 4


def pairing_name(trial: ServerTrial) -> str:
    """The second throw-away instance of a trial."""
    return f"{trial.remote_name}-qr"


@transaction.atomic
def note(trial: ServerTrial, finding: dict[str, Any]) -> None:
    """Add one finding."""
    trial.findings = [*trial.findings, finding]
    trial.save(update_fields=["findings"])
    publish(topics.EVERY_SHOP, topics.SERVERS)


def examine(trial: ServerTrial, *, now: Callable[[], datetime]) -> None:
    """Run all steps on the trial's server and delete what they made. Speaks with it: not inside a transaction."""
    try:
        with gateway.client_for(trial.server, read_timeout=PATIENCE, kind=TrialClient) as client:
            trying = Trying(trial, client, now=now)
            trial.webhook_secret_hash = secrets.hashed(trying.secret)
            trial.save(update_fields=["webhook_secret_hash"])
            trying.talks()
            try:
                trying.run()
            finally:
                clear(trial, client, now=now())
    except Blocked:
        log.info("trial_blocked", server=trial.server_id)
        _left_nothing(trial, now())
    except WrongKey:
        note(trial, {"code": "key", "verdict": Verdict.BAD.value, "detail": {}})
        _left_nothing(trial, now())


def clear(trial: ServerTrial, client: TrialClient, *, now: datetime) -> bool:
    """Delete the throw-away instances; False when the server did not let us, to be tried again later."""
    try:
        for name in (trial.remote_name, pairing_name(trial)):
            client.delete(name)
    except EvolutionError as error:
        log.warning("trial_instances_stay", server=trial.server_id, error=str(error))
        return False
    _left_nothing(trial, now)
    return True


def _left_nothing(trial: ServerTrial, now: datetime) -> None:
    trial.deleted_at = now
    trial.save(update_fields=["deleted_at"])
