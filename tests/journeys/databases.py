"""A database of its own for a town: a copy of the tests' one, which has all tables and no rows."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import psycopg
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


@contextmanager
def own_database() -> Iterator[str]:
    """Yield the address of a fresh database; it is dropped at the end, whoever is still connected.

    Where somebody is still connected to the tests' database it cannot be copied: then the new one begins empty.
    """
    tests, name = str(connection.settings_dict["NAME"]), f"journey_{os.getpid()}"
    connections.close_all()
    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        drop(server, name)
        try:
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(tests))
            )
        except psycopg.errors.ObjectInUse:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield url_of(name)
        finally:
            drop(server, name)


def drop(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
