"""What a resolver is given: the process's services and who asks."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.access import Caller
from domain.insights.results import Result
from domain.insights.runs import RunId
from domain.judging.judge import Judge
from domain.networks import Network
from domain.reports.prose import Writer
from domain.scores.headline import Tally
from domain.scores.totals import Totals
from persistence.bus import Bus
from persistence.database import Database, Reading, Tenant, Writing
from persistence.insights.cache import KEPT_BYTES
from persistence.insights.clickhouse.client import Client
from persistence.insights.engine import Engine
from persistence.live_feeds import LiveFeeds
from persistence.pdf import Press
from resolvers.answers import Answers
from resolvers.figures import Figures, of_tallies, of_totals
from resolvers.insight_slots import InsightSlots
from resolvers.intake import Intake
from resolvers.kept import Kept
from resolvers.leases import Leases
from resolvers.loaders import Loaders
from resolvers.looks import Looks

_RESULTS_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Services:
    """What one process holds open, handed down by the composition root."""

    database: Database
    bus: Bus
    judge: Judge
    now: Callable[[], datetime]
    live: LiveFeeds
    engine: Engine
    """What computes insights."""
    rate_limits: bool = True
    graphql_budget: int = 1_000_000
    """Points of cost that a key may ask for in a minute unless it has a budget of its own."""
    webhook_allow: Sequence[Network] = ()
    """Networks that webhooks may reach although they are not public."""
    writer: Writer | None = None
    """The language model that may write reports, where the server has one."""
    press: Press = field(default_factory=Press)
    public_url: str | None = None
    """Where people reach the server, for links that are given away; None: wherever the request came in."""
    insight_slots: InsightSlots = field(default_factory=InsightSlots)
    insight_cache_bytes: int = KEPT_BYTES
    """Of results of insights that are kept, for each organisation."""
    clickhouse: Client | None = None
    """Where to events of insights are copied, if anywhere."""
    insight_results: Kept[RunId, Result] = field(default_factory=lambda: Kept(_RESULTS_BYTES))
    """Results that were read lately, by the run that computed them."""
    intake: Intake = field(default_factory=Intake)
    leases: Leases = field(default_factory=Leases)
    looks: Looks = field(default_factory=Looks)
    answers: Answers = field(default_factory=Answers)
    tallies: Figures[Tally] = field(default_factory=of_tallies)
    totals: Figures[Totals] = field(default_factory=of_totals)


@dataclass(frozen=True, slots=True)
class Context:
    """One request (or one socket): the caller, the services, and the loaders of this request."""

    services: Services
    caller: Caller
    loaders: Loaders

    @property
    def tenant(self) -> Tenant:
        return Tenant(self.caller.org_id, self.caller.visible_user)

    def read(self) -> AbstractAsyncContextManager[Reading]:
        return self.services.database.read(self.tenant)

    def write(self) -> AbstractAsyncContextManager[Writing]:
        return self.services.database.write(self.tenant)

    def uncached(self) -> "Context":
        """For one operation of a socket, which may go on for days: its loaders remember nothing."""
        return replace(self, loaders=Loaders(self.services.database, self.tenant, cache=False))

    def now(self) -> datetime:
        return self.services.now()
