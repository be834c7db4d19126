"""Systems that the articles only name, after the papers they are from, and some of our own."""

from __future__ import annotations

from aelib.spec.architecture import ACTIVATION_FIELDS
from aelib.spec.recipes.recipe import DEEP_INSIDE, HANDS_ON, KERAS_BLOG, OURS, TFLEARN, recipe

_LINEAR = dict.fromkeys(ACTIVATION_FIELDS, "linear")
_SIGMOID = dict.fromkeys(ACTIVATION_FIELDS, "sigmoid")

PAPERS = (
    recipe(
        "contractive",
        "M15",
        "Contractive autoencoder",
        f"{TFLEARN}; Rifai et al. 2011",
        "The Jacobian of the encoder is penalized, so that small changes of the image hardly change the code. Increase "
        "the weight of the penalty, and the reconstructions get worse as the code ignores more.",
        "Only the penalty is the source's: network, loss, penalty weight, optimizer, initialization and number of "
        "epochs are our choice.",
        widths=(),
        code_size=64,
        code_activation="sigmoid",
        regularizer="contractive",
        regularizer_weight=1e-3,
        epochs=20,
    ),
    recipe(
        "recirculation",
        "M16",
        "Recirculation",
        f"{TFLEARN}; Hinton and McClelland 1988",
        "No gradient is carried back: activations circulate twice, and each weight is updated from the difference. "
        "Compare it with backpropagation on the same network.",
        "Only the learning rule is the source's: network, learning rate, batch size, initialization and number of "
        "epochs are our choice.",
        widths=(),
        code_size=64,
        code_activation="sigmoid",
        method="recirculation",
        learning_rate=0.5,
        epochs=20,
    ),
    recipe(
        "rbm",
        "M17",
        "Stacked RBMs, unrolled",
        f"{KERAS_BLOG}; Hinton and Salakhutdinov 2006",
        "Each layer is pretrained as a restricted Boltzmann machine. Then the stack is unrolled into an autoencoder "
        "and trained as a whole: see the error drop once more.",
        "Only the method is the source's: network, learning rates, batch size, optimizer and number of epochs are "
        "our choice.",
        "The paper's stack for MNIST is 784–1000–500–250–30 with a linear code: here it is 784–256–64 with sigmoids "
        "throughout.",
        widths=(256,),
        code_size=64,
        method="rbm",
        pretrain_epochs=4,
        loss="bce",
        epochs=20,
        **_SIGMOID,
    ),
    recipe(
        "vae",
        "M18",
        "Variational autoencoder",
        f"{TFLEARN}; {HANDS_ON}; Kingma and Welling 2014",
        "The encoder outputs a distribution, and all codes together match a Gaussian prior, so random codes decode to "
        "images. See it under “Decode”, and try different β, the weight of the penalty.",
        "Only the method is the source's: network, optimizer, batch size, initialization and number of epochs are "
        "our choice.",
        widths=(256,),
        code_size=16,
        regularizer="variational",
        regularizer_weight=1.0,
        loss="bce",
        epochs=20,
    ),
    recipe(
        "stacked",
        "M19",
        "Stacked autoencoder (greedy pretraining)",
        f"{TFLEARN}; Bengio et al. 2006",
        "Each layer is trained to reconstruct the previous layer's output; then all are trained together. Marks on the "
        "curve show where the next layer begins.",
        "Only the method is the source's: network, optimizer, batch size, initialization and number of epochs are "
        "our choice.",
        widths=(256, 128),
        code_size=64,
        method="stacked",
        pretrain_epochs=2,
        epochs=20,
    ),
    recipe(
        "overcomplete-linear",
        "M20",
        "Overcomplete linear autoencoder",
        DEEP_INSIDE,
        "Nothing forces it to learn structure: it learns to copy. Show it noise under “Denoising”, and it copies most "
        "of that as well.",
        "Only the linear layers and a code wider than the input are the source's: 1,024 dimensions, optimizer, batch "
        "size and 5 epochs are our choice.",
        widths=(),
        code_size=1024,
        epochs=5,
        **_LINEAR,
    ),
    recipe(
        "linear-32",
        "L1",
        "Linear autoencoder (PCA's subspace)",
        f"{OURS}; Baldi and Hornik 1989",
        "Without nonlinearity it can match PCA but not beat it.",
        widths=(),
        code_size=32,
        epochs=20,
        **_LINEAR,
    ),
    recipe(
        "tied-64",
        "L2",
        "Tied weights, 64-D",
        OURS,
        "The decoder uses the encoder's weights, transposed: half the parameters, somewhat worse reconstructions.",
        widths=(),
        code_size=64,
        tied=True,
        epochs=20,
    ),
    recipe(
        "k-sparse",
        "L3",
        "k-sparse autoencoder (k = 25 of 256)",
        f"{OURS}; Makhzani and Frey 2013",
        "For each image only the 25 largest activations are kept; the others are set to 0. Change k during training.",
        "The paper's network is linear with tied weights: here the weights are not tied and the output is a sigmoid.",
        "The number of units, k, optimizer, initialization and number of epochs are our choice.",
        widths=(),
        code_size=256,
        code_activation="linear",
        regularizer="k-sparse",
        active_units=25,
        epochs=20,
    ),
    recipe(
        "kl-sparse",
        "L4",
        "Sparse autoencoder (KL, ρ = 0.05)",
        f"{OURS}; Ng 2011",
        "Units are penalized when their mean activation deviates from 5 %. See the weights of each unit under “Latent "
        "space”.",
        "Only the penalty is the source's: network, penalty weight, optimizer, initialization and number of epochs "
        "are our choice.",
        widths=(),
        code_size=256,
        code_activation="sigmoid",
        regularizer="kl-sparsity",
        regularizer_weight=1e-3,
        epochs=20,
    ),
    recipe(
        "masked-128",
        "L5",
        "Masking-noise autoencoder, 128-D",
        f"{OURS}; Vincent et al. 2008",
        "On average half of the pixels are set to 0; the network fills them in.",
        "Only the kind of noise is the source's: network, share of removed pixels, loss, optimizer, initialization "
        "and number of epochs "
        "are our choice.",
        widths=(512,),
        code_size=128,
        corruption="masking",
        corruption_level=0.5,
        epochs=20,
    ),
)
