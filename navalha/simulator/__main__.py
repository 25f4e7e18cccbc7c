"""`python -m navalha.simulator`: the pretend Evolution API and the pretend phones."""

import argparse
import errno
import logging
import sys
from pathlib import Path

from navalha.simulator.server import DEFAULT_KEY, run


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m navalha.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--data", type=Path, default=None, help="folder that keeps everything; without it: in memory")
    parser.add_argument("--key", default=DEFAULT_KEY, help="the global apikey")
    parser.add_argument("--team", action="append", default=[], help="a phone of the shop's own people; may be repeated")
    parser.add_argument("--speed", type=float, default=1.0, help="divides all times")
    return parser.parse_args()


def main() -> int:
    """Exit code 0 after a signal, 2 when the port is taken."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    options = _arguments()
    try:
        run(
            host=options.host,
            port=options.port,
            data=options.data,
            key=options.key,
            speed=options.speed,
            team=options.team,
        )
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            raise
        taken = f"A porta {options.port} de {options.host} está ocupada ou não pode ser usada pelo simulador."
        print(f"{taken} Feche o outro programa ou escolha outra porta com --port.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
