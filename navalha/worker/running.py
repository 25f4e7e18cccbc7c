"""Which jobs this process is really running, as opposed to what the table of jobs says."""

from dataclasses import dataclass, field
from typing import Any

from procrastinate.job_context import JobContext
from procrastinate.worker import Worker


@dataclass(slots=True)
class Running:
    """Ids of our workers (a process has one for each lane) and of the jobs they are at."""

    workers: set[int] = field(default_factory=set)
    jobs: set[int] = field(default_factory=set)


RUNNING = Running()


async def noted(call_next: Any, context: JobContext, worker: Worker) -> Any:
    """Procrastinate middleware around each job."""
    job = context.job.id or 0
    RUNNING.workers.add(context.job.worker_id or 0)
    RUNNING.jobs.add(job)
    try:
        return await call_next()
    finally:
        RUNNING.jobs.discard(job)
