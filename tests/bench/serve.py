"""`python -m tests.bench.serve MODULE FD`: an application on an open socket, served as `goalarc serve` does it."""

import socket
import sys

import uvicorn

from server.connections import Connection


def main(module: str, listener: socket.socket) -> None:
    config = uvicorn.Config(
        f"{module}:from_environment",
        factory=True,
        access_log=False,
        log_config=None,
        server_header=False,
        ws_max_size=1_048_576,
        ws_per_message_deflate=False,
        http=Connection,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
