"""The real app in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PATIENCE = 60.0


class Server:
    """`streamlit run app.py` on a free port, started in `folder`; `log` is everything that it wrote. `programs`: where
    the command `aelib` of an installed package is, of which the app is to be started instead."""

    def __init__(self, home: Path, folder: Path = PROJECT, programs: Path | None = None, **environment: str) -> None:
        self.home = home
        self._folder = folder
        self._log_file = home / "server.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._environment = {**os.environ, "AELIB_HOME": str(home), **environment}
        if data_dir := self._environment.get("AELIB_DATA_DIR"):
            # The app may run in another folder than this.
            self._environment["AELIB_DATA_DIR"] = str(Path(data_dir).resolve())
        if programs is None:
            self._command = [
                *(sys.executable, "-m", "streamlit", "run", os.path.relpath(PROJECT / "app.py", folder)),
                *("--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"),
            ]
        else:
            self._command = [str(programs / "aelib"), "app", "--headless"]
            self._command += ["--port", str(port), "--address", "127.0.0.1"]
        self.start()

    def start(self) -> None:
        with open(self._log_file, "ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"the server did not start: {self.log}")

    def stop(self, told: signal.Signals = signal.SIGTERM) -> int:
        """Tells the server to stop; its exit code."""
        self._process.send_signal(told)
        try:
            return self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def kill(self) -> None:
        """Ends the server as a power cut would."""
        self._process.kill()
        self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log_file.read_text("utf-8", errors="replace")

    def complaints(self) -> list[str]:
        """Lines of the log that a clean run does not have."""
        words = ("Traceback", "Error", "Exception", "WARNING", "Warning")
        return [line for line in self.log.splitlines() if any(word in line for word in words)]


@contextmanager
def served(**environment: str) -> Iterator[Server]:
    """The app with a home that is thrown away, and the data that the environment names."""
    with tempfile.TemporaryDirectory() as home:
        server = Server(Path(home), PROJECT, None, **environment)
        try:
            yield server
        finally:
            server.stop()
