"""Files of Mappa: uploads and what becomes of them."""

import asyncio
import io
import tempfile
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

import domain.media
import resolvers.erasing
import resolvers.uploads
import rest_compat.mappa_files
from domain.jobs import Job, JobKind
from domain.media import MediaId, UploadId, upload_id
from domain.values import SessionId
from persistence.database import Tenant
from persistence.erasure import erase_sessions
from persistence.timeline import raw_payloads
from persistence.uploads import PIECE_BYTES, upload_pieces, uploads
from resolvers.uploads import GIVEN_UP, NO_SESSION, NO_TRANSCRIPT
from tests.rest_compat.house import House
from tests.rest_compat.workspace import ANSWER, FILES, JOBS, LINE, REPORTS, Workspace, transcript, wish, workspace

SESSION = LINE["sessionId"]


@pytest.fixture
async def here(house: House) -> Workspace:
    return await workspace(house)


async def uploaded(here: Workspace, body: bytes | None = None, name: str = "talk.jsonl", **more: object) -> str:
    answer = await here.upload(transcript() if body is None else body, name, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()["mediaId"]


async def file(here: Workspace, id: str) -> dict[str, object]:
    return (await here.client.get(f"{FILES}/{id}")).json()


async def rows(here: Workspace, table: sa.Table) -> int:
    async with here.house.services.database.read(Tenant(here.org_id)) as db:
        count = sa.select(sa.func.count().label("n")).select_from(table).where(table.c.org_id == here.org_id)
        return (await db.rows(count))[0]["n"]


async def test_files_upload_why(here: Workspace) -> None:
    """What was uploaded becomes a report: nothing but what a client can know is needed."""
    medium = await uploaded(here, label="interview")
    job = (await here.client.post(JOBS, json=wish(medium))).json()["jobId"]
    await here.read()
    await here.house.derived(SESSION)
    await here.write()
    report = (await here.client.get(f"{REPORTS}/by-job/{job}")).json()
    assert report["media"] == {"mediaId": medium}
    assert "rounding of totals" in report["markdown"]
    assert (await file(here, medium))["hasReports"] is True


async def test_files_get_processing(here: Workspace) -> None:
    good, bad = await uploaded(here), await uploaded(here, b"certainly no transcript", "notes.txt")
    assert {(await file(here, id))["processingStatus"] for id in (good, bad)} == {"PENDING"}
    await here.read()
    assert (await file(here, good))["processingStatus"] == "COMPLETED"
    failed = await file(here, bad)
    assert (failed["processingStatus"], failed["processingError"]) == ("FAILED", NO_TRANSCRIPT)


async def test_only_so_much_of_an_organisation_waits_to_be_read(
    here: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first may be repeated meanwhile: nothing more is stored."""
    headers = {"Idempotency-Key": "first"}
    monkeypatch.setattr(resolvers.uploads, "MOST_WAITING_BYTES", PIECE_BYTES)
    first = (await here.upload(transcript(), headers=headers)).json()["mediaId"]
    refused = await here.upload(transcript(), headers={"Idempotency-Key": "second"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limited")
    assert refused.headers["retry-after"] == "10"
    assert (await here.upload(transcript(), headers=headers)).json()["mediaId"] == first
    assert await rows(here, upload_pieces) == 1
    await here.read()
    assert (await here.upload(transcript(), headers={"Idempotency-Key": "second"})).status_code == 200


def form(rest: asyncio.Event) -> AsyncGenerator[bytes]:
    """A form whose second half comes when it may."""

    async def parts() -> AsyncGenerator[bytes]:
        yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="talk.jsonl"\r\n\r\n' + transcript()
        await rest.wait()
        yield b"\r\n--b--\r\n"

    return parts()


FORM = {"content-type": "multipart/form-data; boundary=b"}


async def test_only_so_many_files_of_an_organisation_arrive_at_a_time(
    here: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each lies on disk meanwhile, and whoever sends may take their time."""
    monkeypatch.setattr(rest_compat.mappa_files, "_MOST_AT_ONCE", 1)
    rest = asyncio.Event()
    first = asyncio.create_task(here.client.post(FILES, content=form(rest), headers=FORM))
    while not rest_compat.mappa_files._arriving[here.org_id]:
        await asyncio.sleep(0)
    refused = await here.upload(transcript())
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
    rest.set()
    assert (await first).status_code == 200
    assert (await here.upload(transcript())).status_code == 200


async def test_a_file_that_never_ends_is_not_waited_for(here: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_compat.mappa_files, "_ARRIVES_WITHIN_S", 0.05)
    answer = await here.client.post(FILES, content=form(asyncio.Event()), headers=FORM)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_upload")
    assert not rest_compat.mappa_files._arriving[here.org_id]


async def test_a_receipt_says_what_was_taken_in(here: Workspace) -> None:
    receipt = (await here.upload(transcript(), "talk.jsonl", label="interview")).json()
    assert upload_id(MediaId(receipt["mediaId"])) is not None
    assert (receipt["label"], receipt["source"], receipt["sizeBytes"]) == ("interview", "SDK", len(transcript()))
    assert receipt["createdByApiKeyId"] == str(here.key.key.id)
    assert receipt["workspaceId"] == str(here.org_id)
    assert (await here.upload(transcript(), "talk.jsonl")).json()["label"] == "talk.jsonl"


async def test_an_upload_is_judged_like_any_other_session_and_its_bytes_are_let_go(here: Workspace) -> None:
    medium = await uploaded(here)
    assert await rows(here, upload_pieces) == 1
    await here.read()
    assert await rows(here, upload_pieces) == 0
    assert await rows(here, raw_payloads) == 2
    told = await file(here, medium)
    assert told["durationSeconds"] == 60.0
    assert (await file(here, SESSION))["source"] == "NOTETAKER"


async def test_secrets_in_an_upload_are_not_stored(here: Workspace) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    leaky = {**LINE, "message": {"role": "user", "content": f"Fix it with {secret} please, now and here."}}
    await uploaded(here, transcript(leaky, ANSWER))
    await here.read()
    async with here.house.services.database.read(Tenant(here.org_id)) as db:
        stored = await db.rows(sa.select(raw_payloads.c.body).where(raw_payloads.c.org_id == here.org_id))
    assert secret not in "".join(row["body"] for row in stored)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"\x00\xff" * 900, NO_TRANSCRIPT),
        (b"{}\n{}\n", NO_TRANSCRIPT),
        (transcript({"type": "summary", "summary": "x", "sessionId": SESSION}), None),
    ],
)
async def test_what_cannot_be_read_ends_failed_with_a_reason(here: Workspace, body: bytes, problem: str | None) -> None:
    medium = await uploaded(here, body)
    await here.read()
    told = await file(here, medium)
    assert told["processingStatus"] == "FAILED"
    assert told["processingError"] in ({problem} if problem else {NO_SESSION, NO_TRANSCRIPT})


def names_in(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


@pytest.mark.parametrize("ends", ["read", "given up"])
async def test_what_a_killed_worker_left_on_disk_goes(
    here: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ends: str
) -> None:
    """It holds the file as it came, before secrets were taken out of it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    id = upload_id(MediaId(await uploaded(here)))
    assert id is not None
    for name in (f"goalarc-upload-{id.hex}-killed", "goalarc-upload-of-another"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "talk.jsonl").write_bytes(transcript())
    if ends == "read":
        await here.read()
    else:
        [job] = await here._claimed(JobKind.READ_UPLOAD)
        await resolvers.uploads.bury_upload(here.house.services, job)
    assert names_in(tmp_path) == ["goalarc-upload-of-another"]


async def test_a_report_of_what_turns_out_unreadable_fails(here: Workspace) -> None:
    """Whether it was asked for before it was known or after."""
    medium = await uploaded(here, b"no transcript")
    before = (await here.client.post(JOBS, json=wish(medium))).json()["jobId"]
    await here.read()
    after = (await here.client.post(JOBS, json=wish(medium))).json()["jobId"]
    await here.write()
    told = {"code": "media_unreadable", "message": NO_TRANSCRIPT, "retryable": False}
    assert [(await here.job(job))["error"] for job in (before, after)] == [told, told]


async def test_an_upload_that_kills_its_readers_ends_failed(here: Workspace) -> None:
    medium = await uploaded(here)
    id = upload_id(MediaId(medium))
    await resolvers.uploads.bury_upload(
        here.house.services, Job(here.org_id, JobKind.READ_UPLOAD, str(id), None, 1, 1, 3)
    )
    assert (await file(here, medium))["processingError"] == GIVEN_UP


async def test_the_same_file_again_is_the_same_session(here: Workspace) -> None:
    first, second = await uploaded(here), await uploaded(here)
    await here.read()
    assert first != second
    assert {(await file(here, id))["processingStatus"] for id in (first, second)} == {"COMPLETED"}
    assert await rows(here, raw_payloads) == 2


async def test_files_of_one_name_that_name_no_session_stay_apart(here: Workspace) -> None:
    talk = "# Chat\n\n_**User (2026-03-02 09:00:00Z)**_\n\nFix the {}\n\n---\n\n_**Agent**_\n\nDone.\n"
    first, second = [await uploaded(here, talk.format(what).encode(), "chat.md") for what in ("cart", "shop")]
    await here.read()
    async with here.house.services.database.read(Tenant(here.org_id)) as db:
        found = [
            await resolvers.uploads.persistence.uploads.find(db, here.org_id, UploadId(upload_id(MediaId(id))))
            for id in (first, second)
        ]
    assert found[0].session_id != found[1].session_id or found[0].session_id is None


async def test_a_session_of_somebody_else_is_not_written_into(here: Workspace, house: House) -> None:
    theirs = {**LINE, "sessionId": here.session}
    medium = await uploaded(here, transcript(theirs))
    await here.read()
    assert (await file(here, medium))["processingStatus"] == "FAILED"
    assert "somebody else" in (await file(here, medium))["processingError"]


async def test_the_same_key_gives_the_same_file(here: Workspace) -> None:
    key = {"Idempotency-Key": "once"}
    first = (await here.upload(transcript(), headers=key)).json()
    assert (await here.upload(transcript(), headers=key)).json() == first
    other = await here.upload(transcript(LINE), headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_conflict")
    assert await rows(here, uploads) == 1


async def test_what_is_no_form_with_a_file_is_422(here: Workspace) -> None:
    for sent in (
        {"json": {"file": "x"}},
        {"content": b""},
        {"data": {"file": "text"}},
        {"files": {"other": ("a", b"x")}},
        {"content": b"--x", "headers": {"content-type": "multipart/form-data"}},
        {"content": b"broken", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"files": {"file": ("a.jsonl", b"")}},
        {"files": {"file": ("a.jsonl", b"x")}, "data": {"label": " "}},
    ):
        answer = await here.client.post(FILES, **sent)
        assert answer.status_code == 422, sent
    assert (await here.client.post(FILES, content=b"")).json()["error"] == {
        "code": "invalid_upload", "message": "No file part",
    }  # fmt: skip
    assert await rows(here, uploads) == 0


async def test_a_file_that_is_too_large_is_413_before_it_is_all_there(
    here: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_compat.mappa_files, "MOST_UPLOAD_BYTES", 1_000)
    assert (await here.upload(b"x" * 1_000)).status_code == 200
    answer = await here.upload(b"x" * 1_001)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "payload_too_large")
    assert (await here.client.post(FILES, files={"file": ("a", io.BytesIO(b"x" * 200_000))})).status_code == 413


async def test_a_file_in_many_pieces_is_read_whole(here: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("persistence.uploads.PIECE_BYTES", 100)
    medium = await uploaded(here)
    assert await rows(here, upload_pieces) == -(-len(transcript()) // 100)
    await here.read()
    assert (await file(here, medium))["processingStatus"] == "COMPLETED"


async def test_names_are_only_names(here: Workspace) -> None:
    for name in ("../../etc/passwd", "", "a" * 500, "\u202egnp.txt", ".jsonl", "CON"):
        medium = await uploaded(here, transcript(), name or "x")
        await here.read()
        assert (await file(here, medium))["processingStatus"] == "COMPLETED", name


async def test_files_of_another_workspace_are_404(here: Workspace, other_house: House) -> None:
    theirs = await workspace(other_house)
    for id in (await uploaded(theirs), theirs.session, "media_x", "none"):
        assert (await here.client.get(f"{FILES}/{id}")).status_code == 404


async def test_a_file_goes_with_its_session(here: Workspace) -> None:
    medium = await uploaded(here)
    await here.read()
    async with here.house.services.database.write(Tenant(here.org_id)) as db:
        await erase_sessions(db, here.org_id, [SessionId(SESSION)])
    assert (await here.client.get(f"{FILES}/{medium}")).status_code == 404


async def test_how_long_a_file_is_kept_is_told(here: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    medium = await uploaded(here)
    assert (await file(here, medium))["retention"] == {"daysRemaining": None, "expiresAt": None, "locked": False}
    monkeypatch.setattr("resolvers.media.expiry", lambda at, days: domain.media.expiry(at, 10))
    told = (await file(here, medium))["retention"]
    assert told["daysRemaining"] == 10


async def test_what_led_to_no_session_grows_old(here: Workspace) -> None:
    await uploaded(here, b"no transcript")
    await here.read()
    now = here.house.services.now()
    async with here.house.services.database.write(Tenant(here.org_id)) as db:
        await resolvers.erasing.persistence.uploads.forget_old(db, here.org_id, now - timedelta(days=1))
    assert await rows(here, uploads) == 1
    async with here.house.services.database.write(Tenant(here.org_id)) as db:
        await resolvers.erasing.persistence.uploads.forget_old(db, here.org_id, now + timedelta(days=1))
    assert await rows(here, uploads) == 0
