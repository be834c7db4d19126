"""What the decoder view is sent (packed as `aelib.ui.components.packing` says)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from aelib.analysis.decode.decoding import LONGEST_SAMPLED, CodeMap, Holes, Samples
from aelib.datasets import Dataset
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.images import probe_indices
from aelib.ui.components.packing import Packer
from aelib.ui.components.parts import Parts
from aelib.ui.session.queries import Moment

# So much worse than real codes may samples be before the remark calls it a hole.
ALIKE_FAR, ALIKE_DISTANCE = 0.1, 1.15


@dataclass(frozen=True)
class View:
    """All that the view can show. `map` and `samples` come with the moment that they are of; `drawn`: images that
    the browser asked for, under the number that it gave its question; `resting`: are maps of this run so large that
    they are sent only while it does not train?"""

    run_id: str
    config: RunConfig
    dataset: Dataset
    map: tuple[Moment, CodeMap] | None
    samples: tuple[Moment, Samples] | None
    drawn: tuple[str, np.ndarray] | None
    resting: bool

    @property
    def version(self) -> tuple[object, ...]:
        """Equal for views that look the same."""
        return (
            self.run_id,
            self.map and self.map[0],
            self.samples and (self.samples[0], self.samples[1].seed),
            self.drawn and self.drawn[0],
            self.resting,
        )


def payload(view: View, parts: Parts) -> bytes:
    """What is news to the tab that has the `parts`."""
    packer = Packer()
    header: dict[str, Any] = {
        "resting": view.resting,
        "scene": parts.scene((view.run_id, view.dataset.name), lambda: _scene(packer, view.dataset)),
    }
    if view.map is not None:
        moment, code_map = view.map
        header["map"] = parts.part("map", moment, lambda: _map(packer, code_map, moment.step, view.config))
    if plan(view.config).code_units > LONGEST_SAMPLED:
        header["samples"] = parts.part("samples", LONGEST_SAMPLED, _too_long)
    elif view.samples is not None:
        moment, samples = view.samples
        key = (moment, samples.seed)
        header["samples"] = parts.part("samples", key, lambda: _samples(packer, samples, view.config))
    if view.drawn is not None:
        number, images = view.drawn
        header["drawn"] = {"id": number, "pictures": packer.add_images(images)}
    return packer.pack(header)


def _scene(packer: Packer, dataset: Dataset) -> dict[str, Any]:
    which = probe_indices(len(dataset.test_images))
    return {
        "images": packer.add_images(dataset.test_images[which].reshape(len(which), -1)),
        "labels": packer.add(dataset.test_labels[which].astype(np.uint16)),
        "classes": list(dataset.classes),
    }


def _map(packer: Packer, code_map: CodeMap, step: int, config: RunConfig) -> dict[str, Any]:
    layers = None if code_map.layers is None else [layer.for_browser(packer.add) for layer in code_map.layers]
    arrays = {name: packer.add(getattr(code_map, name)) for name in ("codes", "mean", "axes", "low", "high", "spread")}
    return {
        "step": step,
        "units": plan(config).code_units,
        "planes": config.planes,
        "share": code_map.share,
        "usual": code_map.usual,
        "reach": reach(config),
        "layers": layers,
        **arrays,
    }


# What an activation can give, from the lowest value to the highest (None: no limit), and that in words.
_REACH: dict[str, tuple[int | None, int | None, str]] = {
    "relu": (0, None, "ReLU gives no value below 0"),
    "elu": (-1, None, "ELU gives no value below −1"),
    "tanh": (-1, 1, "tanh gives no value beyond −1 and 1"),
    "sigmoid": (0, 1, "sigmoid gives no value beyond 0 and 1"),
}


def reach(config: RunConfig) -> dict[str, Any]:
    """What codes an image can have at all: values from `low` to `high`, at most `active` of them not 0 (each None where
    there is no limit); `why` says so. Pooling and flattening, which may follow the activation, do not widen it."""
    layer = [layer for layer in plan(config).encoder if layer.weights][-1]
    low, high, why = _REACH.get(layer.activation, (None, None, ""))
    if layer.active is not None:
        why = "; ".join(filter(None, (why, f"at most {layer.active} units are not 0")))
    return {"low": low, "high": high, "active": layer.active, "why": why}


def _samples(packer: Packer, samples: Samples, config: RunConfig) -> dict[str, Any]:
    return {
        "seed": samples.seed,
        "count": len(samples.codes),
        "codes": packer.add(samples.codes),
        "pictures": packer.add_images(samples.images),
        "about": f"{_drawn_from(samples)} · seed {samples.seed}",
        "remark": holes_remark(samples.holes, learnt=not samples.fitted) + beyond_remark(samples.codes, config),
    }


def beyond_remark(codes: np.ndarray, config: RunConfig) -> str:
    """How many of random codes [N, units] no image can have, in words; empty where all are possible."""
    limits = reach(config)
    beyond = np.zeros(len(codes), bool)
    if limits["low"] is not None:
        beyond |= (codes < limits["low"]).any(1)
    if limits["high"] is not None:
        beyond |= (codes > limits["high"]).any(1)
    if limits["active"] is not None:
        beyond |= np.count_nonzero(codes, axis=1) > limits["active"]
    if not beyond.any():
        return ""
    return f" No image has a code like {beyond.sum():,} of the {len(codes):,} shown: {limits['why']}."


def _drawn_from(samples: Samples) -> str:
    if samples.fitted:
        return f"from a Gaussian fitted to {samples.fitted:,} training codes"
    return "from the prior, the standard Gaussian towards which training pulls all codes"


def _too_long() -> dict[str, Any]:
    return {
        "seed": 0,
        "count": 0,
        "codes": None,
        "pictures": None,
        "about": "",
        "remark": f"A Gaussian is fitted to codes of at most {LONGEST_SAMPLED:,} dimensions; this one has more.",
    }


def holes_remark(holes: Holes, *, learnt: bool = False) -> str:
    """What the measure of holes says, in words. `learnt`: were the codes trained to be this Gaussian?"""
    if not holes.real_distance > 0:
        return "All test images have codes that training images have as well: there is nothing to compare with."
    times = holes.distance / holes.real_distance
    measured = (
        f"On average a random code lies {times:.2g} times as far from the nearest training code as the code of a test "
        f"image, and {100 * holes.far:.0f} % of random codes lie farther away than 95 % of the codes of test images."
    )
    if times < ALIKE_DISTANCE and holes.far < ALIKE_FAR:
        return f"{measured} By this measure the Gaussian fits the codes well."
    if learnt:
        return (
            f"{measured} (If random and real codes had the same distribution, these would be 1 and 5 %.) The codes "
            f"do not match the prior yet: a larger "
            "β pulls them closer to it, usually at the cost of blurrier images."
        )
    return (
        f"{measured} (If random and real codes had the same distribution, these would be 1 and 5 %.) The decoder was "
        f"not trained on codes far from real "
        "ones. The codes of a plain autoencoder need not be Gaussian; those of a variational one are trained to be."
    )
