"""Jobs that are marked as running and are not: their worker was killed, or could not say that it had finished.

Such a job would keep its lock, and with it one shop's or one number's work, for ever. It is deleted and not run again:
it was only a wake-up, and `tasks.look` wakes for the rows that are still to do.
"""

from collections.abc import Iterable

import structlog
from procrastinate.contrib.django import app
from procrastinate.jobs import Job, Status

from .running import RUNNING

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 2.0
DEAD_AFTER_SECONDS = 8.0

_suspects: set[int] = set()


async def free_stalled_jobs() -> int:
    """Delete the jobs of dead workers, and those of this process that it does not know to be running; how many."""
    jobs = app.job_manager
    stalled = list(await jobs.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS))
    lost = [*stalled, *await _lost_here()]
    for job in lost:
        if job.id is not None:
            log.warning("job freed", job=job.id, task=job.task_name, lock=job.lock)
            await jobs.finish_job_by_id_async(job.id, status=Status.FAILED, delete_job=True)
    await jobs.prune_stalled_workers(DEAD_AFTER_SECONDS)
    return len(lost)


async def _lost_here() -> list[Job]:
    """Ours by the table, but not running since the last look: the word that they ended was lost with a connection."""
    doing: Iterable[Job] = await app.job_manager.list_jobs_async(status=Status.DOING.value)
    ours = [job for job in doing if job.worker_id in RUNNING.workers and job.id not in RUNNING.jobs]
    lost = [job for job in ours if job.id in _suspects]
    _suspects.clear()
    _suspects.update(job.id for job in ours if job.id is not None)
    return lost
