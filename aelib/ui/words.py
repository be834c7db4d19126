"""How settings are called on a page, and what a learner is told about them."""

from typing import Any

from aelib import datasets
from aelib.architecture import FAMILIES
from aelib.config import KINDS, InvalidInput, RunConfig
from aelib.corruptions import CORRUPTIONS

LABELS = {
    "dataset": "Data",
    "recipe": "Recipe",
    "family": "Kind of network",
    "widths": "Hidden layers",
    "decoder_widths": "Decoder hidden layer sizes",
    "code_size": "Code size",
    "hidden_activation": "Hidden layers bend with",
    "code_activation": "The code bends with",
    "output_activation": "The output bends with",
    "tied": "Tied weights",
    "task": "Task",
    "colour": "Colour",
    "corruption": "Damage on the input",
    "corruption_level": "How much",
    "resolution": "What is left",
    "frozen_noise": "Same noise in every epoch",
    "noisy_target": "Noisy target",
    "regularizer": "Regularization",
    "regularizer_weight": "Its weight",
    "sparsity_target": "How often units are to fire",
    "active_units": "Units that may speak",
    "method": "How weights learn",
    "pretrain_epochs": "Epochs for each layer first",
    "cd_rate": "Boltzmann learning rate",
    "cd_steps": "Steps of a dream",
    "persistent": "Dreams go on from batch to batch",
    "loss": "Loss",
    "optimizer": "Optimizer",
    "learning_rate": "Learning rate",
    "batch_size": "Batch size",
    "budget": "Budget in",
    "epochs": "Epochs",
    "max_steps": "Steps",
    "seed": "Seed",
    "weight_start": "Weight initialization",
    "output_start": "Output starts at",
    "precision": "Number format",
}

HELP = {
    "dataset": "Pictures of 28×28 pixels. The network learns on one part and is tested on another.",
    "recipe": "A network from the literature, with its settings. Change any of them afterwards.",
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
    "corruption_level": "Acts on a running network at once.",
    "frozen_noise": "The corruption is drawn once per image for the whole data set, instead of anew each time an "
    "image is shown. The corrupted images are stored with 256 grey levels.",
    "noisy_target": "The loss is computed against the corrupted image instead of the clean one, as in one of the "
    "articles. See how much of the noise the network removes all the same.",
    "regularizer": "All but k-sparse add a penalty to the loss, which is plotted with it. L1 on the code: activations "
    "are pulled towards 0. L1 on code weights: the weights of the code layer are. KL sparsity: the mean activation of "
    "each unit is pulled to a target. k-sparse: only the k largest activations are kept. Contractive: small changes of "
    "the image are to change the code little. Variational: the code is a Gaussian that is pulled towards the prior, so "
    "new images can be sampled. Weight decay: all weights are pulled towards 0.",
    "regularizer_weight": "Weight of the penalty (λ; β for a variational autoencoder). Takes effect immediately, even "
    "during training.",
    "sparsity_target": "Target of each unit's mean activation. Takes effect immediately, even during training.",
    "active_units": "For each image, only the k largest activations are kept; the others are set to 0. Takes effect "
    "immediately, even during training.",
    "method": "Backpropagation: all layers are trained together on one loss. Layer by layer: each layer is pretrained "
    "alone. RBMs: each layer is pretrained as a restricted Boltzmann machine, then the stack is unrolled "
    "and all layers are trained. Recirculation: a local rule without backpropagated gradients.",
    "pretrain_epochs": "How often each layer goes through all pictures alone. The epochs left of the budget train all "
    "layers together.",
    "cd_rate": "How far a step of contrastive divergence goes. Acts on a running network at once.",
    "cd_steps": "k of CD-k: how often a Boltzmann machine goes from picture to code and back before it compares.",
    "persistent": "Persistent contrastive divergence: each dream begins where the last one ended instead of at a "
    "picture, so it can wander far.",
    "loss": "What training makes small: mean squared error, or binary cross-entropy, which punishes confident "
    "mistakes more.",
    "optimizer": "The rule by which weights follow the gradient.",
    "learning_rate": "Step size. Too small: training is slow. Too large: it diverges or gets stuck. Takes effect "
    "immediately, even during training.",
    "batch_size": "How many images a step learns from. Where there are fewer training images, all of them.",
    "budget": "Is the length of training counted in epochs (passes over the training set) or in steps (batches)?",
    "epochs": "How often training goes through all pictures.",
    "max_steps": "How many batches to train on, however many images there are.",
    "seed": "The same seed gives the same run. Its last digits may depend on the number of threads (AELIB_THREADS).",
    "weight_start": "What weights and biases are drawn from before training. Glorot (also called Xavier): uniform, "
    "scaled to the size of the layer. Truncated normal: standard deviation 0.02, nothing beyond two of them, biases 0: "
    "the default of tflearn.",
    "output_start": "From the mean pixel, the first outputs are near the images' mean brightness. From zero, as in "
    "many articles, a network may collapse to blank images and stay so: try it.",
    "precision": "bfloat16 can be faster on processors that support it; results are nearly the same.",
}

OPTIONS = {
    **{family.name: family.title for family in FAMILIES.values()},
    **{corruption.name: corruption.title for corruption in CORRUPTIONS.values()},
    "linear": "nothing (linear)",
    "relu": "ReLU",
    "leaky-relu": "leaky ReLU",
    "elu": "ELU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "none": "none",
    "l1": "L1 penalty on the code",
    "l1-weights": "L1 penalty on code weights",
    "kl-sparsity": "KL sparsity",
    "k-sparse": "k-sparse code",
    "contractive": "contractive",
    "variational": "variational (VAE)",
    "weight-decay": "weight decay",
    "backprop": "back-propagation",
    "stacked": "layer by layer, then all",
    "rbm": "RBMs, then all layers",
    "recirculation": "recirculation",
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
    "mean-pixel": "the mean pixel",
    "zero": "zero, as in the articles",
    "epochs": "epochs",
    "steps": "steps",
    "auto": "whatever is fastest here",
    "float32": "float32",
    "bfloat16": "bfloat16",
}


# Settings whose values are said without their label: no other setting has them.
_SAY_WHAT_THEY_ARE = ("family", "corruption", "regularizer", "method", "loss", "optimizer")


def difference(config: RunConfig, other: RunConfig) -> str:
    """What tells a run from another one: every setting that differs and matters."""
    names = [name for name in KINDS if name != "recipe" and getattr(config, name) != getattr(other, name)]
    return "; ".join(_setting(name, getattr(config, name)) for name in names if config.applies(name)) or "another run"


def _setting(name: str, value: Any) -> str:
    label = LABELS[name].lower()
    if isinstance(value, bool):
        return f"{'' if value else 'no '}{label}"
    if name == "dataset":
        return datasets.title(value)
    if name in _SAY_WHAT_THEY_ARE and value != "none":
        return chosen(value)
    return f"{label} {chosen(value)}"


def chosen(value: Any) -> str:
    """The value of a setting, as its widget says it."""
    match value:
        case None:
            return "mirror of the encoder"
        case tuple():
            return ", ".join(map(str, value)) or "none"
        case bool():
            return "on" if value else "off"
        case str():
            return OPTIONS.get(value, value)
    return number(value)


def number(value: float) -> str:
    """A setting as short as it can be said: 0.001, 0.25, 1e-06, 1,024."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"


def mended(problem: InvalidInput, config: RunConfig) -> str:
    """What to say of a setting that did not go with the others, and was made to: by its label, and what it is now."""
    name = problem.field_name
    said = InvalidInput(LABELS[name], problem.shown, problem.allowed)
    return f"{said} It is {chosen(getattr(config, name))} now."


def thousands(value: float) -> str:
    """A count to three digits: 842, 84.2 k, 1.07 M."""
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.0f}"


def waiting(place: int) -> str:
    """What a run is told that is the `place`-th in line."""
    where = "next" if place == 1 else f"number {place} in line"
    return f"As many runs train as this server allows at once. Yours is {where}, and begins by itself."
