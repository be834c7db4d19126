"""How settings are called on a page, and what a learner is told about them."""

from typing import Any

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
    "family": "How the layers are wired. Dense: every unit sees every pixel. Convolution: small filters slide "
    "over the picture.",
    "widths": "Units (or channels) of the encoder's hidden layers, first to last, separated by commas. Leave empty to "
    "connect the input directly to the code.",
    "decoder_widths": "Units of the decoder's layers between code and output, first to last, separated by commas. "
    "Leave empty for the mirror of the encoder; “none” connects the code directly to the output.",
    "code_size": "How many numbers are left of a picture of 784 pixels. The fewer, the more the network has to "
    "understand.",
    "hidden_activation": "Without a bend (linear), all layers together can do no more than one.",
    "code_activation": "ReLU cuts off negative numbers: units may fall silent. Linear keeps all.",
    "output_activation": "Sigmoid keeps pixels between black and white. With ReLU a pixel whose input is negative is "
    "black, and learns no more; leaky ReLU lets a little through, and linear everything.",
    "tied": "The decoder uses the encoder's weights, transposed: half the numbers to learn.",
    "task": "What the network has to do. Copying a picture through a narrow code is hard enough; mending or colouring "
    "one takes knowing what is in it.",
    "colour": "The picture comes back in the hue of its class, so the network has to recognize what it sees.",
    "corruption": "The network sees a damaged picture and has to give back the clean one.",
    "corruption_level": "Acts on a running network at once.",
    "frozen_noise": "The corruption is drawn once per image for the whole data set, instead of anew each time an "
    "image is shown. The corrupted images are stored with 256 grey levels.",
    "noisy_target": "The loss compares with the damaged picture instead of the clean one, so noise is learnt, too. One "
    "of the articles trains like this: see what its network removes.",
    "regularizer": "A penalty added to the loss and plotted with it. L1 on the code: few latent units are active at "
    "once. L1 on the code layer's weights: many of these weights become nearly 0. KL sparsity: each unit is rarely "
    "active. k-sparse: only the k largest activations are kept. Contractive: small changes of the image hardly change "
    "the code. Variational: the code is a Gaussian close to the prior, so new images can be sampled. Weight decay: "
    "small weights.",
    "regularizer_weight": "How much the price counts: β of a variational autoencoder, else λ. Acts on a running "
    "network at once.",
    "sparsity_target": "The share of pictures at which a unit should fire. Acts on a running network at once.",
    "active_units": "At each picture so many units, the largest, keep their value and all others are 0. Acts on a "
    "running network at once.",
    "method": "Back-propagation: all layers follow the gradient of one error. Layer by layer: each learns alone first. "
    "Boltzmann machines: each layer learns to dream what it sees, then all are unrolled. Recirculation: no gradient at "
    "all.",
    "pretrain_epochs": "How often each layer goes through all pictures alone. The epochs left of the budget train all "
    "layers together.",
    "cd_rate": "How far a step of contrastive divergence goes. Acts on a running network at once.",
    "cd_steps": "k of CD-k: how often a Boltzmann machine goes from picture to code and back before it compares.",
    "persistent": "Persistent contrastive divergence: each dream begins where the last one ended instead of at a "
    "picture, so it can wander far.",
    "loss": "What training makes small: mean squared error, or binary cross-entropy, which punishes confident "
    "mistakes more.",
    "optimizer": "The rule by which weights follow the gradient.",
    "learning_rate": "How far every step goes. Too small: slow. Too large: the error explodes. Acts on a running "
    "network at once.",
    "batch_size": "How many images a step learns from. Where there are fewer training images, all of them.",
    "budget": "Is the length of training counted in epochs (passes over the training set) or in steps (batches)?",
    "epochs": "How often training goes through all pictures.",
    "max_steps": "How many batches to train on, however many images there are.",
    "seed": "The same seed gives the same run, to the bit.",
    "weight_start": "What weights and biases are drawn from before training. Glorot (also called Xavier): uniform, "
    "scaled to the size of the layer. Truncated normal: standard deviation 0.02, nothing beyond two of them, which is "
    "the default of tflearn.",
    "output_start": "At the mean pixel, learning starts at once. From zero, as in many articles, a network may turn "
    "all black and stay so: try it.",
    "precision": "bfloat16 is faster where the processor has it, and the result hardly changes.",
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
    "l1-weights": "L1 penalty on the code layer's weights",
    "kl-sparsity": "KL sparsity",
    "k-sparse": "k-sparse code",
    "contractive": "contractive",
    "variational": "variational (VAE)",
    "weight-decay": "weight decay",
    "backprop": "back-propagation",
    "stacked": "layer by layer, then all",
    "rbm": "Boltzmann machines, then all",
    "recirculation": "recirculation",
    "mse": "mean squared error",
    "bce": "binary cross-entropy",
    "adam": "Adam",
    "sgd": "SGD with momentum 0.9",
    "rmsprop": "RMSProp",
    "rmsprop-tf1": "RMSProp as in TensorFlow 1",
    "adadelta": "Adadelta",
    "glorot": "Glorot uniform, biases 0",
    "truncated-normal": "truncated normal (σ = 0.02), biases 0",
    "xavier-biases": "Xavier uniform, biases too",
    "mean-pixel": "the mean pixel",
    "zero": "zero, as in the articles",
    "epochs": "epochs",
    "steps": "steps",
    "auto": "whatever is fastest here",
    "float32": "float32",
    "bfloat16": "bfloat16",
}


def difference(config: RunConfig, other: RunConfig) -> str:
    """What tells a run from another one, in a few words: the first settings that differ."""
    for name in KINDS:
        value = getattr(config, name)
        if name != "recipe" and value != getattr(other, name) and config.applies(name):
            if isinstance(value, bool):
                return f"{'' if value else 'no '}{LABELS[name].lower()}"
            return chosen(value) if isinstance(value, str) else f"{LABELS[name].lower()} {chosen(value)}"
    return "another run"


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
