"""Move through the code and see what the decoder draws."""

import streamlit as st

from aelib.architecture import plan
from aelib.insight.decoding import LONGEST_CODE
from aelib.ui.decoder import decoder_view
from aelib.ui.looking import Viewed, look_into
from aelib.ui.quick_runs import FLAT_DRAWINGS
from aelib.ui.session import Session
from aelib.ui.uncertainty import uncertainty

EXPLAIN = r"""
An autoencoder is two networks: the encoder $f$ makes a code $z = f(x)$ of a picture, the decoder $g$ draws a picture
$\hat x = g(z)$ of a code. Here only the **decoder** works: you hand it codes that no picture was ever turned into.

- **The map** shows the codes of test pictures, flat: two units of the code, or its two principal axes
  ($z = \bar z + a\,u_1 + b\,u_2$; the mean code $\bar z$ and the directions $u_1, u_2$ in which codes vary most).
- **A way between two pictures** is straight in the code, $z(t) = (1-t)\,f(x_1) + t\,f(x_2)$. Where codes of digits lie
  close together, every step of it is a digit.
- **Holes.** Training asks for good pictures at the codes of training pictures, and for nothing anywhere else. Between
  the clouds, and outside of them, the decoder has to guess, and codes drawn at random often land there. A *variational*
  autoencoder pulls the codes together into one Gaussian, so that random codes become pictures: a generative model.

With too many numbers in the code the network can copy without learning what a digit is: its codes lie far apart, and
most places between them are holes. Compare a code of 2, 32 and 1,024 numbers.

Sources: G. Hinton and R. Salakhutdinov, “Reducing the Dimensionality of Data with Neural Networks”, Science 313
(2006); D. Kingma and M. Welling, “Auto-Encoding Variational Bayes”, ICLR (2014).
"""


def draw(viewed: Viewed) -> None:
    units = plan(viewed.config).code_units
    # Always there, empty or not: what comes and goes would have the view mounted anew.
    with st.container():
        if units > LONGEST_CODE:
            st.info(
                f"This code has {units:,} numbers, more than can be moved through here ({LONGEST_CODE:,}): "
                "pick a run whose code is smaller than its pictures.",
                icon=":material/info:",
            )
            return
    problems = st.container()
    problem = decoder_view(viewed)
    if problem:
        problems.warning(problem, icon=":material/info:")
    if viewed.config.variational:
        uncertainty(viewed)


look_into(
    Session(),
    see="Move over the map: every place on it is a code, and beside it is the picture that the decoder draws of it.",
    explain=EXPLAIN,
    starter=FLAT_DRAWINGS,
    draw=draw,
)
