"""A database of its own for a town, beside the tests' one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, unquote, urlencode, urlsplit

import psycopg
from django.conf import settings
from django.db import connection, connections
from psycopg import sql


def url_of(name: str) -> str:
    """The address of a database of the tests' server, for other processes."""
    known = connection.get_connection_params()
    who = quote(str(known.get("user") or ""), safe="")
    if known.get("password"):
        who += f":{quote(str(known['password']), safe='')}"
    place = urlencode({"host": known.get("host") or "127.0.0.1", "port": known.get("port") or 5432})
    return f"postgresql://{who}@/{quote(name, safe='')}?{place}"


def url_of_tests() -> str:
    """The address of the tests' own database, or of a bench's."""
    return url_of(str(connection.settings_dict["NAME"]))


@contextmanager
def own_database() -> Iterator[str]:
    """Yield the address of a fresh database; it is dropped at the end, whoever is still connected."""
    name = f"journey_{os.getpid()}"
    connections.close_all()
    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        drop(server, name)
        _create(server, name)
        try:
            yield url_of(name)
        finally:
            drop(server, name)


def _create(server: psycopg.Connection, name: str) -> None:
    """As a copy of the tests' database, which spares the migrations; empty where that one cannot be copied.

    It cannot while somebody is connected to it. And it is not there when none of the chosen tests uses rows: then
    Django is still connected to the database that was configured, and of somebody's real rows nothing is copied.
    """
    current = str(connection.settings_dict["NAME"])
    is_of_tests = current != unquote(urlsplit(settings.DATABASE_URL).path).lstrip("/")
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(current))
    empty = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    try:
        server.execute(copy if is_of_tests else empty)
    except psycopg.errors.ObjectInUse:
        server.execute(empty)


def drop(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
