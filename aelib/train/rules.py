"""How weights learn from a batch: by backpropagation, layer by layer, by contrastive divergence, by recirculation.

A `Learner` is made for one phase of a slice (see `aelib.spec.phases`) and changes its model in place. What it has to
remember beyond the weights is its `memory`: tensors by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from aelib.nn import rbm
from aelib.nn.autoencoder import Autoencoder, TiedDense
from aelib.nn.dense import DenseChain
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.phases import BACKPROP, CONTRASTIVE, GREEDY, RECIRCULATION, Phase
from aelib.spec.state import MACHINE
from aelib.train import hardware
from aelib.train.losses import GRADIENTS, LOSSES, Encoded, penalty
from aelib.train.optimizers import memory_of, optimizer, recall

Memory = dict[str, Tensor]

# G. Hinton 2010: the past's share in a step of a Boltzmann machine.
CD_MOMENTUM = 0.5
# G. Hinton and J. McClelland 1988: how much of its old activity a unit keeps when it is reached a second time.
REGRESSION = 0.75


class Lesson(NamedTuple):
    """A batch of pictures [B, 784] in [0, 1]: `clean`, as the network has `seen` them, and what it is `wanted` to
    give back, [B, output units]; `whole`: the same without noise in the target, which errors are measured against.
    `generator`: for whatever chance the method needs."""

    clean: Tensor
    seen: Tensor
    wanted: Tensor
    whole: Tensor
    generator: torch.Generator


class Outcome(NamedTuple):
    """Of one batch, before its step: reconstruction `loss`, squared `error` per pixel of the images shown against
    `Lesson.whole`, and the penalty times its weight (None without one). Scalars."""

    loss: Tensor
    error: Tensor
    penalty: Tensor | None = None


class Learner(Protocol):
    def step(self, lesson: Lesson) -> Outcome:
        """Learns from one batch."""
        ...

    def memory(self) -> Memory:
        """What the next slice has to know. Called once, at the end."""
        ...


@dataclass
class _Task:
    model: Autoencoder
    config: RunConfig
    knobs: Knobs
    phase: Phase

    def judge(self, logits: Tensor, lesson: Lesson) -> tuple[Tensor, Outcome]:
        """How near pictures are, given what they are before the output's activation: the loss, to follow its gradient,
        and what to report of it."""
        output = self.model.output_activation(logits)
        loss = LOSSES[self.config.loss](logits, output, lesson.wanted)
        with torch.no_grad():
            error = self.image_error(output, lesson, loss if self.config.loss == "mse" else None)
        return loss, Outcome(loss.detach(), error.detach())

    def image_error(self, output: Tensor, lesson: Lesson, mse: Tensor | None = None) -> Tensor:
        """Mean squared error of outputs clipped to [0, 1]: no pixel can show more. `mse`: that of the loss, where it is
        known, which is the same for a sigmoid and a target without noise."""
        if self.config.output_activation != "sigmoid":
            output, mse = output.clamp(0, 1), None
        if mse is None or lesson.wanted is not lesson.whole:
            return (output - lesson.whole).square_().mean()
        return mse

    def price(self, encoded: Encoded, chance: torch.Generator) -> Tensor | None:
        """The penalty times its weight; None without one."""
        term = penalty(self.config.regularizer, self.model, encoded, self.knobs, chance)
        return None if term is None else self.knobs.regularizer_weight * term


class BackPropagation:
    """All weights follow the gradient of loss and penalty."""

    def __init__(self, task: _Task, memory: Mapping[str, Tensor]) -> None:
        self._task = task
        self._optimizer = optimizer(task.model, task.config, task.knobs)
        self._dtype = hardware.precision(task.config)
        recall(self._optimizer, task.model, memory)

    def step(self, lesson: Lesson) -> Outcome:
        total, outcome = self._objective(lesson)
        self._task.model.zero_grad()
        total.backward()
        self._optimizer.step()
        return outcome

    def memory(self) -> Memory:
        return memory_of(self._optimizer, self._task.model)

    def _autocast(self, device: torch.device) -> torch.autocast:
        return torch.autocast(device.type, self._dtype, enabled=self._dtype != torch.float32)

    def _objective(self, lesson: Lesson) -> tuple[Tensor, Outcome]:
        """(what to make small, what came of the batch)."""
        task = self._task
        model, config = task.model, task.config
        seen = lesson.seen
        if config.regularizer == "contractive":
            seen = seen.detach().requires_grad_(True)
        mean = log_variance = None
        with self._autocast(seen.device):
            if config.variational:
                mean, log_variance = (part.float() for part in model.posterior(seen))
                code = draw_code(mean, log_variance, lesson.generator)
            else:
                code = model.encode(seen)
            logits = model.logits(code)
        loss, outcome = task.judge(logits.float(), lesson)
        price = task.price(Encoded(seen, code.float(), mean, log_variance), lesson.generator)
        if price is None:
            return loss, outcome
        return loss + price, outcome._replace(penalty=price.detach())


class DenseBackPropagation(BackPropagation):
    """The same for dense networks, with the gradients written out (see `aelib.nn.dense`)."""

    def __init__(self, task: _Task, memory: Mapping[str, Tensor]) -> None:
        super().__init__(task, memory)
        self._chain = DenseChain(task.model, self._dtype)

    @staticmethod
    def fits(task: _Task) -> bool:
        # The contractive term has a gradient of its own with respect to the weights.
        return DenseChain.fits(task.model) and task.config.regularizer != "contractive"

    def step(self, lesson: Lesson) -> Outcome:
        config, activation, wanted = self._task.config, self._task.model.output_activation, lesson.wanted
        with torch.no_grad():
            code, logits = self._chain.forward(lesson.seen)
            output = activation(logits)
            difference = output - wanted
            mse = difference.flatten().dot(difference.flatten()) / difference.numel()
            loss = mse if config.loss == "mse" else LOSSES[config.loss](logits, output, wanted)
            error = self._task.image_error(output, lesson, mse)
            price, of_code, of_weights = self._price(code, lesson)
            self._chain.backward(GRADIENTS[config.loss](difference, output, activation), of_code)
            if of_weights is not None:
                gradient = self._task.model.code_weights.grad
                assert gradient is not None
                gradient += of_weights
        self._optimizer.step()
        return Outcome(loss, error, price)

    def _price(self, code: Tensor, lesson: Lesson) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        """(the penalty times its weight, its gradients with respect to the code and to the weights that make it), None
        for what there is not."""
        with torch.enable_grad():
            code = code.detach().requires_grad_(True)
            price = self._task.price(Encoded(lesson.seen, code), lesson.generator)
            if price is None:
                return None, None, None
            of_code, of_weights = torch.autograd.grad(price, (code, self._task.model.code_weights), allow_unused=True)
        return price.detach(), of_code, of_weights


def draw_code(mean: Tensor, log_variance: Tensor, generator: torch.Generator) -> Tensor:
    """Codes [B, units] drawn from normal distributions, with gradients of both parameters (Kingma and Welling 2014)."""
    noise = torch.randn(mean.shape, generator=generator, device=mean.device)
    return mean + (0.5 * log_variance).exp() * noise


class Greedy(BackPropagation):
    """One layer and its mirror image learn to give back what they are shown: the pictures, or what the layers before
    made of them (Y. Bengio et al. 2006, "Greedy Layer-Wise Training of Deep Networks")."""

    def _objective(self, lesson: Lesson) -> tuple[Tensor, Outcome]:
        task = self._task
        model, layers = task.model, task.phase.layers
        if layers == 1:
            with self._autocast(lesson.seen.device):
                logits = model.logits(model.encode(lesson.seen, 1), 1)
            return task.judge(logits.float(), lesson)
        up, down = _layer(model, layers)
        with self._autocast(lesson.seen.device):
            with torch.no_grad():
                below, wanted = model.encode(lesson.seen, layers - 1), model.encode(lesson.clean, layers - 1)
            back = down(up(below))
            with torch.no_grad():
                # What is shown is the pictures' error, so that the curve means the same in every phase.
                logits = model.logits(back, layers - 1)
        return (back.float() - wanted.float()).square().mean(), task.judge(logits.float(), lesson)[1]


def _layer(model: Autoencoder, layers: int) -> tuple[nn.Sequential, nn.Sequential]:
    """The encoder's layer number `layers` and its mirror image, each with its activation."""
    up, down = list(model.encoder), list(model.decoder)
    first, mirror = 2 * layers - 2, len(up) - 2 * layers
    # The outermost layer's mirror image has its activation elsewhere, see `Autoencoder.output_activation`.
    return nn.Sequential(*up[first : first + 2]), nn.Sequential(*down[mirror : mirror + 2])


class ContrastiveDivergence:
    """One layer and its mirror image are a restricted Boltzmann machine (see `aelib.nn.rbm`); stacked and unrolled they
    are an autoencoder (G. Hinton and R. Salakhutdinov 2006)."""

    def __init__(self, task: _Task, memory: Mapping[str, Tensor]) -> None:
        self._task = task
        self._machine = machine(task.model, task.phase.layers)
        mine = {name.removeprefix(MACHINE): tensor for name, tensor in memory.items()}
        self._velocity = {
            name: mine.get(name, torch.zeros_like(parameter)) for name, parameter in vars(self._machine).items()
        }
        self._chains = mine.get("chains")

    def step(self, lesson: Lesson) -> Outcome:
        task, machine, layers = self._task, self._machine, self._task.phase.layers
        with torch.no_grad():
            data = task.model.encode(lesson.clean, layers - 1) if layers > 1 else lesson.clean
            steps, chance = task.config.cd_steps, lesson.generator
            start = data
            if task.config.persistent:
                start = rbm.draw(data, chance) if self._chains is None else self._chains
            fantasies = rbm.fantasy(machine, start, steps, chance, binary=task.config.persistent)
            if task.config.persistent:
                self._chains = fantasies
            outcome = self._outcome(data, lesson)
            found = rbm.direction(machine, data, fantasies)
            for name, parameter in vars(machine).items():
                velocity = self._velocity[name].mul_(CD_MOMENTUM).add_(getattr(found, name))
                parameter.add_(velocity, alpha=task.knobs.cd_rate)
        return outcome

    def _outcome(self, data: Tensor, lesson: Lesson) -> Outcome:
        back = nn.functional.linear(self._machine.hidden(data), self._machine.weights.t(), self._machine.visible_bias)
        layers = self._task.phase.layers
        logits = back if layers == 1 else self._task.model.logits(back.sigmoid(), layers - 1)
        return self._task.judge(logits, lesson)[1]

    def memory(self) -> Memory:
        _, down = _layer(self._task.model, self._task.phase.layers)
        if isinstance(down[0], nn.Linear):
            with torch.no_grad():
                down[0].weight.copy_(self._machine.weights.t())
        memory = {MACHINE + name: velocity for name, velocity in self._velocity.items()}
        return memory if self._chains is None else {**memory, MACHINE + "chains": self._chains}


def machine(model: Autoencoder, layers: int) -> rbm.Machine:
    """The encoder's layer number `layers` and its mirror image as a Boltzmann machine that shares their numbers."""
    up, down = (part[0] for part in _layer(model, layers))
    assert isinstance(up, nn.Linear) and isinstance(down, nn.Linear | TiedDense)
    return rbm.Machine(up.weight.detach(), up.bias.detach(), down.bias.detach())


class Recirculation:
    """Activity goes round twice, and every weight learns from the difference that this makes to the unit it leads to:
    no gradient is carried back.

    Visible units x₀ → hidden h₁ → visible x₂ → hidden h₃, where a unit reached a second time keeps `REGRESSION` of its
    old activity. A weight to a visible unit changes by ε h₁ (x₀ - x₂), one to a hidden unit by ε x₂ (h₁ - h₃).
    Source: G. Hinton and J. McClelland 1988, "Learning Representations by Recirculation".
    """

    def __init__(self, task: _Task, memory: Mapping[str, Tensor]) -> None:
        self._task = task
        (up, self._hidden_of), (down,) = _layer(task.model, 1)
        assert isinstance(up, nn.Linear) and isinstance(down, nn.Linear | TiedDense)
        self._up, self._down = up, down

    def step(self, lesson: Lesson) -> Outcome:
        task, rate = self._task, self._task.knobs.learning_rate
        up, down = self._up, self._down
        hidden_of, visible_of = self._hidden_of, task.model.output_activation
        with torch.no_grad():
            first = lesson.clean
            hidden = hidden_of(up(first))
            back = down(hidden)
            second = REGRESSION * first + (1 - REGRESSION) * visible_of(back)
            again = REGRESSION * hidden + (1 - REGRESSION) * hidden_of(up(second))
            _, outcome = task.judge(back, lesson)
            missed, drift, share = first - second, hidden - again, rate / len(first)
            if isinstance(down, nn.Linear):
                down.weight.addmm_(missed.t(), hidden, alpha=share)
            else:
                up.weight.addmm_(hidden.t(), missed, alpha=share)
            up.weight.addmm_(drift.t(), second, alpha=share)
            down.bias.add_(missed.sum(0), alpha=share)
            up.bias.add_(drift.sum(0), alpha=share)
        return outcome

    def memory(self) -> Memory:
        return {}


def back_propagation(task: _Task, memory: Mapping[str, Tensor]) -> BackPropagation:
    """With the gradients written out where they can be."""
    kind = DenseBackPropagation if DenseBackPropagation.fits(task) else BackPropagation
    return kind(task, memory)


_LEARNERS: dict[str, Callable[[_Task, Mapping[str, Tensor]], Learner]] = {
    BACKPROP: back_propagation,
    GREEDY: Greedy,
    CONTRASTIVE: ContrastiveDivergence,
    RECIRCULATION: Recirculation,
}


def learner(model: Autoencoder, config: RunConfig, knobs: Knobs, phase: Phase, memory: Mapping[str, Tensor]) -> Learner:
    """Whoever teaches `model` in this phase."""
    return _LEARNERS[phase.rule](_Task(model, config, knobs, phase), memory)
