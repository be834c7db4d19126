"""Learning rules: how weights change from batch to batch, a module for each training method.

A new one is a class with `@rule(name)` in a module of this folder, under the name of its method in
`aelib.spec.methods`.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from aelib.train.rules.rule import RULES, Batch, LearningRule, Memory, StepMetrics, Task, learning_rule, rule

__all__ = ["RULES", "Batch", "LearningRule", "Memory", "StepMetrics", "Task", "learning_rule", "rule"]

for _module in iter_modules(__path__, f"{__name__}."):
    import_module(_module.name)
