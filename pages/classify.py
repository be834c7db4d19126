"""What a code is worth to a classifier that gets few labels."""

import numpy as np
import streamlit as st

from aelib import datasets
from aelib.analysis.classify.classifiers import DRAWS, most_labels
from aelib.spec.images import SHOWN, evenly_spaced
from aelib.ui.components.claims import of_one_run, say
from aelib.ui.components.image_grid import Row, image_grid
from aelib.ui.pages.classify.contest import CONTESTANTS, PRETRAINED, USUAL, Contest, measure, offered
from aelib.ui.pages.classify.label_curve import label_curve
from aelib.ui.pages.classify.verdict import table, verdicts
from aelib.ui.session.query_batch import show_progress
from aelib.ui.session.quick_runs import DENOISER
from aelib.ui.session.run_page import Viewed, look_into
from aelib.ui.session.session import Session, plain

SEE = "Many images, few labels: does an encoder that was trained without labels give a classifier a head start?"
EXPLAIN = r"""
An autoencoder needs no labels, unless its task is to colour. Its **encoder** $f$ can become the first part of a
classifier: a dense layer with *softmax* on the code predicts the class of an image $x$,
$$p(y \mid x) = \text{softmax}(W f(x) + b)_y,$$
and is trained by minimizing the cross-entropy $-\log p(y \mid x)$ of the labelled images.

**Methods compared**, all with the same few labelled images:
- *pixels*, *PCA* (with as many dimensions as the code) and *code*: logistic regression on frozen features
  (scikit-learn, L2 penalty with $C = 1$; features centred and scaled by a common factor). PCA and the scaling come from
  training images without labels;
- *fine-tuned encoder*: $f$ starts with the weights of the run, and all weights are trained with the labels;
- *same network from scratch*: the same layers, from random weights as at the run's own start.

The last two are trained in the very same way: 150 steps of Adam on batches of up to 32 clean images, with a learning
rate that falls from 0.005 to zero; $W$ and $b$ start at zero. There is no early stopping. Which is ahead depends on the
learning rate: with the number of labels that you choose, both are also trained at half and at twice this rate, and
compared at each side's best.

**How we compare.** Each figure is the mean of five draws of the labelled images, with its 95 % confidence interval
(Student's $t$); the draws are the same for all methods. Which is better is decided by the difference, paired draw by
draw: if its interval contains zero, the claim is undecided. Whether pretraining helped is tested with each number of
labels; the p-values are corrected for so many tests (Holm 1979), because one of several may fall below 0.05 by chance
alone. The intervals reflect *which* images are labelled, not the seed of the run: the run is one network, and another
seed may do otherwise.

*Sources:* Hinton & Salakhutdinov 2006, *Reducing the dimensionality of data with neural networks*; Erhan et al. 2010,
*Why does unsupervised pre-training help deep learning?*; Vincent et al. 2010, *Stacked denoising autoencoders*.
"""
COUNT = "classify.count"


def draw(viewed: Viewed) -> None:
    most = most_labels(viewed.dataset.train_labels)
    if not most or not viewed.dataset.has_classes:
        st.info(
            "The test images of this dataset have no labels: choose a run that was trained on another dataset."
            if most
            else "This dataset has no class labels: choose a run that was trained on another dataset.",
            icon=":material/info:",
        )
        return
    count = _choose(most)
    if viewed.training:
        st.caption("Evaluated when training is paused or finished.")
        return
    coloured = viewed.config.colour
    if coloured:
        st.info(
            "This network was trained to colour images in the hues of their classes, so it has seen the labels of all "
            "training images. Its results here say nothing about learning without labels, and the claims about that "
            "are not judged.",
            icon=":material/info:",
        )
    contest = measure(viewed, most, count)
    show_progress(contest.asked, contest.total, contest.problem)
    with st.container(horizontal=True, gap="large", vertical_alignment="center"):
        st.markdown(table(contest, count), width="content")
        with st.container(width="stretch"):
            if not coloured:
                _say(viewed, contest, count)
    with st.container():
        _images(viewed, contest, count)
    with st.container():
        label_curve(contest, count)
    st.caption(
        f"Accuracy on {contest.tested:,} test images; mean of {DRAWS} draws of the "
        "labelled images; the bands are 95 % confidence intervals of the mean (Student's t)."
    )


def _choose(most: int) -> int:
    """How many images of each class come with their label."""
    counts = offered(most)
    # Other data may have fewer images.
    if st.session_state.get(COUNT) not in counts:
        st.session_state[COUNT] = max(one for one in counts if one <= USUAL)
    count: int = st.select_slider(
        "Labelled images per class",
        counts,
        # Its default as well, see `aelib.ui.panels.controls`.
        st.session_state[COUNT],
        key=COUNT,
        help="Number of labelled training images per class, in five random draws.",
        persist_state="session",
        width=420,
    )
    return count


def _say(viewed: Viewed, contest: Contest, count: int) -> None:
    said = verdicts(contest, count, f"{of_one_run(viewed)} on {plain(datasets.title(viewed.dataset.name))}")
    for verdict in said:
        say(
            verdict,
            help="A claim of the articles that the recipes come from, judged by differences between the same draws: "
            "undecided if chance explains them.",
        )
    if contest.asked < contest.total:
        st.caption("Some measurements are still running; further claims are judged when they are complete.")


def _images(viewed: Viewed, contest: Contest, count: int) -> None:
    """The first test images, with what the run's encoder takes them for, trained on the first draw."""
    which = evenly_spaced(len(viewed.dataset.test_labels), contest.tested)[:SHOWN]
    images = viewed.dataset.test_images[which].reshape(len(which), -1)
    truth, names = viewed.dataset.test_labels[which], viewed.dataset.classes
    found = contest.found[PRETRAINED, count]
    said, note = ["…"] * len(which), "…"
    if found:
        named = found[0].named
        said = [names[one] if one == own else f"{names[one]} ✗" for one, own in zip(named, truth, strict=True)]
        note = f"{int(np.sum(named == truth))} of {len(which)} right"
    image_grid([Row(CONTESTANTS[PRETRAINED][0], images, said, note=note)], key="classify.grid")
    st.caption(
        "Below each image: the class predicted by the fine-tuned encoder (✗ = wrong), from the first of the "
        f"{DRAWS} draws."
    )


# Of the quick runs the one whose encoder gives the better start.
look_into(Session(), see=SEE, explain=EXPLAIN, starter=DENOISER, draw=draw)
