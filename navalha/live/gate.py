"""Who may watch a shop, or all: read from the session, at connect and now and then. Runs in threads of its own."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import Error, connections
from django.http import HttpRequest

from .topics import EVERY_SHOP

threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="live gate")


class ReadOnlySession(SessionStore):
    """A stream cannot set a cookie, so it must never give the session another key."""

    key_salt = "django.contrib.sessions.SessionStore"  # Django salts by the class's name: read what that one wrote

    def cycle_key(self) -> None:
        return None

    def flush(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`status` 200 with the person's id, 401 without a log-in, 404 for a shop of others, 503 when we cannot know."""

    status: int
    user_id: int | None = None


async def ask(session_key: str, shop_id: int) -> Verdict:
    """Look at the session and the membership as they are now."""
    return await asyncio.get_running_loop().run_in_executor(threads, _look, session_key, shop_id)


def _may_watch(user: Any, shop_id: int, session: SessionStore) -> bool:
    """A shop's members watch it, and the operator watches all of them together, which nobody else does."""
    if shop_id == EVERY_SHOP:
        return bool(user.is_superuser)
    visit = session.get("acting_for")  # written by `accounts.impersonation`: an operator inside a shop
    if visit and user.is_superuser and visit["shop"] == shop_id and time.time() < visit["until"]:
        return True
    # By the relation's name: this package stands below `accounts` and cannot import it.
    return bool(user.memberships.filter(shop_id=shop_id).exists())


def _look(session_key: str, shop_id: int) -> Verdict:
    try:
        request = HttpRequest()
        request.session = ReadOnlySession(session_key)
        user = get_user(request)
        if not user.is_authenticated:
            return Verdict(401)
        return Verdict(200 if _may_watch(user, shop_id, request.session) else 404, user.pk)
    except Error:
        return Verdict(503)
    finally:
        connections.close_all()  # with a pool: give it back
