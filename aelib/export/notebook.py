"""`notebook`: the script in cells with text between them, and figures."""

from __future__ import annotations

from aelib.export.formats import Files, export_format
from aelib.export.pytorch import environment, modified, sections, title_of
from aelib.export.script import images_of
from aelib.export.subject import Subject
from aelib.spec.architecture import plan
from aelib.spec.recipes import RECIPES

NOTEBOOK = "notebook.ipynb"

_TEXTS = {
    "settings": "## Settings\n\nThey are those of the run.",
    "corruption": "## Corruption\n\nWhat the encoder sees instead of the clean image; the target stays clean.",
    "network": "## Network\n\nThe encoder maps an image to its code, the decoder maps a code to an image.",
    "training": "## Training",
    "evaluation": "## Evaluation\n\nOn all test images, which the network has not seen.",
}


@export_format(
    "notebook",
    "Jupyter notebook",
    "The same code in cells with text and figures, for Jupyter and Colab.",
    needs=("nbformat",),
)
def notebook(subject: Subject) -> Files:
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    parts = {part.name: part for part in sections(subject.config, subject.origin, subject.steps, runs=False)}
    cells = [new_markdown_cell(_introduction(subject))]

    def add(text: str, code: str) -> None:
        cells.append(new_markdown_cell(text))
        cells.append(new_code_cell(code.strip("\n")))

    for name, part in parts.items():
        add(_TEXTS.get(name) or _data_text(subject), part.code)
        if name in _FIGURES:
            for text, code in _FIGURES[name]:
                add(_filled(text, subject), _filled(code, subject))
    book = new_notebook(cells=cells)
    book.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    # Random names of cells would make another file of the same run.
    for number, cell in enumerate(book.cells):
        cell["id"] = f"cell-{number}"
    nbformat.validate(book)
    return {NOTEBOOK: nbformat.writes(book).encode()} | images_of(subject)


def _introduction(subject: Subject) -> str:
    config, recipe = subject.config, RECIPES.get(subject.config.recipe)
    text = f"# {title_of(config)}\n\nTrained on {subject.dataset.title}; {plan(config).weights:,} parameters."
    if recipe is not None:
        text += "" if modified(config) else f" {recipe.look_for}"
        text += f"\n\nSource: {recipe.source}."
    error = subject.figures["clean"]["mse"]
    text += f"\n\nThe exported run reached a test MSE of {error:.5f}"
    if "noisy" in subject.figures:
        text += f", and {subject.figures['noisy']['mse']:.5f} on corrupted test images"
    return text + ". Run all cells to train it again. Needs PyTorch, NumPy and Matplotlib."


def _data_text(subject: Subject) -> str:
    found = subject.origin
    if found.collection:
        return (
            f"## Data\n\n{subject.dataset.source}. The files are read from the folder `data` in torchvision's layout; "
            "torchvision downloads them if they are missing."
        )
    return f"## Data\n\n{subject.dataset.source}. The images lie next to this notebook, in `data.npz`."


def _filled(template: str, subject: Subject) -> str:
    config = subject.config
    corrupted = config.corruption != "none" and config.corruption_level > 0
    return (
        environment()
        .from_string(template)
        .render(c=config, flat=plan(config).code_units == 2, corrupted=corrupted, colour=config.colour)
    )


# Behind which section, text and code.
_FIGURES: dict[str, tuple[tuple[str, str], ...]] = {
    "training": (
        (
            "Now the network is trained.",
            """\
torch.manual_seed(SEED)
model = Autoencoder().to(DEVICE)
images, labels = (part.to(DEVICE) for part in load("train"))
model.initialize(float({{ "colour(images, labels)" if colour else "images" }}.mean()))
losses = train(model, images, labels)""",
        ),
        (
            "The loss of each batch, on a logarithmic scale.",
            """\
import matplotlib.pyplot as plt

plt.semilogy(losses)
plt.xlabel("step")
plt.ylabel("training loss")
plt.show()""",
        ),
    ),
    "evaluation": (
        (
            "The mean squared error per pixel.",
            """\
images, labels = load("test")
{% include "pytorch/scores.py.j2" %}""",
        ),
        (
            "## Reconstructions\n\nAbove what the encoder sees, below what the decoder outputs.",
            """\
shown = images[:10]
inputs = {{ "corrupt(shown, torch.Generator().manual_seed(TEST_NOISE_SEED))" if corrupted else "shown" }}
with torch.no_grad():
    outputs = model(inputs.to(DEVICE)).cpu().clamp(0, 1)
figure, axes = plt.subplots(2, len(shown), figsize=(12, 2.6))
for column, (given, output) in enumerate(zip(inputs, outputs)):
    axes[0, column].imshow(given.view(28, 28), cmap="gray", vmin=0, vmax=1)
{% if colour %}
    axes[1, column].imshow(output.view(3, 28, 28).permute(1, 2, 0))
{% else %}
    axes[1, column].imshow(output.view(28, 28), cmap="gray", vmin=0, vmax=1)
{% endif %}
for axis in axes.flat:
    axis.axis("off")
plt.show()""",
        ),
        (
            "## Latent space\n\n"
            "The codes of test images{% if flat %}, which have two dimensions{% else %}, on their two principal "
            "axes{% endif %}. The colour of a point is the class of its image, which the network was not told.",
            """\
with torch.no_grad():
    codes = model.encode(images[:2000].to(DEVICE)).flatten(1).cpu()
{% if flat %}
points = codes
{% else %}
_, _, axes = torch.pca_lowrank(codes, q=2)
points = (codes - codes.mean(0)) @ axes[:, :2]
{% endif %}
plt.figure(figsize=(7, 6))
plt.scatter(*points.T, c=labels[:2000], cmap="tab10" if labels.max() < 10 else "turbo", s=6)
plt.colorbar(label="class")
plt.show()""",
        ),
    ),
}
