"""Settings from the environment, and the limits that some of them are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from aelib.host import limits, settings
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.constraints import checked, repaired
from aelib.spec.fields import InvalidInput, Whole
from aelib.spec.recipes import RECIPES
from aelib.spec.serialization import from_query
from tests.spec.test_config import any_config

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


WHOLE_NUMBERS = [setting for setting in settings.ALL if isinstance(setting.allowed, Whole)]


@pytest.mark.parametrize("setting", WHOLE_NUMBERS, ids=lambda setting: setting.variable)
def test_a_setting_that_cannot_be_used_is_named_with_what_is_allowed(
    setting: settings.Setting[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(setting.allowed, Whole)
    assert setting.given() == setting.default or setting is settings.THREADS
    monkeypatch.setenv(setting.variable, str(setting.allowed.high))
    assert setting.given() == setting.allowed.high
    for nonsense in ("many", "-1", "1.5", "0", str(setting.allowed.high + 1)):
        monkeypatch.setenv(setting.variable, nonsense)
        with pytest.raises(InvalidInput, match=f"^{setting.variable}: “{nonsense}” .* an integer from"):
            setting.given()


@pytest.mark.parametrize(
    ("setting", "nonsense"),
    [
        (settings.METRICS, "perhaps"),
        *((settings.FRAME_ANCESTORS, site) for site in ("course", "https://a.example; script-src *", "javascript:x")),
    ],
)
def test_other_settings_say_what_is_allowed(
    setting: settings.Setting[str], nonsense: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(setting.variable, nonsense)
    with pytest.raises(InvalidInput, match=f"^{setting.variable}: “{nonsense[:30]}.* use"):
        setting.given()


@pytest.mark.parametrize("setting", settings.ALL, ids=lambda setting: setting.variable)
def test_the_readme_lists_every_setting_with_its_meaning_and_default(setting: settings.Setting[int]) -> None:
    line = next(line for line in README.splitlines() if line.startswith(f"| `{setting.variable}`"))
    assert setting.meaning in line
    if isinstance(setting.allowed, Whole) and setting.default is not None:
        assert f"| {setting.default:,} |" in line


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_within_the_usual_limits(name: str) -> None:
    for rule in limits.constraints():
        rule.check(RECIPES[name].config)


def test_a_decoder_that_is_too_large_gives_way_to_the_mirror() -> None:
    config = RunConfig(widths=(), code_size=1024, decoder_widths=(4096, 4096))
    mended, problems = repaired(config, limits.constraints())
    assert (mended.decoder_widths, mended.widths) == (None, ())
    assert [problem.field_name for problem in problems] == ["decoder_widths"]


@given(any_config())
def test_what_is_beyond_a_limit_is_brought_within_it(config: RunConfig) -> None:
    mended, problems = repaired(config, limits.constraints())
    assert checked(mended) == mended
    assert repaired(mended, limits.constraints()) == (mended, [])
    assert limits.megabytes(mended) <= settings.MAX_MEMORY.value
    assert plan(mended).weights <= settings.MAX_WEIGHTS.value
    assert mended.epochs <= settings.MAX_EPOCHS.value
    assert len(problems) >= len({problem.field_name for problem in problems})


@pytest.mark.parametrize("family", ["dense", "conv-pool", "conv-stride", "conv-dense"])
def test_the_narrowest_limits_leave_room_for_every_family(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in (settings.MAX_EPOCHS, settings.MAX_MEMORY, settings.MAX_WEIGHTS):
        assert isinstance(limit.allowed, Whole)
        monkeypatch.setenv(limit.variable, str(limit.allowed.low))
    wide = RunConfig(family=family, widths=(256, 256, 256), code_size=1024, batch_size=4096, epochs=500)
    mended, _ = repaired(wide, limits.constraints())
    for rule in limits.constraints():
        rule.check(mended)


TOO_LARGE = {
    "weights": ({"widths": (4096, 4096)}, "widths"),
    "weights behind convolutions": ({"family": "conv-dense", "widths": (256,), "code_size": 1024}, "widths"),
    "feature maps": ({"family": "conv-stride", "widths": (256, 256)}, "widths"),
    "pictures at once": ({"family": "conv-pool", "widths": (64, 64), "batch_size": 4096}, "batch_size"),
    "epochs": ({"epochs": 501}, "epochs"),
}


@pytest.mark.parametrize("what", TOO_LARGE)
def test_too_much_is_refused_in_a_sentence_that_names_field_and_limit(what: str) -> None:
    changes, field = TOO_LARGE[what]
    config = replace(RunConfig(), **changes)  # type: ignore[arg-type]
    assert checked(config) == config
    mended, problems = repaired(config, limits.constraints())
    assert [problem.field_name for problem in problems] == [field]
    assert " on this server" in str(problems[0])
    assert replace(mended, **{field: getattr(config, field)}) == config


def test_a_link_is_brought_within_the_limits_with_a_sentence() -> None:
    config, problems = from_query({"epochs": "9000"}, limits=limits.constraints())
    assert config.epochs == 500
    assert [str(problem) for problem in problems] == ["epochs: “9000” is not valid; use at most 500 on this server."]


def test_a_larger_batch_needs_more_memory_and_the_largest_that_fits_is_offered() -> None:
    config = RunConfig(family="conv-pool", widths=(64, 64), batch_size=4096)
    mended, _ = repaired(config, limits.constraints())
    most = settings.MAX_MEMORY.value
    assert limits.megabytes(mended) <= most < limits.megabytes(replace(mended, batch_size=mended.batch_size + 2))
