"""The supervisor behind `make demo`: check, start, wait until all of it answers, watch, stop."""

import os
import sys
import time
from contextlib import suppress

from navalha.config.database import embedded_server_runs, server_folder, stop_embedded_server
from navalha.demo import services
from navalha.demo.crew import Asked, Crew, PartEnded
from navalha.demo.keys import read_keys
from navalha.demo.options import CannotRun, Options, alone, check_port, check_writable, read_options
from navalha.demo.people import OTHER_SHOP, PASSWORD, ROLES, SHOP
from navalha.demo.services import Service

START_LIMIT = 120.0  # seconds until a part that does not answer counts as failed


def main() -> int:
    """Run the demo until it is stopped. Returns 0 when asked to stop, 1 when a part failed, 2 when it cannot run."""
    try:
        options = read_options(os.environ)
        check_writable(options.var)
        with alone(options.var):
            check_port(options.port, "PORT")
            check_port(options.simulator_port, "SIMULATOR_PORT")
            return supervise(options)
    except CannotRun as reason:
        print(reason, file=sys.stderr)
        return 2


def supervise(options: Options) -> int:
    """Start every part, then watch them. Whatever happens, nothing is left running."""
    configured = os.environ.get("DATABASE_URL", "")
    try:
        with Crew(options.logs, {}) as crew:
            crew.heed_signals()
            start(crew, options)
            say(welcome(options))
            while configured or embedded_server_runs(options.var):
                crew.pause(0.5)
            raise PartEnded(f"O banco de dados parou sozinho. O registro dele: {server_folder(options.var) / 'log'}")
    except Asked:
        say("\nParado.")
        return 0
    except PartEnded as reason:
        print(reason, file=sys.stderr)
        return 1
    finally:
        if not configured:
            stop_embedded_server(options.var)  # only a killed keeper leaves it running


def start(crew: Crew, options: Options) -> None:
    """Bring up the database, the rows, the simulator, the site and the worker, saying how far it is."""
    began = time.monotonic()
    keys = read_keys(options.var)
    progress(began, "Banco de dados…")
    database = crew.start_keeper([sys.executable, "-m", "navalha.demo.keeper", str(options.var)])
    crew.environment |= services.django_environment(options, keys, database)
    whatsapp = services.simulator(options, keys["SIMULATOR_KEY"])
    crew.start(whatsapp.name, whatsapp.command)  # it opens while the rows are made
    progress(began, "Tabelas, arquivos e dados de exemplo…")
    crew.finish("prepare", [sys.executable, "-m", "navalha.demo.prepare"])
    parts = [services.web(options), services.worker(database)]
    for part in parts:
        crew.start(part.name, part.command)
    for part in [whatsapp, *parts]:
        wait(crew, part)
        progress(began, f"{part.title}: responde")


def wait(crew: Crew, part: Service) -> None:
    """Wait until a part answers. Raises PartEnded when it does not in time."""
    limit = time.monotonic() + START_LIMIT
    while not part.ready():
        crew.pause(0.2)
        if time.monotonic() > limit:
            raise PartEnded(f"{part.name} não respondeu em {START_LIMIT:.0f} s.\n{crew.last_words(part.name)}")


def progress(began: float, text: str) -> None:
    say(f"  {time.monotonic() - began:5.1f} s  {text}")


def say(text: str) -> None:
    """Print for whoever still watches: a closed terminal must not keep us from stopping the parts."""
    with suppress(OSError):
        print(text, flush=True)


def welcome(options: Options) -> str:
    """Return the addresses and log-ins; the last line is what scripts wait for."""
    site = options.site
    people = "\n".join(f"  {email:<26} {role}" for email, role in ROLES.items())
    return f"""
  Entrar               {site}/entrar/
  Agenda               {site}/agenda/
  WhatsApp             {site}/whatsapp/
  Página do cliente    {site}/agendar/{SHOP}/
                       {site}/agendar/{OTHER_SHOP}/
  Celulares simulados  {options.simulator}/

  Senha de todos: {PASSWORD}
{people}

  Registros em {options.logs}. Ctrl-C para tudo.
Navalha pronto"""
