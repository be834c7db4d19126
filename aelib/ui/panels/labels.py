"""What settings are called on a page, and how they are explained there."""

from collections.abc import Iterable, Sequence
from typing import Any

from aelib import datasets
from aelib.runs.status import Shortage
from aelib.spec.architecture import FAMILIES
from aelib.spec.config import KINDS, RunConfig
from aelib.spec.corruptions import CORRUPTIONS
from aelib.spec.fields import InvalidInput
from aelib.spec.methods import METHODS, Method
from aelib.spec.regularizers import REGULARIZERS, Regularizer

LABELS = {
    "dataset": "Dataset",
    "recipe": "Recipe",
    "family": "Architecture",
    "widths": "Hidden layer sizes",
    "decoder_widths": "Decoder hidden layer sizes",
    "code_size": "Latent dimensions",
    "hidden_activation": "Hidden activation",
    "code_activation": "Latent activation",
    "output_activation": "Output activation",
    "tied": "Tied weights",
    "task": "Task",
    "colour": "Colour",
    "corruption": "Input corruption",
    "corruption_level": "Corruption level",
    "resolution": "Input resolution",
    "frozen_noise": "Same noise in every epoch",
    "noisy_target": "Reconstruct the corrupted input",
    "regularizer": "Regularization",
    "regularizer_weight": "Penalty weight",
    "sparsity_target": "Target activation ρ",
    "active_units": "Active units k",
    "method": "Training method",
    "pretrain_epochs": "Pretraining epochs per layer",
    "cd_rate": "RBM learning rate",
    "cd_steps": "CD steps k",
    "persistent": "Persistent CD",
    "loss": "Loss",
    "optimizer": "Optimizer",
    "learning_rate": "Learning rate",
    "batch_size": "Batch size",
    "budget": "Train for a number of",
    "epochs": "Epochs",
    "max_steps": "Steps",
    "seed": "Seed",
    "weight_start": "Weight initialization",
    "output_start": "Output bias initialization",
    "precision": "Numerical precision",
}

_HELP = {
    "dataset": "Images of 28×28 pixels, split into a training set and a test set.",
    "recipe": "A model from the literature. You can change any of its settings afterwards.",
    "family": "How the layers are connected. Dense: every unit sees every input. Convolutional: small filters slide "
    "over the image.",
    "widths": "Units (or channels) of the encoder's hidden layers, first to last, separated by commas. Leave empty to "
    "connect the input directly to the code.",
    "decoder_widths": "Units of the decoder's layers between code and output, first to last, separated by commas. "
    "Leave empty for the mirror of the encoder; “none” connects the code directly to the output.",
    "code_size": "Dimensions of the latent code: each image of 784 pixels is encoded as this many numbers. Fewer "
    "dimensions mean a tighter bottleneck.",
    "hidden_activation": "Without a nonlinearity, a stack of layers is equivalent to a single linear layer.",
    "code_activation": "ReLU sets negative values to 0, so units can die. Linear passes everything.",
    "output_activation": "Sigmoid keeps pixels between 0 and 1. With ReLU, pixels with a negative pre-activation are 0 "
    "and get no gradient from that image; leaky ReLU passes a small gradient, linear the full one.",
    "tied": "The decoder uses the transposed weights of the encoder, which halves the number of weights (biases stay).",
    "task": "What the network is trained to output.",
    "colour": "The target is the image tinted with the hue of its class, so the network has to recognize the class.",
    "corruption": "The network receives a corrupted image and is trained to reconstruct the clean one.",
    "corruption_level": "Takes effect immediately, even during training.",
    "frozen_noise": "The corruption is drawn once per image and kept for the whole training, instead of being redrawn "
    "each time an image is shown. The corrupted images are stored with 256 grey levels.",
    "noisy_target": "The loss is computed against the corrupted image instead of the clean one, as in one of the "
    "articles. See how much of the noise the network removes all the same.",
    "regularizer": "What constrains the code besides its size. A penalty is added to the loss and plotted with it.",
    "regularizer_weight": "Weight of the penalty (λ; β for a variational autoencoder). Takes effect immediately, even "
    "during training.",
    "sparsity_target": "Target of each unit's mean activation. Takes effect immediately, even during training.",
    "active_units": "For each image, only the k largest activations are kept; the others are set to 0. Takes effect "
    "immediately, even during training.",
    "method": "How the weights are trained.",
    "pretrain_epochs": "Epochs of pretraining for each layer. The remaining epochs train all layers together.",
    "cd_rate": "Step size of contrastive divergence. Takes effect immediately, even during training.",
    "cd_steps": "k in CD-k: the number of Gibbs sampling steps.",
    "persistent": "Persistent contrastive divergence: the Gibbs chains continue from batch to batch instead of "
    "restarting at the training images.",
    "loss": "The objective that training minimizes: mean squared error, or binary cross-entropy, which penalizes "
    "confident mistakes more.",
    "optimizer": "How the weights are updated from the gradient.",
    "learning_rate": "Step size. Too small: training is slow. Too large: it diverges or gets stuck. Takes effect "
    "immediately, even during training.",
    "batch_size": "Images per optimizer step. If there are fewer training images, all of them are used.",
    "budget": "Epochs are passes over the training set; steps are optimizer steps, one per batch.",
    "epochs": "Passes over the training set.",
    "max_steps": "Optimizer steps, one per batch, regardless of how many images there are.",
    "seed": "The same seed gives the same run. Its last digits may depend on the number of threads (AELIB_THREADS).",
    "weight_start": "What weights and biases are drawn from before training. Glorot (also called Xavier): uniform, "
    "scaled to the size of the layer. Truncated normal: standard deviation 0.02, nothing beyond two of them, biases 0: "
    "the default of tflearn.",
    "output_start": "With the mean brightness, the first outputs are near the mean brightness of the images. From "
    "zero, as in many articles, a network may collapse to blank images and stay that way: try it.",
    "precision": "bfloat16 can be faster on processors that support it; results are nearly the same.",
}

_TITLES = {
    "linear": "linear (none)",
    "relu": "ReLU",
    "leaky-relu": "leaky ReLU",
    "elu": "ELU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "mse": "mean squared error",
    "bce": "binary cross-entropy",
    "adam": "Adam",
    "sgd": "SGD with momentum 0.9",
    "rmsprop": "RMSProp",
    "rmsprop-tf1": "RMSProp (TensorFlow 1)",
    "adadelta": "Adadelta",
    "glorot": "Glorot uniform, biases 0",
    "truncated-normal": "truncated normal, σ 0.02",
    "xavier-biases": "Xavier uniform, biases too",
    "mean-pixel": "mean brightness",
    "zero": "zero",
    "epochs": "epochs",
    "steps": "steps",
    "auto": "automatic (fastest)",
    "float32": "float32",
    "bfloat16": "bfloat16",
}


def option_title(option: str) -> str:
    """What an option of a setting is called on a page."""
    for registry in (FAMILIES, CORRUPTIONS, REGULARIZERS, METHODS):
        if option in registry:
            return registry[option].title
    return _TITLES.get(option, option)


def help_text(field: str) -> str:
    """What a setting does, and what each of its options does where they are registered with a sentence; Markdown."""
    entries: dict[str, Iterable[Regularizer | Method]] = {
        "regularizer": REGULARIZERS.values(),
        "method": METHODS.values(),
    }
    options = [f"- **{_capitalized(one.title)}**: {one.help}" for one in entries.get(field, ()) if one.help]
    return "\n".join((_HELP[field] + ("\n" if options else ""), *options))


def _capitalized(title: str) -> str:
    # As a sentence begins, but for names such as "k-sparse".
    return title if title[1:2] == "-" else title[0].upper() + title[1:]


# Settings whose values are shown without their label, since no other setting has the same values.
_SAY_WHAT_THEY_ARE = ("family", "corruption", "regularizer", "method", "loss", "optimizer")


def difference(config: RunConfig, other: RunConfig) -> str:
    """Every setting that differs between two runs and has an effect."""
    names = [name for name in KINDS if name != "recipe" and getattr(config, name) != getattr(other, name)]
    return (
        "; ".join(setting_words(name, getattr(config, name)) for name in names if config.applies(name)) or "another run"
    )


def differing(configs: Sequence[RunConfig]) -> list[str]:
    """The names of the settings that have an effect in any of several runs, and are not the same in all."""
    return [
        name
        for name in KINDS
        if name != "recipe"
        and len({getattr(config, name) for config in configs}) > 1
        and any(config.applies(name) for config in configs)
    ]


def distinctions(configs: Sequence[RunConfig]) -> list[str]:
    """For each of several runs, every setting that has an effect and is not the same in all; "" where none differs."""
    names = differing(configs)
    return [
        "; ".join(setting_words(name, getattr(config, name)) for name in names if config.applies(name))
        for config in configs
    ]


def setting_words(name: str, value: Any) -> str:
    """A setting and its value within a sentence."""
    label = _within_a_sentence(LABELS[name])
    if name == "code_size":
        return f"{chosen(value)} latent dimensions"
    if name == "widths":
        return f"hidden layers {chosen(value)}" if value else "no hidden layers"
    if isinstance(value, bool):
        return f"{'' if value else 'no '}{label}"
    if name == "dataset":
        return datasets.title(value)
    if name in _SAY_WHAT_THEY_ARE and value != "none":
        return chosen(value)
    return f"{label} {chosen(value)}"


def _within_a_sentence(label: str) -> str:
    """With a small first letter, unless it begins with an abbreviation."""
    return label if label[:2].isupper() else label[0].lower() + label[1:]


def chosen(value: Any) -> str:
    """The value of a setting, as its widget shows it."""
    match value:
        case None:
            return "mirror of the encoder"
        case tuple():
            return ", ".join(map(str, value)) or "none"
        case bool():
            return "on" if value else "off"
        case str():
            return option_title(value)
    return number(value)


def number(value: float) -> str:
    """A number in its shortest form: 0.001, 0.25, 1e-06, 1,024."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"


def mended(problem: InvalidInput, config: RunConfig) -> str:
    """The message for a setting that was incompatible with the others and was changed: its label and its new value."""
    name = problem.field_name
    said = InvalidInput(LABELS[name], problem.shown, problem.allowed)
    return f"{said} Changed to {chosen(getattr(config, name))}."


def thousands(value: float) -> str:
    """A count to three digits: 842, 84.2 k, 1.07 M."""
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.0f}"


_SHORTAGES = {
    Shortage.NONE: "The server is busy.",
    Shortage.MEMORY: "The server has no memory left for another run.",
    Shortage.ALL_MEMORY: "This run needs more memory than the server has for all runs, so it must wait for all others.",
}


def waiting(place: int, shortage: Shortage) -> str:
    """The message for a run that is the `place`-th in the queue, for memory or for its turn to train."""
    why = _SHORTAGES[shortage]
    where = "next in the queue" if place == 1 else f"number {place} in the queue"
    return f"{why} Your run is {where} and will start automatically."
