"""The child process that reads exported files: started as `python -m aelib.export.importing.child`."""

from __future__ import annotations

import io
import json
import zipfile
from typing import IO

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from aelib.datasets.bounds import Refused
from aelib.datasets.confined import replies
from aelib.datasets.confined.child import Order, main
from aelib.export.importing import MOST_BYTES, WANTED
from aelib.export.model_card import CONFIG
from aelib.export.network_code import network_code
from aelib.export.script import WEIGHTS
from aelib.runs import frames_file
from aelib.runs.facts import check_arrays
from aelib.runs.record import ARRAYS, FACTS, FORMAT, FRAMES
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.fields import InvalidInput
from aelib.spec.serialization import from_json
from aelib.spec.state import WEIGHTS as PREFIX

_DAMAGED = "intact files: {} is damaged"


def _run(order: Order, requests: IO[bytes], answers: IO[bytes]) -> None:
    given = {name: requests.read(size) for name, size in zip(order["names"], order["sizes"], strict=True)}
    files = _unpacked(given)
    kept = FACTS in files
    name = FACTS if kept else CONFIG
    if name not in files or (ARRAYS if kept else WEIGHTS) not in files:
        raise Refused(f"a bundle.zip, or {CONFIG} and {WEIGHTS} of one export")
    try:
        facts = json.loads(files[name])
        if facts["format"] != FORMAT:
            raise Refused("an export of this version of the app")
        config = from_json(facts["config"])
    except InvalidInput as problem:
        raise Refused(f"an export of this version of the app ({problem})") from None
    except (ValueError, RecursionError, KeyError, TypeError):
        raise Refused(_DAMAGED.format(name)) from None
    arrays = _arrays(files[ARRAYS if kept else WEIGHTS], {} if kept else network_code(config).names)
    try:
        check_arrays(config, arrays)
    except ValueError:
        raise Refused(f"{WEIGHTS} of the network that {name} describes") from None
    moments = _moments(files.get(FRAMES), config)
    parts = [np.ascontiguousarray(arrays[PREFIX + one], "<f4").tobytes() for one in plan(config).parameters]
    replies.send(answers, {"facts": facts}, *parts, moments)


def _unpacked(given: dict[str, bytes]) -> dict[str, bytes]:
    """The wanted files, also those in a single zip."""
    if len(given) != 1 or not zipfile.is_zipfile(io.BytesIO(next(iter(given.values())))):
        return given
    ((name, contents),) = given.items()
    if name in WANTED:
        return given
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(contents)) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.rpartition("/")[2] in WANTED]
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise Refused(f"an export of at most {MOST_BYTES // 10**6} MB when unpacked")
            for entry in entries:
                with archive.open(entry) as stream:
                    # What an entry says of its size need not be true.
                    found[entry.filename.rpartition("/")[2]] = stream.read(entry.file_size)
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - damaged archives raise all sorts of things
        raise Refused("an intact zip file") from None
    return found


def _arrays(contents: bytes, names: dict[str, str]) -> dict[str, np.ndarray]:
    """The weights by the names that the store gives them; `names`: what they are called in the file."""
    try:
        found = load(contents)
    except (SafetensorError, ValueError, TypeError):
        raise Refused(_DAMAGED.format(WEIGHTS)) from None
    if not names:
        return {name: array for name, array in found.items() if name.startswith(PREFIX)}
    return {PREFIX + ours: found[theirs] for ours, theirs in names.items() if theirs in found}


def _moments(contents: bytes | None, config: RunConfig) -> bytes:
    """The recorded moments, written anew; nothing where there are none."""
    if contents is None:
        return b""
    try:
        frames = frames_file.read(io.BytesIO(contents), config)
    except Exception:  # noqa: BLE001 - damaged archives raise all sorts of things
        raise Refused(_DAMAGED.format(FRAMES)) from None
    stream = io.BytesIO()
    frames_file.write(stream, frames)
    return stream.getvalue()


if __name__ == "__main__":
    main({"run": _run})
