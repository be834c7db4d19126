"""`aelib export` and `aelib import`: a run in a form that lives without the app, and back."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from aelib import datasets
from aelib.cli.training import dataset_of_run, stored_run, use_data_dir
from aelib.export import FORMATS, CannotExport, exported, refusal, subject
from aelib.export.importing import files_of, import_run
from aelib.host.cores import wait_briefly
from aelib.host.files import replacing
from aelib.runs import Store
from aelib.spec.fields import Choice, InvalidInput


def add_export_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="id of a stored run, or a folder that “train --out” wrote")
    parser.add_argument("--to", required=True, metavar="FORMAT", help=" | ".join(FORMATS))
    parser.add_argument("--out", required=True, metavar="FOLDER", help="where the files are written; made if missing")
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there already")
    parser.add_argument("--data-dir", help="folder of MNIST, KMNIST and FashionMNIST (default: AELIB_DATA_DIR)")


def export(options: argparse.Namespace) -> int:
    """Writes the files and lists them. Raises `InvalidInput`, `Unreadable` and `CannotExport`."""
    use_data_dir(options.data_dir)
    to = Choice(tuple(FORMATS)).parse("--to", options.to)
    record = stored_run(options.run, "RUN", "the id of a stored run, or a folder that “train --out” wrote")
    if reason := refusal(to, record.settings):
        raise CannotExport(reason)
    dataset = dataset_of_run(record.config.dataset, options.run)
    folder = _folder(options.out)

    wait_briefly()
    # Imported here: what is wrong with the options is said at once.
    from aelib.train import hardware
    from aelib.train.trainer import prepare

    hardware.settle_process()
    print("Evaluating the run on its test images …", file=sys.stderr)
    with hardware.one_thread():
        files = exported(subject(record, dataset, prepare(dataset)), to)
    _write(folder, files, overwrite=options.overwrite)
    for name in files:
        print(folder / name)
    return 0


def add_import_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="a bundle.zip, or a folder of “export --to safetensors”")
    parser.add_argument("--json", action="store_true", help="the result as JSON on stdout")


def import_(options: argparse.Namespace) -> int:
    """Keeps an exported run in AELIB_HOME and prints its id. Raises `InvalidInput` and `NoRoom`."""
    record = import_run(files_of(options.path))
    try:
        Store(datasets.home()).save(record)
    except OSError as error:
        raise InvalidInput(
            "AELIB_HOME", datasets.home().name, f"a folder that can be written ({error.strerror})"
        ) from None
    if options.json:
        print(json.dumps({"id": record.id, "recipe": record.config.recipe, "step": record.state.step}))
    else:
        print(record.id)
        print(f"It opens at the app's address with ?run={record.id}.", file=sys.stderr)
    return 0


def _folder(name: str) -> Path:
    """Raises `InvalidInput` for what is no folder and cannot become one."""
    folder = Path(os.path.expanduser(name))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError):
        raise InvalidInput("--out", name, "a folder that can be written, or a path where one can be made") from None
    return folder


def _write(folder: Path, files: Mapping[str, bytes], *, overwrite: bool) -> None:
    there = [name for name in files if os.path.lexists(folder / name)]
    if there and not overwrite:
        allowed = f"another folder, or --overwrite: there is already {' and '.join(there)}"
        raise InvalidInput("--out", folder, allowed)
    try:
        for name, contents in files.items():
            with replacing(folder / name, private=False) as stream:
                stream.write(contents)
    except OSError as error:
        allowed = f"a folder that can be written ({error.strerror or error})"
        raise InvalidInput("--out", folder, allowed) from None
