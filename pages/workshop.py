"""A room with a leader: open one, join one, and see how everybody gets on."""

import streamlit as st

from aelib.ui.pages.workshop.entrance import entrance
from aelib.ui.pages.workshop.leading import leading
from aelib.ui.pages.workshop.projector import projector
from aelib.ui.pages.workshop.taking_part import taking_part
from aelib.ui.server.internals import wait_until_sent
from aelib.ui.session import workshop
from aelib.ui.session.session import Session

session = Session()
session.show_notices()

workshop.write_seat()
led, projected, found = workshop.led(), workshop.projected(), workshop.joined(session)
if led is not None:
    leading(session, led)
elif projected is not None:
    projector(projected)
elif found is not None and workshop.JOIN not in st.query_params:
    taking_part(*found)
else:
    entrance(session)
wait_until_sent()
