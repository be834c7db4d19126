"""`aelib app`: serves the app to browsers."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import aelib
from aelib.spec.fields import InvalidInput, Whole


def serve(port: str, address: str | None, *, headless: bool) -> int:
    """Becomes the server, or, where a process cannot become another, waits for it to end; its exit code then.

    `address`: where it is served only; None for all addresses of the machine. Raises `InvalidInput` where nothing can
    be served there.
    """
    number = Whole(1, 65_535).parse("--port", port)
    _check_free(number, address)
    # -P: what lies where somebody happens to be is not imported instead of what is installed.
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(_app_file()), f"--server.port={number}"]
    if address is not None:
        command.append(f"--server.address={address}")
    if headless:
        command.append("--server.headless=true")
    if os.name == "posix":
        os.execv(command[0], command)
    return subprocess.call(command)


def _check_free(port: int, address: str | None) -> None:
    """Streamlit would answer some of these mistakes with a traceback."""
    try:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, ValueError):
        raise InvalidInput("--address", address, "an address of this machine, such as 127.0.0.1") from None
    family, kind, protocol, _, place = found[0]
    try:
        with socket.socket(family, kind, protocol) as tried:
            if os.name == "posix":
                # Connections that have just ended do not keep the port.
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(place)
    except OSError as problem:
        if problem.errno == errno.EADDRNOTAVAIL:
            raise InvalidInput("--address", address, "an address of this machine, such as 127.0.0.1") from None
        raise InvalidInput("--port", port, "a port that no other program uses and that you may use") from None


def _app_file() -> Path:
    """app.py, which lies in an installed package, and in a checkout beside it (see pyproject.toml)."""
    package = Path(aelib.__file__).parent
    installed = package / "_app" / "app.py"
    return installed if installed.exists() else package.parent / "app.py"
