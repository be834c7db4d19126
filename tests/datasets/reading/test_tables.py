"""Tables of pixels: CSV whatever its form, and Parquet."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aelib import datasets
from aelib.datasets import bounds
from aelib.datasets.bounds import Refused
from aelib.datasets.reading import Collected, read_files
from aelib.datasets.reading import parquet as parquet_files
from aelib.spec.fields import InvalidInput
from tests.datasets.samples import drawings, encoded, npz, zipped

IMAGES = drawings(120)
LABELS = np.arange(120) % 10


def csv(frame: pd.DataFrame, **options: Any) -> bytes:
    return bytes(frame.to_csv(**{"index": False, **options}), "utf-8")


def frame(images: np.ndarray = IMAGES, name: str = "pixel{}") -> pd.DataFrame:
    flat = images.reshape(len(images), -1)
    return pd.DataFrame(flat, columns=[name.format(index) for index in range(flat.shape[1])])


def labelled(found: Collected, images: np.ndarray = IMAGES, labels: Any = LABELS) -> None:
    np.testing.assert_array_equal(found.images, images)
    assert found.labels == [str(label) for label in labels]


FORMS = {
    "label first": csv(frame().assign(label=LABELS)[["label", *frame().columns]]),
    "label last": csv(frame().assign(label=LABELS)),
    "a running number besides": csv(frame().assign(Label=LABELS), index=True),
    "no header, label first": csv(pd.concat([pd.Series(LABELS), frame()], axis=1), header=False),
    "no header, label last": csv(pd.concat([frame(), pd.Series(LABELS)], axis=1), header=False),
    "columns by place": csv(frame(name="{}").assign(**{"class": LABELS})),
    "semicolons": csv(frame().assign(digit=LABELS), sep=";"),
    "tabs": csv(frame().assign(y=LABELS), sep="\t"),
    "a byte order mark": b"\xef\xbb\xbf" + csv(frame().assign(target=LABELS)),
    "UTF-16": frame().assign(label=LABELS).to_csv(index=False).encode("utf-16"),
    "packed": gzip.compress(csv(frame().assign(label=LABELS))),
    "pixels in one cell": csv(
        pd.DataFrame({"emotion": LABELS, "pixels": [" ".join(map(str, image.ravel())) for image in IMAGES]})
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_csv_file_is_read_whatever_its_form(form: str) -> None:
    found = read_files([("train.csv", FORMS[form])])
    labelled(found)
    assert any(note.startswith("Labels taken from ") for note in found.notes)


def test_names_are_labels_too() -> None:
    found = read_files([("a.csv", csv(frame().assign(species=["cat", "dog", "cow"] * 40)))])
    assert found.labels == ["cat", "dog", "cow"] * 40


def test_unlabelled_columns_are_images_without_labels() -> None:
    for header in (True, False):
        found = read_files([("a.csv", csv(frame(name="{}"), header=header))])
        np.testing.assert_array_equal(found.images, IMAGES)
        assert found.labels is None and "No labels found." in found.notes


def test_a_column_tells_the_split() -> None:
    table = frame().assign(label=LABELS, Usage=["Training"] * 80 + ["PublicTest"] * 20 + ["PrivateTest"] * 20)
    found = read_files([("fer.csv", csv(table))])
    assert found.for_test is not None and found.for_test.tolist() == [False] * 80 + [True] * 40


def test_test_images_without_labels_are_kept_and_submissions_are_no_data() -> None:
    files = [
        ("train.csv", csv(frame().assign(label=LABELS))),
        ("test.csv", csv(frame(drawings(30, seed=1)))),
        ("sample_submission.csv", b"ImageId,Label\n1,0\n2,0\n"),
    ]
    dataset = datasets.import_upload([("digit-recognizer.zip", zipped(files))])
    assert (len(dataset.train_images), len(dataset.test_images)) == (120, 30)
    assert dataset.classes == (*"0123456789", datasets.UNLABELLED)
    assert set(dataset.test_labels) == {10} and set(dataset.train_labels) == set(range(10))
    assert "The 30 test images have no labels." in dataset.notes
    assert not dataset.has_classes
    assert dataset.notes[-1] == "1 item skipped: sample_submission.csv is a table without images."


def test_rows_with_missing_numbers_are_left_out() -> None:
    table = frame().astype(float)
    table.iloc[3, 5] = np.nan
    found = read_files([("a.csv", csv(table.assign(label=LABELS)))])
    assert len(found.images) == 119 and "1 row with missing numbers left out." in found.notes


RNG = np.random.default_rng(0)
NO_IMAGES = {
    "30 features and a class": csv(pd.DataFrame(RNG.normal(size=(120, 30))).assign(Class=LABELS)),
    "64 features, a square number": csv(pd.DataFrame(RNG.normal(size=(120, 64))).assign(label=LABELS)),
    "a series of 144 numbers": csv(pd.DataFrame(RNG.normal(size=(120, 144)).cumsum(1)).assign(label=LABELS)),
    "16 numbers a row": npz(X=RNG.integers(0, 16, (120, 16)), y=LABELS),
    "140 numbers a row": npz(X=RNG.normal(size=(120, 140)).astype(np.float32), y=LABELS),
}


@pytest.mark.parametrize("kind", NO_IMAGES)
def test_tables_and_series_are_no_images_and_it_is_said(kind: str) -> None:
    columns = {"30": 30, "64": 64, "a ": 144, "16": 16, "14": 140}[kind[:2]]
    said = f"holds {columns} columns of numbers, not images, and the app does not train on tables yet"
    with pytest.raises(Refused, match=said):
        read_files([("table.csv", NO_IMAGES[kind])])


def parquet(columns: dict[str, Any], names: list[str] | None = None) -> bytes:
    table = pa.table(columns)
    if names is not None:
        about = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}}
        table = table.replace_schema_metadata({"huggingface": json.dumps(about)})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def hugging_face(images: np.ndarray = IMAGES, names: list[str] | None = None) -> bytes:
    files = [{"bytes": encoded(image), "path": None} for image in images]
    return parquet({"image": files, "label": [int(label) for label in LABELS[: len(images)]]}, names)


def test_parquet_files_with_encoded_images() -> None:
    labelled(read_files([("train-00000-of-00001.parquet", hugging_face())]))
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    labelled(read_files([("train.parquet", hugging_face(names=names))]), labels=[names[label] for label in LABELS])


def test_shards_of_parquet_make_one_set() -> None:
    files = [(f"data/train-0000{part}-of-00002.parquet", hugging_face(IMAGES[:60])) for part in range(2)]
    found = read_files([*files, ("data/test-00000-of-00001.parquet", hugging_face(IMAGES[60:]))])
    assert found.for_test is not None
    assert len(found.images) == 180 and found.for_test.sum() == 60


def test_images_of_parquet_count_once_however_many_batches_they_are_read_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """MNIST in one group of rows: each batch comes with the images of all before it."""
    data = hugging_face()
    monkeypatch.setattr(parquet_files, "_ROWS_AT_ONCE", 10)
    # The file has 10 KB when unpacked.
    monkeypatch.setattr(bounds, "MOST_BYTES", 30_000)
    labelled(read_files([("a.parquet", data)]))


def test_parquet_files_of_numbers() -> None:
    lists = {"pixels": [image.ravel().tolist() for image in IMAGES], "label": LABELS.tolist()}
    labelled(read_files([("a.parquet", parquet(lists))]))
    columns = {name: frame()[name].to_numpy() for name in frame().columns}
    labelled(read_files([("a.parquet", parquet({**columns, "label": LABELS}))]))


def test_rows_of_parquet_that_cannot_be_decoded_are_left_out_with_their_labels() -> None:
    files = [{"bytes": b"no image" if index == 7 else encoded(image)} for index, image in enumerate(IMAGES)]
    found = read_files([("a.parquet", parquet({"image": files, "label": LABELS.tolist()}))])
    labelled(found, np.delete(IMAGES, 7, 0), np.delete(LABELS, 7))
    assert found.left_out == ["A row is not an image"]


@pytest.mark.parametrize("data", [b"1,2\n", b"a,b\n" * 3, b"PAR1" + bytes(50), b"1,2\n1,2,3\n4,5\n" * 9])
def test_what_is_no_table_is_told(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="at least 100 images|columns of numbers"):
        datasets.import_upload([("a.csv", data)])
