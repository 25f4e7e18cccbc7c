"""The recorded exchanges and webhooks of a real Evolution API 2.3.6, as test material."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx2

from navalha.evolution.client import EvolutionClient

FOLDER = Path(__file__).resolve().parents[3] / "tests" / "recorded"
KEY = "dummy-global-key-0001"
URL = "http://evolution.test:8081"


@dataclass(frozen=True)
class Exchange:
    """One recorded request and its answer; `id` is file and position."""

    id: str
    method: str
    path: str
    body: Any
    status: int
    headers: dict[str, str]
    answer: Any

    @property
    def route(self) -> str:
        """`POST /message/sendText`: method and path without the instance."""
        return f"{self.method} /{'/'.join(self.path.partition('?')[0].strip('/').split('/')[:2])}"

    @property
    def name(self) -> str:
        parts = self.path.partition("?")[0].strip("/").split("/")
        return parts[2] if len(parts) > 2 else ""

    def response(self) -> httpx2.Response:
        """The answer as recorded; only its length is counted anew, because long pictures were cut."""
        content = json.dumps(self.answer, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {name: value for name, value in self.headers.items() if name != "content-length"}
        return httpx2.Response(self.status, headers=headers, content=content)


@cache
def _records() -> list[tuple[str, dict[str, Any]]]:
    files = sorted(FOLDER.glob("*.json"))
    return [
        (f"{file.stem.split('_')[0]}-{number}", record)
        for file in files
        for number, record in enumerate(json.loads(file.read_text())["recorded"])
    ]


@cache
def exchanges() -> list[Exchange]:
    return [
        Exchange(
            id=where,
            method=record["request"]["method"],
            path=record["request"]["path"],
            body=record["request"].get("body"),
            status=record["response"]["status"],
            headers=record["response"].get("headers", {}),
            answer=record["response"]["body"],
        )
        for where, record in _records()
        if record["kind"] == "exchange"
    ]


@cache
def webhooks() -> list[tuple[str, dict[str, Any]]]:
    """Every recorded webhook body, with its place."""
    return [(where, record["body"]) for where, record in _records() if record["kind"] == "webhook"]


def webhook(event: str, number: int = 0) -> dict[str, Any]:
    """A fresh copy of the recorded webhook of this kind."""
    found = [body for _, body in webhooks() if body["event"] == event]
    return json.loads(json.dumps(found[number]))


def exchange(where: str) -> Exchange:
    return next(exchange for exchange in exchanges() if exchange.id == where)


class Server:
    """A pretend server that gives its answers in order (the last one for ever) and remembers the requests."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def sent(self) -> Any:
        """The JSON body of the last request."""
        content = self.requests[-1].content
        return json.loads(content) if content else None

    def client(self, **options: Any) -> EvolutionClient:
        return EvolutionClient(URL, KEY, transport=httpx2.MockTransport(self), **options)


def answering(status: int, body: Any, **headers: str) -> Server:
    return Server(httpx2.Response(status, json=body, headers=headers))


def usable_name(name: str) -> str:
    """The recorded name, or a stand-in where ours would not have been allowed out."""
    return name if re.fullmatch(r"[a-z0-9][a-z0-9-]{2,60}", name) else "stand-in"
