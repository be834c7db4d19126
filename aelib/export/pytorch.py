"""A run's settings as a readable file of plain PyTorch, made of templates."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from aelib.datasets import class_hues
from aelib.export.network_code import network_code
from aelib.export.origin import DATA_FILE, Origin
from aelib.export.refusal import CannotExport
from aelib.spec.architecture import FAMILIES, plan
from aelib.spec.config import RunConfig
from aelib.spec.corruptions import CORRUPTIONS, coarse_side
from aelib.spec.methods import METHODS
from aelib.spec.recipes import RECIPES
from aelib.spec.regularizers import REGULARIZERS
from aelib.spec.seeds import seed_of

# What the templates know. What is registered besides has no lines of its own.
_CORRUPTIONS = (
    *("none", "gaussian", "salt-and-pepper", "pixel-draws", "masking", "block", "line", "half", "low-resolution"),
)
_REGULARIZERS = (
    *("none", "l1", "l1-weights", "kl-sparsity", "k-sparse", "contractive", "variational", "weight-decay"),
)
_METHODS = ("backprop", "stacked", "rbm", "recirculation")
_SIXTEEN_BITS = ("salt-and-pepper", "pixel-draws", "masking")
_OPTIMIZERS = {
    "adam": "torch.optim.Adam({parameters}, lr=LEARNING_RATE, eps=1e-7)",
    "sgd": "torch.optim.SGD({parameters}, lr=LEARNING_RATE, momentum=0.9)",
    "rmsprop": "torch.optim.RMSprop({parameters}, lr=LEARNING_RATE, alpha=0.9, eps=1e-7)",
    "rmsprop-tf1": "RMSProp({parameters}, lr=LEARNING_RATE)",
    "adadelta": "torch.optim.Adadelta({parameters}, lr=LEARNING_RATE, rho=0.95, eps=1e-7)",
}
# The derivative of an activation function, told from its value.
_SLOPES = {
    "linear": "torch.ones_like(code)",
    "relu": "(code > 0).float()",
    "leaky-relu": "torch.where(code > 0, 1.0, 0.01)",
    "elu": "torch.where(code > 0, 1.0, code + 1)",
    "tanh": "1 - code**2",
    "sigmoid": "code * (1 - code)",
}


@dataclass(frozen=True)
class Section:
    """A part of the script: its code, and what a notebook says before it."""

    name: str
    code: str
    text: str = ""


@cache
def environment() -> Environment:
    """The templates of this package. What they make is code, in which nothing is escaped."""
    return Environment(
        loader=PackageLoader("aelib.export"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def title_of(config: RunConfig) -> str:
    """What the run is called: its recipe's title, if it has one."""
    recipe = RECIPES.get(config.recipe)
    if recipe is None:
        return f"Autoencoder ({FAMILIES[config.family].title.lower()})"
    return f"{recipe.title} (modified)" if modified(config) else recipe.title


def modified(config: RunConfig) -> bool:
    """Do the settings differ from those of their recipe, apart from the data and how long and with which seed they are
    trained?"""
    free: dict[str, Any] = {
        "dataset": config.dataset,
        "epochs": config.epochs,
        "max_steps": config.max_steps,
        "seed": config.seed,
    }
    return config.recipe in RECIPES and replace(RECIPES[config.recipe].config, **free) != config


def script(config: RunConfig, origin: Origin, steps: int | None = None) -> str:
    """The whole file. `steps`: how many batches the run was trained, where that is not the budget of its settings.

    Raises `CannotExport` for settings that somebody registered and that have no lines here.
    """
    parts = sections(config, origin, steps)
    code = [section.code.strip("\n") for section in parts]
    heading = environment().get_template("pytorch/heading.py.j2").render(_context(config, origin, steps))
    return heading + "\n" + code[0] + "\n\n\n" + "\n\n\n".join(code[1:]) + "\n"


def sections(config: RunConfig, origin: Origin, steps: int | None = None, *, runs: bool = True) -> list[Section]:
    """The file in its parts, first to last; without the part that `runs` it, for a notebook."""
    context = _context(config, origin, steps)
    names = ["data", "corruption", "network", "training", "evaluation", *(["main"] if runs else [])]
    if not context["corrupted"]:
        names.remove("corruption")
    codes = {name: environment().get_template(f"pytorch/{name}.py.j2").render(context) for name in names}
    body = "\n".join(codes.values())
    settings = environment().get_template("pytorch/settings.py.j2").render(**context, body=body)
    return [Section(name, code) for name, code in (("settings", settings), *codes.items())]


def _context(config: RunConfig, origin: Origin, steps: int | None) -> dict[str, Any]:
    """What the templates are filled with."""
    _check(config)
    network, written, method = plan(config), network_code(config), METHODS[config.method]
    corrupted = config.corruption != "none" and config.corruption_level > 0
    weight_decay = REGULARIZERS[config.regularizer].weight_decay and method.minimizes_loss
    single = len(network.encoder) == 1 and network.encoder[0].kind == "dense" and network.encoder[0].active is None
    mean_pixel = config.applies("output_start") and config.output_start == "mean-pixel"
    return {
        "c": config,
        "title": title_of(config),
        "source": RECIPES[config.recipe].source if config.recipe in RECIPES else "",
        "data_title": origin.title,
        "data_file": DATA_FILE,
        "collection": origin.collection,
        "classes": list(origin.numbers),
        "hues": class_hues(origin.class_count).tolist() if config.colour else [],
        "steps": steps if steps is not None else config.max_steps,
        "batch": config.batch(origin.train_count),
        "test_noise_seed": seed_of(config.seed, "probe", 0),
        "corrupted": corrupted,
        "frozen": corrupted and config.frozen_noise and config.applies("frozen_noise"),
        "sixteen_bits": config.corruption in _SIXTEEN_BITS,
        "coarse_side": coarse_side(config.corruption_level),
        "encoder": written.encoder,
        "decoder": written.decoder,
        "features": math.prod(network.encoder[-1].shape_in),
        "code_layer": written.code_layer,
        "output_layer": written.output_layer,
        "k_sparse": any(layer.active is not None for layer in network.layers),
        "layerwise": method.layerwise,
        "minimizes_loss": method.minimizes_loss,
        "weight_decay": weight_decay,
        "optimizer": _OPTIMIZERS[config.optimizer].format(
            parameters="parameters_of(model)" if weight_decay else "model.parameters()"
        ),
        "jacobian_estimate": config.regularizer == "contractive" and not single,
        "slopes": _SLOPES[config.code_activation],
        "mean_pixel_start": mean_pixel,
        "output_note": ", the output's at the mean pixel" if mean_pixel else "",
        "number": repr,
    }


def _check(config: RunConfig) -> None:
    known = {"corruption": _CORRUPTIONS, "regularizer": _REGULARIZERS, "method": _METHODS}
    titles: dict[str, Any] = {"corruption": CORRUPTIONS, "regularizer": REGULARIZERS, "method": METHODS}
    for name, values in known.items():
        value = getattr(config, name)
        if value not in values:
            raise CannotExport(f"There is no PyTorch code for the {name} “{titles[name][value].title}” yet.")
