"""An OpenID Connect provider for tests: whoever comes is let in as the same person."""

from __future__ import annotations

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwk, jwt

CLIENT, SECRET = "autoencoder-lab", "a secret between the two"
PERSON = {"sub": "ada", "name": "Ada", "email": "ada@example.org"}


class Provider:
    """Listens on a free port of this machine until `close`; `logins` and `logouts` count what it was asked for."""

    def __init__(self) -> None:
        self._key = jwk.RSAKey.generate_key(2048, {"use": "sig", "kid": "key"})
        self._nonces: dict[str, str] = {}
        self.logins = self.logouts = 0
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                match parts.path:
                    case "/.well-known/openid-configuration":
                        self._say(provider._metadata())
                    case "/keys":
                        self._say({"keys": [provider._key.as_dict(private=False)]})
                    case "/authorize":
                        self._lead(asked["redirect_uri"], code=provider._code(asked["nonce"]), state=asked["state"])
                    case "/logout":
                        provider.logouts += 1
                        self._lead(asked["post_logout_redirect_uri"])
                    case _:
                        self.send_error(404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._say(provider._token(parse_qs(body)["code"][0]))

            def _say(self, content: dict[str, Any]) -> None:
                body = json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _lead(self, address: str, **query: str) -> None:
                self.send_response(302)
                self.send_header("Location", f"{address}?{urlencode(query)}" if query else address)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing is to be said on the terminal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def secrets_file(self) -> str:
        """What the app's secrets.toml has to say to use this provider."""
        return f"""
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "{secrets.token_hex()}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{self.url}/.well-known/openid-configuration"
"""

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/logout",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def _code(self, nonce: str) -> str:
        self.logins += 1
        code = secrets.token_urlsafe()
        self._nonces[code] = nonce
        return code

    def _token(self, code: str) -> dict[str, Any]:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 600, "nonce": self._nonces.pop(code)}
        token = jwt.encode({"alg": "RS256", "kid": self._key.kid}, {**PERSON, **claims}, self._key)
        return {"access_token": "none", "token_type": "Bearer", "expires_in": 600, "id_token": token}
