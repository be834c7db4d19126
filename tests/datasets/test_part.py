"""Some classes of a data set, by name."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from aelib import datasets
from aelib.datasets import Dataset, Part, cut
from aelib.spec.config import RunConfig
from aelib.spec.constraints import checked
from aelib.spec.fields import InvalidInput
from aelib.spec.serialization import from_query, to_query


def named(*classes: str) -> Dataset:
    """Two training images and one test image of each class, whose pixels are the class's number."""
    count = len(classes)
    labels = np.arange(count).repeat(2)
    images = [np.full((28, 28), 1, np.uint8) * label for label in range(count)]
    return Dataset(
        *("own-0123456789abcdef", "Mine", ""),
        np.stack([images[label] for label in labels]),
        labels,
        np.stack(images),
        np.arange(count),
        classes,
    )


def test_a_part_has_the_images_of_its_classes_alone() -> None:
    whole, part = datasets.load("digits"), datasets.load("digits:2,7")
    assert part.classes == ("2", "7") and part.name == "digits:2,7"
    assert datasets.title("digits:2,7") == part.title == "Digits (built-in): 2, 7"
    for images, labels, of in (
        (part.train_images, part.train_labels, (whole.train_images, whole.train_labels)),
        (part.test_images, part.test_labels, (whole.test_images, whole.test_labels)),
    ):
        for number, label in enumerate((2, 7)):
            np.testing.assert_array_equal(images[labels == number], of[0][of[1] == label])
        assert set(labels) == {0, 1}
    assert datasets.load("digits:2,7") is part


def test_the_order_of_the_classes_is_that_of_the_whole() -> None:
    part = datasets.load("digits:7,2")
    assert part.classes == ("2", "7")


def test_contamination_is_the_share_of_other_classes_among_the_training_images() -> None:
    clean, part = datasets.load("digits:0,1,2,3,4,5,6,7,8"), datasets.load("digits:0,1,2,3,4,5,6,7,8:5")
    assert part.title == "Digits (built-in) without 9 (5 % contaminated)"
    assert part.classes == tuple("0123456789")
    assert (part.train_labels == 9).mean() == pytest.approx(0.05, abs=1e-3)
    np.testing.assert_array_equal(part.train_images[part.train_labels < 9], clean.train_images)
    np.testing.assert_array_equal(part.test_images, clean.test_images)


def test_classes_are_found_by_their_names_whatever_these_are() -> None:
    whole = named("a/b, c", "Ankle boot", "A", "a")
    for name, found in (("a%2Fb%2C%20c", 0), ("ankle boot", 1), ("A", 2), ("a", 3)):
        text = checked(RunConfig(dataset=f"{whole.name}:{name}")).dataset
        part = Part.of(text)
        assert part.name == text
        assert cut(whole, part, "part").test_images.max() == found
    assert Part.of(f"{whole.name}:ankle%20boot").title("Mine", whole.classes) == "Mine: ankle boot"


def test_a_part_goes_through_links() -> None:
    for name in ("mnist:0,1", "mnist:1,9:10", "fashionmnist:T-shirt%2Ftop"):
        config, problems = from_query(to_query(RunConfig(dataset=name)))
        assert (config.dataset, problems) == (name, [])


@pytest.mark.parametrize(
    "name",
    ["mnist:", "mnist:0,", "mnist:0:11", "mnist:0:-1", "mnist:0:1:2", ":0", "mn/ist:0", "mnist:" + "9" * 2_000],
)
def test_names_that_mean_nothing_are_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(InvalidInput, match="as in mnist:0,1,2"):
        checked(RunConfig(dataset=name))


def test_classes_that_do_not_exist_are_named() -> None:
    with pytest.raises(InvalidInput, match=r"digits:x.*classes of Digits \(built-in\): 0, 1"):
        datasets.load("digits:x")
    assert datasets.is_available("digits:x")
    assert not datasets.is_available("nothing:x")


def test_more_contamination_than_there_are_images_is_refused() -> None:
    with pytest.raises(InvalidInput, match="the other classes have 0 images"):
        datasets.load("digits:0,1,2,3,4,5,6,7,8,9:1")


def test_classes_without_test_images_are_refused() -> None:
    whole = named("a", "b")
    lacking = replace(whole, test_images=whole.test_images[:1], test_labels=whole.test_labels[:1])
    with pytest.raises(InvalidInput, match="there are test images"):
        cut(lacking, Part("x", ("b",)), "")


def test_the_whole_is_known_by_its_part() -> None:
    assert [datasets.whole(name) for name in ("mnist", "mnist:0", "mnist:0:5")] == ["mnist"] * 3
    assert pickle.loads(pickle.dumps(Part.of("mnist:0"))) == Part("mnist", ("0",))
