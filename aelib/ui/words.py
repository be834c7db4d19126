"""How settings are called on a page, and what a learner is told about them."""

from aelib.architecture import FAMILIES
from aelib.corruptions import CORRUPTIONS

LABELS = {
    "dataset": "Data",
    "recipe": "Recipe",
    "family": "Kind of network",
    "widths": "Hidden layers",
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
    "noisy_target": "Noisy target",
    "regularizer": "Regularization",
    "regularizer_weight": "Its weight",
    "loss": "Loss",
    "optimizer": "Optimizer",
    "learning_rate": "Learning rate",
    "batch_size": "Batch size",
    "epochs": "Epochs",
    "seed": "Seed",
    "output_start": "Output starts at",
    "precision": "Number format",
}

HELP = {
    "dataset": "Pictures of 28×28 pixels. The network learns on one part and is tested on another.",
    "recipe": "A network from the literature, with its settings. Change any of them afterwards.",
    "family": "How the layers are wired. Dense: every unit sees every pixel. Convolution: small filters slide "
    "over the picture.",
    "widths": "Units (or channels) of the encoder's layers, first to last, separated by commas. The decoder mirrors "
    "them. Empty: straight from the picture to the code.",
    "code_size": "How many numbers are left of a picture of 784 pixels. The fewer, the more the network has to "
    "understand.",
    "hidden_activation": "Without a bend (linear), all layers together can do no more than one.",
    "code_activation": "ReLU cuts off negative numbers: units may fall silent. Linear keeps all.",
    "output_activation": "Sigmoid keeps pixels between black and white.",
    "tied": "The decoder uses the encoder's weights, transposed: half the numbers to learn.",
    "task": "What the network has to do. Copying a picture through a narrow code is hard enough; mending or colouring "
    "one takes knowing what is in it.",
    "colour": "The picture comes back in the hue of its class, so the network has to recognize what it sees.",
    "corruption": "The network sees a damaged picture and has to give back the clean one.",
    "corruption_level": "Acts on a running network at once.",
    "noisy_target": "The loss compares with the damaged picture instead of the clean one, so noise is learnt, too.",
    "regularizer": "A price on top of the error. L1 makes few units of the code speak at a time; weight decay keeps "
    "weights small.",
    "regularizer_weight": "Acts on a running network at once.",
    "loss": "What training makes small: mean squared error, or binary cross-entropy, which punishes confident "
    "mistakes more.",
    "optimizer": "The rule by which weights follow the gradient.",
    "learning_rate": "How far every step goes. Too small: slow. Too large: the error explodes. Acts on a running "
    "network at once.",
    "batch_size": "How many pictures a step learns from.",
    "epochs": "How often training goes through all pictures.",
    "seed": "The same seed gives the same run, to the bit.",
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
    "l1": "L1 on the code",
    "weight-decay": "weight decay",
    "mse": "mean squared error",
    "bce": "binary cross-entropy",
    "adam": "Adam",
    "sgd": "SGD with momentum 0.9",
    "rmsprop": "RMSProp",
    "adadelta": "Adadelta",
    "mean-pixel": "the mean pixel",
    "zero": "zero, as in the articles",
    "auto": "whatever is fastest here",
    "float32": "float32",
    "bfloat16": "bfloat16",
}


def number(value: float) -> str:
    """A setting as short as it can be said: 0.001, 0.25, 1e-06."""
    return f"{value:.3g}"


def thousands(value: float) -> str:
    """A count to three digits: 842, 84.2 k, 1.07 M."""
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.0f}"
