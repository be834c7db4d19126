"""The named systems: each is a `RunConfig` with its source. To add one, add an entry to `_ALL`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aelib.config import BENDING, InvalidInput, RunConfig

TFLEARN = "tflearn article on autoencoders"
KERAS_BLOG = "Kaggle notebook after the Keras blog"
HANDS_ON = "“Hands-On AI for Beginners”"
DEEP_INSIDE = "“Deep Inside Autoencoders”"
STUDY_NOTES = "Study notes on autoencoders"
OURS = "Autoencoder Lab"


@dataclass(frozen=True)
class Recipe:
    """A system from the literature. `number` is its place in the list of systems, e.g. "M8"."""

    id: str
    number: str
    title: str
    source: str
    look_for: str
    config: RunConfig


def _recipe(id: str, number: str, title: str, source: str, look_for: str, **settings: object) -> Recipe:
    return Recipe(id, number, title, source, look_for, replace(RunConfig(recipe=id), **settings))  # type: ignore[arg-type]


# 10 of the 784 pixels are set to black or white.
TEN_PIXELS = 10 / 784

_LINEAR = dict.fromkeys(BENDING, "linear")
_SIGMOID = dict.fromkeys(BENDING, "sigmoid")
_KERAS_THEN = {"optimizer": "adadelta", "learning_rate": 1.0, "loss": "bce"}

_ALL = (
    _recipe(
        "tanh-l1",
        "M1",
        "Tanh layers, an L1 price",
        TFLEARN,
        "With the article's learning rate of 0.01 the tanh units saturate, and all pictures come out alike. Start anew "
        "with 0.001, and the same network learns well.",
        widths=(500,),
        code_size=100,
        hidden_activation="tanh",
        code_activation="tanh",
        output_activation="linear",
        regularizer="l1",
        learning_rate=0.01,
        epochs=10,
    ),
    _recipe(
        "simple-128",
        "M2",
        "128 numbers, linear hidden layers",
        TFLEARN,
        "Only the output bends, the rest is linear: it falls far below PCA's line all the same.",
        widths=(256,),
        code_size=128,
        hidden_activation="linear",
        code_activation="linear",
        epochs=20,
    ),
    _recipe(
        "denoise-256",
        "M3",
        "Denoising, 10 wrong pixels",
        TFLEARN,
        "The network sees ten wrong pixels a picture and has to give back the clean one. "
        "Switch on “noisy target” to train it as the article did.",
        widths=(512,),
        code_size=256,
        hidden_activation="linear",
        code_activation="linear",
        corruption="salt-and-pepper",
        corruption_level=TEN_PIXELS,
        epochs=20,
    ),
    _recipe(
        "single-32",
        "M4",
        "One layer, 32 numbers",
        f"{KERAS_BLOG}, F. Chollet 2016",
        "A single layer learns about what PCA learns, the source says: see whether it comes to rest on PCA's line or "
        "below it. With Adam instead of Adadelta it learns several times as fast.",
        widths=(),
        code_size=32,
        epochs=50,
        **_KERAS_THEN,
    ),
    _recipe(
        "single-32-l1",
        "M5",
        "One layer with an L1 price",
        f"{KERAS_BLOG}, F. Chollet 2016",
        "The same network pays for every unit that speaks. Fewer do, and the pictures are a little worse for it.",
        widths=(),
        code_size=32,
        regularizer="l1",
        epochs=50,
        **_KERAS_THEN,
    ),
    _recipe(
        "deep-32",
        "M6",
        "Three layers down, three up",
        f"{KERAS_BLOG}, F. Chollet 2016",
        "The same 32 numbers as the single layer, found by a deeper network: better pictures, more time.",
        widths=(128, 64),
        code_size=32,
        loss="bce",
        epochs=20,
    ),
    _recipe(
        "relu-128",
        "M7",
        "ReLU to the last pixel",
        HANDS_ON,
        "Even the output is a ReLU: a pixel whose input is negative is black and learns no more. Let the output bend "
        "with leaky ReLU, sigmoid or nothing (under “Network”) to see what a reader proposed.",
        widths=(784, 256),
        code_size=128,
        output_activation="relu",
        optimizer="rmsprop",
        epochs=4,
    ),
    _recipe(
        "vanilla-64",
        "M8",
        "One layer, 64 numbers",
        DEEP_INSIDE,
        "A single hidden layer learns to write a digit with 64 numbers, clearly better than PCA's 64.",
        widths=(),
        code_size=64,
        epochs=20,
    ),
    _recipe(
        "multilayer-64",
        "M9",
        "Two layers down, two up",
        DEEP_INSIDE,
        "A hidden layer on either side of the code. Deeper is slower, and here not better than one layer.",
        widths=(128,),
        code_size=64,
        epochs=20,
    ),
    _recipe(
        "conv-pool",
        "M10",
        "Convolution and pooling",
        DEEP_INSIDE,
        "Three convolutions squeeze the picture into 8 maps of 4×4. "
        "Start the output at zero, as the article does, and it stays black.",
        family="conv-pool",
        widths=(16, 8, 8),
        epochs=5,
    ),
    _recipe(
        "sparse-64",
        "M11",
        "One layer, few units speak",
        DEEP_INSIDE,
        "The network of “One layer, 64 numbers” with a price on its code: at each picture only some units speak. See "
        "which under “Latent space”.",
        widths=(),
        code_size=64,
        regularizer="l1",
        # As in the article: from the mean pixel it ends at an error of 0.0065 instead of 0.0056.
        output_start="zero",
        epochs=20,
    ),
    _recipe(
        "conv-denoise",
        "M12",
        "Convolutional denoiser with pooling",
        DEEP_INSIDE,
        "Its code has twice as many numbers as the picture, so it could copy. The noise keeps it from doing so.",
        family="conv-pool",
        widths=(32, 32),
        corruption="gaussian",
        corruption_level=0.5,
        epochs=3,
    ),
    _recipe(
        "conv-dense-20",
        "M13",
        "Convolutions into 20 numbers",
        STUDY_NOTES,
        "Twenty numbers a picture, and the digits stay readable.",
        family="conv-dense",
        widths=(32, 32),
        code_size=20,
        code_activation="linear",
        epochs=5,
    ),
    _recipe(
        "fully-conv",
        "M14",
        "Fully convolutional denoiser",
        STUDY_NOTES,
        "It learns to wipe off noise rather than to draw digits, so it works on other scripts, too.",
        family="conv-stride",
        widths=(32, 32, 32),
        corruption="gaussian",
        corruption_level=0.5,
        epochs=3,
    ),
    _recipe(
        "contractive",
        "M15",
        "Contractive: a code that keeps calm",
        f"{TFLEARN}; S. Rifai and others 2011",
        "It pays for every way in which a small change of the picture would change the code. Turn the price up and see "
        "what the code no longer notices.",
        widths=(),
        code_size=64,
        code_activation="sigmoid",
        regularizer="contractive",
        regularizer_weight=1e-3,
        epochs=20,
    ),
    _recipe(
        "recirculation",
        "M16",
        "Recirculation instead of back-propagation",
        f"{TFLEARN}; G. Hinton and J. McClelland 1988",
        "No gradient is carried back: activity goes round twice, and each weight learns from the difference. Compare "
        "it with back-propagation on the same network.",
        widths=(),
        code_size=64,
        code_activation="sigmoid",
        method="recirculation",
        learning_rate=0.5,
        epochs=20,
    ),
    _recipe(
        "rbm",
        "M17",
        "Boltzmann machines, stacked and unrolled",
        f"{KERAS_BLOG}; G. Hinton and R. Salakhutdinov 2006",
        "Each layer first dreams pictures and learns to dream what it sees. Then the stack is unrolled into an "
        "autoencoder and learns as a whole: see the error fall once more.",
        widths=(256,),
        code_size=64,
        method="rbm",
        pretrain_epochs=4,
        loss="bce",
        epochs=20,
        **_SIGMOID,
    ),
    _recipe(
        "vae",
        "M18",
        "Variational autoencoder",
        f"{TFLEARN}; {HANDS_ON}; D. Kingma and M. Welling 2014",
        "The code is a cloud, not a point, and all clouds together are to fill a ball: so a code drawn at random gives "
        "a picture. See it under “Decode”, and turn β, the weight.",
        widths=(256,),
        code_size=16,
        regularizer="variational",
        regularizer_weight=1.0,
        loss="bce",
        epochs=20,
    ),
    _recipe(
        "stacked",
        "M19",
        "Layer after layer, then all together",
        f"{TFLEARN}; Y. Bengio and others 2006",
        "Each layer learns to give back what the one before made; then all learn together. Marks on the curve show "
        "where the next layer begins.",
        widths=(256, 128),
        code_size=64,
        method="stacked",
        pretrain_epochs=2,
        epochs=20,
    ),
    _recipe(
        "overcomplete-linear",
        "M20",
        "Linear, with more numbers than pixels",
        DEEP_INSIDE,
        "Nothing forces it to understand anything: it learns to copy. Show it noise under “Denoising”, and it copies "
        "that, too.",
        widths=(),
        code_size=1024,
        epochs=5,
        **_LINEAR,
    ),
    _recipe(
        "linear-32",
        "L1",
        "Linear: PCA by gradient descent",
        f"{OURS}; P. Baldi and K. Hornik 1989",
        "Without a bend it can do what PCA can and no more: it comes down to PCA's line and stays there.",
        widths=(),
        code_size=32,
        epochs=20,
        **_LINEAR,
    ),
    _recipe(
        "tied-64",
        "L2",
        "One layer with tied weights",
        OURS,
        "The decoder uses the encoder's weights, transposed: half the numbers to learn, and pictures a little worse.",
        widths=(),
        code_size=64,
        tied=True,
        epochs=20,
    ),
    _recipe(
        "k-sparse",
        "L3",
        "Only 25 of 256 units speak",
        f"{OURS}; A. Makhzani and B. Frey 2013",
        "At each picture the 25 largest units speak and the others are silent. Turn their number while it trains.",
        widths=(),
        code_size=256,
        code_activation="linear",
        regularizer="k-sparse",
        active_units=25,
        epochs=20,
    ),
    _recipe(
        "kl-sparse",
        "L4",
        "Units that fire one time in twenty",
        f"{OURS}; A. Ng 2011",
        "Each unit pays where it fires more or less often than in 5 % of the pictures. “What each unit looks for”, "
        "under “Latent space”, shows strokes.",
        widths=(),
        code_size=256,
        code_activation="sigmoid",
        regularizer="kl-sparsity",
        regularizer_weight=1e-3,
        epochs=20,
    ),
    _recipe(
        "masked-128",
        "L5",
        "Half of the pixels are missing",
        f"{OURS}; P. Vincent and others 2008",
        "Every second pixel, on average, is black, and the network guesses it from the others.",
        widths=(512,),
        code_size=128,
        corruption="masking",
        corruption_level=0.5,
        epochs=20,
    ),
)

RECIPES: dict[str, Recipe] = {recipe.id: recipe for recipe in _ALL}


def find(name: str) -> Recipe:
    """The recipe with this id ("vanilla-64") or number ("M8"). Raises `InvalidInput`."""
    wanted = name.strip().lower()
    for recipe in _ALL:
        if wanted in (recipe.id, recipe.number.lower()):
            return recipe
    raise InvalidInput("recipe", name, "one of " + ", ".join(RECIPES))
