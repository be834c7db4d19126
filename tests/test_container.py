"""Dockerfile and compose.yaml fit the project: what they copy is there, and what they set and run is known."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import dask
import pytest
import yaml
from distributed.cli import dask_scheduler, dask_worker

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
KNOWN = {
    name for file in (ROOT / "aelib").rglob("*.py") for name in re.findall(r"AELIB_[A-Z_]+", file.read_text("utf-8"))
}


def instructions(word: str) -> list[str]:
    return re.findall(rf"^{word} (.+)$", DOCKERFILE, re.MULTILINE)


def copied() -> list[str]:
    return [source for instruction in instructions("COPY") for source in shlex.split(instruction)[:-1]]


def test_what_the_image_copies_is_there_and_is_not_ignored() -> None:
    assert all((ROOT / source).exists() for source in copied())
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert let_in == set(copied())


def test_the_image_holds_all_that_the_app_imports_and_no_secrets() -> None:
    assert {"app.py", "aelib", "pages", ".streamlit/config.toml", "requirements.txt"} <= set(copied())
    assert not any("secret" in source or source in (".", "./") for source in copied())


def test_the_image_does_not_run_as_root() -> None:
    assert instructions("USER") == ["lab"]


def test_variables_are_known() -> None:
    own = {name: value for service in SERVICES.values() for name, value in service.get("environment", {}).items()}
    own |= dict(pair.split("=", 1) for line in instructions("ENV") for pair in shlex.split(line))
    assert {name for name in own if name.startswith("AELIB_")} <= KNOWN
    for name in own:
        if name.startswith("DASK_"):
            key = name.removeprefix("DASK_").lower().replace("__", ".")
            assert dask.config.get(key, default=None) is not None, f"Dask has no setting {key}"


@pytest.mark.parametrize("service", ["scheduler", "worker"])
def test_commands_are_ones_that_dask_knows(service: str) -> None:
    program, command, *arguments = shlex.split(SERVICES[service]["command"])
    assert (program, command) == ("dask", service)
    main = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}[service]
    # Raises for an option that does not exist.
    assert main.make_context(command, arguments).params["dashboard"] is False


def test_only_the_app_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["app"]
    for name in ("scheduler", "worker"):
        assert SERVICES[name]["networks"] == ["cluster"]
    networks = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["networks"]
    assert networks["cluster"]["internal"] is True


def test_app_and_workers_meet_at_the_scheduler() -> None:
    address = SERVICES["app"]["environment"]["AELIB_SCHEDULER"]
    assert address == "tcp://scheduler:8786"
    assert address in shlex.split(SERVICES["worker"]["command"])
