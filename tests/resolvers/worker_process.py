"""A worker in a process of its own that meets with an accident.

`die`: the judge kills the process. `freeze`: the judge stops it, once; whoever continues it lets it go on. `send`: it
sends webhooks to this machine, where a receiver may do with it what it likes.
"""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta

import structlog

from domain.judging.arcs import Arc
from domain.judging.judge import Verdict
from domain.judging.rule_judge import RuleJudge
from domain.networks import read_networks
from persistence.bus import open_bus
from persistence.database import Database, Urls
from resolvers.worker import Worker
from tests.history import judging
from tests.make_context import make_services

LEASE = timedelta(seconds=1)


class Fate(RuleJudge):
    """Its version is that of the rules, so that nothing is derived again because of it."""

    def __init__(self, signals: list[signal.Signals]) -> None:
        self.signals = signals

    def judge(self, arc: Arc) -> Verdict:
        if self.signals:
            os.kill(os.getpid(), self.signals.pop())
        return super().judge(arc)


def run(url: str, fate: str) -> None:
    """One of those above; it logs to standard error, which keeps no line back."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(_work(url, fate))


async def _work(url: str, fate: str) -> None:
    database = Database(Urls(owner=url, app=url))
    fates = {"die": [signal.SIGKILL], "freeze": [signal.SIGSTOP], "send": list[signal.Signals]()}
    async with open_bus("memory://", database) as bus:
        here = read_networks("127.0.0.1")
        services = replace(judging(make_services(database, bus)), judge=Fate(fates[fate]), webhook_allow=here)
        await Worker(services, 1, LEASE).run(asyncio.Event())
