"""The served app is closed to other sites and to other people's browsers, and shows no one's text as HTML."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from aelib.ui.session.session import NOTICES_SHOWN
from tests.datasets.samples import pngs, zipped
from tests.e2e.lab import Lab
from tests.e2e.server import Server, served
from tests.e2e.uploads import send_file, sessions_of

FOREIGN = "https://elsewhere.example"
# Another site than 127.0.0.1, where the server is.
FRAMING = "http://localhost:8500"
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    "Sec-WebSocket-Protocol": "streamlit",
}
TOKEN = "2|00000000|0123456789abcdef0123456789abcdef|1700000000"

# Each leaves a mark on the page if it is taken for HTML. A name of a folder has no slash.
HTML_CLASSES = ("<img src=x onerror=window.sprung=1>", "<svg onload=window.sprung=2>", "<b>bold<b>")
# Elements in the page and in the components' shadow trees that such names would make.
MADE_OF_NAMES = """() => {
  const found = []
  const search = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.matches("img[src=x], [onerror], [onload], b:not(.component b)")) found.push(node.outerHTML)
      if (node.shadowRoot) search(node.shadowRoot)
    }
  }
  search(document)
  return { found, sprung: window.sprung ?? null }
}"""
NOTHING: dict[str, object] = {"found": [], "sprung": None}


def answer(server: Server, method: str, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
    connection.request(method, path, headers=headers)
    return connection.getresponse()


def expect_runs(tab: Page | FrameLocator, count: int) -> None:
    """Opens the list of runs, which is to have so many."""
    tab.get_by_role("button", name="My runs").click()
    expect(tab.get_by_test_id("stPopoverBody").get_by_role("button", name="Open", exact=True)).to_have_count(count)


def framed(url: str) -> str:
    return f'<iframe src="{url}/?dataset=digits" width="1200" height="700"></iframe>'


def test_a_page_of_another_site_cannot_connect_in_a_visitors_name(server: Server) -> None:
    assert answer(server, "GET", "/_stcore/stream", HANDSHAKE | {"Origin": server.url}).status == 101
    for origin in (FOREIGN, "null", server.url.replace("127.0.0.1", "127.0.0.1.elsewhere.example")):
        assert answer(server, "GET", "/_stcore/stream", HANDSHAKE | {"Origin": origin}).status == 403


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/host-config"])
def test_a_page_of_another_site_cannot_read_answers(server: Server, path: str) -> None:
    said = answer(server, "GET", path, {"Origin": FOREIGN}).getheader("Access-Control-Allow-Origin")
    assert said not in ("*", FOREIGN)


def test_files_are_taken_only_from_who_knows_the_visitors_token(lab: Lab) -> None:
    sessions = sessions_of(lab.page)
    lab.open(dataset="digits")
    cookies = lab.page.context.cookies()
    token = next(cookie["value"] for cookie in cookies if cookie["name"] == "_streamlit_xsrf")
    for headers in ({}, {"X-Xsrftoken": TOKEN}):
        refused = send_file(lab.page, sessions[-1], headers)
        assert (refused.status, "XSRF" in refused.text()) == (403, True)
    assert send_file(lab.page, sessions[-1], {"X-Xsrftoken": token}).status == 204
    refused = send_file(lab.page, "another", {"X-Xsrftoken": token})
    assert (refused.status, refused.text()) == (403, "Uploads are not expected here.")


def test_connections_that_announce_files_and_send_nothing_stop_nobody(lab: Lab, server: Server) -> None:
    sessions = sessions_of(lab.page)
    lab.open(dataset="digits")
    cookies = {cookie["name"]: cookie["value"] for cookie in lab.page.context.cookies()}
    token = cookies["_streamlit_xsrf"]
    said = "; ".join(f"{name}={value}" for name, value in cookies.items())
    head = (
        f"PUT /_stcore/upload_file/{sessions[-1]}/silent HTTP/1.1\r\nHost: {urlsplit(server.url).netloc}\r\n"
        f"Cookie: {said}\r\nX-Xsrftoken: {token}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        "Content-Length: 100000000\r\n\r\n"
    ).encode()
    port = urlsplit(server.url).port
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(24)]
        for connection in silent:
            connection.sendall(head)
        # Some are refused at once, because they are too many of one visitor.
        assert any(b"429" in connection.recv(1000) for connection in silent[-1:])
        other = Lab(lab.page.context.browser.new_context().new_page(), server.url)  # type: ignore[union-attr]
        theirs = sessions_of(other.page)
        other.open(dataset="digits")
        their_cookies = {cookie["name"]: cookie["value"] for cookie in other.page.context.cookies()}
        taken = send_file(other.page, theirs[-1], {"X-Xsrftoken": their_cookies["_streamlit_xsrf"]})
        assert taken.status == 204
        other.page.context.close()


def test_files_are_taken_back_only_by_who_knows_the_visitors_token(server: Server) -> None:
    place = "/_stcore/upload_file/nobody/file"
    cookie = {"Cookie": f"_streamlit_xsrf={TOKEN}"}
    for headers in ({}, cookie, {"X-Xsrftoken": TOKEN}, cookie | {"X-Xsrftoken": TOKEN.replace("0123", "3210", 1)}):
        assert answer(server, "DELETE", place, headers).status == 403
    # With both, what is wrong is that there is no such visitor.
    assert answer(server, "DELETE", place, cookie | {"X-Xsrftoken": TOKEN}).status != 403


def test_a_browser_finds_its_runs_in_every_tab_and_another_browser_does_not(
    server: Server, browser: Browser, page: Page
) -> None:
    lab = Lab(page, server.url).open(dataset="digits")
    lab.one_step.click()
    page.wait_for_url("**run=**")
    address = page.url

    expect_runs(Lab(page.context.new_page(), server.url).open(dataset="digits").page, 1)

    stranger = browser.new_context().new_page()
    stranger.goto(address)
    expect(stranger.locator(".st-key-reset button:visible").first).to_be_enabled()
    stranger.get_by_role("button", name="My runs").click()
    expect(stranger.get_by_text("Your runs will appear here.")).to_be_visible()
    stranger.context.close()


def test_a_browser_finds_its_runs_after_it_was_closed(server: Server, browser: Browser, page: Page) -> None:
    Lab(page, server.url).open(dataset="digits").one_step.click()
    page.wait_for_url("**run=**")
    # A browser that is closed drops the cookies that have no date.
    kept = [cookie for cookie in page.context.cookies() if cookie["expires"] != -1]
    page.context.close()

    opened_again = browser.new_context()
    opened_again.add_cookies(kept)  # type: ignore[arg-type]
    expect_runs(Lab(opened_again.new_page(), server.url).open(dataset="digits").page, 1)
    opened_again.close()


def test_tabs_opened_at_once_at_the_first_visit_share_their_runs(server: Server, browser: Browser) -> None:
    context = browser.new_context()
    tabs = [Lab(context.new_page(), server.url) for _ in range(2)]
    for tab in tabs:
        # Without waiting for an answer.
        tab.page.evaluate("url => { location.href = url }", f"{server.url}/?dataset=digits")
    for tab in tabs:
        tab.one_step.click()
        tab.page.wait_for_url("**run=**")
    for tab in tabs:
        expect_runs(tab.open(dataset="digits").page, 2)
    context.close()


def test_where_cookies_are_refused_the_app_works_and_says_how_long_runs_are_listed(page: Page) -> None:
    """In a frame on another site's page no cookie is accepted."""
    page.context.grant_permissions(["local-network-access"])
    with served(AELIB_FRAME_ANCESTORS=FRAMING) as server:
        page.route(f"{FRAMING}/", lambda route: route.fulfill(content_type="text/html", body=framed(server.url)))
        page.goto(f"{FRAMING}/")
        frame = page.frame_locator("iframe")
        frame.locator(".st-key-step button:visible").first.click()
        expect_runs(frame, 1)
        expect(frame.get_by_text("does not accept cookies")).to_be_visible()
        page.context.close()


def test_what_an_address_says_is_shown_letter_by_letter(lab: Lab) -> None:
    said = {
        "family": "<img src=x onerror=window.sprung=1>",
        "corruption": "[x](javascript:window.sprung=1)",
        "regularizer": "![](/x.png) www.e.vil",
        "loss": "https://e.vil a@e.vil",
        "optimizer": ":red[r] $y$ **b** `c` &lt;b&gt;",
        "method": ":material/home: :streamlit:",
    }
    lab.open(dataset="digits", **said)
    alerts, more = lab.page.get_by_test_id("stAlert"), lab.page.get_by_test_id("stMain").get_by_test_id("stExpander")
    expect(alerts).to_have_count(NOTICES_SHOWN)
    more.get_by_text(f"{len(said) - NOTICES_SHOWN} more messages").click()
    sentences = alerts.or_(more).get_by_test_id("stMarkdownContainer")
    expect(sentences.filter(has_text="is not valid")).to_have_count(len(said))
    shown = "\n".join(sentences.all_inner_texts()).replace("\u2060", "")
    for name, text in said.items():
        assert f"{name}: “{text}” is not valid" in shown
    made = sentences.filter(has_text="is not valid").locator("a, img, code, strong, .katex, [role=img]")
    assert made.count() == 0
    assert lab.page.evaluate(MADE_OF_NAMES) == NOTHING


def test_classes_named_like_html_are_shown_as_names(lab: Lab, tmp_path: Path) -> None:
    upload = tmp_path / "<img src=x onerror=window.sprung=3>.zip"
    upload.write_bytes(zipped(pngs(150, HTML_CLASSES)))
    page = lab.page
    lab.open(dataset="digits", recipe="vanilla-64", epochs="1")
    page.get_by_role("button", name="Use your own images").click()
    page.locator("input[type=file]").set_input_files(upload)
    page.get_by_role("button", name="Use these images").click()
    page.wait_for_url("**dataset=own-**")
    page.keyboard.press("Escape")
    lab.train.click()
    expect(lab.state).to_have_text(re.compile("^Finished"))
    assert page.evaluate(MADE_OF_NAMES) == NOTHING

    page.get_by_role("link", name="Reconstructions").click()
    # The figure's axis, where Plotly would make HTML of the names.
    for name in HTML_CLASSES:
        expect(page.locator(".js-plotly-plot").get_by_text(name, exact=True).first).to_be_visible()
    expect(page.locator(".grid-head").filter(has_text="<").first).to_be_visible()
    assert page.evaluate(MADE_OF_NAMES) == NOTHING

    page.get_by_role("link", name="Latent space").click()
    expect(page.locator(".component canvas").first).to_be_visible()
    assert page.evaluate(MADE_OF_NAMES) == NOTHING
