"""Started by an agent for each of its hooks: keeps the payload, answers at once, has it sent behind the agent's back.

Whatever goes wrong, the agent sees a neutral answer and exit code 0. Each hook waits for what is imported here.
"""

import fcntl
import os
import sys
import time

MOST_BYTES = 16 * 2**20
"""Of one payload, as the server takes it; what is larger could never be sent."""


def main(folder: str, agent: str) -> None:
    """From standard input to standard output. Does not return."""
    try:
        keep(folder, agent)
    except BaseException:  # what cannot be kept is lost, but the agent goes on
        pass
    try:
        os.write(1, b"{}\n")
        lock = only_sender(folder)
        if lock is not None and os.fork() == 0:
            _send_behind(folder, lock)
    except BaseException:  # the next hook tries again
        pass
    os._exit(0)


def keep(folder: str, agent: str) -> None:
    """Keeps what stands on standard input, on disk before it returns; half of it is never seen under its name."""
    fired = time.time_ns()
    body = _standard_input()
    if not body.strip() or len(body) > MOST_BYTES or os.path.exists(f"{folder}/full"):
        return
    name = f"{fired:020d}-{os.getpid()}.{agent}"
    file = os.open(f"{folder}/new/.{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        rest = memoryview(body)
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    finally:
        os.close(file)
    os.rename(f"{folder}/new/.{name}", f"{folder}/new/{name}")


def _standard_input() -> bytes:
    """At most a piece more than may be kept."""
    parts: list[bytes] = []
    size = 0
    while size <= MOST_BYTES and (part := os.read(0, 2**20)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def only_sender(folder: str) -> int | None:
    """What makes its holder the only sender; None where somebody else is. A child of the holder holds it as well."""
    lock = os.open(f"{folder}/sending", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def _send_behind(folder: str, lock: int) -> None:
    """In a session of its own, without the agent's pipes: an agent waits until all of them are closed."""
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for end in (0, 1, 2):
        os.dup2(nowhere, end)
    os.chdir(folder)
    sys.path.insert(0, folder)
    import sender  # pyright: ignore[reportMissingImports] - the file beside the copy of this one

    sender.send(folder, lock)  # pyright: ignore[reportUnknownMemberType]


if __name__ == "__main__":
    main(os.path.dirname(os.path.abspath(__file__)), sys.argv[1])
