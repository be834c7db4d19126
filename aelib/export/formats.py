"""The forms that a run can be exported to. A new one is a function with `@export_format(...)` in a module that is named
in `_MODULES`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from aelib.export.refusal import CannotExport
from aelib.export.subject import Subject
from aelib.spec.config import RunConfig

Files = dict[str, bytes]
Make = Callable[[Subject], Files]
EXTRA = "pip install 'autoencoder-lab[export]'"
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Format:
    """`title` and `help` (a sentence) are for people. `make` writes the files, by name. `needs`: packages that are
    optional. `refuses`: why a run of these settings cannot be exported, in a sentence, or ""."""

    name: str
    title: str
    help: str
    make: Make
    needs: tuple[str, ...] = ()
    refuses: Callable[[RunConfig], str] = lambda config: ""


FORMATS: dict[str, Format] = {}


def export_format(
    name: str,
    title: str,
    help: str,
    *,
    needs: tuple[str, ...] = (),
    refuses: Callable[[RunConfig], str] = lambda config: "",
) -> Callable[[Make], Make]:
    def register(make: Make) -> Make:
        FORMATS[name] = Format(name, title, help, make, needs, refuses)
        return make

    return register


def refusal(to: str, config: RunConfig) -> str:
    """Why a run of these settings cannot be exported to this form here, in a sentence; "" where it can."""
    form = FORMATS[to]
    missing = [package for package in form.needs if find_spec(package) is None]
    if missing:
        return f"Exporting to {form.title} needs {' and '.join(missing)}: {EXTRA}."
    return form.refuses(config)


def exported(subject: Subject, to: str) -> Files:
    """The files of a form, by name. Raises `CannotExport`."""
    reason = refusal(to, subject.config)
    if reason:
        raise CannotExport(reason)
    files = FORMATS[to].make(subject)
    assert all(FILE_NAME.fullmatch(name) for name in files)
    return files


# Each registers its form, in the order in which they are offered.
_MODULES = ("script", "notebook", "onnx_models", "model_card", "report", "keras_script", "bundle")
for _module in _MODULES:
    import_module(f"aelib.export.{_module}")
