"""Every page, in both themes, as axe-core sees it: nothing that breaks a rule of WCAG 2 at level A or AA. Two of them
in `make test`, others every day; all of them by `make walk`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import Lab
from tests.walk import todays

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    *("", "reconstructions", "denoising", "latent_space", "decode"),
    *("classify", "anomalies", "experiments", "runs", "recipes", "workshop"),
)
ALL = [(page, theme) for theme in ("light", "dark") for page in PAGES]
SETTLING_MS = 5_000
# What Streamlit's own widgets break, and nothing here can mend.
STREAMLIT: dict[str, str] = {}

_RUN = """async (rules) => {
  const result = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] })
  return result.violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, html, failureSummary }) =>
    ({ id, help, target: target.flat().join(" >> "), html: html.slice(0, 300), summary: failureSummary })))
}"""


def violations(lab: Lab) -> list[dict[str, Any]]:
    lab.page.evaluate(AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = lab.page.evaluate(_RUN)
    return [one for one in found if one["id"] not in STREAMLIT]


@pytest.mark.parametrize(("name", "theme"), todays(ALL, 2))
def test_no_page_breaks_a_rule_of_accessibility(lab: Lab, name: str, theme: str) -> None:
    lab.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    lab.open(dataset="digits", recipe="vanilla-64", epochs="1")
    lab.train.click()
    expect(lab.state).to_have_text("Finished")
    if name:
        lab.page.goto(lab.page.url.replace("/?", f"/{name}?"))
        expect(lab.page.locator("h1")).to_have_count(1)
        # The page asks the engine, and draws what is answered.
        lab.page.wait_for_timeout(SETTLING_MS)
        # What is drawn again is faint meanwhile.
        lab.page.wait_for_function("() => !document.querySelector('[data-stale=true]')")
    assert violations(lab) == []
