"""Move through the code and see what the decoder draws."""

import streamlit as st

from aelib.analysis.decode.decoding import LONGEST_CODE
from aelib.spec.architecture import plan
from aelib.ui.components.decoder import decoder_view
from aelib.ui.pages.decode.uncertainty import uncertainty
from aelib.ui.session.quick_runs import FLAT_DRAWINGS
from aelib.ui.session.run_page import Viewed, look_into
from aelib.ui.session.session import Session

EXPLAIN = r"""
An autoencoder is two networks: the encoder $f$ maps an image to a code $z = f(x)$, the decoder $g$ maps a code to an
image $\hat x = g(z)$. Here only the **decoder** works, and you choose the codes. Most of them belong to no image.

- **The map** shows the codes of test images in two dimensions: two units of the code, or its two principal axes
  ($z = \bar z + a\,u_1 + b\,u_2$; the mean code $\bar z$ and the directions $u_1, u_2$ in which codes vary most). The
  units that the map does not show stay at their mean, so a place on it may be a code that the encoder cannot give: a
  ReLU, for instance, is never negative.
- **The way between two images** is a straight line in the code, $z(t) = (1-t)\,f(x_1) + t\,f(x_2)$. Where codes lie
  close together, the steps on it tend to look like digits.
- **Holes.** Training asks for good images at the codes of training images, and for nothing anywhere else. What the
  decoder draws between the clouds and outside of them, nobody has checked, and random codes may land there. A
  *variational* autoencoder pulls the codes towards one Gaussian, so that random codes become images: a generative
  model.

In a code of many dimensions most places are far from all codes of images. Compare 2, 32 and 1,024 dimensions.

Sources: G. Hinton and R. Salakhutdinov, “Reducing the Dimensionality of Data with Neural Networks”, Science 313
(2006); D. Kingma and M. Welling, “Auto-Encoding Variational Bayes”, ICLR (2014).
"""


def draw(viewed: Viewed) -> None:
    units = plan(viewed.config).code_units
    # Always there, empty or not: what comes and goes would have the view mounted again.
    with st.container():
        if units > LONGEST_CODE:
            st.info(
                f"This code has {units:,} dimensions, too many for this page, which shows at most {LONGEST_CODE:,}: "
                "choose a run with a smaller code.",
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
    see="Move over the map: every place on it is a code, and next to it is the image that the decoder makes of it.",
    explain=EXPLAIN,
    starter=FLAT_DRAWINGS,
    draw=draw,
)
