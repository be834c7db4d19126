from __future__ import annotations

import gzip
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from aelib import datasets
from aelib.datasets import downloads
from aelib.spec.fields import InvalidInput
from tests.datasets.samples import drawings, idx_files

IMAGES = "train-images-idx3-ubyte.gz"


@dataclass
class Mirror:
    """A server on this machine: what it holds, how it misbehaves, what it was asked for."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut_at: int | None = None
    pause: float = 0.0
    asked: list[str] = field(default_factory=list)


def serve(mirror: Mirror) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._head()

        def do_GET(self) -> None:
            mirror.asked.append(self.path[1:])
            data = self._head()
            for start in range(0, len(data[: mirror.cut_at]), 32):
                self.wfile.write(data[: mirror.cut_at][start : start + 32])
                self.wfile.flush()
                time.sleep(mirror.pause)

        def _head(self) -> bytes:
            data = mirror.files.get(self.path[1:])
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            return data or b""

        def log_message(self, *_: object) -> None:
            pass

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    mirror.url = f"http://127.0.0.1:{server.server_address[1]}/"
    return server


@pytest.fixture
def mirrors(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Mirror, Mirror]]:
    """Two mirrors with all files of a small Fashion-MNIST; torchvision is told to use them."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    files = {f"{name}.gz": gzip.compress(data) for name, data in idx_files().items()}
    both = Mirror(files=dict(files)), Mirror(files=dict(files))
    servers = [serve(mirror) for mirror in both]
    known = datasets.import_torchvision().datasets.FashionMNIST
    monkeypatch.setattr(known, "mirrors", [mirror.url for mirror in both])
    monkeypatch.setattr(known, "resources", [(name, hashlib.md5(data).hexdigest()) for name, data in files.items()])
    yield both
    for server in servers:
        server.shutdown()
        server.server_close()


def fetch(data_dir: Path) -> datasets.Download:
    job = datasets.Download("fashionmnist", data_dir).start()
    assert job.wait(30)
    return job


def leftovers(data_dir: Path) -> list[str]:
    return [path.name for path in data_dir.rglob("*") if path.is_file()]


def test_a_download_makes_the_set_available(mirrors: tuple[Mirror, Mirror], tmp_path: Path) -> None:
    job = fetch(tmp_path)
    assert job.ok and job.done and job.error is None and not job.cancelled
    total = sum(map(len, mirrors[0].files.values()))
    assert job.progress == (total, total)
    assert job.current_file in mirrors[0].files
    np.testing.assert_array_equal(datasets.load("fashionmnist", tmp_path).train_images, drawings(30))
    assert not [name for name in leftovers(tmp_path) if name.endswith(".part")]


def test_what_is_here_already_is_not_fetched_again(mirrors: tuple[Mirror, Mirror], tmp_path: Path) -> None:
    fetch(tmp_path)
    raw = tmp_path / "FashionMNIST" / "raw"
    (raw / "t10k-labels-idx1-ubyte").unlink()
    (raw / "t10k-labels-idx1-ubyte.gz").unlink()
    (raw / "train-images-idx3-ubyte").write_bytes(b"broken, but its archive is whole")
    mirrors[0].asked.clear()
    assert fetch(tmp_path).ok
    assert mirrors[0].asked == ["t10k-labels-idx1-ubyte.gz"]


@pytest.mark.parametrize("fault", ["wrong bytes", "cut off", "missing", "gone"])
def test_the_second_mirror_steps_in(
    fault: str, mirrors: tuple[Mirror, Mirror], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    match fault:
        case "wrong bytes":
            mirrors[0].files[IMAGES] = b"x" * 1000
        case "cut off":
            mirrors[0].cut_at = 20
        case "missing":
            mirrors[0].files.clear()
        case "gone":
            dead = f"http://127.0.0.1:{free_port()}/"
            monkeypatch.setattr(datasets.import_torchvision().datasets.FashionMNIST, "mirrors", [dead, mirrors[1].url])
    job = fetch(tmp_path)
    assert job.ok, job.error
    assert datasets.is_available("fashionmnist", tmp_path)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_no_connection_ends_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = f"http://127.0.0.1:{free_port()}/"
    monkeypatch.setattr(datasets.import_torchvision().datasets.KMNIST, "mirrors", [dead])
    job = datasets.Download("kmnist", tmp_path).start()
    assert job.wait(30) and not job.ok
    assert job.error is not None
    for part in (IMAGES, "no connection", "into KMNIST/raw in the data folder, AELIB_DATA_DIR", dead + IMAGES):
        assert part in job.error
    assert "\n" not in job.error and job.error.endswith(".")
    assert leftovers(tmp_path) == []


def test_wrong_md5_everywhere_leaves_nothing(mirrors: tuple[Mirror, Mirror], tmp_path: Path) -> None:
    for mirror in mirrors:
        mirror.files[IMAGES] = gzip.compress(b"other data")
    job = fetch(tmp_path)
    assert not job.ok and "MD5" in str(job.error)
    assert leftovers(tmp_path) == []


def test_data_of_another_shape_is_refused_even_with_the_right_md5(
    mirrors: tuple[Mirror, Mirror], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = gzip.compress(b"no images")
    for mirror in mirrors:
        mirror.files[IMAGES] = bad
    known = datasets.import_torchvision().datasets.FashionMNIST
    others = [pair for pair in known.resources if pair[0] != IMAGES]
    monkeypatch.setattr(known, "resources", [(IMAGES, hashlib.md5(bad).hexdigest()), *others])
    job = fetch(tmp_path)
    assert not job.ok and job.error
    assert not datasets.is_available("fashionmnist", tmp_path)


def test_cancelling_removes_the_partial_file(mirrors: tuple[Mirror, Mirror], tmp_path: Path) -> None:
    mirrors[0].pause = 0.2
    job = datasets.Download("fashionmnist", tmp_path).start()
    deadline = time.monotonic() + 20
    while not job.progress[0] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not job.done and any(name.endswith(".part") for name in leftovers(tmp_path))
    job.cancel()
    assert job.wait(5) and job.cancelled and not job.ok and job.error is None
    assert leftovers(tmp_path) == []


def test_an_endless_file_is_cut(
    mirrors: tuple[Mirror, Mirror], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "LARGEST_FILE", 100)
    job = fetch(tmp_path)
    assert "too large" in str(job.error) and leftovers(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_named(mirrors: tuple[Mirror, Mirror], tmp_path: Path) -> None:
    (tmp_path / "FashionMNIST").touch()
    job = fetch(tmp_path)
    assert "cannot be written" in str(job.error) and "AELIB_DATA_DIR" in str(job.error)


def test_a_full_disk_is_not_blamed_on_the_mirror(
    mirrors: tuple[Mirror, Mirror], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(downloads.Download, "_stream", full)
    assert "No space left" in str(fetch(tmp_path).error)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("name", ["digits", "cifar10", ""])
def test_only_downloadable_sets_can_be_downloaded(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="mnist"):
        datasets.Download(name, tmp_path)
