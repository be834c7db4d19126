"""Is the network the best at a task? Judged on up to 1,000 test images, beyond the twelve that are shown."""

from __future__ import annotations

import streamlit as st

from aelib import datasets
from aelib.analysis.denoising import baselines
from aelib.analysis.denoising.restoration import restores_best
from aelib.spec.corruptions import CORRUPTIONS
from aelib.ui.components.claims import of_one_run, say
from aelib.ui.pages.denoising.measuring import baseline_psnrs, network_psnrs
from aelib.ui.session.query_batch import Inquiry
from aelib.ui.session.run_page import Viewed
from aelib.ui.session.session import plain


def judge(viewed: Viewed, corruption: str, level: float, code_size: int) -> None:
    """The verdict, or how far it is."""
    if viewed.training:
        st.caption("The methods are compared on up to 1,000 test images when training is paused or finished.")
        return
    inquiry = Inquiry(viewed.engine, "denoising.judged")
    network = network_psnrs(inquiry, "", viewed, corruption, level)
    fitting = baselines.fitting(CORRUPTIONS[corruption].task)
    found = {one.name: baseline_psnrs(inquiry, "", viewed, one.name, corruption, level, code_size) for one in fitting}
    others = {name: psnrs for name, psnrs in found.items() if psnrs is not None}
    if inquiry.problem:
        st.warning(inquiry.problem, icon=":material/info:")
    elif network is None or len(others) < len(found):
        st.caption(f"Measuring on up to 1,000 test images: {len(others)} of {len(found)} methods …")
    else:
        verdict = restores_best(CORRUPTIONS[corruption].task, network, others, _measured_on(viewed, corruption, level))
        say(
            verdict,
            help="Claims of the articles that the recipes come from, judged against the best of the other methods, on "
            "the same corrupted images: undecided where the 95 % interval of the difference contains zero.",
        )


def _measured_on(viewed: Viewed, corruption: str, level: float) -> str:
    config = viewed.config
    trained = "clean images"
    if config.corruption != "none":
        trained = f"{CORRUPTIONS[config.corruption].title} at {config.corruption_level:.2g}"
    return (
        f"test images of {plain(datasets.title(viewed.dataset.name))} that {CORRUPTIONS[corruption].title} at "
        f"{level:.2g} changes; {of_one_run(viewed)}, trained on {trained}"
    )
