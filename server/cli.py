"""The command line: `goalarc run|serve|import|watch|keys|candidates|orgs|users|reports|insights|erase|…`."""

import gc
import signal
from types import FrameType

import typer

from server.commands import (
    access,
    assessments,
    candidates,
    data,
    database,
    doctor,
    documents,
    erase,
    hooks,
    insights,
    orgs,
    reports,
    run,
    serve,
    watch,
)

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
app.command("run")(run.run_all)
app.command("serve")(serve.serve)
app.command("worker")(serve.work)
app.command("import")(data.import_transcripts)
app.command("watch")(watch.watch)
app.add_typer(data.export, name="export")
app.add_typer(access.keys, name="keys")
app.add_typer(assessments.assessments, name="assessments")
app.add_typer(candidates.candidates, name="candidates")
app.add_typer(orgs.orgs, name="orgs")
app.add_typer(orgs.users, name="users")
app.add_typer(reports.reports, name="reports")
app.add_typer(insights.insights, name="insights")
app.add_typer(erase.erase, name="erase")
app.add_typer(documents.documents, name="documents")
app.add_typer(hooks.hooks, name="hooks")
app.add_typer(database.db, name="db")
app.command("schema")(documents.print_schema)
app.command("openapi")(documents.print_openapi)
app.command("doctor")(doctor.doctor)


def main() -> None:
    gc.set_threshold(100_000, 20, 20)  # imports leave no garbage; looking for some took a sixth of the server's start
    signal.signal(signal.SIGTERM, _end)
    app()


def _end(number: int, frame: FrameType | None) -> None:
    """As ctrl-C: everything is closed, above all an embedded database that nobody else uses."""
    interrupt = signal.getsignal(signal.SIGINT)  # inside asyncio.run one that cancels the work in good order
    if not callable(interrupt):  # shells have what they start with & ignore ctrl-C
        raise KeyboardInterrupt
    interrupt(number, frame)
