"""Colours with a meaning, the same on every page, for light and dark ground.

The ten class colours are M. Petroff's "Accessible color sequences for data visualization" (2021),
which were optimized to stay apart for colour-blind people; on dark ground the purple is a shade
lighter. Train, test and PCA are a blue, a vermilion and a grey. What is measured by its amount is drawn on
viridis (`RAMP`), and a difference (`SIGNED`: below, none, above) from a blue over the ground to a vermilion.
Normal and anomalous images are a green and a purple (`GROUPS`).
Pixels that were removed are tinted and hatched (`MASK`: ground and stripe), in a hue that no grey image has.
"""

_CLASSES = [
    *("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6"),
    *("#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd"),
]

CLASSES = {"light": _CLASSES, "dark": ["#8f42bd" if colour == "#832db6" else colour for colour in _CLASSES]}

SERIES = {
    "light": {"train": "#56a5dd", "test": "#c24a00", "pca": "#5d6675"},
    "dark": {"train": "#4f9fda", "test": "#f2843c", "pca": "#a7b0c0"},
}

GROUPS = {
    "light": {"normal": "#128a68", "anomalous": "#a3247d"},
    "dark": {"normal": "#3fc79c", "anomalous": "#e583c8"},
}

# Of runs that are compared; each has a dash pattern of its own as well.
RUNS = {
    "light": ["#0072b2", "#c24a00", "#128a68", "#8b4d9e", "#8a6100", "#333f50"],
    "dark": ["#56b4e9", "#f2843c", "#3fc79c", "#d58fe8", "#e6c04a", "#c3cad6"],
}

SIGNED = {"light": ["#2166ac", "#ffffff", "#c24a00"], "dark": ["#5aa5e6", "#12151c", "#f2843c"]}

MASK = {"light": ["#ecd2f5", "#b26fc9"], "dark": ["#46285a", "#9563ab"]}

_VIRIDIS = ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"]
# The end that would vanish in the ground is left out.
RAMP = {"light": [*_VIRIDIS[:-1], "#c8d62a"], "dark": ["#5b3a8e", *_VIRIDIS[1:]]}
