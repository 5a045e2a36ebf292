"""The command line: `goalarc run|serve|import|keys|assessments|worker|db|schema|openapi|export|doctor`."""

import typer

from server.commands import access, data, database, doctor, documents, run, serve

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
app.command("run")(run.run_all)
app.command("serve")(serve.serve)
app.command("worker")(serve.work)
app.command("import")(data.import_transcripts)
app.add_typer(data.export, name="export")
app.add_typer(access.keys, name="keys")
app.add_typer(access.assessments, name="assessments")
app.add_typer(database.db, name="db")
app.command("schema")(documents.print_schema)
app.command("openapi")(documents.print_openapi)
app.command("doctor")(doctor.doctor)


def main() -> None:
    app()
