"""What is in the package, and what its command does where nothing but the package is."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from aelib import __version__
from aelib.spec.recipes import RECIPES
from tests.installed import ROOT, built, installed


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_has_all_that_the_package_draws_with_and_nothing_beside_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"aelib", f"autoencoder_lab-{__version__}.dist-info"}
    needed = [
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "aelib").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and not re.search(r"\.d\.ts$|^tsconfig", file.name)
    ]
    needed += [f"aelib/_app/{file.relative_to(ROOT).as_posix()}" for file in (ROOT / "pages").rglob("*.py")]
    needed += ["aelib/_app/app.py", "aelib/_app/.streamlit/config.toml"]
    assert [name for name in needed if name not in names] == []


def test_the_command_runs_in_any_folder(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    programs = installed(wheel, tmp_path / "environment")

    def said(*arguments: str) -> str:
        command = [str(programs / "aelib"), *arguments]
        return subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.PIPE).stdout.decode()

    assert said("--version") == f"aelib {__version__}\n"
    assert [recipe["id"] for recipe in json.loads(said("recipes", "--json"))] == list(RECIPES)


def test_what_the_package_needs_is_what_was_tested_or_newer() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for file, listed in (
        ("requirements.txt", project["dependencies"]),
        ("requirements-login.txt", project["optional-dependencies"]["login"]),
        ("requirements-export.txt", project["optional-dependencies"]["export"]),
    ):
        pinned = dict(re.findall(r"^([\w-]+)==(\S+)$", (ROOT / file).read_text("utf-8"), re.M))
        needed = {requirement.name: requirement.specifier for requirement in map(Requirement, listed)}
        assert needed.keys() == pinned.keys()
        for name, version in pinned.items():
            assert {one.operator for one in needed[name]} == {">="} and version in needed[name], name
