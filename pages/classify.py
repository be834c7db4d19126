"""What a code is worth to a classifier that gets few labels."""

import numpy as np
import streamlit as st

from aelib import datasets
from aelib.insight.classification import DRAWS, SHOWN, most_labels
from aelib.insight.latent import chosen
from aelib.ui.claims import of_one_run, say
from aelib.ui.classify.contest import CONTESTANTS, PRETRAINED, USUAL, Contest, measure, offered
from aelib.ui.classify.label_curve import label_curve
from aelib.ui.classify.verdict import table, verdicts
from aelib.ui.inquiry import show_progress
from aelib.ui.looking import Viewed, look_into
from aelib.ui.quick_runs import DENOISER
from aelib.ui.session import Session, plain
from aelib.ui.sheet import Row, sheet

SEE = (
    "Pictures are many, labels are few: see whether the encoder, which learnt without labels, gives a classifier a "
    "better start."
)
EXPLAIN = r"""
An autoencoder needs no labels. Its **encoder** $f$ can become the first part of a larger network: a dense layer with
*softmax* on the code names the class of a picture $x$,
$$p(y \mid x) = \text{softmax}(W f(x) + b)_y,$$
and training makes the cross-entropy $-\log p(y \mid x)$ of the labelled pictures small.

**The contestants**, all with the same few labelled pictures:
- *pixels*, *PCA* (with as many numbers as the code) and *code*: logistic regression on features that stay as they are
  (scikit-learn, L2 penalty with $C = 1$; features centred and divided by one number);
- *encoder, trained on*: $f$ starts with what the run has learnt, and all weights learn with the labels (“fine-tuning”);
- *same network from scratch*: the same layers, from random weights as at the run's own start.

The last two are trained in the very same way: 150 steps of Adam on batches of up to 32 clean pictures, with a learning
rate that falls from 0.005 to zero; $W$ and $b$ start at zero.
There is no early stopping. Who is ahead depends on the learning rate: with the number of labels that you choose, both
are trained at half and at twice this rate, too, and compared at each side's best. Four times the steps bring the
network from scratch less than a percentage point with ten labels per class. The rate is a compromise: twice as much
brings convolutional networks from scratch some two points there, and costs all networks as many with one label.

**Fair figures.** Each is the mean of five draws of the labelled pictures, with its 95 % confidence interval (Student's
$t$); the draws are the same for all contestants. Who is better is decided by the difference, paired draw by draw: if
its interval contains zero, the claim is undecided. Whether pretraining helped is tested with each number of labels; the
p-values are corrected for so many tests (Holm 1979), because one of several may fall below 0.05 by chance alone. The
intervals say how much hangs on *which* pictures have labels. The run itself is one network: another seed may do
otherwise.

*Sources:* Hinton & Salakhutdinov 2006, *Reducing the dimensionality of data with neural networks*; Erhan et al. 2010,
*Why does unsupervised pre-training help deep learning?*; Vincent et al. 2010, *Stacked denoising autoencoders*.
"""
COUNT = "classify.count"


def draw(viewed: Viewed) -> None:
    most = most_labels(viewed.dataset.train_labels)
    if not most:
        st.info(
            "These pictures have no classes, so there is nothing to be named: pick a run that learnt other data.",
            icon=":material/info:",
        )
        return
    count = _choose(most)
    if viewed.training:
        st.caption("Who classifies best is measured once the training rests: wait for its end, or pause it.")
        return
    coloured = viewed.config.colour
    if coloured:
        st.info(
            "This network learnt to colour, and the right hue of a picture gives its class away: it has been told the "
            "classes of all training pictures. What it is ahead by here says nothing of learning without labels, and "
            "the claims about that are not judged.",
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
        _pictures(viewed, contest, count)
    with st.container():
        label_curve(contest, count)
    st.caption(
        f"Accuracy on {contest.tested:,} test pictures that nothing was learnt from, mean of {DRAWS} draws of the "
        "labelled pictures; the bands are 95 % confidence intervals of the mean (Student's t)."
    )


def _choose(most: int) -> int:
    """How many pictures of each class come with their label."""
    counts = offered(most)
    # Other data may have fewer pictures.
    if st.session_state.get(COUNT) not in counts:
        st.session_state[COUNT] = max(one for one in counts if one <= USUAL)
    count: int = st.select_slider(
        "Labelled pictures per class",
        counts,
        key=COUNT,
        help="So many training pictures of each class are shown to the classifiers with their label, in five draws.",
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
    if not said:
        st.markdown("The contestants are being measured …")


def _pictures(viewed: Viewed, contest: Contest, count: int) -> None:
    """The first test pictures, with what the run's encoder takes them for, trained on the first draw."""
    which = chosen(len(viewed.dataset.test_labels), contest.tested)[:SHOWN]
    pictures = viewed.dataset.test_images[which].reshape(len(which), -1)
    truth, names = viewed.dataset.test_labels[which], viewed.dataset.classes
    found = contest.found[PRETRAINED, count]
    said, note = ["…"] * len(which), "…"
    if found:
        named = found[0].named
        said = [names[one] if one == own else f"{names[one]} ✗" for one, own in zip(named, truth, strict=True)]
        note = f"{int(np.sum(named == truth))} of {len(which)} right"
    sheet([Row(CONTESTANTS[PRETRAINED][0], pictures, said, note=note)], key="classify.sheet")
    st.caption(
        "Under each test picture: the class that the encoder, trained on with a classifier, gives it; ✗ where that is "
        f"wrong. From the first of the {DRAWS} draws."
    )


# Of the quick runs the one whose encoder gives the better start.
look_into(Session(), see=SEE, explain=EXPLAIN, starter=DENOISER, draw=draw)
