"""Lessons: Markdown files whose YAML front matter holds steps with settings, a goal and a question."""

from aelib.workshop.lessons.goals import Goal, Measured
from aelib.workshop.lessons.lesson import Choice, Lesson, Question, Step, read, shipped

__all__ = ["Choice", "Goal", "Lesson", "Measured", "Question", "Step", "read", "shipped"]
