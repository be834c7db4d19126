"""The engine with real worker processes: a killed worker, and workers that somebody else started."""

from __future__ import annotations

import contextlib
import logging
import os
import random
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future as Promise
from dataclasses import replace
from pathlib import Path

import dask
import numpy as np
import psutil
import pytest
from distributed import Security

from aelib import datasets
from aelib.cluster.engine import Engine, EngineLost, refusal, slices_at_once
from aelib.cluster.worker import NICENESS, in_one_line, tells_of_a_fault
from aelib.runs import Run, Runs, Store
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.fields import InvalidInput
from aelib.train import hardware
from aelib.train.trainer import advance, init, prepare
from tests.dask_processes import scheduler, worker
from tests.runs.waiting import sweep_until, wait_for, wait_for_rest, wait_until

CONFIG = RunConfig(dataset="digits", widths=(64,), code_size=8, corruption="masking", batch_size=64, epochs=8)


def listening(process: psutil.Process) -> set[int]:
    """The ports on which a process waits for others."""
    connections = process.net_connections("tcp")
    return {connection.laddr.port for connection in connections if connection.status == psutil.CONN_LISTEN}


@pytest.fixture(scope="module")
def others_ports(engine: Engine) -> set[int]:
    """Those of this process without an embedded engine: the other tests' engine listens, too."""
    return listening(psutil.Process())


@pytest.fixture(scope="module")
def embedded(others_ports: set[int]) -> Iterator[Engine]:
    engine = Engine.start()
    yield engine
    engine.close()


def promise(engine: Engine) -> Promise[Engine]:
    kept: Promise[Engine] = Promise()
    kept.set_result(engine)
    return kept


def test_the_engine_trains_what_a_plain_loop_trains(embedded: Engine, home: Path) -> None:
    run = Runs(promise(embedded), home).create(replace(CONFIG, epochs=1), "me", train=True)
    view = wait_for(run, lambda view: view.status == "finished")
    wait_for_rest(run)
    stored = Store(home).load(run.id).state

    digits = datasets.load("digits")
    data = prepare(digits)
    state, _ = advance(init(run.config, data), data, Knobs.of(run.config), view.step)
    assert all(np.array_equal(stored.arrays[name], state.arrays[name]) for name in state.arrays)


def test_a_killed_worker_costs_time_but_changes_nothing(embedded: Engine, home: Path) -> None:
    runs = Runs(promise(embedded), home)
    undisturbed = runs.create(CONFIG, "me", train=True)
    wait_for(undisturbed, lambda view: view.status == "finished")
    disturbed = runs.create(CONFIG, "me", train=True)
    wait_for(disturbed, lambda view: view.step > 100)
    for pid in embedded.worker_pids():
        os.kill(pid, signal.SIGKILL)
    wait_for(disturbed, lambda view: view.status == "finished")
    wait_for_rest(undisturbed)
    wait_for_rest(disturbed)
    a, b = (Store(home).load(run.id).state for run in (undisturbed, disturbed))
    assert a.step == b.step
    assert all(np.array_equal(a.arrays[name], b.arrays[name]) for name in a.arrays)


def doubled(number: int) -> int:
    return 2 * number


def second_of(_: object, number: int) -> int:
    return number


def described(number: int) -> str:
    return f"it is {number}"


def failing(number: int) -> int:
    raise ValueError(number)


def test_slices_that_are_followed_report_in_order_and_their_results_go_on(engine: Engine) -> None:
    reports: list[str | None] = []
    first = engine.follow(described, reports.append, doubled, 3)
    second = engine.follow(described, reports.append, doubled, first)
    assert second.result() == 12
    wait_until(lambda: len(reports) == 2)
    assert reports == ["it is 6", "it is 12"]


def test_an_answer_is_told_whole_and_once_and_a_question_without_one_says_so(engine: Engine) -> None:
    answers: list[object] = []
    for number in range(3):
        engine.tell(answers.append, described, number)
    wait_until(lambda: len(answers) == 3)
    engine.tell(answers.append, failing, 3)
    wait_until(lambda: len(answers) == 4)
    asleep = engine.submit(time.sleep, 0.5)
    engine.tell(answers.append, second_of, asleep, 4).cancel()
    wait_until(lambda: len(answers) == 5)
    asleep.result()
    assert sorted(map(str, answers)) == sorted(map(str, [*(described(number) for number in range(3)), None, None]))


def test_a_followed_slice_that_comes_to_no_end_says_so(engine: Engine) -> None:
    reports: list[str | None] = []
    engine.follow(described, reports.append, failing, 3)
    wait_until(lambda: reports)
    assert reports == [None]


def test_a_slice_that_was_taken_back_says_so_once(engine: Engine) -> None:
    reports: list[str | None] = []
    asleep = engine.submit(time.sleep, 0.5)
    behind = engine.follow(described, reports.append, second_of, asleep, 4)
    behind.cancel()
    wait_until(lambda: reports)
    asleep.result()
    assert reports == [None]


def test_a_report_that_its_worker_could_not_send_any_more_is_asked_for_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports: list[str | None] = []
    with monkeypatch.context() as patched:
        patched.setattr("aelib.cluster.tasks.report", lambda *_: None)
        engine.follow(described, reports.append, doubled, 3).result()
        engine.tell(reports.append, described, 7).result()
    for _ in range(2):
        engine.recover_reports()
    wait_until(lambda: len(reports) == 2)
    assert sorted(map(str, reports)) == ["it is 6", "it is 7"]


def test_runs_whose_workers_die_all_the_time_are_stored_as_they_ended(embedded: Engine, home: Path) -> None:
    chance, runs = random.Random(0), Runs(promise(embedded), home)
    short = replace(CONFIG, widths=(), batch_size=256, epochs=2)
    started = [runs.create(replace(short, seed=seed), "me", train=True) for seed in range(6)]
    for _ in range(3):
        time.sleep(chance.uniform(0, 1))
        for pid in embedded.worker_pids():
            os.kill(pid, signal.SIGKILL)
        runs.sweep()
    sweep_until(runs, lambda: all(run.status == "finished" and run.resting for run in started), *started)
    for run in started:
        stored = Store(home).load(run.id)
        assert stored.state.step == stored.frames[-1].step == stored.budget
    listed = {summary.id: summary.test_mse for summary in Store(home).list("me")}
    assert listed == {run.id: run.view().frames[-1].metrics.test_mse for run in started}


@pytest.mark.skipif(sys.platform != "linux", reason="what is set is set for glibc")
def test_a_slice_finds_the_memory_of_the_one_before(embedded: Engine) -> None:
    """Whichever thread it runs in: fresh memory would come page by page, and each costs as much as 4,000 additions."""
    blocks, size = 6, 16 * 2**20

    def pages_faulted() -> int:
        def batch() -> None:
            _ = [b"1" * size for _ in range(blocks)]

        def faults() -> int:
            return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

        # The worker does so itself, but may just have started.
        hardware.settle_process()
        rounds = []
        for _ in range(20):
            before = faults()
            batch()
            rounds.append(faults() - before)
        # Other threads have their say, too.
        return min(rounds)

    faulted: int = embedded.submit(pages_faulted).result()
    assert faulted < 0.01 * blocks * size / resource.getpagesize()


def test_the_embedded_engine_listens_on_this_machine_only(embedded: Engine) -> None:
    assert set(embedded.addresses()) == {"127.0.0.1"}


def test_other_accounts_of_this_machine_cannot_use_the_embedded_engine(
    embedded: Engine, others_ports: set[int]
) -> None:
    """Whatever listens speaks TLS, and only to whoever has the certificate: not a plain client, not one with another
    certificate, and no browser."""
    workers = [listening(psutil.Process(pid)) for pid in embedded.worker_pids()]
    ports = (listening(psutil.Process()) - others_ports).union(*workers)
    stranger = Security.temporary().get_connection_args("client")["ssl_context"]
    # Scheduler, nanny, worker.
    assert len(ports) >= 3
    for port in ports:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain, contextlib.suppress(ConnectionError):
            plain.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            assert not plain.recv(1000).startswith(b"HTTP")
        with (
            socket.create_connection(("127.0.0.1", port), timeout=20) as raw,
            pytest.raises((ssl.SSLError, ConnectionError)),
            stranger.wrap_socket(raw) as channel,
        ):
            channel.recv(1)


@pytest.mark.parametrize(
    ("cores", "workers", "threads", "wanted"), [(1, 1, 1, 1), (2, 1, 1, 2), (4, 1, 3, 1), (8, 2, 3, 1), (16, 4, 1, 2)]
)
def test_a_worker_does_as_many_slices_at_once_as_there_are_cores_for_but_two_at_most(
    cores: int, workers: int, threads: int, wanted: int
) -> None:
    assert slices_at_once(cores, workers, threads) == wanted


def test_pages_go_before_training(embedded: Engine) -> None:
    mine = psutil.Process().nice()
    assert {psutil.Process(pid).nice() for pid in embedded.worker_pids()} == {min(19, mine + NICENESS)}


def test_a_worker_started_elsewhere_trains_a_run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The worker's own data folder is empty: data come as an argument.
    with scheduler({}) as address, worker(address, {"AELIB_DATA_DIR": str(tmp_path)}) as process:
        monkeypatch.setenv("AELIB_SCHEDULER", address)
        runs = Runs(promise(Engine.start()), home)
        run = runs.create(replace(CONFIG, epochs=1), "me", train=True)
        assert wait_for(run, lambda view: view.status == "finished").step > 0
        assert process.poll() is None
        runs.close()


@pytest.mark.parametrize("given_up", [False, True], ids=["soon", "after Dask has given up"])
def test_runs_go_on_after_their_scheduler_was_started_anew(
    given_up: bool, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aelib.cluster.engine.CONNECT_SECONDS", 1 if given_up else 60)
    with scheduler({}) as address:
        monkeypatch.setenv("AELIB_SCHEDULER", address)
        with worker(address, {}):
            engine = Engine.start()
            runs = Runs(promise(engine), home)
            resting, training, new = (
                runs.create(replace(CONFIG, epochs=500, seed=seed), "me", train=seed != 3) for seed in (1, 2, 3)
            )
            wait_for(resting, lambda view: view.step > 0)
            resting.pause()
            wait_for_rest(resting)
            wait_until(lambda: (home / "runs" / training.id).exists())
            wait_for_rest(new)
            statuses = {run: run.status for run in (training, resting, new)}
    if given_up:
        wait_until(lambda: engine.closed)
        with pytest.raises(EngineLost):
            engine.ask(doubled, 3)
        for run, status in statuses.items():
            wait_until_missed(run)
            assert AWAY in run.view().message
            assert run.status == status
        new.step()
    before = {run: run.view().step for run in statuses}
    with scheduler({}, "--port", address.rpartition(":")[2]) as again, worker(again, {}):
        assert again == address
        for run, status in statuses.items():
            # Whoever looks at it has it again, and what trained goes on by itself.
            wait_until_found(run)
            # What was asked of it when the scheduler went away is asked again a moment later.
            wait_for(run, lambda view: view.message == "")
            assert run.status == status
            run.train()
            wait_until_beyond(run, before[run])
            run.pause()
            wait_for_rest(run)
        runs.close()


AWAY = "AELIB_SCHEDULER does not answer"


def wait_until_missed(run: Run) -> None:
    """Until it is said of a run that is looked into that it cannot be."""
    wait_for(run, lambda view: run.reached() is None and view.message != "")


def wait_until_found(run: Run) -> None:
    wait_for(run, lambda _: run.reached() is not None)


def wait_until_beyond(run: Run, step: int) -> None:
    wait_for(run, lambda view: view.step > step)


def test_workers_that_join_later_are_counted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with scheduler({}) as address, worker(address, {}):
        monkeypatch.setenv("AELIB_SCHEDULER", address)
        engine = Engine.start()
        engine.ask(doubled, 3).result()
        with worker(address, {}):
            wait_until(lambda: len(engine.addresses()) == 3)
            engine.data("digits")
            assert engine.lanes == 2
        engine.close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_an_encrypted_cluster_trains_for_who_has_its_certificate_and_for_nobody_else(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As README.md says it: one file with key and certificate for scheduler, workers and app."""
    settings = {
        "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true",
        **dict.fromkeys(TLS_FILES, certificate(tmp_path / "cluster.pem")),
    }
    others = dict.fromkeys(TLS_FILES, certificate(tmp_path / "others.pem"))
    with scheduler(settings, "--protocol", "tls") as address, worker(address, settings) as process:
        assert address.startswith("tls://")
        monkeypatch.setenv("AELIB_SCHEDULER", address)
        with dask.config.set(as_dask_reads_it(settings)):
            runs = Runs(promise(Engine.start()), home)
            run = runs.create(replace(CONFIG, epochs=1), "me", train=True)
            assert wait_for(run, lambda view: view.status == "finished").step > 0
            runs.close()
        assert process.poll() is None
        monkeypatch.setattr("aelib.cluster.engine.CONNECT_SECONDS", 2)
        monkeypatch.setenv("AELIB_SCHEDULER", address.replace("tls", "tcp"))
        with pytest.raises(InvalidInput, match="^AELIB_SCHEDULER: "):
            Engine.start()
        monkeypatch.setenv("AELIB_SCHEDULER", address)
        with dask.config.set(as_dask_reads_it(others)), pytest.raises(InvalidInput, match="^AELIB_SCHEDULER: "):
            Engine.start()


TLS = "DASK_DISTRIBUTED__COMM__TLS__"
TLS_FILES = [f"{TLS}{file}" for file in ("CA_FILE", "SCHEDULER__CERT", "WORKER__CERT", "CLIENT__CERT")]


def as_dask_reads_it(environment: dict[str, str]) -> dict[str, str]:
    """What Dask makes of these variables when it is imported."""
    return {name.removeprefix("DASK_").lower().replace("__", "."): value for name, value in environment.items()}


def certificate(file: Path) -> str:
    """A new key and a certificate that it signed, both in `file`."""
    request = "openssl req -x509 -newkey rsa:3072 -nodes -days 2 -subj /CN=autoencoder-lab"
    subprocess.run([*request.split(), "-keyout", file, "-out", file], check=True, capture_output=True)
    return str(file)


@pytest.mark.parametrize(
    "address", ["nonsense", "http://127.0.0.1:1", "tcp://", "tcp://127.0.0.1:1", "tcp://127.0.0.1:x"]
)
def test_a_wrong_scheduler_is_named_in_one_sentence(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AELIB_SCHEDULER", address)
    monkeypatch.setattr("aelib.cluster.engine.CONNECT_SECONDS", 1)
    began = time.monotonic()
    with pytest.raises(InvalidInput, match="^AELIB_SCHEDULER: "):
        Engine.start()
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("error", "logged"), [(InvalidInput("images", 1, "at least 8"), False), (ValueError("no"), True)]
)
def test_a_worker_logs_faults_and_not_what_it_refuses(
    engine: Engine, caplog: pytest.LogCaptureFixture, error: Exception, logged: bool
) -> None:
    asked = engine.ask(_raise, error)
    assert str(asked.exception()) == str(error)
    assert refusal(asked) == ("" if logged else str(error))
    records = [record for record in caplog.records if "Compute Failed" in record.getMessage()]
    assert records
    assert [tells_of_a_fault(record) for record in records] == [logged] * len(records)
    for record in records:
        assert in_one_line(record)
        line = rf"A task failed: {type(error).__name__} in _raise \(test_engine\.py, line \d+\)"
        assert re.fullmatch(line, record.getMessage())


def test_that_a_result_has_gone_with_its_worker_is_not_logged(engine: Engine) -> None:
    for name in ("distributed.client", "distributed.scheduler"):
        logger = logging.getLogger(name)
        gone = logger.makeRecord(name, logging.ERROR, "", 0, "Couldn't gather %s keys, rescheduling %s", (1, "k"), None)
        assert not logger.filter(gone)
        assert logger.filter(logger.makeRecord(name, logging.ERROR, "", 0, "something else", (), None))


def _raise(error: Exception) -> None:
    raise error
