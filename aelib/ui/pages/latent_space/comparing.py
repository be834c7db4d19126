"""How well code, layers and maps keep the classes apart: the figures, and the claims that they decide."""

from __future__ import annotations

import streamlit as st

from aelib import datasets
from aelib.analysis.latent_space import embeddings, tsne
from aelib.analysis.latent_space.embeddings import Quality
from aelib.ui.components.claims import of_one_run, say
from aelib.ui.pages.latent_space import map_words
from aelib.ui.pages.latent_space.three_maps import Choice
from aelib.ui.session.run_page import Viewed
from aelib.ui.session.session import plain


def compare(viewed: Viewed, choice: Choice, code: Quality | None, pca: Quality | None, beside: Quality | None) -> None:
    """How well neighbours share a class, and what follows from it. `beside`: of the t-SNE map."""
    if viewed.training:
        st.markdown("The projections are compared when training is paused or finished.")
        return
    layer = choice.layer
    laid_by_tsne = choice.flattening.method == "tsne" and layer.units > choice.dims
    key = (layer, choice.count)
    answer = viewed.ask("latent.reference", embeddings.reference, choice.count, layer.layers, key=key, expensive=True)
    found = answer.value if answer.current and answer.key == key else None
    maps = {choice.source: beside} | ({tsne.CODE: code} if laid_by_tsne else {})
    st.markdown(map_words.comparison(found, layer, pca, maps, choice.dims, choice.count))
    title = plain(datasets.title(viewed.dataset.name))
    measured_on = f"{choice.count:,} test images of {title}; {of_one_run(viewed)}"
    for verdict in map_words.verdicts(found, layer, None if laid_by_tsne else code, pca, maps, measured_on):
        say(
            verdict,
            help="Judged by whether the five nearest neighbours predict an image's class: undecided where the 95 % "
            "interval of the difference, image by image, contains zero.",
        )
