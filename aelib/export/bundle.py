"""`bundle`: all other forms in one zip file, with a self-check and the recorded moments."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from aelib.export.formats import FORMATS, Files, export_format, exported, refusal
from aelib.export.pytorch import title_of
from aelib.export.subject import Subject
from aelib.runs import frames_file
from aelib.runs.record import FRAMES

BUNDLE = "bundle.zip"
# So many test images are checked.
CHECKED = 100
_CHECK = Path(__file__).parent / "templates" / "bundle" / "check.py"


@export_format(
    "bundle",
    "Bundle",
    "A zip file of all forms, with a self-check.",
    needs=(*FORMATS["onnx"].needs, *FORMATS["notebook"].needs),
)
def bundle(subject: Subject) -> Files:
    files: Files = {}
    left_out = []
    for form in FORMATS.values():
        reason = refusal(form.name, subject.config) if form.name != "bundle" else ""
        if reason:
            left_out.append(f"{form.title} is not among the files. {reason}")
        elif form.name != "bundle":
            files |= exported(subject, form.name)
    files |= {"check.py": _CHECK.read_bytes(), "check.npz": _expected(subject), FRAMES: _moments(subject)}
    files["CONTENTS.txt"] = "\n".join([title_of(subject.config), "", *sorted(files), "", *left_out, ""]).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in sorted(files.items()):
            # A date of its own would make another file of the same run.
            archive.writestr(zipfile.ZipInfo(name), contents, zipfile.ZIP_DEFLATED)
    return {BUNDLE: stream.getvalue()}


def _expected(subject: Subject) -> bytes:
    import torch

    from aelib.train.inference import decode, encode, target

    images = torch.tensor(subject.test_images(CHECKED))
    codes = encode(subject.state, images)
    outputs = decode(subject.state, codes)
    labels = torch.tensor(subject.dataset.test_labels[: len(images)])
    targets = target(images, labels, subject.config, subject.data)
    error = (outputs.clamp(0, 1) - targets).square().mean(dtype=torch.float64)
    stream = io.BytesIO()
    np.savez_compressed(stream, images=images, targets=targets, codes=codes, outputs=outputs, mse=error)
    return stream.getvalue()


def _moments(subject: Subject) -> bytes:
    stream = io.BytesIO()
    frames_file.write(stream, subject.record.frames)
    return stream.getvalue()
