"""Images and their reconstructions as rows of a grid."""

from __future__ import annotations

from aelib.analysis.reconstructions.measurements import Compared, Outcome
from aelib.spec.architecture import plan
from aelib.spec.images import PIXELS
from aelib.ui.components.image_grid import Kind, Row
from aelib.ui.panels.labels import thousands
from aelib.ui.session.run_page import Viewed


def rows_of(viewed: Viewed, compared: Compared) -> list[Row]:
    """Originals, what came back, and what PCA and JPEG make of them, with how good each is."""
    units = plan(viewed.config).code_units
    rows = [Row("original", compared.original)]
    if compared.wanted is not None:
        rows.append(Row("target", compared.wanted, kind="colour"))
    rows.append(_row("autoencoder", compared.network, f"{thousands(units)}-D code"))
    if compared.error is not None:
        against = "original" if compared.wanted is None else "target, mean of the colours"
        rows.append(Row("error", compared.error, kind="signed", note=f"reconstruction − {against}"))
    if compared.pca is not None:
        rows.append(_row("PCA", compared.pca, f"{compared.pca_units} components"))
    if compared.jpeg is not None and compared.jpeg_bytes is not None:
        rows.append(_row("JPEG", compared.jpeg, f"{compared.jpeg_bytes.mean():.0f} bytes each"))
    return rows


def _row(label: str, outcome: Outcome, note: str) -> Row:
    captions: list[str] = []
    if outcome.psnr is not None and outcome.ssim is not None:
        captions = [f"{psnr:.1f} dB · {ssim:.2f}" for psnr, ssim in zip(outcome.psnr, outcome.ssim, strict=True)]
        note = (
            f"these {len(outcome.psnr)}: mean {outcome.psnr.mean():.1f} dB,\n{note}" if len(outcome.psnr) > 1 else note
        )
    kind: Kind = "colour" if outcome.images.shape[1] > PIXELS else "grey"
    return Row(label, outcome.images, captions, kind=kind, note=note)
