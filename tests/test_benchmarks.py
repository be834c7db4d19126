"""Where measurements are put down."""

from __future__ import annotations

from benchmarks.__main__ import replaced

MARK, OTHER = "<!-- speed -->\n", "<!-- memory -->\n"


def test_a_section_is_replaced_and_nothing_else() -> None:
    before = f"# Results\n\n{MARK}old\n{MARK}by hand\n{OTHER}kept\n{OTHER}also by hand\n"
    assert replaced(before, MARK.strip(), "new\n") == before.replace("old", "new")


def test_a_section_measured_for_the_first_time_comes_last() -> None:
    assert replaced("# Results\n", MARK.strip(), "new\n") == f"# Results\n{MARK}new\n{MARK}"
