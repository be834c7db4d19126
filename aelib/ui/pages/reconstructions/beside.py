"""Network, PCA and JPEG on the run's own data and on other data: asked, shown, and judged."""

from __future__ import annotations

import streamlit as st

from aelib import datasets
from aelib.analysis.reconstructions import compression, measurements
from aelib.analysis.reconstructions.compression import OnData
from aelib.analysis.reconstructions.measurements import JpegMeasured, Measured
from aelib.cluster.engine import ReadyData
from aelib.spec.architecture import plan
from aelib.spec.images import SHOWN, evenly_spaced
from aelib.ui.components.claims import of_one_run, say
from aelib.ui.components.image_grid import image_grid
from aelib.ui.pages.reconstructions.rows import rows_of
from aelib.ui.pages.reconstructions.verdict import in_colour, summary, table, table_in_colour
from aelib.ui.panels.other_data import choose_other_data, ready_data
from aelib.ui.session import queries
from aelib.ui.session.datasets import loaded_dataset
from aelib.ui.session.queries import Answer
from aelib.ui.session.run_page import Viewed
from aelib.ui.session.session import plain

WAITING = ":material/hourglass_top: "


def beside_pca_and_jpeg(viewed: Viewed) -> None:
    """The figures, the claims that they decide, and a table behind them."""
    own, title = _measured(viewed, "measured"), plain(datasets.title(viewed.dataset.name))
    if own.problem:
        st.warning(own.problem, icon=":material/info:")
    elif own.value is not None and viewed.config.colour:
        st.markdown(in_colour(own.value))
        _behind_it(table_in_colour(own.value, title), own)
    elif own.value is None or (jpeg := _jpeg(viewed, viewed.reached.ready, viewed.dataset.name, "jpeg")) is None:
        st.caption(f"{WAITING}Measuring on at most 1,000 test images …")
    else:
        at_home = OnData(title, own.value, jpeg)
        name = choose_other_data(viewed.dataset.name, key="reconstructions.foreign")
        abroad = _abroad(viewed, own, name)
        others = [abroad] if abroad is not None else []
        st.markdown(summary(at_home, others))
        if own.of is not None and own.of.step != viewed.reached.step:
            st.caption(f"Measured at step {own.of.step:,}: these figures are updated less often than the images above.")
        if abroad is None:
            told = (
                "Other data are measured when training is paused or finished."
                if viewed.training
                else "Measuring on other data …"
            )
            st.caption(f"{WAITING}{told}")
        for verdict in compression.verdicts(at_home, others, of_one_run(viewed)) if others else ():
            say(
                verdict,
                help="A claim of the articles that the recipes come from. It is decided where the 95 % interval of the "
                "difference, image by image, excludes zero. JPEG is compared where its mean bytes are within "
                f"{compression.EQUAL_BYTES:.0%} of the code's.",
            )
        _behind_it(table([at_home, *others]), own)
        if abroad is not None:
            _images_abroad(viewed, name)


def _measured(viewed: Viewed, place: str, foreign: ReadyData | None = None, name: str = "") -> Answer[Measured]:
    arguments = (viewed.reached.ready.basis, *([foreign.data] if foreign is not None else []))
    return viewed.ask(
        place, measurements.measure, *arguments, key=name or None, expensive=True, timeout=queries.BRIEFLY
    )


def _jpeg(viewed: Viewed, ready: ReadyData, name: str, place: str) -> JpegMeasured | None:
    units = plan(viewed.config).code_units
    rest = (ready.data, units)
    found = queries.ask(
        place,
        viewed.engine,
        measurements.measure_jpeg,
        *rest,
        of=None,
        key=(name, units),
        expensive=True,
        timeout=queries.BRIEFLY,
    )
    return found.value if found.key == (name, units) else None


def _abroad(viewed: Viewed, own: Answer[Measured], name: str) -> OnData | None:
    """The same network, at the same step, on data that it was not trained on; None while it trains or is measured."""
    if viewed.training:
        return None
    ready = ready_data(viewed, name)
    if ready is None:
        return None
    measured = _measured(viewed, "measured.abroad", ready, name)
    jpeg = _jpeg(viewed, ready, name, "jpeg.abroad")
    if measured.value is None or jpeg is None or not measured.of == own.of == viewed.moment or measured.key != name:
        return None
    return OnData(plain(datasets.title(name)), measured.value, jpeg)


def _images_abroad(viewed: Viewed, name: str) -> None:
    """Some test images of the other data, and what came back."""
    ready, dataset = ready_data(viewed, name), loaded_dataset(name)
    if ready is None or dataset is None:
        return
    which = tuple(map(int, evenly_spaced(len(dataset.test_images), SHOWN)))
    rest = (viewed.reached.link, ready.data, viewed.reached.ready.basis, which)
    answer = queries.ask(
        "compared.abroad",
        viewed.engine,
        measurements.compare,
        *rest,
        of=viewed.moment,
        key=(name, which),
    )
    if answer.value is None or answer.key != (name, which):
        st.caption(f"{WAITING}Reconstructing …")
        return
    labels, classes = dataset.test_labels[list(which)], dataset.classes
    titles = [classes[label] for label in labels] if len(classes) > 1 else []
    image_grid(rows_of(viewed, answer.value), key="reconstructions.foreign.grid", titles=titles)
    st.caption(f"{len(which)} test images of {plain(datasets.title(name))}, spread evenly over the test set.")


def _behind_it(lines: str, own: Answer[Measured]) -> None:
    step = own.of.step if own.of is not None else 0
    with st.expander("Details", icon=":material/table_chart:"):
        st.markdown(lines)
        st.caption(
            f"Means over clean test images, spread evenly over the test set, at step {step:,}; outputs of all methods "
            "are clipped to [0, 1]. PCA is fitted to the run's own training images. PSNR (8-bit): every number of "
            "the code is rounded to one of 256 values between the 0.1th and 99.9th percentile of its unit on these "
            "training images. JPEG: for each image the highest quality whose image data, without headers and tables, "
            "is not longer than the code; where there is none, the lowest quality."
        )
