"""What a visitor expects is kept."""

from __future__ import annotations

from pathlib import Path

from aelib.experiments.expectations import Expectations


def test_an_answer_is_kept_for_each_visitor_and_can_be_taken_back(tmp_path: Path) -> None:
    kept = Expectations(tmp_path)
    kept.keep("one", "C1", "supported")
    kept.keep("one", "C2", "refuted")
    kept.keep("another", "C1", "refuted")
    again = Expectations(tmp_path)
    assert again.of("one") == {"C1": "supported", "C2": "refuted"} and again.of("another") == {"C1": "refuted"}
    again.keep("one", "C1", None)
    assert again.of("one") == {"C2": "refuted"} and again.of("nobody") == {}
    # Names of owners are secrets.
    assert not [file for file in tmp_path.rglob("*") if "one" in file.name or "another" in file.name]


def test_what_cannot_be_read_counts_as_nothing(tmp_path: Path) -> None:
    kept = Expectations(tmp_path)
    kept.keep("one", "C1", "supported")
    (file,) = (tmp_path / "expectations").iterdir()
    file.write_text("{")
    assert kept.of("one") == {}
    file.write_text("[]")
    assert kept.of("one") == {}
