"""The background worker: claims jobs, runs them, keeps their leases, and outlives whatever they do."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import structlog

import persistence.job_runs
import persistence.jobs
from domain.errors import Unavailable
from domain.jobs import Job, JobKind, LeaseLost, Overtaken
from persistence.bus import JOBS, Wakes
from persistence.database import Writing
from resolvers.alert_checks import check_alerts
from resolvers.backfills import follow_backfills
from resolvers.candidates import end_timed
from resolvers.context import Services
from resolvers.derivation import derive_session, flag_outliers, version
from resolvers.erasing import expire_sessions, run_erasures
from resolvers.insight_copying import copy_insights, watch_outbox
from resolvers.insight_leading import bury_run, run_insight
from resolvers.report_schedules import run_schedules
from resolvers.report_writing import bury_report, write_report
from resolvers.uploads import bury_upload, read_upload
from resolvers.webhooks import deliver_webhook, forget_webhooks

T = TypeVar("T")

Runner = Callable[[Services, Job], Awaitable[None]]

RUNNERS: Mapping[JobKind, Runner] = {
    JobKind.DERIVE_SESSION: derive_session,
    JobKind.FLAG_OUTLIERS: flag_outliers,
    JobKind.FOLLOW_BACKFILLS: follow_backfills,
    JobKind.ERASE: run_erasures,
    JobKind.EXPIRE_SESSIONS: expire_sessions,
    JobKind.END_TIMED: end_timed,
    JobKind.WRITE_REPORT: write_report,
    JobKind.READ_UPLOAD: read_upload,
    JobKind.RUN_SCHEDULES: run_schedules,
    JobKind.CHECK_ALERTS: check_alerts,
    JobKind.DELIVER_WEBHOOK: deliver_webhook,
    JobKind.FORGET_WEBHOOKS: forget_webhooks,
    JobKind.RUN_INSIGHT: run_insight,
    JobKind.COPY_INSIGHTS: copy_insights,
}

LAST_RITES: Mapping[JobKind, Runner] = {
    JobKind.WRITE_REPORT: bury_report,
    JobKind.READ_UPLOAD: bury_upload,
    JobKind.RUN_INSIGHT: bury_run,
}
"""What else is to be done about a job whose last try went wrong."""

_LEASE = timedelta(seconds=20)
_POLL_S = 1.0
_SENDING = 8
"""So many jobs that wait for servers elsewhere run beside the others: a slow receiver holds up nobody's verdict."""
_ASKING = 2
"""And so many that wait for one long statement."""
_GRACE_S = 10.0
"""So long a stopping worker waits for running jobs before it hands them back."""
_PATIENCE_S = (0.1, 0.5, 1.0, 2.0, 4.0)
"""Pauses between tries to reach the queue; after the last the job is left to the reaper."""

_log = structlog.get_logger("goalarc.worker")


async def run_worker(services: Services, concurrency: int, stop: asyncio.Event) -> None:
    """Works until `stop` is set; then running jobs finish within ten seconds or are handed back."""
    await Worker(services, concurrency).run(stop)


class Worker:
    """Up to `concurrency` jobs at a time, and some that send or ask the database for long. Several workers share the
    queue, also in several processes."""

    def __init__(
        self,
        services: Services,
        concurrency: int,
        lease: timedelta = _LEASE,
        runners: Mapping[JobKind, Runner] = RUNNERS,
    ) -> None:
        self._services = services
        self._concurrency = concurrency
        self._lease = lease
        self._runners = runners
        self._version = version(services.judge)
        self._running: set[asyncio.Task[None]] = set()
        self._sending: set[asyncio.Task[None]] = set()
        self._asking: set[asyncio.Task[None]] = set()
        self._reaped_at = float("-inf")
        self._asked_outdated = False

    async def run(self, stop: asyncio.Event) -> None:
        async with self._services.bus.listen(JOBS) as wakes:
            watch = asyncio.create_task(_ring_when(stop, wakes))
            copying = asyncio.create_task(watch_outbox(self._services))
            try:
                await self._until(stop, wakes)
            finally:
                watch.cancel()
                copying.cancel()
                await asyncio.wait([copying])
                await self._wind_up()

    async def _until(self, stop: asyncio.Event, wakes: Wakes) -> None:
        rung = True
        while not stop.is_set():
            try:
                await self._look(wakes)
            except Exception as error:  # the database is away: look again
                _log.warning("the queue is out of reach", error=_place(error))
            # What a wake-up tells of becomes due a moment later.
            rung = await wakes.wait(persistence.jobs.QUIET.total_seconds() if rung else _POLL_S)

    async def _look(self, wakes: Wakes) -> None:
        """Starts what is due, as far as hands are free."""
        async with persistence.jobs.scope(self._services.database) as db:
            dead = await self._keep_house(db)
            free, sending = self._concurrency - len(self._running), _SENDING - len(self._sending)
            asking = _ASKING - len(self._asking)
            claimed = await persistence.job_runs.claim(db, free, self._lease, self._version, sending, asking)
        await self._bury(dead)
        for job in claimed:
            hands = self._hands(job.kind)
            task = asyncio.create_task(self._work(job))
            hands.add(task)
            task.add_done_callback(hands.discard)
            task.add_done_callback(lambda _: wakes.ring())

    def _hands(self, kind: JobKind) -> set[asyncio.Task[None]]:
        match kind:
            case JobKind.DELIVER_WEBHOOK:
                return self._sending
            case JobKind.RUN_INSIGHT | JobKind.CHECK_ALERTS:
                return self._asking
            case _:
                return self._running

    async def _keep_house(self, db: Writing) -> list[Job]:
        """Takes jobs back from dead workers; the first time also asks for what older rules derived. Returns those that
        nobody tries again."""
        now = asyncio.get_running_loop().time()
        if now - self._reaped_at < self._lease.total_seconds() / 4:
            return []
        await persistence.job_runs.revive(db)
        dead = await persistence.job_runs.reap(db)
        for job in dead:
            _log.error("job failed: its workers stopped answering", job=job.kind, key=job.key)
        if not self._asked_outdated and (count := await persistence.jobs.enqueue_outdated(db, self._version)):
            _log.info("deriving again under new rules", sessions=count, version=self._version)
        self._reaped_at, self._asked_outdated = now, True
        return dead

    async def _bury(self, dead: Iterable[Job]) -> None:
        """Where this fails too, what waits for such a job has a deadline of its own."""
        for job in dead:
            rites = LAST_RITES.get(job.kind)
            if rites is not None:
                await self._try(job, lambda job=job, rites=rites: rites(self._services, job))

    async def _work(self, job: Job) -> None:
        """Runs one job to its end, whichever it is."""
        log = _log.bind(job=job.kind, key=job.key, attempt=job.attempt)
        run = asyncio.ensure_future(self._runners[job.kind](self._services, job))
        beat = asyncio.create_task(self._beat(job, run))
        try:
            await run
        except LeaseLost:
            log.warning("the lease was lost: result dropped")
        except asyncio.CancelledError:  # by a lost lease or a stopping worker; without a lease this does nothing
            await self._tell(job, lambda db: persistence.job_runs.release(db, job))
        except Exception as error:
            await self._answer_for(job, error, log)
        finally:
            beat.cancel()

    async def _answer_for(self, job: Job, error: Exception, log: structlog.typing.FilteringBoundLogger) -> None:
        """Lost connections and faster neighbours cost no try. Messages stay out of the log: they may quote prompts."""
        place = _place(error)
        if isinstance(error, Overtaken | Unavailable):
            log.warning("job interrupted", error=place)
            await self._tell(job, lambda db: persistence.job_runs.release(db, job, pause=timedelta(seconds=1)))
        else:
            log.error("job went wrong", error=place)
            await self._bury(await self._tell(job, lambda db: persistence.job_runs.fail(db, job, place)) or ())

    async def _beat(self, job: Job, run: asyncio.Future[None]) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 5)
            try:
                async with persistence.jobs.scope(self._services.database) as db:
                    held = await persistence.job_runs.beat(db, job, self._lease)
            except Exception as error:  # the lease outlasts a few lost beats
                _log.warning("a beat was missed", key=job.key, error=_place(error))
                continue
            if not held:
                _log.warning("the lease was lost: run stopped", job=job.kind, key=job.key)
                run.cancel()
                return

    async def _tell(self, job: Job, message: Callable[[Writing], Awaitable[T]]) -> T | None:
        """What the queue answers; None if it stays out of reach."""

        async def send() -> T:
            async with persistence.jobs.scope(self._services.database) as db:
                return await message(db)

        return await self._try(job, send)

    async def _try(self, job: Job, act: Callable[[], Awaitable[T]]) -> T | None:
        for pause in _PATIENCE_S:
            try:
                return await act()
            except Exception:  # the database is away
                await asyncio.sleep(pause)
        _log.warning("left to the reaper", key=job.key)
        return None

    async def _wind_up(self) -> None:
        left = self._running | self._sending | self._asking
        if not left:
            return
        _, late = await asyncio.wait(left, timeout=_GRACE_S)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)


async def _ring_when(stop: asyncio.Event, wakes: Wakes) -> None:
    await stop.wait()
    wakes.ring()


def _place(error: Exception) -> str:
    """The kind of an error and where it came from, without its message."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join([type(error).__name__, *(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))])
