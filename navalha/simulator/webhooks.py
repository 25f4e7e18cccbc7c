"""Outgoing webhooks, delivered as the real server does (REC 14): unsigned, unordered, repeated, in memory only."""

import asyncio
import base64
import hashlib
import hmac
import json
import random
import ssl
import time
from collections import Counter, deque
from typing import Any

import httpx2

from navalha.simulator.shapes import Json, false_z, utc_text
from navalha.simulator.world import Instance, World

EVENTS = [
    "APPLICATION_STARTUP",
    "QRCODE_UPDATED",
    "MESSAGES_SET",
    "MESSAGES_UPSERT",
    "MESSAGES_EDITED",
    "MESSAGES_UPDATE",
    "MESSAGES_DELETE",
    "SEND_MESSAGE",
    "SEND_MESSAGE_UPDATE",
    "CONTACTS_SET",
    "CONTACTS_UPSERT",
    "CONTACTS_UPDATE",
    "PRESENCE_UPDATE",
    "CHATS_SET",
    "CHATS_UPSERT",
    "CHATS_UPDATE",
    "CHATS_DELETE",
    "GROUPS_UPSERT",
    "GROUP_UPDATE",
    "GROUP_PARTICIPANTS_UPDATE",
    "CONNECTION_UPDATE",
    "LABELS_EDIT",
    "LABELS_ASSOCIATION",
    "CALL",
    "TYPEBOT_START",
    "TYPEBOT_CHANGE_STATUS",
    "REMOVE_INSTANCE",
    "LOGOUT_INSTANCE",
    "INSTANCE_CREATE",
    "INSTANCE_DELETE",
    "STATUS_INSTANCE",
]

NEVER_RETRIED = frozenset({400, 401, 403, 404, 422})
_AXIOS = {
    "accept": "application/json, text/plain, */*",
    "content-type": "application/json",
    "user-agent": "axios/1.12.2",
    "accept-encoding": "gzip, compress, deflate, br",
    "connection": "keep-alive",
}


def _segment(part: Json) -> str:
    raw = json.dumps(part, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def json_web_token(secret: str) -> str:
    """The HS256 token that replaces a `jwt_key` header: ten minutes, made once per event."""
    now = int(time.time())
    claims = {"iat": now, "exp": now + 600, "app": "evolution", "action": "webhook"}
    signed = f"{_segment({'alg': 'HS256', 'typ': 'JWT'})}.{_segment(claims)}"
    mark = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def _headers(hook: Json) -> dict[str, str]:
    custom = {str(name).lower(): str(value) for name, value in (hook.get("headers") or {}).items()}
    secret = custom.pop("jwt_key", None)
    if secret is not None:
        custom["authorization"] = f"Bearer {json_web_token(secret)}"
    return _AXIOS | custom


def subject_of(data: Any) -> tuple[str | None, str | None]:
    """The message id and the status word that a webhook's data is about, for the log."""
    if not isinstance(data, dict):
        return None, None
    key = data.get("key")
    found = data.get("keyId") or (key.get("id") if isinstance(key, dict) else None) or data.get("id")
    return found, data.get("state") or data.get("status")


class Webhooks:
    """Sends events and keeps a log of every attempt (at most the last 5000)."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.log: deque[Json] = deque(maxlen=5000)
        self.emitted: Counter[str] = Counter()
        self._client: httpx2.AsyncClient | None = None
        self._held: dict[str, list[tuple[Json, Json]]] = {}
        world.hooks = self

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def forget(self) -> None:
        """Empty the log and the counters."""
        self.log.clear()
        self.emitted.clear()
        self._held.clear()

    def emit(self, instance: Instance, event: str, data: Any) -> None:
        """Send one event to the instance's webhook, if it subscribes to it. Never waits."""
        name = event.upper().replace(".", "_").replace("-", "_")
        hook = instance.webhook
        if self.world.switch("server_mode") == "down" or hook is None or not hook["enabled"]:
            return
        if name not in hook["events"] or not str(hook["url"]).startswith("http"):
            return
        self.emitted[event] += 1
        for copy in self._copies(instance, event, self._letter(instance, event, data)):
            self._dispatch(instance, event, copy, hook)

    def _letter(self, instance: Instance, event: str, data: Any) -> Json:
        session = self.world.sessions.get(instance.name)
        url = instance.webhook["url"] if instance.webhook else None
        body: Json = {"event": event, "instance": instance.name, "data": data, "destination": url}
        body["date_time"] = false_z(self.world.switch("time_zone"), ahead=self.world.switch("clock_ahead"))
        if session and session.wuid:
            body["sender"] = session.wuid
        key = instance.token if self.world.switch("expose_keys") else None
        return body | {"server_url": self.world.base_url, "apikey": key}

    def _meddled(self, instance: Instance, event: str) -> bool:
        only = self.world.switch("webhook_only", instance=instance.name)
        return not only or event in only

    def _copies(self, instance: Instance, event: str, body: Json) -> list[Json]:
        if not self._meddled(instance, event):
            return [body]
        if self.world.switches.take("webhook_drop_next", instance=instance.name):
            return []
        if random.random() < self.world.switch("webhook_drop", instance=instance.name):  # noqa: S311 — a pretend fault
            return []
        return [body] * (1 + self.world.switch("webhook_duplicates", instance=instance.name))

    def _dispatch(self, instance: Instance, event: str, body: Json, hook: Json) -> None:
        if self._meddled(instance, event) and self.world.switch("webhook_reorder", instance=instance.name):
            held = self._held.setdefault(instance.name, [])
            held.append((body, hook))
            if len(held) == 1:
                self.world.spawn(self._release_backwards(instance.name))
            return
        delay = self._delay(instance) if self._meddled(instance, event) else 0.0
        self.world.spawn(self._deliver(body, dict(hook), delay))

    def _delay(self, instance: Instance) -> float:
        low = self.world.switch("webhook_delay_min", instance=instance.name)
        high = self.world.switch("webhook_delay_max", instance=instance.name)
        return random.uniform(low, max(low, high))  # noqa: S311 — a pretend fault

    async def _release_backwards(self, name: str) -> None:
        await self.world.wait("reorder_window")
        for body, hook in reversed(self._held.pop(name, [])):
            self.world.spawn(self._deliver(body, dict(hook), 0.0))
            await asyncio.sleep(0.03)

    async def _deliver(self, body: Json, hook: Json, delay: float) -> None:
        if delay:
            await self.world.sleep(delay)
        url = hook["url"]
        if hook["webhookByEvents"]:
            url = f"{url}/{body['event'].replace('.', '-')}"
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = _headers(hook)
        attempts = self.world.switch("retry_attempts")
        for attempt in range(1, attempts + 1):
            status = await self._post(url, raw, headers, body, attempt)
            if status is not None and (200 <= status < 300 or status in NEVER_RETRIED):
                return
            if attempt < attempts:
                await self.world.sleep(self._pause(attempt))

    def _pause(self, attempt: int) -> float:
        """5 s doubling up to 300 s, 20 % jitter, never below 5 s (REC 14)."""
        first, longest = self.world.switch("retry_first"), self.world.switch("retry_longest")
        spread = random.uniform(0.8, 1.2)  # noqa: S311 — jitter, no secret
        return max(first, min(longest, first * 2 ** (attempt - 1)) * spread)

    async def _post(self, url: str, raw: bytes, headers: dict[str, str], body: Json, attempt: int) -> int | None:
        status: int | None = None
        error = ""
        try:
            if self.world.switch("webhook_unreachable"):
                raise httpx2.ConnectError("no route to the receiver")
            answer = await self._web().post(
                url, content=raw, headers=headers, timeout=self.world.switch("webhook_timeout")
            )
            status = answer.status_code
        except (httpx2.HTTPError, httpx2.InvalidURL) as problem:
            error = type(problem).__name__
        self._note(body, attempt, status, error)
        return status

    def _web(self) -> httpx2.AsyncClient:
        if self._client is None:
            limits = httpx2.Limits(max_connections=100, max_keepalive_connections=20)
            self._client = httpx2.AsyncClient(
                trust_env=False, follow_redirects=True, limits=limits, verify=ssl.create_default_context()
            )
        return self._client

    def _note(self, body: Json, attempt: int, status: int | None, error: str) -> None:
        found, word = subject_of(body["data"])
        entry = {"event": body["event"], "instance": body["instance"], "id": found, "word": word}
        self.log.append(entry | {"attempt": attempt, "status": status, "error": error, "at": utc_text()})
        self.world.touch()
