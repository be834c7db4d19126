from __future__ import annotations

import pickle
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from scipy.linalg import subspace_angles
from torch import Tensor, nn

from aelib.spec.config import OPTIMIZERS, RunConfig
from aelib.spec.images import GRID_COLUMNS, GRID_ROWS, GRID_SIDE, PIXELS
from aelib.spec.state import Progress, State
from aelib.train import resident, slices
from aelib.train.inference import decode, reconstruct
from aelib.train.metrics import evaluate
from aelib.train.projection import fit_pca, grid_codes
from aelib.train.randomness import batches
from aelib.train.resident import Data, Kept
from aelib.train.rules import Batch, StepMetrics
from aelib.train.rules.backprop import BackPropagation, DenseBackPropagation
from aelib.train.trainer import advance, init, prepare, probe, snapshot
from tests.samples import assert_same_arrays, assert_same_state, digits, knobs_of, settings, unlabelled


def trained(config: RunConfig, cuts: tuple[int, ...], data: Data | None = None) -> State:
    """The state after slices of these many steps."""
    data = digits() if data is None else data
    state = init(config, data)
    for steps in cuts:
        state, _ = advance(state, data, knobs_of(config), steps)
    return state


SLICED = {
    "dense": settings(),
    "with noise": settings(corruption="gaussian", regularizer="l1"),
    "with salt and pepper": settings("multilayer-64", corruption="salt-and-pepper", noisy_target=True),
    "tied": settings("multilayer-64", tied=True, corruption="masking"),
    "in bfloat16": settings(precision="bfloat16", corruption="block"),
    "with frozen noise": settings(corruption="gaussian", frozen_noise=True),
    **{f"with {name}": settings(optimizer=name, regularizer="weight-decay") for name in OPTIMIZERS},
}


@pytest.mark.parametrize("kind", SLICED)
def test_where_a_run_is_cut_makes_no_difference(kind: str) -> None:
    whole = trained(SLICED[kind], (30,))
    assert whole.step == 30
    assert_same_state(trained(SLICED[kind], (7, 23)), whole)
    assert_same_state(trained(SLICED[kind], (10, 10, 10)), whole)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("recipe", ["conv-pool", "conv-dense-20", "fully-conv"])
def test_where_a_convolutional_run_is_cut_makes_no_difference(recipe: str, optimizer: str) -> None:
    config = settings(recipe, widths=(4, 3, 2), batch_size=8, optimizer=optimizer)
    whole = trained(config, (4,))
    assert_same_state(trained(config, (1, 3)), whole)
    assert_same_state(trained(config, (1, 1, 1, 1)), whole)


def test_seeds_make_the_difference() -> None:
    data = digits()
    one, other = (trained(settings(seed=seed), (3,)) for seed in (1, 2))
    assert not np.array_equal(one.weights["encoder.0.weight"], other.weights["encoder.0.weight"])
    # Not only by the start: the order of the data follows the seed, too.
    moved = replace(init(settings(seed=1), data), config=settings(seed=2))
    reordered, _ = advance(moved, data, knobs_of(moved.config), 3)
    assert not np.array_equal(one.weights["encoder.0.weight"], reordered.weights["encoder.0.weight"])


def test_advancing_leaves_its_arguments_alone_and_states_cannot_be_written() -> None:
    config, data = settings(corruption="masking"), digits()
    state = trained(config, (3,))
    before = {name: array.copy() for name, array in state.arrays.items()}
    images = data.train.clone()
    after, _ = advance(state, data, knobs_of(config), 3)
    assert_same_arrays(state.arrays, before)
    assert state.step == 3 and after.step == 6
    assert torch.equal(data.train, images)
    for array in after.arrays.values():
        assert array.dtype == np.float32
        with pytest.raises(ValueError, match="read-only"):
            array.flat[0] = 1.0


def test_a_state_can_go_on_twice() -> None:
    config, data = settings(), digits()
    fork = trained(config, (5,))
    fast, _ = advance(fork, data, knobs_of(config, learning_rate=0.1), 5)
    slow, _ = advance(fork, data, knobs_of(config), 5)
    assert_same_state(slow, trained(config, (10,)))
    assert not np.array_equal(fast.weights["encoder.0.weight"], slow.weights["encoder.0.weight"])


@pytest.mark.parametrize(
    ("knob", "value", "changes"),
    [
        ("learning_rate", 0.5, {}),
        ("corruption_level", 0.9, {"corruption": "gaussian"}),
        ("regularizer_weight", 1.0, {"regularizer": "l1"}),
        ("regularizer_weight", 1.0, {"regularizer": "weight-decay"}),
    ],
)
def test_every_knob_is_heeded(knob: str, value: float, changes: dict[str, str]) -> None:
    config, data = settings(**changes), digits()
    start = trained(config, (2,))
    left, _ = advance(start, data, knobs_of(config), 3)
    turned, _ = advance(start, data, knobs_of(config, **{knob: value}), 3)
    assert not np.array_equal(left.weights["encoder.0.weight"], turned.weights["encoder.0.weight"])


@pytest.mark.parametrize(("count", "batch"), [(300, 32), (100, 7), (64, 64), (10, 64), (1, 3), (50, 4096)])
def test_every_picture_is_seen_once_an_epoch(count: int, batch: int) -> None:
    config = settings(batch_size=batch)
    steps = config.steps(count, 3) + 1
    order = batches(config, count, 0, steps)
    assert order.shape == (steps, min(batch, count))
    epochs = order.flatten()[: steps * batch // count * count].view(-1, count)
    assert len(epochs) >= 3
    for epoch in epochs:
        assert epoch.sort().values.tolist() == list(range(count))
    if count >= 50:
        assert not any(torch.equal(one, other) for one, other in pairwise(epochs))


@pytest.mark.parametrize(("count", "batch"), [(100, 32), (64, 32), (10, 64)])
def test_batches_do_not_depend_on_where_slices_begin(count: int, batch: int) -> None:
    config = settings(batch_size=batch)
    whole = batches(config, count, 0, 12)
    for cut in range(1, 12):
        assert torch.equal(torch.cat([batches(config, count, 0, cut), batches(config, count, cut, 12 - cut)]), whole)


def test_a_batch_larger_than_the_data_trains() -> None:
    data = digits(20, 20)
    state, progress = advance(init(settings(batch_size=64), data), data, knobs_of(settings()), 5)
    assert state.step == 5 and progress.healthy


def test_training_equals_a_plain_loop_in_torch() -> None:
    config, data, steps = settings("multilayer-64"), digits(), 20
    start = init(config, data)
    sizes = (PIXELS, 128, 64, 128, PIXELS)
    layers: list[nn.Module] = []
    for (inputs, outputs), name in zip(
        pairwise(sizes), ("encoder.0", "encoder.2", "decoder.0", "decoder.2"), strict=True
    ):
        layer = nn.Linear(inputs, outputs)
        layer.load_state_dict({part: torch.tensor(start.weights[f"{name}.{part}"]) for part in ("weight", "bias")})
        layers += [layer, nn.ReLU()]
    layers[-1] = nn.Sigmoid()
    model = nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate, eps=1e-7, foreach=False)
    images = data.train.cpu().float() / 255
    losses = []
    for batch in batches(config, len(images), 0, steps):
        loss = nn.functional.mse_loss(model(images[batch]), images[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    ours, progress = advance(start, data, knobs_of(config), steps)
    for name, parameter in zip(ours.weights, model.parameters(), strict=True):
        np.testing.assert_allclose(ours.weights[name], parameter.detach().numpy(), atol=1e-5, err_msg=name)
    assert progress.train_loss == pytest.approx(np.mean(losses), rel=1e-5)
    assert progress.train_mse == pytest.approx(progress.train_loss)
    assert progress.steps == steps


def test_training_makes_the_error_smaller() -> None:
    config, data = settings(), digits()
    start = init(config, data)
    state, _ = advance(start, data, knobs_of(config), 60)
    assert evaluate(state, data).clean.mse < 0.8 * evaluate(start, data).clean.mse


def test_with_cross_entropy_the_squared_error_is_reported_too() -> None:
    config, data = settings(loss="bce"), digits()
    start = init(config, data)
    _, progress = advance(start, data, knobs_of(config), 1)
    batch = data.train[batches(config, len(data.train), 0, 1)[0].to(data.train.device)].float() / 255
    logits, output = reconstruct(start, batch)
    assert progress.train_mse == pytest.approx(float((output - batch).square().mean()), rel=1e-5)
    entropy = nn.functional.binary_cross_entropy_with_logits(logits, batch)
    assert progress.train_loss == pytest.approx(float(entropy), rel=1e-5)


@pytest.mark.parametrize("family", ["dense", "conv-pool"])
def test_the_error_of_outputs_beyond_a_pixel_is_that_of_the_image(family: str) -> None:
    recipe = {"dense": "vanilla-64", "conv-pool": "conv-pool"}[family]
    config, data = settings(recipe, output_activation="linear"), digits()
    start = init(config, data)
    _, progress = advance(start, data, knobs_of(config), 1)
    batch = data.train[batches(config, len(data.train), 0, 1)[0].to(data.train.device)].float() / 255
    _, output = reconstruct(start, batch)
    assert float(output.min()) < 0
    assert progress.train_loss == pytest.approx(float((output - batch).square().mean()), rel=1e-4)
    assert progress.train_mse == pytest.approx(float((output.clamp(0, 1) - batch).square().mean()), rel=1e-4)


def test_a_noisy_target_changes_training() -> None:
    clean, noisy = (
        settings(corruption="salt-and-pepper", corruption_level=0.3, noisy_target=target) for target in (False, True)
    )
    one, other = trained(clean, (40,)), trained(noisy, (40,))
    assert not np.array_equal(one.weights["decoder.0.weight"], other.weights["decoder.0.weight"])
    # Half of the noise is white, which a image that copies it has to show.
    images = [float(reconstruct(state, digits().test.float() / 255)[1].mean()) for state in (one, other)]
    assert images[1] > images[0]


@pytest.mark.parametrize("changes", [{}, {"family": "conv-pool", "widths": (4,)}, {"loss": "bce"}, {"colour": True}])
def test_errors_are_measured_against_the_clean_images_whatever_the_target(changes: dict[str, Any]) -> None:
    """So that the curves of training and test are of the same error. Before the first step networks are alike."""
    clean, noisy = (
        advance(init(config, digits()), digits(), knobs_of(config), 1)[1]
        for target in (False, True)
        for config in [settings(corruption="gaussian", corruption_level=0.3, noisy_target=target, **changes)]
    )
    assert noisy.train_mse == pytest.approx(clean.train_mse, rel=1e-5)
    assert noisy.train_loss != pytest.approx(clean.train_loss, rel=1e-3)


def frozen(**changes: Any) -> RunConfig:
    return settings(corruption="gaussian", corruption_level=0.3, frozen_noise=True, batch_size=50, **changes)


def seen_in_training(monkeypatch: pytest.MonkeyPatch, state: State, data: Data, steps: int, **turned: Any) -> Tensor:
    """What the network is shown in `steps` batches, sorted by image: float [steps × batch, 784]."""
    shown: list[Tensor] = []
    real = BackPropagation.step

    def step(self: BackPropagation, batch: Batch) -> StepMetrics:
        assert (batch.target is batch.corrupted) == state.config.noisy_target
        shown.append(batch.corrupted.clone())
        return real(self, batch)

    monkeypatch.setattr(BackPropagation, "step", step)
    monkeypatch.setattr(DenseBackPropagation, "fits", staticmethod(lambda task: False))
    advance(state, data, knobs_of(state.config, **turned), steps)
    order = batches(state.config, len(data.train), state.step, steps).flatten().argsort(stable=True)
    return torch.cat(shown)[order]


@pytest.mark.parametrize("noisy_target", [False, True])
def test_frozen_noise_is_the_same_in_every_epoch(noisy_target: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    config, data = frozen(noisy_target=noisy_target), digits()
    twice = seen_in_training(monkeypatch, init(config, data), data, 2 * len(data.train) // 50)
    first, second = twice[::2], twice[1::2]
    assert torch.equal(first, second)
    clean = data.train.float() / 255
    assert torch.equal((first * 255).round(), first * 255)
    # Noise of its own for each image, and as much as was asked for: half of it is cut off where a pixel is black.
    black = clean[:, 0] == 0
    assert float((first[black, 0] > 0).float().mean()) == pytest.approx(0.5, abs=0.1)
    assert len(torch.unique(first[black, 0])) > 50
    anew = seen_in_training(monkeypatch, init(replace(config, frozen_noise=False), data), data, 12)
    assert not torch.equal(anew[::2], anew[1::2])


def test_frozen_noise_follows_its_seed_and_its_level(monkeypatch: pytest.MonkeyPatch) -> None:
    config, data = frozen(), digits()

    def shown(config: RunConfig, **turned: Any) -> Tensor:
        return seen_in_training(monkeypatch, init(config, data), data, 6, **turned)

    once = shown(config)
    other_data = digits(200)
    seen_in_training(monkeypatch, init(config, other_data), other_data, 4)
    assert torch.equal(shown(config), once)
    assert not torch.equal(shown(replace(config, seed=1)), once)
    # The level is a live knob: the same draws, but weaker ones.
    weaker = shown(config, corruption_level=0.03)
    clean = data.train.float() / 255
    assert float((weaker - clean).abs().mean()) < 0.2 * float((once - clean).abs().mean())
    both = (once - clean).flatten(), (weaker - clean).flatten()
    assert float(torch.corrcoef(torch.stack(both))[0, 1]) > 0.8


def test_no_more_is_kept_of_a_data_set_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resident, "KEPT_BYTES", 2_500)
    made: list[str] = []

    def get(key: str, size: int = 1_000) -> None:
        def make() -> Tensor:
            made.append(key)
            return torch.zeros(size, dtype=torch.uint8)

        kept.get(key, make)

    kept = Kept()

    for key in ("one", "other", "one", "third", "one", "other"):
        get(key)
    assert made == ["one", "other", "third", "other"]
    # What is larger than the room is kept alone.
    get("large", 9_000)
    get("large", 9_000)
    assert made[4:] == ["large"]
    # It does not travel.
    kept = pickle.loads(pickle.dumps(kept))
    get("large", 9_000)
    assert made[5:] == ["large"]


DIVERGING = settings(code_activation="linear", output_activation="linear", optimizer="sgd", learning_rate=10.0)


def test_a_learning_rate_that_is_too_high_is_noticed_and_the_last_good_state_stays() -> None:
    data, knobs = digits(), knobs_of(DIVERGING)
    first = slices.first_slice(DIVERGING, data, knobs)
    calm = slices.next_slice(first, data, replace(knobs, learning_rate=1e-3), 3)
    _, progress = advance(calm.state, data, knobs, 60)
    assert not progress.healthy
    broken = slices.next_slice(calm, data, knobs, 60)
    assert slices.report(broken).diverged and not slices.report(calm).diverged
    assert_same_state(broken.state, calm.state)
    assert broken.images is calm.images
    assert slices.next_slice(broken, data, knobs, 5) is broken


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_no_chain_goes_on_from_a_state_that_is_beyond_repair(steps: int) -> None:
    """Divergence shows in the loss a batch later than in the weights: whatever is kept has to be of use."""
    data, knobs = digits(), knobs_of(DIVERGING)
    link = slices.first_slice(DIVERGING, data, knobs)
    for _ in range(30):
        link = slices.next_slice(link, data, knobs, steps)
        assert all(np.isfinite(array).all() for array in link.state.arrays.values())
        looked = slices.measure(link, data, knobs, None)
        assert looked is not None and np.isfinite(looked.metrics.points).all()
    assert link.diverged


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), 1e9])
def test_losses_out_of_bounds_are_divergence(loss: float) -> None:
    assert not Progress(1, 0.1, loss, loss).healthy
    assert Progress(1, 0.1, 0.5, 0.5).healthy


def test_a_look_shows_the_pictures_of_the_slice_and_turns_codes_towards_the_look_before() -> None:
    config, data = settings(corruption="gaussian"), digits()
    first = slices.first_slice(config, data, knobs_of(config))
    before = slices.measure(first, data, knobs_of(config), None)
    trained = slices.next_slice(first, data, knobs_of(config), 3)
    looked = slices.measure(trained, data, knobs_of(config), before)
    assert before is not None and looked is not None
    assert (before.step, looked.step, looked.metrics.step) == (0, 3, 3)
    np.testing.assert_array_equal(looked.images.output, trained.images.output)
    np.testing.assert_array_equal(looked.images.corrupted, trained.images.corrupted)
    assert not slices.report(trained).diverged
    unturned = slices.measure(trained, data, knobs_of(config), None)
    assert unturned is not None

    def distance(points: np.ndarray) -> float:
        return float(np.square(points - before.metrics.points).sum())

    assert distance(looked.metrics.points) <= distance(unturned.metrics.points)


def test_a_shorter_look_shows_some_of_the_images_and_about_the_same_error() -> None:
    config, data = settings(), digits()
    link = slices.next_slice(slices.first_slice(config, data, knobs_of(config)), data, knobs_of(config), 200)
    whole = slices.measure(link, data, knobs_of(config), None)
    some = slices.measure(link, data, knobs_of(config), whole, 50)
    assert whole is not None and some is not None
    assert (whole.metrics.images, some.metrics.images) == (len(data.probe), 50)
    assert some.metrics.points.shape == whole.metrics.points.shape
    assert some.metrics.test_mse == pytest.approx(whole.metrics.test_mse, rel=0.1)
    # Where a point is, it is near where it was among all.
    seen = np.isfinite(some.metrics.points[:, 0])
    a, b = whole.metrics.points[seen], some.metrics.points[seen]
    assert np.square(a - b).sum() < 0.2 * np.square(a - a.mean(0)).sum()


CHAINS = {
    "dense": settings(corruption="gaussian"),
    "convolutional": settings("conv-pool", widths=(4, 3), batch_size=8),
    "in bfloat16": settings("multilayer-64", precision="bfloat16"),
    # Ten images a batch: phases begin in the middle of the chain.
    **{name: settings(name, batch_size=100, pretrain_epochs=1) for name in ("stacked", "rbm")},
    "persistent chains": settings("rbm", batch_size=100, pretrain_epochs=1, persistent=True),
    "recirculation": settings("recirculation"),
    "variational": settings("vae", widths=(16,)),
    **{name: settings(optimizer=name, regularizer="weight-decay") for name in OPTIMIZERS},
}


@pytest.mark.parametrize("kind", CHAINS)
def test_slices_train_like_advance_warm_or_not(kind: str) -> None:
    config, data = CHAINS[kind], digits()
    knobs = knobs_of(config)
    start = slices.first_slice(config, data, knobs)
    assert start.progress is None and start.state.step == start.images.step == 0
    warm, cold = start, pickle.loads(pickle.dumps(start))
    for steps in (2, 3, 5, 1):
        warm = slices.next_slice(warm, data, knobs, steps)
        cold = slices.next_slice(pickle.loads(pickle.dumps(cold)), data, knobs, steps)
        np.testing.assert_array_equal(warm.images.output, cold.images.output)
    assert_same_state(warm.state, trained(config, (11,)))
    assert_same_state(cold.state, warm.state)


def test_a_link_can_be_continued_twice_and_stays_as_it_is() -> None:
    config, data = settings(), digits()
    knobs = knobs_of(config)
    link = slices.next_slice(slices.first_slice(config, data, knobs), data, knobs, 5)
    before = {name: array.copy() for name, array in link.state.arrays.items()}
    one, other = (slices.next_slice(link, data, knobs, 5) for _ in range(2))
    assert_same_state(one.state, other.state)
    assert_same_arrays(link.state.arrays, before)


def test_snapshots_of_a_state_are_identical() -> None:
    config, data = settings("denoise-256", widths=(16,), corruption_level=0.2), digits()
    state = trained(config, (2,))
    one, same = (snapshot(state, data, knobs_of(config)) for _ in range(2))
    later = snapshot(trained(config, (3,)), data, knobs_of(config))
    measured, again = (probe(state, data, knobs_of(config)) for _ in range(2))
    for a, b in ((one.corrupted, same.corrupted), (one.output, same.output), (measured.codes, again.codes)):
        np.testing.assert_array_equal(a, b)
    assert (measured.test_loss, measured.test_mse) == (again.test_loss, again.test_mse)
    np.testing.assert_array_equal(one.corrupted, later.corrupted)
    assert not np.array_equal(one.output, later.output)


def test_a_snapshot_tells_which_pixels_were_removed() -> None:
    data = digits()
    config = settings(corruption="block", corruption_level=0.4)
    shown = snapshot(init(config, data), data, knobs_of(config))
    assert shown.mask is not None and shown.mask.dtype == bool
    np.testing.assert_array_equal(shown.corrupted, np.where(shown.mask, 0, data.probe[:12].cpu().numpy()))
    noisy = settings(corruption="gaussian", corruption_level=0.4)
    assert snapshot(init(noisy, data), data, knobs_of(noisy)).mask is None


def test_a_snapshot_shows_the_probe_pictures() -> None:
    config, data = settings(), digits()
    state = trained(config, (5,))
    seen = snapshot(state, data, knobs_of(config))
    output = reconstruct(state, data.probe.float() / 255)[1].cpu().numpy()
    clean = data.probe.cpu().numpy() / 255
    np.testing.assert_array_equal(seen.corrupted, data.probe[:12].cpu().numpy())
    np.testing.assert_allclose(seen.output, output[:12] * 255, atol=0.51)
    measured = probe(state, data, knobs_of(config))
    assert measured.codes.shape == (len(data.probe), 64) and measured.codes.dtype == np.float32
    assert measured.test_mse == pytest.approx(float(np.square(output - clean).mean()), rel=1e-4)
    assert measured.test_loss == pytest.approx(measured.test_mse, rel=1e-5)


def test_a_code_of_two_numbers_is_decoded_all_over() -> None:
    config, data = settings("multilayer-64", code_size=2, code_activation="linear"), digits()
    state = trained(config, (20,))
    grid = probe(state, data, knobs_of(config)).grid
    assert grid is not None and grid.images.shape == (GRID_ROWS * GRID_COLUMNS, GRID_SIDE**2)
    images = decode(state, torch.tensor(grid_codes(grid.area))).numpy()
    small = images.reshape(-1, GRID_SIDE, 2, GRID_SIDE, 2).mean((2, 4)).reshape(len(images), -1)
    np.testing.assert_allclose(grid.images, 255 * small, atol=0.51)
    wider = settings("multilayer-64", code_size=3)
    assert probe(trained(wider, (1,)), data, knobs_of(wider)).grid is None


def test_bfloat16_hardly_changes_a_short_run() -> None:
    """On machines without bfloat16 torch computes it in software, just as coarsely."""
    errors = [
        evaluate(trained(settings(precision=precision), (100,)), digits()).clean.mse
        for precision in ("float32", "bfloat16")
    ]
    assert errors[0] != errors[1]
    assert errors[1] == pytest.approx(errors[0], rel=0.02)


CODE, FADED = 8, 0.2


def linear(data: Data, phases: list[tuple[float, int]], **changes: Any) -> State:
    """A linear autoencoder after phases of (learning rate, steps)."""
    activations = dict.fromkeys(("hidden_activation", "code_activation", "output_activation"), "linear")
    config = settings(code_size=CODE, widths=(), **activations, **changes)
    state = init(config, data)
    for rate, steps in phases:
        state, progress = advance(
            state, data, knobs_of(config, learning_rate=rate, corruption_level=0.0, regularizer_weight=0.0), steps
        )
        assert progress.healthy
    return state


@cache
def gapped() -> Data:
    """Digits with what lies outside of their eight strongest axes faded, so that these stand out."""
    images = digits(1000).train.cpu().numpy() / 255
    basis = fit_pca(digits(1000))
    codes = (images - basis.mean) @ basis.axes.T
    codes[:, CODE:] *= FADED
    faded = ((codes @ basis.axes + basis.mean).clip(0, 1) * 255).round().astype(np.uint8).reshape(-1, 28, 28)
    return prepare(unlabelled("gapped", faded[:300], faded[300:400]))


def error(state: State, images: torch.Tensor) -> float:
    clean = images.float() / 255
    return float((reconstruct(state, clean)[1] - clean).square().mean())


def pca_error(data: Data, images: torch.Tensor) -> float:
    """Not clipped to what pixels can show: as such PCA is the best that is linear."""
    clean, basis = images.cpu().numpy() / 255, fit_pca(data)
    axes = basis.axes[:CODE]
    return float(np.square(basis.encode(clean, CODE) @ axes + basis.mean - clean).mean())


def test_a_linear_autoencoder_comes_as_near_as_pca_and_no_nearer() -> None:
    data = digits(1000, 397)
    state = linear(data, [(1e-2, 250), (1e-3, 100)], batch_size=500)
    assert error(state, data.test) < 1.02 * pca_error(data, data.test)
    # On the images it was fitted to, nothing linear is better than PCA.
    assert pca_error(data, data.train) * (1 - 1e-5) < error(state, data.train) < 1.05 * pca_error(data, data.train)


def test_a_linear_autoencoder_spans_the_subspace_of_pca() -> None:
    data = gapped()
    state = linear(data, [(1e-2, 1000), (1e-3, 200)], batch_size=300)
    axes = fit_pca(data).axes[:CODE].astype(np.float64)
    decoder = state.weights["decoder.0.weight"].astype(np.float64)
    assert subspace_angles(decoder, axes.T).max() < 0.1
    untrained = init(state.config, data).weights["decoder.0.weight"].astype(np.float64)
    assert subspace_angles(untrained, axes.T).max() > 1
