"""How people come into a room: its code, its link, and the link as a QR code."""

from __future__ import annotations

import io
from urllib.parse import urlencode, urlsplit, urlunsplit

import segno
import streamlit as st

from aelib.host.network import is_this_machine, network_addresses
from aelib.ui.session.session import plain
from aelib.ui.session.workshop import JOIN, LEAD, PROJECT
from aelib.workshop import Room
from aelib.workshop.codes import spaced


def page_address(url: str, host: str | None = None) -> str:
    """The address of the Workshop page without its query; with another host, on the same port."""
    parts = urlsplit(url)
    netloc = parts.netloc
    if host is not None:
        netloc = host if parts.port is None else f"{host}:{parts.port}"
    return urlunsplit((parts.scheme, netloc, parts.path, "", ""))


def join_link(page: str, room: Room) -> str:
    return f"{page}?{urlencode({JOIN: room.join_key})}"


def qr_code(text: str) -> bytes:
    """As PNG, dark on white with the margin that scanners need."""
    file = io.BytesIO()
    segno.make(text, error="m", micro=False).save(file, kind="png", scale=8, border=4)
    return file.getvalue()


def reachable_page() -> str:
    """The address of this page for other machines. Where the leader's browser calls this machine localhost, its
    addresses in the network are offered."""
    url = st.context.url or ""
    host = urlsplit(url).hostname or ""
    if not is_this_machine(host):
        return page_address(url)
    addresses = network_addresses()
    if not addresses:
        st.caption("This machine is in no network: other devices cannot reach it.")
        return page_address(url)
    if is_this_machine(st.get_option("server.address") or ""):
        st.caption(
            "This server accepts connections from this machine only. Start it without --address to let others in."
        )
    chosen = addresses[0]
    if len(addresses) > 1:
        chosen = st.selectbox("Address of this machine", addresses, key="workshop.address")
    return page_address(url, chosen)


def invitation(room: Room, *, large: bool = False) -> None:
    """The QR code with the code and the address next to it."""
    picture, words = st.columns([2, 3] if large else [1, 1], vertical_alignment="center", gap="medium")
    with words:
        place = st.container()
        page = reachable_page()
        with place:
            if large:
                st.markdown("Scan the QR code, or open")
                st.header(plain(page), anchor=False)
                st.markdown("and enter")
                st.title(spaced(room.code), anchor=False)
            else:
                st.markdown("Open")
                st.code(page, language=None, wrap_lines=True)
                st.markdown("and enter")
                st.subheader(spaced(room.code), anchor=False)
    with picture:
        st.image(qr_code(join_link(page, room)), width="stretch", alt="QR code of the link to this room")


def seat_links(room: Room) -> None:
    """The two links that only the leader may have."""
    page = page_address(st.context.url or "")
    st.caption("Projector: open this link on the second screen. It shows the code, and whatever you put there.")
    st.code(f"{page}?{urlencode({PROJECT: room.projector_key})}", language=None, wrap_lines=True)
    st.caption("Your seat: whoever has this link leads the room. Keep it to yourself.")
    st.code(f"{page}?{urlencode({LEAD: room.lead_key})}", language=None, wrap_lines=True)
