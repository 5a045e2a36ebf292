"""What `postmaster.pid` tells: PostgreSQL writes it when it starts and removes it when it has stopped in order."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PidFile:
    """The parts that can be read. They are true only while the server lives that wrote them."""

    pid: int | None = None
    socket_dir: Path | None = None
    ready: bool = False


def read_pid_file(data: Path) -> PidFile:
    """The pid file in `data`; nothing but defaults if it is missing, empty or not a pid file."""
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return PidFile()
    pid, _, _, _, socket_dir, _, _, status = [line.strip() for line in (*lines, *[""] * 8)[:8]]
    return PidFile(
        pid=abs(int(pid)) if re.fullmatch(r"-?[1-9][0-9]{0,9}", pid, re.ASCII) else None,
        socket_dir=Path(socket_dir) if socket_dir.startswith("/") else None,
        ready=status == "ready",
    )
