"""What comes out of the network, image by image."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from aelib.analysis.reconstructions import measurements
from aelib.analysis.reconstructions.measurements import Compared
from aelib.analysis.reconstructions.selection import Spread, Way, decibels, pick, spreads
from aelib.ui.components.image_grid import Follows, Row, image_grid
from aelib.ui.components.image_grid.payload import payload
from aelib.ui.pages.reconstructions.beside import WAITING, beside_pca_and_jpeg
from aelib.ui.pages.reconstructions.class_boxes import Tone, class_boxes
from aelib.ui.pages.reconstructions.rows import rows_of
from aelib.ui.panels.own_image import DRAWING_FIRST, OwnPicture, own_picture
from aelib.ui.server.preview import Preview, offer
from aelib.ui.session import queries
from aelib.ui.session.quick_runs import FAITHFUL
from aelib.ui.session.run_page import Viewed, look_into
from aelib.ui.session.session import Session, plain, server_runs

SEE = (
    "Each image is encoded and decoded: see what survives, and how PCA with as many dimensions and JPEG at about as "
    "many bytes compare."
)

EXPLAIN = r"""
An **autoencoder** encodes an image $x$ of 784 pixels as a latent code and reconstructs an image $\hat x$ from it. The
loss of information is measured per image, with all outputs clipped to $[0, 1]$, as a screen would show them:

- the **mean squared error**, $\text{MSE} = \frac{1}{784} \sum_i (\hat x_i - x_i)^2$, with pixels from 0 (background) to
  1 (ink);
- the **peak signal-to-noise ratio**, $\text{PSNR} = -10 \log_{10} \text{MSE}$ in decibels: the same on a logarithmic
  scale, where higher is better; 10 dB more is a tenth of the MSE;
- the **structural similarity** (SSIM), from −1 to 1: it compares brightness, contrast and shape in windows of 7×7
  pixels, which is closer to perceived quality (Wang, Bovik, Sheikh & Simoncelli, *Image quality assessment*, 2004).

**Baselines.** *PCA* with as many dimensions has the smallest squared error on the training images that a *linear*
method can have, before clipping (Baldi & Hornik 1989). A nonlinear network can beat it, even one with a single hidden
layer. PCA's reconstructions are clipped to $[0, 1]$ as well, which lowers its error. *JPEG* is a general-purpose codec
that knows nothing about digits.

**Byte counts.** Each number of the code counts as one byte and is really rounded to one of 256 values before decoding,
for the network and PCA alike. Of a JPEG file, only the image's own bytes count: its headers and tables, 330 bytes,
depend on the quality alone and could be shared. So could the network's weights and PCA's axes.

*Things to try:* a small code, and whether digits stay readable; the worst reconstructions; a drawing that is no digit.
"""

WAYS: dict[Way, str] = {
    "random": "Random",
    "best": "Best",
    "worst": "Worst",
    "percentile": "By error percentile",
}
CAPTION = "Below each image: PSNR in dB (higher is better) · SSIM (1 = identical)."
DAMAGED = (
    " This network was trained on corrupted images and gets clean ones here; see the Denoising page for corrupted ones."
)
ALL = -1


def draw(viewed: Viewed) -> None:
    # Dear for a large network: where the run trains, the distribution keeps to one moment of it.
    errors = viewed.ask("errors", measurements.errors, expensive=True, timeout=queries.BRIEFLY)
    # Whoever came here to draw finds the pad at once.
    above = st.container()
    chosen = _choose(viewed, errors.value)
    _images(viewed, chosen)
    with st.container():
        beside_pca_and_jpeg(viewed)
    with above if st.session_state.get(DRAWING_FIRST) else st.container():
        st.subheader("Try your own drawing", anchor=False)
        _own(viewed, errors.value)
    with st.container():
        if len(viewed.dataset.classes) > 1:
            st.subheader("Error by class", anchor=False)
            _by_class(viewed, errors)


# ---- images of the data set -----------------------------------------------------------------------------------


def _choose(viewed: Viewed, errors: np.ndarray | None) -> tuple[int, ...] | None:
    """The indices of the test images to show, or None while the errors are not known."""
    dataset = viewed.dataset
    state = st.session_state
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        way: Way = st.segmented_control(
            "Test images",
            list(WAYS),
            default="random",
            format_func=lambda way: WAYS[way],
            key="reconstructions.way",
            persist_state="session",
            required=True,
        )
        label = ALL
        if len(dataset.classes) > 1:
            # Another run may have learnt other classes.
            if state.get("reconstructions.class", ALL) >= len(dataset.classes):
                state["reconstructions.class"] = ALL
            label = st.selectbox(
                "Class",
                [ALL, *range(len(dataset.classes))],
                format_func=lambda number: "all" if number == ALL else dataset.classes[number],
                key="reconstructions.class",
                persist_state="session",
                width=130,
            )
        seed = state.setdefault("reconstructions.seed", 0)
        percentile = 50
        if way == "random":

            def again() -> None:
                state["reconstructions.seed"] = seed + 1

            st.button("Shuffle", icon=":material/casino:", on_click=again, key="again", help="Another random sample")
        elif way == "percentile":
            percentile = st.slider(
                "Percentile of the error",
                0,
                100,
                50,
                key="reconstructions.percentile",
                persist_state="session",
                help="0 = smallest error, 50 = median, 100 = largest.",
                width=260,
            )
    if way != "random" and errors is None:
        return None
    labels = dataset.test_labels
    among = np.arange(len(labels)) if label == ALL else np.flatnonzero(labels == label)
    return tuple(map(int, pick(way, among, errors, seed=seed, percentile=percentile)))


def _images(viewed: Viewed, chosen: tuple[int, ...] | None) -> None:
    """Originals, what came back, and what others make of them."""
    if chosen == ():
        st.info("No test images in this class.", icon=":material/info:")
        return
    shown = st.container()
    if chosen is None:
        shown.caption(f"{WAITING}Computing test errors …")
        return
    answer = viewed.ask("compared", measurements.compare, viewed.reached.ready.basis, chosen, key=chosen)
    if answer.problem:
        shown.warning(answer.problem, icon=":material/info:")
    elif answer.value is None:
        shown.caption(f"{WAITING}Reconstructing …")
    else:
        compared = answer.value
        labels, classes = viewed.dataset.test_labels, viewed.dataset.classes
        # The images may still be those of the question before.
        indices = answer.key if isinstance(answer.key, tuple) else chosen
        titles = [classes[labels[index]] for index in indices] if len(classes) > 1 else []
        with shown:
            image_grid(rows_of(viewed, compared), key="reconstructions.grid", titles=titles)
            st.caption(f"{CAPTION}{'' if viewed.config.corruption == 'none' else DAMAGED}")


# ---- the user's own image -------------------------------------------------------------------------------------


def _own(viewed: Viewed, errors: np.ndarray | None) -> None:
    left, right = st.columns([300, 900], gap="medium")
    with left:
        own = own_picture("reconstructions.own")
    with right:
        if own.trouble:
            st.warning(plain(own.trouble), icon=":material/info:")
            return
        if own.image is None:
            st.caption("Draw or upload a digit to see its reconstruction.")
            return
        flat = own.image.reshape(1, -1)
        answer = viewed.ask("own", measurements.take, viewed.reached.ready.basis, flat, key=flat.tobytes())
        if answer.problem:
            st.warning(answer.problem, icon=":material/info:")
        elif answer.value is not None:
            taken = answer.value
            follows = _following(viewed, own)
            image_grid(_own_rows(viewed, taken), key="reconstructions.mine", across=True, follows=follows)
            if taken.network.psnr is not None:
                st.caption(_standing(float(taken.network.psnr[0]), errors))


def _own_rows(viewed: Viewed, taken: Compared) -> list[Row]:
    rows = rows_of(viewed, taken)
    return [replace(rows[0], label="network input"), *rows[1:]]


def _following(viewed: Viewed, own: OwnPicture) -> Follows | None:
    """Has the images drawn again while a stroke is drawn."""
    if not own.pad:
        return None
    link, ready = viewed.reached.link, viewed.reached.ready

    def question(sent: str) -> tuple[Callable[..., Compared], *tuple[Any, ...]] | None:
        image = own.image_of(sent)
        return None if image is None else (measurements.take, link, ready.data, ready.basis, image.reshape(1, -1))

    preview = Preview(viewed.engine, question, lambda _, taken: payload(_own_rows(viewed, taken), across=True))
    return offer(preview, server_runs(), own.pad, own.at)


def _standing(psnr: float, errors: np.ndarray | None) -> str:
    """Where the image stands among those of the data set."""
    if errors is None:
        return f"PSNR {psnr:.1f} dB."
    worse = float((decibels(errors) < psnr).mean())
    said = f"PSNR {psnr:.1f} dB: better than {worse:.0%} of all {len(errors):,} test images."
    return f"{said} It is unlike the training images, or as hard as the rarest of them." if worse < 0.03 else said


# ---- classes ----------------------------------------------------------------------------------------------------


def _by_class(viewed: Viewed, errors: queries.Answer[np.ndarray]) -> None:
    if errors.problem:
        st.warning(errors.problem, icon=":material/info:")
        return
    if errors.value is None or len(errors.value) != len(viewed.dataset.test_labels):
        st.caption(f"{WAITING}Computing test errors …")
        return
    measure = st.segmented_control(
        "Measure",
        ["PSNR (dB)", "MSE"],
        default="PSNR (dB)",
        key="reconstructions.measure",
        persist_state="session",
        required=True,
        label_visibility="collapsed",
    )
    in_decibels = measure == "PSNR (dB)"
    values = decibels(errors.value) if in_decibels else errors.value
    found = spreads(values, viewed.dataset.test_labels, viewed.dataset.classes)
    tone: Tone = "dark" if st.context.theme.type == "dark" else "light"
    figure = class_boxes(found, measure, tone, decimals=1 if in_decibels else 4)
    st.plotly_chart(figure, key="reconstructions.boxes", theme="streamlit", config={"displayModeBar": False})
    step = errors.of.step if errors.of is not None else 0
    st.caption(
        f"All {len(values):,} test images, clean, at step {step:,}. Box: the middle half of a class, with its median; "
        "whiskers: 5th to 95th percentile."
    )
    with st.expander("As a table", icon=":material/table_chart:"):
        st.dataframe(_spread_table(found), hide_index=True, key="reconstructions.table")


def _spread_table(found: list[Spread]) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {
        "class": [spread.name for spread in found],
        "images": [spread.count for spread in found],
    }
    for title, name in (
        ("mean", "mean"),
        ("5 %", "low"),
        ("25 %", "quarter"),
        ("median", "median"),
        ("75 %", "three_quarters"),
        ("95 %", "high"),
    ):
        columns[title] = [round(getattr(spread, name), 4) for spread in found]
    return columns


# Some seconds are enough for this one to leave PCA and JPEG behind.
look_into(Session(), see=SEE, explain=EXPLAIN, starter=FAITHFUL, draw=draw)
