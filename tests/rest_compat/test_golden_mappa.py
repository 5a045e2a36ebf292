"""One answer of each route of Mappa, whole, as it was written down; see test_golden."""

import re

from tests.rest_compat.house import House
from tests.rest_compat.test_golden import Told
from tests.rest_compat.workspace import FILES, JOBS, REPORTS, transcript, wish, workspace


async def test_files_jobs_and_reports(house: House) -> None:
    here = await workspace(house)
    receipt = await here.upload(transcript(), label="interview")
    created = await here.client.post(JOBS, json=wish(here.session, "sales_playbook", label="interview"))
    job, medium = created.json()["jobId"], receipt.json()["mediaId"]
    told = Told({
        medium: "MEDIUM", job: "JOB", job.replace("job_", "report_"): "REPORT", here.session: "SESSION",
        str(here.key.user.id): "LEAD", str(here.ada.context.caller.user_id): "ADA", str(here.key.key.id): "KEY",
        str(here.org_id): "ORG",
    })  # fmt: skip
    told.agrees("upload_file", receipt)
    told.agrees("create_job", created)
    told.agrees("get_file", await here.client.get(f"{FILES}/{here.session}"))
    told.agrees("get_job", await here.client.get(f"/v1/jobs/{job}"))
    await here.write()
    stream = await here.client.get(f"/v1/jobs/{job}/stream")
    told.says("stream_job", stream.status_code, [_without_time(line) for line in stream.text.split("\n")])
    for name, path in (
        ("get_media_report_by_job", f"by-job/{job}"),
        ("get_media_report", job.replace("job_", "report_")),
    ):
        answer = await here.client.get(f"{REPORTS}/{path}")
        body = {**answer.json(), "pdfUrl": "PDF", "reportUrl": "PAGE"}
        told.says(name, answer.status_code, body)
    told.agrees("cancel_job", await here.client.post(f"/v1/jobs/{job}/cancel"))


def _without_time(line: str) -> str:
    """The time of the last change is the database's."""
    return re.sub(r'"updatedAt":"[^"]+"', '"updatedAt":"NOW"', line)
