"""One HTTP request to the server and its whole answer; every failure becomes one of our errors."""

import logging
import ssl
import time
from functools import cache
from urllib.parse import urlsplit

import httpx2

from navalha.evolution.errors import EvolutionError, InvalidInput, Unconfirmed, Unreachable
from navalha.evolution.outcomes import Answer, failure_of, failure_of_transport

_MAX_ANSWER = 16 * 1024 * 1024  # bytes; about 8,000 instances in fetchInstances
_POOL_TIMEOUT = 5.0
# Below the 5 s after which Node closes an idle connection: writing into one that is just closing would make a send
# Unconfirmed for nothing.
_KEEPALIVE = 2.0


@cache
def _tls() -> ssl.SSLContext:
    """Made once: loading the certificates takes longer than sending a message."""
    return httpx2.create_ssl_context(trust_env=False)


class _WithoutQuery(logging.Filter):
    """httpx2 logs whole addresses, and `connect` has a phone number in its query."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                arg.copy_with(query=None) if isinstance(arg, httpx2.URL) else arg for arg in record.args
            )
        return True


logging.getLogger("httpx2").addFilter(_WithoutQuery())


class Transport:
    """Holds the address and the key. Neither the key nor a path is ever part of its text."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        transport: httpx2.BaseTransport | None,
        read_timeout: float,
        connect_timeout: float,
    ) -> None:
        self._base_url = checked_url(base_url, what="base_url", plain=True).rstrip("/")
        self.host = urlsplit(self._base_url).netloc
        self._key = _checked_key(api_key)
        self._deadline = read_timeout
        self._http = httpx2.Client(
            transport=transport,
            verify=_tls(),
            timeout=httpx2.Timeout(read_timeout, connect=connect_timeout, pool=_POOL_TIMEOUT),
            limits=httpx2.Limits(keepalive_expiry=_KEEPALIVE),
            follow_redirects=False,
            trust_env=False,  # the key must not travel through whatever proxy the environment names
        )

    def close(self) -> None:
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: dict[str, str] | None = None,
        repeatable: bool = True,
        with_key: bool = True,
        private: tuple[str, ...] = (),
    ) -> Answer:
        """The answer, always 2xx and JSON; else raises. `private` texts are kept out of the error."""
        answer = self._exchange(method, path, body=body, query=query, repeatable=repeatable, with_key=with_key)
        if not 200 <= answer.status < 300:
            raise failure_of(answer, repeatable=repeatable, secrets=(self._key, *private))
        if not answer.is_json:
            raise unreadable("not JSON", answer.status, repeatable=repeatable)
        return answer

    def _exchange(
        self, method: str, path: str, *, body: object, query: dict[str, str] | None, repeatable: bool, with_key: bool
    ) -> Answer:
        headers = {"accept": "application/json"} | ({"apikey": self._key} if with_key else {})
        url = self._base_url + path
        failure: EvolutionError
        try:
            with self._http.stream(method, url, json=body, params=query, headers=headers) as response:
                return Answer.of(response.status_code, self._read(response, repeatable=repeatable))
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            failure = failure_of_transport(error, repeatable=repeatable)
        # Outside the except block: the original error holds the request, and the request the key.
        raise failure

    def _read(self, response: httpx2.Response, *, repeatable: bool) -> bytes:
        """The body, bounded in size and in time (the read timeout alone starts anew with every byte)."""
        content, ends_at = bytearray(), time.monotonic() + self._deadline
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > _MAX_ANSWER or time.monotonic() > ends_at:
                raise unreadable("answer too large or too slow", response.status_code, repeatable=repeatable)
        return bytes(content)


def unreadable(detail: str, status: int, *, repeatable: bool) -> EvolutionError:
    """The error for an answer that says it went well and does not say what went well."""
    return Unreachable(detail, status=status) if repeatable else Unconfirmed(detail, status=status)


def checked_url(url: str, *, what: str, plain: bool = False) -> str:
    """`url` if it is http(s) with a host and without credentials (`plain`: without query too); raises InvalidInput."""
    if not isinstance(url, str) or not url.isprintable() or " " in url:
        raise InvalidInput(f"{what} is not an address")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise InvalidInput(f"{what} must start with http:// or https:// and name a host")
    if "@" in parts.netloc or parts.fragment or (plain and parts.query):
        raise InvalidInput(f"{what} must not carry credentials, a query or a fragment")
    return url


def _checked_key(key: str) -> str:
    if not isinstance(key, str) or not key or not key.isascii() or not key.isprintable() or " " in key:
        raise InvalidInput("api_key must be printable ASCII without spaces")
    return key
