"""`report`: the run as one HTML page that needs no network: settings, curves, recorded moments, latent space, and the
decoder at work."""

from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

import aelib
from aelib.analysis.decode.decoding import CodeMap, code_map
from aelib.export.formats import Files, export_format
from aelib.export.model_card import figures, settings
from aelib.export.pytorch import modified, title_of
from aelib.export.subject import Subject
from aelib.runs.history import spread
from aelib.runs.record import Record
from aelib.spec import palette
from aelib.spec.architecture import plan
from aelib.spec.images import COLOUR_PLANES, IMAGE_SIDE, SHOWN, probe_indices
from aelib.spec.recipes import RECIPES
from aelib.train.slices import NO_IMAGES, Slice

REPORT = "report.html"
# So that a page stays below 5 MB: moments shown, and weights, of 16 bits each, of a decoder that draws in the page.
MOMENTS, WEIGHTS = 60, 1_000_000
CURVE_POINTS = 400
_COLUMNS = 40
_TEMPLATES = "templates/report"
# The decoder of the Decode page: plain JavaScript, which any page can run.
_NETWORK = Path(aelib.__file__).parent / "ui" / "components" / "decoder" / "network.js"


@export_format(
    "report", "Report", "One HTML page with curves, images, latent space and a live decoder, for any browser."
)
def report(subject: Subject) -> Files:
    config, record, dataset = subject.config, subject.record, subject.dataset
    recipe = RECIPES.get(config.recipe)
    link = Slice(subject.state, None, NO_IMAGES)
    code = code_map(link, subject.data)
    made = datetime.fromtimestamp(record.created, UTC)
    colours = {"classes": palette.CLASSES, "series": palette.SERIES}
    scripts = [f"const PALETTE = {_embedded(colours)}", _NETWORK.read_text("utf-8"), _text("report.js")]
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            title=title_of(config),
            lead=f"Trained on {dataset.title} ({len(dataset.train_images):,} images) for {record.state.step:,} steps. "
            + ("" if recipe is None or modified(config) else recipe.look_for),
            measured=f"Means over all {len(dataset.test_images):,} test images, with the clean image as the target.",
            made=f"Run of {made:%d %B %Y} in Autoencoder Lab {aelib.__version__}. "
            + ("" if recipe is None else f"Source: {recipe.source}."),
            css=_text("report.css"),
            figures=[{**row, "value": _rounded(row["value"])} for row in figures(subject)],
            latent=_latent(subject, code),
            settings=[(name.replace("_", " "), value) for name, value in settings(config)],
            remarks=[finding.text for finding in record.findings] + list(dataset.notes),
            scripts="\n".join(scripts),
            data=_embedded(_data(subject, code)),
        )
    )
    return {REPORT: page.encode()}


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("aelib.export", _TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )


def _text(name: str) -> str:
    return (Path(__file__).parent / _TEMPLATES / name).read_text("utf-8")


def _embedded(value: object) -> str:
    """JSON that may stand in a script: names of people's own data and classes are among it."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _rounded(number: str) -> str:
    value = float(number)
    return f"{value:.5f}" if 0.001 <= abs(value) < 1 else f"{value:.4g}"


def _latent(subject: Subject, code: CodeMap) -> str:
    units = plan(subject.config).code_units
    said = (
        "The two units of the code"
        if units == 2
        else f"The two principal axes of the code's {units:,} numbers, which carry {code.share:.0%} of their variance"
    )
    return (
        f"{said}. A point is a test image, its colour the class, which the network was not told. Move over the plane "
        "to see what the decoder makes of the code at that place."
    )


def _data(subject: Subject, code: CodeMap) -> dict[str, Any]:
    config, record, dataset = subject.config, subject.record, subject.dataset
    moments = spread(record.frames, MOMENTS)
    which = probe_indices(len(dataset.test_images))
    shown = min(SHOWN, len(which))
    rows = [{"name": "original", "sheet": _sheet(dataset.test_images[which[:shown]], shown), "moving": False}]
    if moments:
        if config.corruption != "none":
            corrupted = np.concatenate([frame.images.corrupted for frame in moments])
            rows.append({"name": "corrupted input", "sheet": _sheet(corrupted, shown), "moving": True})
        output = np.concatenate([frame.images.output for frame in moments])
        rows.append({"name": "reconstruction", "sheet": _sheet(output, shown), "moving": True})
    return {
        "shown": shown,
        "rows": rows,
        "moments": [{"step": frame.step, "mse": frame.metrics.test_mse} for frame in moments],
        "curves": _curves(record),
        "plane": _plane(subject, code, which),
    }


def _curves(record: Record) -> list[dict[str, Any]]:
    train = [(point.step, point.train_mse) for point in record.curve if point.train_mse]
    test = [(point.step, point.test_mse) for point in record.curve if point.test_mse]
    pca: list[tuple[int, float]] = []
    for index, line in enumerate(record.pca):
        later = record.pca[index + 1].step if index + 1 < len(record.pca) else record.state.step
        pca += [(line.step, line.mse), (later, line.mse)]
    named = (("training error", "train", train), ("test error", "test", test), ("PCA", "pca", pca))
    return [{"name": name, "key": key, "points": spread(points, CURVE_POINTS)} for name, key, points in named]


def _plane(subject: Subject, code: CodeMap, which: np.ndarray) -> dict[str, Any]:
    count = len(code.codes)
    images, labels = subject.dataset.test_images[which[:count]], subject.dataset.test_labels[which[:count]]
    flat = code.codes.shape[1] == 2
    mean, axes = (np.zeros(2, np.float32), np.eye(2, dtype=np.float32)) if flat else (code.mean, code.axes)
    layers = code.layers
    if layers is not None and sum(layer.weight.size for layer in layers if layer.weight is not None) > WEIGHTS:
        layers = None
    return {
        "flat": flat,
        "points": _halves((code.codes - mean) @ axes.T),
        "mean": _halves(mean),
        "axes": _halves(axes),
        "labels": labels.tolist(),
        "classes": list(subject.dataset.classes) if subject.dataset.has_classes else [],
        "sheet": _sheet(images, _COLUMNS),
        "columns": _COLUMNS,
        "layers": None if layers is None else [layer.for_browser(_halves) for layer in layers],
    }


def _halves(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).astype("<f2").tobytes()).decode()


def _sheet(images: np.ndarray, columns: int) -> str:
    """Images uint8 [N, 28, 28] or [N, pixels], in colour plane after plane, as one PNG with so many in a row."""
    from PIL import Image

    side = IMAGE_SIDE
    planes = COLOUR_PLANES if images.reshape(len(images), -1).shape[1] > side * side else 1
    rows = -(-len(images) // columns)
    sheet = np.zeros((rows * columns, planes, side, side), np.uint8)
    sheet[: len(images)] = images.reshape(len(images), planes, side, side)
    pixels = sheet.reshape(rows, columns, planes, side, side).transpose(0, 3, 1, 4, 2)
    pixels = pixels.reshape(rows * side, columns * side, planes)
    stream = io.BytesIO()
    Image.fromarray(pixels if planes == COLOUR_PLANES else pixels[:, :, 0]).save(stream, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"
