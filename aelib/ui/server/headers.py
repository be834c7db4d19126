"""What every answer of the server tells the browser not to do."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aelib.host.settings import FRAME_ANCESTORS, METRICS
from aelib.ui.server.routes import below

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def content_security_policy(pages: Iterable[str], frame_ancestors: str) -> str:
    """Everything comes from this server alone. `pages`: HTML whose inline scripts may run, named by their hashes.

    What Streamlit needs beyond that: its styles are made while the page runs; components arrive as texts and are
    imported from blobs. Nothing needs 'unsafe-eval'.
    """
    scripts = sorted({script for page in pages for script in _INLINE_SCRIPT.findall(page)})
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts]
    return "; ".join(
        [
            "default-src 'self'",
            " ".join(["script-src 'self' blob:", *hashes]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "connect-src 'self' data: blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors 'self' {frame_ancestors}".strip(),
        ]
    )


class SecurityHeaders:
    """Middleware: adds them to every answer, and answers for metrics only where they are wanted.

    The address of a page holds the id of its run, which lets whoever knows it steer the run: it must reach no other
    site, hence no referrer.
    """

    def __init__(self, app: ASGIApp, base_path: str, pages: Iterable[str]) -> None:
        self._app = app
        self._metrics = below(base_path, "_stcore/metrics")
        ancestors = FRAME_ANCESTORS.value
        self._headers = {
            "Content-Security-Policy": content_security_policy(pages, ancestors),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        if not ancestors:
            # For browsers that do not know frame-ancestors; it can name no sites.
            self._headers["X-Frame-Options"] = "SAMEORIGIN"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        hidden = scope["path"] == self._metrics and not METRICS.value
        answer = PlainTextResponse("Not Found", 404) if hidden else self._app
        await answer(scope, receive, with_headers)
