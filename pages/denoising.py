"""The network on corrupted images, compared with classical methods."""

from collections.abc import Mapping, Sequence

import streamlit as st

from aelib.analysis.denoising import baselines, measurements
from aelib.analysis.denoising.measurements import Named, Shown
from aelib.analysis.denoising.quality import EXACT_DB, Restored
from aelib.spec.architecture import plan
from aelib.spec.corruptions import CORRUPTIONS
from aelib.spec.images import PIXELS
from aelib.ui.components.image_grid import Row, image_grid
from aelib.ui.pages.denoising.judging import judge
from aelib.ui.pages.denoising.level import choose_level, following, set_level
from aelib.ui.pages.denoising.level_curve import level_curve
from aelib.ui.pages.denoising.ranking import NETWORK, Way, captions, table, way
from aelib.ui.pages.denoising.transfer import across_scripts
from aelib.ui.panels.tasks import TASKS
from aelib.ui.session import queries
from aelib.ui.session.quick_runs import BY_TASK, DENOISER
from aelib.ui.session.run_page import Viewed, look_into
from aelib.ui.session.session import Session

SEE = (
    "The network gets corrupted images and has to reconstruct the clean ones: compare it with PCA and with methods "
    "that need no training."
)
EXPLAIN = r"""
A **denoising autoencoder** receives a corrupted image $\tilde x$ and is trained to reconstruct the clean one, $x$: it
minimizes $\lVert g(f(\tilde x)) - x \rVert^2$, or the cross-entropy of $x$. A copy of its input does not minimize that
(Vincent et al., *Extracting and composing robust features with denoising autoencoders*, 2008; *Stacked denoising
autoencoders*, 2010).

**How close** an image is to the clean one: $\text{PSNR} = -10 \log_{10} \text{MSE}$, in decibels with pixels from 0
to 1 (10 dB more is a tenth of the MSE), and SSIM, which compares brightness, contrast and shape in windows of 7×7
pixels (1 = identical). All outputs are clipped to $[0, 1]$.

**Baselines**, on the same corrupted images:
- *no processing*;
- a *median filter*: every pixel becomes the median of its neighbourhood;
- *PCA*: the projection onto as many principal components of the clean training images as the code has dimensions;
- *non-local means*: an average over similar patches (Buades, Coll & Morel 2005);
- *TV denoising*: close to the corrupted image, with small total variation (Rudin, Osher & Fatemi 1992; Chambolle 2004);
- for masks *biharmonic inpainting*, which is given the mask; for low resolution *bicubic* upsampling.

PCA is fitted to the training images; the others learn nothing, but the one parameter that three of them have (the
filter's size, the strength $h$ of non-local means, the weight of TV denoising) is the best of a few for this corruption
and level on up to 48 *training* images.
"""
TASKS_IN_ORDER = ("noise", "gap", "resolution")
SETTINGS = {
    "median": lambda value: f"{value:.0f}×{value:.0f} median",
    "nlm": lambda value: f"non-local means h = {value:g}",
    "tv": lambda value: f"TV weight {value:g}",
}
CORRUPTION = "denoising.corruption"
LEFT_OUT = "Images that the mask does not change are excluded from the means."
BEFORE, TAB, OPEN_TAB = "denoising.before", "denoising.tab", "denoising.tab.open"
# So long the network's images wait for those of the other methods: an answer that is there already is taken.
SHORTEST = 0.01
CURVE, SCRIPTS, OTHER_TASKS = "Noise-level curve", "Transfer to another dataset", "Train a network for a task"


def draw(viewed: Viewed) -> None:
    corruption, level = _choose(viewed)
    code_size = min(plan(viewed.config).code_units, PIXELS)
    with st.container():
        _remark(viewed, corruption)
    with st.container():
        _images(viewed, corruption, level, code_size)
    state = st.session_state
    if TAB not in state and OPEN_TAB in state:
        # While a run starts there are no tabs, and Streamlit forgets which was open.
        state[TAB] = state[OPEN_TAB]
    curve, scripts, tasks = st.tabs((CURVE, SCRIPTS, OTHER_TASKS), key=TAB, on_change="rerun")
    state[OPEN_TAB] = state[TAB]
    if curve.open:
        with curve:
            if corruption == "none" or viewed.config.colour:
                st.caption("Not available for colourization.")
            else:
                level_curve(viewed, corruption, code_size)
    if scripts.open:
        with scripts:
            if corruption == "none":
                st.caption("Choose a corruption above to compare networks.")
            else:
                across_scripts(viewed, corruption, level)
    if tasks.open:
        with tasks:
            _train_for_a_task(viewed)


def _choose(viewed: Viewed) -> tuple[str, float]:
    """The corruption and its level: at first the run's own."""
    state, config = st.session_state, viewed.config
    if state.get("denoising.run") != viewed.run.id:
        state["denoising.run"] = viewed.run.id
        usual = "none" if config.colour else "gaussian"
        state[CORRUPTION] = config.corruption if config.corruption != "none" else usual
        set_level(config, state[CORRUPTION])
    names = sorted(CORRUPTIONS, key=lambda name: TASKS_IN_ORDER.index(CORRUPTIONS[name].task))
    kind, amount = st.columns(2, gap="medium")
    with kind:
        corruption: str = st.selectbox(
            "Corruption",
            ["none", *names] if config.colour else names,
            key=CORRUPTION,
            format_func=_title,
            help="All methods get the same twelve test images with the same corruption.",
            on_change=lambda: set_level(config, state[CORRUPTION]),
            persist_state="session",
        )
    with amount:
        if corruption == "none":
            return corruption, 0.0
        return corruption, choose_level(corruption)


def _title(corruption: str) -> str:
    return "none" if corruption == "none" else CORRUPTIONS[corruption].title


def _remark(viewed: Viewed, corruption: str) -> None:
    """Whether the network was trained on this corruption."""
    config = viewed.config
    if config.corruption == corruption:
        return
    if config.corruption == "none":
        trained = "This network was trained on clean images only."
    else:
        trained = f"This network was trained on a different corruption ({CORRUPTIONS[config.corruption].title})."
    st.caption(f"{trained} Train a denoiser under “{OTHER_TASKS}” below.")


def _images(viewed: Viewed, corruption: str, level: float, code_size: int) -> None:
    answer = viewed.ask("denoising.shown", measurements.shown, corruption, level, key=(corruption, level))
    if answer.problem:
        st.warning(answer.problem, icon=":material/info:")
    if answer.value is None:
        st.caption("Computing …")
        return
    colour = viewed.config.colour
    if colour != (answer.value.target.shape[1] > PIXELS):
        # Still the answer about the run shown before.
        st.caption("Computing …")
        return
    if colour:
        _coloured(viewed, answer.value, corruption, level)
        return
    shown, fitting = answer.value, baselines.fitting(CORRUPTIONS[corruption].task)
    numbers = _numbers(viewed, corruption, level)
    others, settled = _others(viewed, corruption, level, code_size, numbers)
    ways = _ways(shown, [one.name for one in fitting if one.name in others] if settled else [], others)
    late = [one for one in fitting if one.name in others]

    def stale(shown: Shown) -> list[Row]:
        """The images of the level before stay until the new ones come, so that nothing jumps."""
        before = [Row(one.title, others[one.name].images, ["…"] * len(shown.target), note="…") for one in late]
        return [*_rows(shown, _ways(shown, [], {})), *before]

    rows = _rows(shown, ways) if settled else stale(shown)
    image_grid(rows, key="denoising.grid", follows=following(viewed, corruption, level, stale))
    with st.container(horizontal=True, gap="large", vertical_alignment="center"):
        st.markdown(table(ways, [one.title for one in fitting]), width="content")
        with st.container(width="stretch"):
            if settled:
                judge(viewed, corruption, level, code_size)
            else:
                st.markdown("Computing the baselines …")
            if CORRUPTIONS[corruption].task == "gap":
                st.caption("Biharmonic inpainting is given the mask; the network is not. " + LEFT_OUT)
            if numbers and settled:
                chosen = [SETTINGS[name](value) for name, value in numbers.items()]
                st.caption(f"Parameters tuned on training images for this corruption and level: {', '.join(chosen)}.")


def _ways(shown: Shown, names: Sequence[str], others: Mapping[str, Restored]) -> list[Way]:
    """Nothing, the network, and the methods `names`, measured on the images that the corruption changes."""
    damaged = shown.corrupted.psnr < EXACT_DB
    ways = [way("nothing", shown.corrupted, damaged), way(NETWORK, shown.output, damaged)]
    return ways + [way(name, others[name], damaged) for name in names]


def _rows(shown: Shown, ways: Sequence[Way]) -> list[Row]:
    """The clean images, and below them what each way makes of the corrupted ones."""
    rows = [Row("clean", shown.target)]
    for done in ways:
        restored, untouched = done.restored, done.name == "nothing"
        label, mask = ("corrupted", shown.mask) if untouched else (done.title, None)
        rows.append(Row(label, restored.images, captions(restored.psnr), note=done.note, mask=mask))
    return rows


def _numbers(viewed: Viewed, corruption: str, level: float) -> Mapping[str, float] | None:
    """The free numbers of the methods that have one; None while they are being found."""
    if not any(one.grid for one in baselines.fitting(CORRUPTIONS[corruption].task)):
        return {}
    data = viewed.reached.ready.data
    tuned = queries.ask(
        "denoising.tuned",
        viewed.engine,
        baselines.tune,
        data,
        corruption,
        level,
        of=None,
        key=(viewed.dataset.name, corruption, level),
        expensive=True,
        timeout=SHORTEST,
    )
    return tuned.value if tuned.current else None


def _others(
    viewed: Viewed, corruption: str, level: float, code_size: int, numbers: Mapping[str, float] | None
) -> tuple[dict[str, Restored], bool]:
    """What the other methods make of the images, and whether it is of these and not of those shown before."""
    before: dict[str, Restored] = st.session_state.get(BEFORE, {})
    if numbers is None:
        return before, False
    ready = viewed.reached.ready
    names = [one.name for one in baselines.fitting(CORRUPTIONS[corruption].task) if one.name != "nothing"]
    wanted = {name: numbers.get(name, 0.0) for name in names}
    answer = queries.ask(
        "denoising.others",
        viewed.engine,
        baselines.shown,
        ready.data,
        ready.basis,
        corruption,
        level,
        code_size,
        wanted,
        of=None,
        key=(viewed.dataset.name, corruption, level, code_size),
        timeout=SHORTEST,
    )
    if not answer.current or answer.value is None:
        return before, False
    st.session_state[BEFORE] = answer.value
    return answer.value, True


def _coloured(viewed: Viewed, shown: Shown, corruption: str, level: float) -> None:
    """Grey in, colour out: does it recognize the digit?"""
    answer = viewed.ask(
        "denoising.named", measurements.named, corruption, level, key=(corruption, level), expensive=True
    )
    found: Named | None = answer.value
    names = viewed.dataset.classes
    said = []
    if found is not None:
        pairs = zip(found.classes[: len(shown.target)], viewed.dataset.test_labels, strict=False)
        said = [names[named] if named == label else f"{names[named]} ✗" for named, label in pairs]

    def rows(shown: Shown, said: Sequence[str]) -> list[Row]:
        return [
            Row("input", shown.corrupted.images, mask=shown.mask),
            Row("autoencoder", shown.output.images, said, kind="colour", note=f"{shown.output.psnr.mean():.1f} dB"),
            Row("target", shown.target, kind="colour"),
        ]

    follows = following(viewed, corruption, level, lambda shown: rows(shown, ["…"] * len(said)))
    image_grid(rows(shown, said), key="denoising.grid", follows=follows)
    if found is not None:
        st.markdown(
            f"For **{found.right:.0%}** of {len(found.classes):,} test images the hue of the output is that of the "
            f"right class (chance: {1 / len(names):.0%}). Below each image: the class whose hue is nearest.",
            help="The hue of an image is its mean colour without grey.",
        )


def _train_for_a_task(viewed: Viewed) -> None:
    st.markdown(
        "Train a small network for one task (about 10 s on an idle machine). It becomes the current run on all pages."
    )
    without_classes = not viewed.dataset.has_classes
    with st.container(horizontal=True, gap="small"):
        for task, quick in BY_TASK.items():
            needless = task == "colour" and without_classes
            if st.button(
                TASKS[task].title,
                icon=":material/play_arrow:",
                key=f"denoising.task.{task}",
                disabled=needless,
                help="Colourization needs class labels." if needless else None,
            ):
                session.begin(quick.on(viewed.config.dataset))
                st.rerun()


session = Session()
look_into(session, see=SEE, explain=EXPLAIN, starter=DENOISER, draw=draw)
