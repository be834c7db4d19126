"""`safetensors`: weights, settings and curve, with a model card in Hugging Face's format."""

from __future__ import annotations

import json
from typing import Any

import aelib
from aelib.datasets import whole
from aelib.export.formats import Files, export_format
from aelib.export.origin import LICENCES
from aelib.export.pytorch import environment, modified, title_of
from aelib.export.script import WEIGHTS, weights_file
from aelib.export.subject import Subject
from aelib.runs.record import facts_of
from aelib.spec.architecture import plan
from aelib.spec.config import KINDS, RunConfig
from aelib.spec.fields import as_text
from aelib.spec.images import PIXELS
from aelib.spec.recipes import RECIPES

CONFIG, CARD = "config.json", "README.md"
# The identifiers of data sets on the Hugging Face Hub, and of licences there.
_HUB = {"mnist": "ylecun/mnist", "fashionmnist": "zalando-datasets/fashion_mnist"}
_FIGURES = {"mse": "MSE", "bce": "binary cross-entropy", "psnr": "PSNR (dB)", "ssim": "SSIM"}
_ELBO = {"bound": "evidence lower bound (nats)", "likelihood": "reconstruction (nats)", "divergence": "KL (nats)"}


@export_format(
    "safetensors", "Weights and model card", "Weights, config.json and a model card in Hugging Face's format."
)
def safetensors(subject: Subject) -> Files:
    return {
        WEIGHTS: weights_file(subject),
        CONFIG: json.dumps(described(subject), indent=1).encode(),
        CARD: card(subject).encode(),
    }


def described(subject: Subject) -> dict[str, Any]:
    """What `config.json` says: what the store says of a run, but for its id and its owner, and the figures."""
    facts = facts_of(subject.record)
    del facts["id"], facts["owner"]
    return {**facts, "dataset_title": subject.dataset.title, "figures": subject.figures}


def settings(config: RunConfig) -> list[tuple[str, str]]:
    """Every setting that makes a difference, by its field's name."""
    return [(name, as_text(getattr(config, name))) for name in KINDS if config.applies(name)]


def figures(subject: Subject) -> list[dict[str, str]]:
    """Type, name and value of everything that was measured on the test split."""
    rows = []
    for part, said in (("clean", ""), ("noisy", " on corrupted images")):
        for name, value in subject.figures.get(part, {}).items():
            if value is not None:
                rows.append({"type": name, "name": f"{_FIGURES[name]}{said}", "value": f"{value:.6g}"})
    for name, value in subject.figures.get("elbo", {}).items():
        rows.append({"type": name, "name": _ELBO[name], "value": f"{value:.6g}"})
    return rows


def card(subject: Subject) -> str:
    """The model card: Markdown with YAML in front."""
    config, dataset, record = subject.config, subject.dataset, subject.record
    network, recipe, name = plan(config), RECIPES.get(config.recipe), whole(config.dataset)
    return (
        environment()
        .get_template("card.md.j2")
        .render(
            title=title_of(config),
            version=aelib.__version__,
            config=config,
            tags=[config.regularizer] if config.regularizer != "none" else [],
            task="denoising" if config.task == "noise" else "image-reconstruction",
            dataset_id=_HUB.get(name),
            dataset_name=config.dataset,
            dataset_title=dataset.title,
            dataset_source=dataset.source,
            licence=LICENCES.get(name, "not known: they are the user's own"),
            train_count=len(dataset.train_images),
            test_count=len(dataset.test_images),
            notes=dataset.notes,
            parameters=network.weights,
            code_units=network.code_units,
            pixels=PIXELS,
            figures=figures(subject),
            settings=settings(config),
            step=record.state.step,
            turned=bool(record.annotations),
            findings=[finding.text for finding in record.findings],
            look_for="An autoencoder." if recipe is None or modified(config) else recipe.look_for,
            source="" if recipe is None else recipe.source,
            deviations=() if recipe is None else recipe.deviations,
        )
    )
