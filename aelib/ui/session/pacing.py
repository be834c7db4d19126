"""What is not to happen every time that a page is drawn, and what is not to happen too soon."""

from __future__ import annotations

import threading
import time

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

SENDING_SECONDS = 2.0


def due(name: str, pace: float) -> bool:
    """Has it been `pace` seconds since this was last so, in this session?"""
    now = time.monotonic()
    if now - st.session_state.get(name, -pace) < pace:
        return False
    st.session_state[name] = now
    return True


def wait_until_sent() -> None:
    """Ends a page, or a fragment of one: waits until what it drew is on its way to the browser, `SENDING_SECONDS` at
    most.

    When the next run begins before, Streamlit may drop what was drawn: all of it, or a fragment of a page that it calls
    complete nevertheless, so that the browser takes the fragment's components down and mounts them anew. There is no
    public way to know; it takes milliseconds.
    """
    context = get_script_run_ctx()
    # Under Streamlit's AppTest there is no browser, and no manager of sessions.
    sessions = getattr(runtime.get_instance(), "_session_mgr", None) if runtime.exists() else None
    found = sessions.get_active_session_info(context.session_id) if sessions is not None and context else None
    if found is None:
        return
    queue, loop = found.session._browser_queue, found.session._event_loop
    # What was drawn reaches the queue by way of the server's event loop: once the loop has come to this, it has all.
    queued = threading.Event()
    loop.call_soon_threadsafe(queued.set)
    end = time.monotonic() + SENDING_SECONDS
    queued.wait(SENDING_SECONDS)
    while not queue.is_empty() and time.monotonic() < end:
        time.sleep(0.01)
