"""All state of the pretend server: instances, their live sessions, customers' phones, messages, switches, tasks."""

import asyncio
import logging
import time
import uuid
from collections import Counter
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, field
from typing import Any

from navalha.simulator.shapes import Json, canonical, phone_jid, row_id, utc_text
from navalha.simulator.store import Store
from navalha.simulator.switches import Switches

log = logging.getLogger("navalha.simulator")

DEFAULT_SETTINGS: Json = {
    "rejectCall": False,
    "msgCall": "",
    "groupsIgnore": False,
    "alwaysOnline": False,
    "readMessages": False,
    "readStatus": False,
    "syncFullHistory": False,
    "wavoipToken": "",
}


@dataclass
class Instance:
    """One row of Evolution's database. `status` is its column, which lags behind the live state (REC 15, 16)."""

    name: str
    integration: str
    token: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    number: str | None = None
    business_id: str | None = None
    settings: Json = field(default_factory=lambda: dict(DEFAULT_SETTINGS))
    settings_id: str = field(default_factory=row_id)
    webhook: Json | None = None
    status: str = "close"
    paired: bool = False
    owner_jid: str | None = None
    owner_number: str = ""
    profile_name: str | None = None
    reason_code: int | None = None
    reason_object: str | None = None
    disconnected_at: str | None = None
    created_at: str = field(default_factory=utc_text)
    updated_at: str = field(default_factory=utc_text)


@dataclass
class Session:
    """What lives only in the server's memory, and so is lost when it restarts."""

    state: str = "close"
    socket_made: bool = False
    muted: bool = False
    storming: bool = False
    wuid: str | None = None
    with_media: bool = False  # `webhook.base64`, read only when the instance connects (REC 19)
    pairing_number: str | None = None
    pairing_code: str | None = None
    code: str | None = None
    image: str | None = None
    qr_count: int = 0
    shown_at: float = 0.0
    sockets: set["asyncio.Task[None]"] = field(default_factory=set)
    recent: dict[str, float] = field(default_factory=dict)

    def qr(self) -> Json:
        """The QR part of `connect` and `create`: `{count: 0}` while no QR has come (REC 15)."""
        if self.code is None:
            return {"count": self.qr_count}
        return {"pairingCode": self.pairing_code, "code": self.code, "base64": self.image, "count": self.qr_count}

    def forget_qr(self) -> None:
        self.code = self.image = self.pairing_code = None

    def drop_sockets(self) -> None:
        for task in list(self.sockets):
            if task is not asyncio.current_task():
                task.cancel()
        self.sockets.clear()


@dataclass
class Message:
    """One message between a shop's number and a customer's phone.

    `author` is "api", "owner" (typed on the shop's phone) or "customer"; `reached` says whether it arrived at the other
    side; `data` is the body as in webhooks; `updates` are the stored status rows.
    """

    id: str
    instance: str
    number: str
    author: str
    text: str
    at: float
    data: Json
    kind: str = "text"
    status: str = "PENDING"
    reached: bool = True
    row: str = field(default_factory=row_id)
    updates: list[Json] = field(default_factory=list)
    quoted: str | None = None

    @property
    def key(self) -> str:
        return f"{self.instance}/{self.id}"


@dataclass
class Phone:
    """A customer's telephone, known by its canonical number."""

    number: str
    name: str


class World:
    """The one object that everything shares. All of it runs in one event loop."""

    def __init__(self, *, key: str, base_url: str, store: Store, switches: Switches | None = None) -> None:
        self.key = key
        self.base_url = base_url
        self.store = store
        self.switches = switches or Switches()
        self.closing = asyncio.Event()
        self.tasks: set[asyncio.Task[Any]] = set()
        self.version = 0
        self.team: set[str] = set()  # phones of the shops' own people, which get notices and not bookings
        self.hooks: Any = None  # set by `webhooks.Webhooks`, which needs the world first
        self.clear_memory()
        self.load()

    # ---- state

    def clear_memory(self) -> None:
        self.instances: dict[str, Instance] = {}
        self.sessions: dict[str, Session] = {}
        self.messages: dict[str, Message] = {}
        self.phones: dict[str, Phone] = {}
        self.known_numbers: set[str] = set()
        self.by_instance: dict[str, dict[str, Message]] = {}
        self.wrote: set[tuple[str, str]] = set()  # (instance, number) of customers heard by Evolution
        self.asked: Counter[str] = Counter()
        self.reached: Counter[str] = Counter()

    def load(self) -> None:
        """Read everything kept."""
        for body in self.store.load("instance"):
            instance = Instance(**body)
            self.instances[instance.name] = instance
            self.sessions[instance.name] = Session()
        for body in self.store.load("phone"):
            self.phones[body["number"]] = Phone(**body)
        for body in self.store.load("message"):
            message = Message(**body)
            self._index(message)
            self.known_numbers.add(message.number)
            if message.author == "customer" and message.reached:
                self.wrote.add((message.instance, message.number))

    def save_instance(self, instance: Instance) -> None:
        instance.updated_at = utc_text()
        self.store.save("instance", instance.name, asdict(instance))
        self.touch()

    def _index(self, message: Message) -> None:
        self.messages[message.key] = message
        owner = self.instances.get(message.instance)
        if owner is not None and owner.id == message.data["instanceId"]:
            self.by_instance.setdefault(message.instance, {})[message.id] = message

    def save_message(self, message: Message) -> None:
        self._index(message)
        self.store.save("message", message.key, asdict(message))
        self.touch()

    def remove_instance(self, instance: Instance) -> None:
        """Forget the row. Its messages leave Evolution's database but stay on the customers' phones."""
        self.instances.pop(instance.name, None)
        self.sessions.pop(instance.name, None)
        self.by_instance.pop(instance.name, None)
        self.store.remove("instance", instance.name)
        self.touch()

    def touch(self) -> None:
        """Tell watchers (the phone page) that something changed."""
        self.version += 1

    def phone(self, number: str, name: str | None = None) -> Phone:
        """The customer's phone with this number, made when it is new."""
        plain = canonical(number)
        phone = self.phones.get(plain)
        if phone is None or (name and phone.name != name):
            phone = Phone(plain, name or f"Cliente {plain[-4:]}")
            self.phones[plain] = phone
            self.store.save("phone", plain, asdict(phone))
            self.touch()
        return phone

    def rows(self, instance: str) -> list[Message]:
        """The messages in Evolution's database of this instance, newest first."""
        return sorted(self.by_instance.get(instance, {}).values(), key=lambda m: m.at, reverse=True)

    def stored(self, instance: Instance) -> list[Message]:
        """Those of `rows` that the server's settings let it keep: on Baileys none without SAVE_DATA_NEW_MESSAGE."""
        kept = instance.integration != "WHATSAPP-BAILEYS" or self.switch("save_messages", instance=instance.name)
        return self.rows(instance.name) if kept else []

    def owner_number(self, instance: Instance) -> str:
        """The number of the phone that scans for this instance: stable, +55 11 99999-0001 upward."""
        if not instance.owner_number:
            taken = {other.owner_number for other in self.instances.values()}
            place = 1
            while (number := f"551199999{place:04d}") in taken:
                place += 1
            instance.owner_number = number
        return instance.owner_number

    def contact_jids(self, instance: str) -> list[str]:
        return sorted({phone_jid(m.number) for m in self.by_instance.get(instance, {}).values()})

    # ---- time and tasks

    def switch(self, name: str, *, instance: str = "", number: str = "") -> Any:
        return self.switches.get(name, instance=instance, number=number)

    async def sleep(self, seconds: float) -> None:
        """Wait in the pretend server's own time."""
        await asyncio.sleep(seconds / self.switch("speed"))

    async def wait(self, name: str, *, instance: str = "", number: str = "") -> None:
        """Wait for as long as a switch of seconds says."""
        await self.sleep(self.switch(name, instance=instance, number=number))

    async def hold(self, seconds: float) -> None:
        """Hold a request for real seconds; ends early when the server stops."""
        try:
            await asyncio.wait_for(self.closing.wait(), timeout=seconds)
        except TimeoutError:
            return

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run in the background; a failure is logged, never swallowed."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background work failed", exc_info=error)

    def now(self) -> float:
        return time.time()

    def server_seconds(self) -> int:
        """The server's own clock, in seconds since 1970."""
        return round(self.now() + self.switch("clock_ahead"))

    async def stop_tasks(self) -> None:
        """End everything that waits: retries, receipts, QR rotation. As when the process dies."""
        tasks = [task for task in self.tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
