from __future__ import annotations

import json
import pickle
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aelib.spec.config import KINDS, KNOBS, Knobs, RunConfig, same_run, with_changes, with_knobs
from aelib.spec.constraints import MAX_CONV_LAYERS, checked, repaired
from aelib.spec.fields import Choice, DatasetName, Flag, InvalidInput, Kind, Name, Real, Whole, Widths, WidthsOrMirror
from aelib.spec.recipes import RECIPES
from aelib.spec.serialization import from_json, from_query, to_json, to_query

LONG = "x" * 100_000


def values_of(kind: Kind) -> st.SearchStrategy[Any]:
    match kind:
        case Choice():
            return st.sampled_from(kind.options)
        case Whole():
            return st.integers(kind.low, kind.high)
        case Real():
            return st.floats(kind.low, kind.high)
        case Flag():
            return st.booleans()
        case Widths():
            return st.lists(st.integers(1, kind.widest), max_size=kind.longest).map(tuple)
        case WidthsOrMirror():
            return st.none() | values_of(kind.widths)
        case Name():
            return st.from_regex(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?", fullmatch=True)
        case DatasetName():
            names = st.from_regex(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(:[0-9](,[A-Z])?(:[1-9])?)?", fullmatch=True)
            return names.map(lambda name: kind.parse("dataset", name))


def any_config() -> st.SearchStrategy[RunConfig]:
    """Every field drawn by itself: combinations may break rules."""
    drawn = {name: values_of(kind) for name, kind in KINDS.items()}
    drawn["recipe"] = st.sampled_from(["custom", *RECIPES])
    return st.builds(RunConfig, **drawn)


def valid_config() -> st.SearchStrategy[RunConfig]:
    return any_config().map(lambda config: repaired(config)[0])


@given(valid_config())
def test_a_query_round_trips_every_config(config: RunConfig) -> None:
    assert from_query(to_query(config)) == (config, [])


@given(valid_config())
def test_json_round_trips_every_config(config: RunConfig) -> None:
    assert from_json(json.loads(json.dumps(to_json(config)))) == config


@given(any_config())
def test_repairing_gives_a_config_that_passes_and_says_what_it_changed(config: RunConfig) -> None:
    mended, problems = repaired(config)
    assert checked(mended) == mended
    assert repaired(mended) == (mended, [])
    changed = {name for name in KINDS if getattr(config, name) != getattr(mended, name)}
    assert changed == {problem.field_name for problem in problems}


NONSENSE: dict[type, list[object]] = {
    Choice: ["", "none of them", LONG, 7, None, "nan"],
    Whole: ["", "many", "1.5", "nan", "inf", "-inf", "1e400", "9" * 5000, "-1e9", LONG, None, [1], True],
    Real: ["", "1,5", "nan", "inf", "-inf", "1e400", "9" * 5000, "-0.001", "11", LONG, None, [1], False],
    Flag: ["", "2", "maybe", LONG, None, []],
    Widths: ["1,", "0", "4097", "1,2,3,4,5,6,7", "many", "nan", "inf", "1.5", "-3", LONG, 12, None, [[1]], "1;2"],
    WidthsOrMirror: ["1,", "0", "4097", "many", "nan", "mirror,8", "mirrors", "1.5", LONG, 12, True, [[1]], "1;2"],
    DatasetName: [
        "",
        "-",
        "../mnist",
        "a b:0",
        "naïve",
        "x" * 65,
        LONG,
        None,
        "mnist:",
        "mnist:0:11",
        "mnist:0::",
        ":0",
    ],
    Name: ["", "-", "../mnist", "a b", "naïve", "x" * 65, LONG, None, "a\0b"],
}
# `None` reads as "none", which may be one of the options or the name of a data set.
CASES = [
    (name, value)
    for name, kind in KINDS.items()
    for value in NONSENSE[type(kind)]
    if name != "recipe"
    and not (value is None and (isinstance(kind, Name | DatasetName) or "none" in getattr(kind, "options", ())))
]


def hostile_queries() -> st.SearchStrategy[dict[str, str]]:
    """Addresses that somebody mangled: settings with good values and bad, and parameters nobody knows."""
    nonsense = sorted({value for values in NONSENSE.values() for value in values if isinstance(value, str)})
    told = valid_config().map(to_query)
    bad = st.dictionaries(st.sampled_from([*KINDS, "run"]), st.sampled_from(nonsense) | st.text(), max_size=6)
    unknown = st.dictionaries(st.text(), st.text(), max_size=3)
    return st.builds(lambda told, bad, unknown: {**unknown, **told, **bad}, told, bad, unknown)


@settings(max_examples=1000)
@given(hostile_queries())
def test_no_query_raises(query: dict[str, str]) -> None:
    config, problems = from_query(query)
    checked(config)
    assert {problem.field_name for problem in problems} <= KINDS.keys()


@pytest.mark.parametrize(("name", "value"), CASES, ids=lambda part: repr(part)[:30])
def test_nonsense_in_one_field_is_named_and_the_others_are_kept(name: str, value: object) -> None:
    good = {"epochs": "7", "learning_rate": "0.02", "widths": "99", "seed": "3"}
    config, problems = from_query(good | {name: value})
    assert [problem.field_name for problem in problems] == [name]
    kept = {"epochs": 7, "learning_rate": 0.02, "widths": (99,), "seed": 3}
    for field, expected in kept.items():
        assert getattr(config, field) == (getattr(RunConfig(), field) if field == name else expected)
    with pytest.raises(InvalidInput) as caught:
        from_json({name: value})
    assert caught.value.field_name == name


@pytest.mark.parametrize("value", ["", "no-such-recipe", LONG, None, 3, "M99"])
def test_an_unknown_recipe_is_named_and_the_others_are_kept(value: object) -> None:
    config, problems = from_query({"recipe": value, "epochs": "7"})
    assert [problem.field_name for problem in problems] == ["recipe"]
    assert config == RunConfig(epochs=7)


def test_parameters_that_are_no_field_are_ignored() -> None:
    assert from_query({"run": "abc", "Epochs": "x", "": "", "epochs": "3"}) == (RunConfig(epochs=3), [])


def test_a_recipe_in_a_query_brings_its_settings_but_not_its_data() -> None:
    config, problems = from_query({"recipe": "M8".lower(), "code_size": "8"}, RunConfig(dataset="letters"))
    assert [problem.field_name for problem in problems] == ["recipe"]
    config, problems = from_query({"recipe": "vanilla-64", "code_size": "8"}, RunConfig(dataset="letters"))
    assert (config, problems) == (replace(RECIPES["vanilla-64"].config, dataset="letters", code_size=8), [])


def test_without_parameters_the_default_stays() -> None:
    default = RunConfig(dataset="letters", code_size=5)
    assert from_query({}, default) == (default, [])


BROKEN = {
    "bce without a sigmoid": ({"loss": "bce", "output_activation": "linear"}, "loss"),
    "tied weights in colour": ({"tied": True, "colour": True}, "tied"),
    "tied convolutions": ({"family": "conv-dense", "widths": (8,), "tied": True}, "tied"),
    "convolutions without layers": ({"family": "conv-pool", "widths": ()}, "widths"),
    "a variational code with tied weights": ({"regularizer": "variational", "tied": True}, "tied"),
    "a variational code of feature maps": (
        {"regularizer": "variational", "family": "conv-pool", "widths": (8,)},
        "regularizer",
    ),
    "a variational code trained layer by layer": ({"regularizer": "variational", "method": "stacked"}, "regularizer"),
    "more active units than there are": ({"regularizer": "k-sparse", "active_units": 33}, "active_units"),
    "KL sparsity of activations beyond 1": ({"regularizer": "kl-sparsity"}, "code_activation"),
    "a tied decoder of its own": ({"tied": True, "decoder_widths": (64,)}, "decoder_widths"),
    "a convolutional decoder of its own": (
        {"family": "conv-pool", "widths": (8,), "decoder_widths": (64,)},
        "decoder_widths",
    ),
    "a decoder of its own trained layer by layer": ({"method": "stacked", "decoder_widths": (64,)}, "decoder_widths"),
    "recirculation with convolutions": (
        {"method": "recirculation", "family": "conv-pool", "widths": (8,)},
        "method",
    ),
    "recirculation in colour": ({"method": "recirculation", "widths": (), "colour": True}, "method"),
    "recirculation through many layers": ({"method": "recirculation"}, "widths"),
    "recirculation with a penalty": ({"method": "recirculation", "widths": (), "regularizer": "l1"}, "regularizer"),
    "recirculation of noise": ({"method": "recirculation", "widths": (), "corruption": "masking"}, "corruption"),
    "recirculation with cross-entropy": ({"method": "recirculation", "widths": (), "loss": "bce"}, "loss"),
    "Boltzmann machines without sigmoid units": (
        {"method": "rbm", "hidden_activation": "sigmoid", "output_activation": "sigmoid"},
        "code_activation",
    ),
    "too many convolutions": ({"family": "conv-stride", "widths": (8,) * (MAX_CONV_LAYERS + 1)}, "widths"),
    "too wide convolutions": ({"family": "conv-pool", "widths": (257,)}, "widths"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_fields_that_do_not_go_together_are_refused_and_mended(fault: str) -> None:
    changes, field = BROKEN[fault]
    config = replace(RunConfig(), **changes)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput) as caught:
        checked(config)
    assert caught.value.field_name == field
    mended, problems = repaired(config)
    assert checked(mended) == mended
    assert [problem.field_name for problem in problems] == [field]
    assert replace(mended, **{field: getattr(config, field)}) == config


def test_mending_convolutions_keeps_what_can_be_kept() -> None:
    assert repaired(RunConfig(family="conv-pool", widths=(300, 8, 8, 8, 9)))[0].widths == (256, 8, 8, 8)


@pytest.mark.parametrize("value", [LONG, "two\nlines", "a\r\nb", "sub. sentence"])
def test_a_message_is_one_short_line(value: str) -> None:
    message = str(InvalidInput("epochs", value, "a whole number"))
    assert message.startswith("epochs: ") and message.endswith("use a whole number.")
    assert len(message) < 120
    assert len(message.splitlines()) == 1


def test_a_long_value_is_shortened_and_a_short_one_shown() -> None:
    assert "x" * 37 + "…" in str(InvalidInput("a", "x" * 41, "b"))
    assert "x" * 40 + "”" in str(InvalidInput("a", "x" * 40, "b"))


@given(valid_config(), valid_config())
def test_knobs_are_all_that_may_differ_within_a_run(config: RunConfig, other: RunConfig) -> None:
    assert same_run(config, with_knobs(config, Knobs.of(other)))
    for name in KINDS:
        if getattr(config, name) != getattr(other, name):
            changed = replace(config, **{name: getattr(other, name)})
            assert same_run(config, changed) == (name in KNOBS)


def test_steps_show_every_image_as_often_as_asked() -> None:
    config = RunConfig(batch_size=256, epochs=10)
    assert config.steps(60_000) == 2344  # 2,343.75 batches
    assert config.steps(256) == 10
    # A batch of all there is.
    assert config.steps(1) == 10
    assert config.steps(512, 0.5) == 1
    assert config.steps(60_000, 1) == 235


@pytest.mark.parametrize(
    ("changes", "task"),
    [
        ({}, "copy"),
        ({"corruption": "masking"}, "noise"),
        ({"corruption": "half"}, "gap"),
        ({"corruption": "low-resolution"}, "resolution"),
        ({"colour": True}, "colour"),
        ({"colour": True, "corruption": "masking"}, "colour"),
    ],
)
def test_the_task_follows_from_colour_and_corruption(changes: dict[str, Any], task: str) -> None:
    assert replace(RunConfig(), **changes).task == task


def test_untying_for_colour_leaves_a_network_within_bounds() -> None:
    mended, _ = repaired(RunConfig(widths=(4096, 4096), code_size=1024, tied=True, colour=True))
    assert checked(mended) == mended and mended.colour and not mended.tied


def test_a_budget_in_steps_counts_batches_alone() -> None:
    config = RunConfig(epochs=10, max_steps=1_000)
    assert config.steps(60_000) == config.steps(1) == 1_000
    assert config.steps(60_000, 1) == 235
    assert config.applies("max_steps") and not config.applies("epochs")
    assert not RunConfig().applies("max_steps") and RunConfig().applies("epochs")


OWN_DECODER = RunConfig(widths=(784, 256), decoder_widths=(128, 256), max_steps=1_000)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"widths": (64,)}, {"decoder_widths": None, "max_steps": 1_000}),
        ({"widths": (784, 256)}, {"decoder_widths": (128, 256)}),
        ({"widths": (64,), "decoder_widths": (9,)}, {"decoder_widths": (9,)}),
        ({"decoder_widths": ()}, {"widths": (784, 256), "decoder_widths": ()}),
        ({"epochs": 4}, {"max_steps": 0, "decoder_widths": (128, 256)}),
        ({"epochs": 4, "max_steps": 9}, {"max_steps": 9}),
        ({"seed": 3}, {"max_steps": 1_000, "decoder_widths": (128, 256)}),
    ],
)
def test_other_widths_and_epochs_take_along_what_was_chosen_beside_the_old(
    changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    changed = with_changes(OWN_DECODER, changes)
    assert {name: getattr(changed, name) for name in expected} == expected
    # A link says the same, and one that is made of the result is read as the result.
    assert from_query(to_query(changed)) == (changed, [])


def test_a_decoder_of_its_own_and_a_mirror_are_written_in_words() -> None:
    assert from_query({"decoder_widths": "mirror"}) == from_query({}) == from_query({"decoder_widths": ""})
    assert from_query({"decoder_widths": "none"})[0].decoder_widths == ()
    assert from_query({"decoder_widths": "128, 256"})[0].decoder_widths == (128, 256)
    assert from_query({"widths": "none"})[0].widths == ()
    assert to_query(RunConfig(decoder_widths=()))["decoder_widths"] == "none"


def test_a_refusal_arrives_from_another_process_as_it_was() -> None:
    refusal = InvalidInput("perplexity", 30, "less")
    arrived = pickle.loads(pickle.dumps(refusal))
    assert (str(arrived), arrived.field_name) == (str(refusal), "perplexity")


NEWER = {
    "decoder_widths": None,
    "frozen_noise": False,
    "max_steps": 0,
    "weight_start": "glorot",
}


def test_a_run_stored_before_a_setting_was_there_keeps_what_was_done_then() -> None:
    stored = {name: value for name, value in to_json(RECIPES["relu-128"].config).items() if name not in NEWER}
    read = from_json(stored | {"optimizer": "rmsprop", "regularizer": "l1"})
    assert {name: getattr(read, name) for name in NEWER} == NEWER
    assert (read.recipe, read.widths, read.epochs, read.steps(60_000)) == ("relu-128", (784, 256), 4, 938)
