"""Does a network that knows only normal images reveal the others?"""

import streamlit as st

from aelib.analysis.anomalies.scores import SCORES
from aelib.ui.components.claims import say
from aelib.ui.components.detector import detector
from aelib.ui.pages.anomalies.choosing import choose
from aelib.ui.pages.anomalies.examples import examples, show_examples, show_map
from aelib.ui.pages.anomalies.measuring import measure
from aelib.ui.pages.anomalies.results import sentence, table, verdicts
from aelib.ui.session.query_batch import show_progress
from aelib.ui.session.quick_runs import FAITHFUL
from aelib.ui.session.run_page import Viewed, look_into
from aelib.ui.session.session import Session

SEE = (
    "A network that was trained on normal images should have trouble with anything else. Can you tell the anomalies by "
    "their reconstruction error, or by their code?"
)
EXPLAIN = r"""
An autoencoder $g(f(x))$ is trained on **normal** images only, without labels. Each image then gets a **score** that
should be large for an **anomaly**, and is flagged if its score is above a threshold.

**Scores of the network**
- *reconstruction error* $\lVert g(f(x)) - x \rVert^2 / 784$;
- *distance to the mean code* $\lVert f(x) - \mu \rVert$ of training images;
- *Mahalanobis distance* $\sqrt{(f(x) - \mu)^\top \Sigma^{-1} (f(x) - \mu)}$ with their covariance $\Sigma$, shrunk as
  Ledoit & Wolf (2004) propose;
- *nearest codes*: mean distance to the codes of the five nearest training images;
- *negative ELBO* of a variational autoencoder trained with cross-entropy (Kingma & Welling 2014).

**Scores without a network**, on the pixels: the *PCA residual*, with as many components as the code has dimensions (at
most 256: with all 784 nothing is left over); the mean distance to the five *nearest* training images; an *isolation
forest* (Liu, Ting & Zhou 2008).

Means, covariances, neighbours and trees come from up to 5,000 training images (2,000 with convolutional networks), the
principal components from all of them.

**How we compare.** All scores are measured on the same test images, up to 1,000 normal and 1,000 anomalous ones. The
*ROC curve* shows the share of anomalies found over the share of normal images flagged by mistake, for every threshold.
The area under it (AUROC) is the probability that an anomaly has a larger score than a normal image: 0.5 is chance, 1 is
perfect. Its interval is that of 1,000 bootstrap resamples. *Precision* is the share of flagged images that are
anomalies; unlike the AUROC it depends on how many anomalies there are.

In practice anomalies are rare or unknown. A threshold can be set without knowing any: a *false-alarm rate* needs only
normal images, and the *share of images flagged* only images, whether or not some of them are anomalous. The curves, the
confusion matrix and a threshold by the *cost of the two errors* need known anomalies.
"""
SCORE = "anomalies.score"


def draw(viewed: Viewed) -> None:
    with st.container():
        choice, place = choose(viewed)
    if choice is None:
        return
    measured = measure(viewed, choice)
    with place:
        with st.container():
            name = _choose_score(viewed, measured.names)
        show_progress(measured.answered, measured.total, measured.problem)
        ranking = measured.rankings.get(name)
        if ranking is None:
            st.caption(f"Computing the {name} …")
            return
        st.markdown(sentence(choice, name, ranking))
        rule = detector(name, (choice.normal.title, choice.anomalous.title), ranking, key="anomalies.detector")
    with st.container(horizontal=True, gap="large", vertical_alignment="center"):
        st.markdown(table(choice, measured), width="content")
        with st.container(width="stretch"):
            if choice.single:
                st.caption("Claims are judged on groups of images, not on one.")
            elif choice.seen:
                st.caption("Claims about anomalies are not judged: the network was trained on these.")
            elif viewed.training or not measured.settled:
                st.caption("Claims are judged when all scores are measured and training is paused or finished.")
            else:
                for verdict in verdicts(viewed, choice, measured):
                    say(
                        verdict,
                        help="A claim about autoencoders in the articles that the recipes come from, or one that "
                        "follows from it. Undecided where the interval does not exclude the contrary, or where what "
                        "would be better is no better than chance.",
                    )
    found = examples(ranking, rule)
    with st.container():
        show_examples(choice, measured, name, found)
    st.subheader("In the latent space", anchor=False)
    if measured.map is None:
        st.caption("Encoding the images …")
    else:
        show_map(choice, measured.map, found)


def _choose_score(viewed: Viewed, names: tuple[str, ...]) -> str:
    """The score that is shown in detail."""
    if st.session_state.get(SCORE) not in names:
        st.session_state[SCORE] = names[0]
    name = st.pills(
        "Score",
        names,
        default=st.session_state[SCORE],
        key=SCORE,
        required=True,
        persist_state="session",
        help="  \n".join(f"**{one}**: {SCORES[one].about}." for one in names),
    )
    if viewed.config.colour:
        st.caption(
            "This network outputs coloured images, which cannot be compared with grey ones: it has no reconstruction "
            "error here."
        )
    return name or names[0]


look_into(Session(), see=SEE, explain=EXPLAIN, starter=FAITHFUL, draw=draw)
