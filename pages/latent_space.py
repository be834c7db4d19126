"""Where images lie in the code, beside PCA and t-SNE."""

import numpy as np
import streamlit as st

from aelib.analysis.latent_space import embeddings, tsne
from aelib.analysis.latent_space.embeddings import Flattening, Own, Seen
from aelib.runs.embedding import MapStatus
from aelib.spec.images import evenly_spaced
from aelib.ui.components.maps import Part, Shown, maps
from aelib.ui.pages.latent_space import map_words, three_maps
from aelib.ui.pages.latent_space.comparing import compare
from aelib.ui.pages.latent_space.encoder_layers import EncoderLayer, encoder_layers
from aelib.ui.pages.latent_space.three_maps import Asked, Choice, map_of, tsne_maps
from aelib.ui.pages.latent_space.unit_activity import unit_activity
from aelib.ui.pages.latent_space.unit_weights import unit_weights
from aelib.ui.panels.own_image import own_picture
from aelib.ui.session.queries import Answer, asker
from aelib.ui.session.quick_runs import FLAT_CODES
from aelib.ui.session.run_page import Viewed, look_into
from aelib.ui.session.session import Session, plain

COUNTS, USUAL_COUNT = (500, 1_000, 2_000, 5_000), 1_000
LARGEST_PERPLEXITY = 200
CLASS, ERROR, UNIT = "class", "error", "unit"
COLOURS = {CLASS: "class", ERROR: "error", UNIT: "one unit"}
LAYOUTS = {"pca": "PCA", "tsne": "t-SNE", "units": "selected units"}
# The buttons of t-SNE.
START, CANCEL = "latent.start", "latent.cancel"

SEE = "Each dot is a test image: compare how the latent code, PCA and t-SNE arrange the same images."
EXPLAIN = r"""
A code of 2 or 3 dimensions can be plotted as it is. Three maps show the **same** images:

- **The code**: where the encoder puts them. Larger codes are projected: by PCA, by t-SNE, or by units of your choice;
  the title says how. The activations of the layers before the code can serve as features as well: choose one under
  “Layer” and see whether it separates the classes as well as the code does.
- **PCA**: the two (three) orthogonal directions along which the pixels of the training images vary most. A linear
  autoencoder trained with squared error learns the same subspace, but not these axes (Baldi and Hornik 1989).
- **t-SNE** moves points until neighbours in many dimensions are neighbours on the map. It minimizes
  $\mathrm{KL}(P\,\|\,Q)=\sum_{ij}p_{ij}\log\frac{p_{ij}}{q_{ij}}$ with
  $q_{ij}\propto(1+\lVert y_i-y_j\rVert^2)^{-1}$; the perplexity is roughly the number of neighbours that count in $P$.

**Limits of any projection.** Hundreds of dimensions do not fit into two. PCA keeps as much variance as a linear
projection can, but never lengthens a distance, so groups may fall on each other; t-SNE keeps neighbours, but neither
the distances between groups nor their sizes can be relied on.

*Trustworthiness* penalizes neighbours on the map that are none in pixel space:
$T=1-\frac{2}{nk(2n-3k-1)}\sum_i\sum_{j\in U_i}(r(i,j)-k)$, where $U_i$ are the false ones among the $k=5$ nearest on
the map and $r(i,j)$ their rank in pixel space. *Continuity* is the same with the roles swapped. *5-NN* is how often the
five nearest neighbours predict the class: no map here is fitted to the classes.

Sources: van der Maaten and Hinton, “Visualizing Data using t-SNE”, 2008; Poličar, Stražar and Zupan, “openTSNE”, 2024;
Venna and Kaski, “Local multidimensional scaling”, 2006.
"""


def controls(viewed: Viewed) -> tuple[Choice, np.ndarray | None]:
    """What is to be seen, and the person's own image uint8 [28, 28], from the widgets above the maps."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        layer = _layer(viewed)
        offered = _counts(len(viewed.dataset.test_images))
        if st.session_state.get("latent.count") not in offered:
            st.session_state["latent.count"] = max((one for one in offered if one <= USUAL_COUNT), default=offered[0])
        count = st.selectbox(
            "Points",
            offered,
            # Its default as well, see `aelib.ui.panels.controls`.
            offered.index(st.session_state["latent.count"]),
            key="latent.count",
            format_func="{:,}".format,
            help="Evenly spaced subset of the test set.",
            persist_state="session",
            width=85,
        )
        dims = st.segmented_control(
            "Map",
            (2, 3),
            default=2,
            required=True,
            key="latent.dims",
            format_func="{}-D".format,
            persist_state="session",
        )
        colour = st.selectbox(
            "Colour by",
            list(COLOURS),
            key="latent.colour",
            format_func=COLOURS.__getitem__,
            help="The class; the squared error of the reconstruction; or the activation of one unit of the layer.",
            persist_state="session",
            width=105,
        )
        unit = _unit("Unit", "latent.unit", 0, layer.units) if colour == UNIT else None
        flattening = _flattening(layer, int(dims or 2))
        source = st.segmented_control(
            "t-SNE input",
            (tsne.PIXELS, tsne.CODE),
            default=tsne.PIXELS,
            required=True,
            key="latent.source",
            format_func=lambda source: map_words.source_option(layer, source),
            persist_state="session",
        )
        with st.popover("Settings", icon=":material/tune:"):
            perplexity = _perplexity(int(count))
            exaggeration = st.slider(
                "Exaggeration",
                1.0,
                6.0,
                1.0,
                0.5,
                key="latent.exaggeration",
                help="How much more than t-SNE proper (1) neighbours attract each other in the second phase: groups "
                "become tighter. In the first phase, 250 of 750 iterations, it is 12 always.",
                persist_state="session",
            )
        choice = Choice(
            layer, int(count), int(dims or 2), flattening, colour, unit, source or tsne.PIXELS, perplexity, exaggeration
        )
        _tsne_button(viewed, choice)
        with st.popover("Try your own drawing", icon=":material/draw:"):
            own = own_picture("latent.own")
    with st.container():
        if own.trouble:
            st.warning(plain(own.trouble), icon=":material/info:")
    return choice, own.image


def _perplexity(count: int) -> int:
    least, most = tsne.SMALLEST_PERPLEXITY, min(LARGEST_PERPLEXITY, tsne.largest_perplexity(count))
    if most <= least:
        st.caption(map_words.only_perplexity(count))
        return least
    perplexity: int = st.slider(
        "Perplexity",
        least,
        most,
        min(30, most),
        # Fewer points allow less, so what was chosen is remembered for as many.
        key=f"latent.perplexity.{most}",
        help="Roughly how many neighbours of each point count. Small: local detail; large: global structure.",
        persist_state="session",
    )
    return perplexity


def _counts(available: int) -> list[int]:
    """How many of the test images can be shown."""
    return [count for count in COUNTS if count < available] + [available] * (available <= COUNTS[-1])


def _layer(viewed: Viewed) -> EncoderLayer:
    offered = {layer.title: layer for layer in encoder_layers(viewed.config)}
    *_, code = offered
    if len(offered) == 1:
        return offered[code]
    title = st.selectbox(
        "Layer",
        list(offered),
        index=len(offered) - 1,
        key="latent.layer",
        help="Show the activations of a hidden layer instead of the code: in the first plot, the colours and the "
        "figures.",
        persist_state="session",
        width=215,
    )
    return offered.get(title, offered[code])


def _flattening(layer: EncoderLayer, dims: int) -> Flattening:
    units = layer.units
    if units <= dims:
        return Flattening("pca")
    method = st.selectbox(
        "Projection",
        list(LAYOUTS),
        key="latent.layout",
        format_func=LAYOUTS.__getitem__,
        help=f"How the {units:,} units of {layer.called} are reduced to {dims} dimensions.",
        persist_state="session",
        width=130,
    )
    if method != "units":
        return Flattening(method)
    return Flattening(method, tuple(_unit(f"{'xyz'[k]}: unit", f"latent.axis{k}", k, units) for k in range(dims)))


def _unit(label: str, key: str, first: int, units: int) -> int:
    """The index of a unit; people count from 1."""
    # Another run may have fewer units, so what was chosen is remembered for this number of them.
    value = st.number_input(
        label, 1, units, min(first + 1, units), key=f"{key}.{units}", persist_state="session", width=110
    )
    return int(value) - 1


def _tsne_button(viewed: Viewed, choice: Choice) -> None:
    """Start or cancel."""
    of = map_of(viewed, choice, choice.source)
    # Read before the button is drawn, and not by a callback: that would know the choice as it was drawn, not one that
    # came together with the click. A button for each act, so that what was pressed is what is done.
    if st.session_state.get(CANCEL):
        tsne_maps().cancel()
    elif st.session_state.get(START):
        settings = tsne.Settings(
            choice.source,
            choice.count,
            choice.dims,
            choice.perplexity,
            choice.exaggeration,
            layers=choice.layer.layers,
        )
        tsne_maps().start(of, viewed.engine, settings, viewed.reached, asker())

    found = tsne_maps().get(of)
    if found is not None and found.status == MapStatus.RUNNING:
        st.button("Cancel", icon=":material/stop:", key=CANCEL, help="Stops and keeps the current embedding.")
        return
    st.button(
        "Start t-SNE" if found is None else "Restart t-SNE",
        icon=":material/play_arrow:",
        type="primary" if found is None else "secondary",
        key=START,
        disabled=choice.count < tsne.FEWEST_POINTS,
        help="Runs in the background; you can cancel it.",
    )


def draw(viewed: Viewed) -> None:
    choice, image = controls(viewed)
    layer = choice.layer
    seen = three_maps.ask_seen(viewed, choice)
    own = _own(viewed, layer, image)
    code, code_quality = three_maps.code_panel(viewed, choice, seen, own, image)
    pca, pca_quality = three_maps.pca_panel(viewed, choice, image)
    beside, beside_quality = three_maps.tsne_panel(viewed, choice, choice.source, image)
    panels = {"code": code, "pca": pca, "tsne": beside}

    dataset = viewed.dataset
    which = evenly_spaced(len(dataset.test_images), choice.count)
    maps(
        Shown(
            scene=f"{dataset.name}/{choice.count}",
            images=dataset.test_images[which].reshape(len(which), -1),
            indices=which,
            labels=dataset.test_labels[which],
            classes=dataset.classes,
            looks=_looks(choice, seen),
            colour=_colour(choice, seen),
            colour_title="mean squared error"
            if choice.colour == ERROR
            else f"unit {(choice.unit or 0) + 1} of {layer.called}",
            panels=panels,
            own=_own_part(image, own),
            own_text=_own_text(own),
        ),
        key="latent.view",
    )
    with st.container():
        compare(viewed, choice, code_quality, pca_quality, beside_quality)
    with st.expander("Unit activations (sparsity, dead units)", icon=":material/equalizer:"):
        unit_activity(viewed, layer, choice.count)
    st.subheader("First-layer weights (receptive fields)", anchor=False)
    unit_weights(viewed)


def _looks(choice: Choice, seen: Answer[Seen]) -> Part | None:
    if seen.value is None:
        return None
    reconstructions = {"reconstructions": seen.value.reconstructions}
    return Part((seen.of, choice.count), {"errors": seen.value.errors}, reconstructions)


def _colour(choice: Choice, seen: Answer[Seen]) -> Part | None:
    """The amounts that points are coloured by; None for classes, or before they are known."""
    if seen.value is None or choice.colour == CLASS:
        return None
    if choice.colour == ERROR:
        return Part((seen.of, choice.count, ERROR), {"values": seen.value.errors})
    asked = seen.key
    if not isinstance(asked, Asked) or (asked.layer, asked.unit) != (choice.layer, choice.unit):
        return None
    return Part((seen.of, choice.count, asked.layer.layers, asked.unit), {"values": seen.value.activation})


def _own(viewed: Viewed, layer: EncoderLayer, image: np.ndarray | None) -> Own | None:
    if image is None:
        return None
    key = (layer, image.tobytes())
    answer = viewed.ask("latent.own", embeddings.own, image, layer.layers, key=key)
    return answer.value if answer.key == key else None


def _own_part(image: np.ndarray | None, own: Own | None) -> Part | None:
    if image is None or own is None:
        return None
    shown = {"picture": image.reshape(1, -1), "reconstruction": own.reconstruction.reshape(1, -1)}
    return Part(hash(b"".join(array.tobytes() for array in shown.values())), images=shown)


def _own_text(own: Own | None) -> str:
    if own is None:
        return ""
    return "Your drawing, above its reconstruction" + ("" if own.error is None else f" · error {own.error:.4f}")


look_into(Session(), see=SEE, explain=EXPLAIN, starter=FLAT_CODES, draw=draw)
