"""Fetching MNIST, KMNIST or FashionMNIST in a thread, with progress, cancelling and one-sentence errors.

Mirrors, file names and MD5 sums are torchvision's. A file is written beside its place and moved there once its MD5 is
right, so whatever goes wrong leaves nothing that could later be taken for data.
"""

from __future__ import annotations

import http.client
import logging
import os
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any

from aelib.datasets import places, rawfiles
from aelib.host.faults import describe
from aelib.host.files import replacing
from aelib.spec.fields import InvalidInput

log = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0
LARGEST_FILE = 200_000_000
_CHUNK = 1 << 16
_NETWORK_ERRORS = (OSError, http.client.HTTPException, ValueError)


class Download:
    """One download job.

    `progress` is (bytes so far, bytes in all or 0 while unknown) over all files still missing at the start;
    `current_file` the name being fetched; `done` turns true when the thread has ended, in whatever way; then `ok` tells
    success, `cancelled` that `cancel()` came first, and `error` is a sentence for the user (else None).
    """

    def __init__(self, name: str, data_dir: str | os.PathLike[str] | None = None) -> None:
        """Raises `InvalidInput` if `name` is no data set to download or `data_dir` is no folder."""
        if name not in rawfiles.COLLECTIONS:
            raise InvalidInput("dataset", name, "one of " + ", ".join(rawfiles.COLLECTIONS) + " for a download")
        self.name = name
        self.progress: tuple[int, int] = (0, 0)
        self.current_file = ""
        self.ok = False
        self.error: str | None = None
        self._collection = rawfiles.COLLECTIONS[name]
        self._raw = rawfiles.raw_folder(self._collection, places.data_dir(data_dir))
        self._cancelled = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"download-{name}", daemon=True)

    @property
    def done(self) -> bool:
        return self._ended.is_set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set() and not self.ok

    def start(self) -> Download:
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Asks the thread to stop: it ends within a chunk, or when the silent server's time is up."""
        self._cancelled.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Waits for the end, at most `seconds`; returns `done`."""
        return self._ended.wait(seconds)

    def _run(self) -> None:
        try:
            self._fetch_all()
            self.ok = True
        except _Cancelled:
            pass
        except _Failed as failure:
            self.error = f"{self._collection.title} could not be fetched: {failure}."
        except OSError as error:
            self.error = (
                f"{self._collection.title} could not be stored: {rawfiles.place(self._raw)} cannot be written "
                f"({error.strerror or error}); set AELIB_DATA_DIR to a folder that can."
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the page says it
            log.error("A download failed: %s", describe(error))
            self.error = f"{self._collection.title} could not be fetched: {type(error).__name__}; the log says more."
        finally:
            self._ended.set()

    def _fetch_all(self) -> None:
        known = rawfiles.torchvision_class(self._collection)
        os.makedirs(self._raw, exist_ok=True)
        missing = []
        for archive, md5 in known.resources:
            file = self._raw / Path(archive).stem
            if rawfiles.file_problem(file) and not self._unpacked(file, md5):
                missing.append((file, md5))
        mirrors = list(known.mirrors)
        if missing:
            self.progress = (0, self._total(mirrors, [rawfiles.packed(file).name for file, _ in missing]))
        for file, md5 in missing:
            self._fetch(file, md5, mirrors)
        trouble = rawfiles.problem(self._collection, self._raw.parent.parent)
        if trouble:
            raise _Failed(trouble)

    def _unpacked(self, file: Path, md5: str) -> bool:
        try:
            rawfiles.unpack(file, md5)
        except ValueError:
            return False
        return True

    def _total(self, mirrors: list[str], names: list[str]) -> int:
        """The sum of the files' sizes, or 0 if the first mirror does not tell."""
        total = 0
        for name in names:
            request = urllib.request.Request(mirrors[0] + name, method="HEAD")
            try:
                with urllib.request.urlopen(request, timeout=CONNECT_SECONDS) as answer:
                    total += int(answer.headers["Content-Length"])
            except (*_NETWORK_ERRORS, TypeError):
                return 0
            self._stop_if_cancelled()
        return total

    def _fetch(self, file: Path, md5: str, mirrors: list[str]) -> None:
        """Gets one file from the first mirror that has it right, and moves that mirror to the front."""
        archive = rawfiles.packed(file)
        self.current_file = archive.name
        before = self.progress[0]
        reasons: dict[str, None] = {}
        for mirror in list(mirrors):
            self._stop_if_cancelled()
            self.progress = (before, self.progress[1])
            try:
                with replacing(archive, private=False) as target:
                    self._stream(mirror + archive.name, target)
                    target.flush()
                    if not rawfiles.has_md5(Path(target.name), md5):
                        raise _MirrorFailed("the MD5 differs")
                rawfiles.unpack(file, md5)
            except (_MirrorFailed, ValueError) as failure:
                reasons[str(failure)] = None
                continue
            mirrors.remove(mirror)
            mirrors.insert(0, mirror)
            return
        raise _Failed(
            f"{archive.name}: {' and '.join(reasons)}; "
            f"to do it by hand, put {mirrors[0]}{archive.name} into {rawfiles.place(self._raw)} in the data folder, "
            "AELIB_DATA_DIR"
        )

    def _stream(self, url: str, target: IO[bytes]) -> None:
        try:
            answer = urllib.request.urlopen(url, timeout=CONNECT_SECONDS)
        except urllib.error.HTTPError as error:
            error.close()
            raise _MirrorFailed(f"the server answers {error.code} ({error.reason})") from None
        except _NETWORK_ERRORS as error:
            raise _MirrorFailed(f"no connection ({_reason(error)})") from None
        with answer:
            length = int(answer.headers.get("Content-Length") or 0)
            received = 0
            while chunk := self._chunk(answer):
                # Outside of any handler for network errors: a full disk is not the mirror's fault.
                target.write(chunk)
                received += len(chunk)
                self.progress = (self.progress[0] + len(chunk), self.progress[1])
                if received > LARGEST_FILE:
                    raise _MirrorFailed("the file is far too large")
                self._stop_if_cancelled()
            if received < length:
                raise _MirrorFailed(f"the connection ended after {received:,} of {length:,} bytes")

    def _chunk(self, answer: Any) -> bytes:
        try:
            chunk: bytes = answer.read1(_CHUNK)
        except _NETWORK_ERRORS as error:
            raise _MirrorFailed(f"the connection broke off ({_reason(error)})") from None
        return chunk

    def _stop_if_cancelled(self) -> None:
        if self._cancelled.is_set():
            raise _Cancelled


class _Cancelled(Exception):
    """The user does not want it any more."""


class _Failed(Exception):
    """No mirror could give a file; the message says which and what to do."""


class _MirrorFailed(Exception):
    """One mirror could not give a file; another may."""


def _reason(error: BaseException) -> str:
    cause = getattr(error, "reason", error)
    return str(getattr(cause, "strerror", None) or cause or type(error).__name__)
