"""The layers of an encoder that the Latent space page can show, named for people."""

from __future__ import annotations

from dataclasses import dataclass

from aelib.spec.architecture import Layer, plan
from aelib.spec.config import RunConfig

# Wider layers are not offered: what is asked about them would take too long.
WIDEST = 8_192


@dataclass(frozen=True)
class EncoderLayer:
    """A layer whose `units` numbers stand for a image.

    `layers`: it is what so many layers of the encoder end in; None for the code. `name` begins a title ("Hidden layer
    1"), `called` is the same within a sentence, and `title` adds how many numbers it has.
    """

    layers: int | None
    name: str
    called: str
    title: str
    units: int

    @property
    def column(self) -> str:
        """Its name at the head of a column: "code", "hidden_layer_1"."""
        return self.name.lower().replace(" ", "_")


def encoder_layers(config: RunConfig) -> tuple[EncoderLayer, ...]:
    """What can be shown of `config`'s network, first layer to last, which is the code."""
    network = plan(config)
    *hidden, _ = network.encoder_stages
    numbered = [_hidden(number, network.encoder[count - 1], count) for number, count in enumerate(hidden, 1)]
    code = EncoderLayer(None, "Code", "the code", f"Code · {network.code_units:,}-D", network.code_units)
    return (*(layer for layer in numbered if layer.units <= WIDEST), code)


def _hidden(number: int, last: Layer, count: int) -> EncoderLayer:
    if len(last.shape_out) == 1:
        name, size = f"Hidden layer {number}", f"{last.units:,} units"
    else:
        name, size = f"Feature maps {number}", " × ".join(map(str, last.shape_out))
    return EncoderLayer(count, name, name[0].lower() + name[1:], f"{name} · {size}", last.units)
