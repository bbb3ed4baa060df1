"""Who may come in: this computer's own pages alone, or whoever knows the PIN."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import deque

import msgspec

FREE_TRIES, FIRST_WAIT, LONGEST_WAIT = 5, 10.0, 600.0
"""So many wrong PINs cost nothing; each further one doubles the wait, in seconds."""
MOST_TRIES = 100
"""Wrong PINs in all, from whatever address; then nobody else comes in. One in 10,000 guesses right before that."""
MOST_INSIDE = 64


class _Tries(msgspec.Struct):
    count: int = 0
    closed_until: float = 0.0


class Door:
    """Lets in who belongs here. `pin` is "" where only this computer can reach the panel."""

    def __init__(self, port: int, here_only: bool) -> None:
        self.cookie = f"xmaker_{port}"  # cookies do not tell ports apart
        self.pin = "" if here_only else f"{secrets.randbelow(10**6):06}"
        self.hosts = {f"{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]")} if here_only else None
        """What a page may call this computer: another name is that of a page which points it here (DNS rebinding)."""
        self._inside: deque[str] = deque(maxlen=MOST_INSIDE)
        self._tries: dict[str, _Tries] = {}
        self._wrong = 0

    def is_here(self, host: str, origin: str | None, must_say: bool) -> bool:
        """Return whether a request comes from a page of this panel. One that changes something must say so (`must_say`)."""
        if self.hosts is not None and host not in self.hosts:
            return False
        return not must_say if origin is None else bool(host) and origin in (f"http://{host}", f"https://{host}")

    def knows(self, token: str) -> bool:
        """Return whether a cookie says that its browser has given the PIN; without a PIN, everybody has."""
        return not self.pin or any(hmac.compare_digest(token.encode(), known.encode()) for known in self._inside)

    def enter(self, pin: str, address: str) -> tuple[str, float]:
        """Try a PIN. Return the cookie's value and 0, or "" and the seconds to wait before the next try."""
        if self._wrong >= MOST_TRIES:
            return "", LONGEST_WAIT
        tries, now = self._tries.setdefault(address, _Tries()), time.monotonic()
        if now < tries.closed_until:
            return "", tries.closed_until - now
        if hmac.compare_digest(pin.encode(), self.pin.encode()):
            del self._tries[address]
            self._inside.append(token := secrets.token_urlsafe(32))
            return token, 0.0
        self._wrong += 1
        tries.count += 1
        over = tries.count - FREE_TRIES
        tries.closed_until = now + min(LONGEST_WAIT, FIRST_WAIT * 2**over) if over >= 0 else now
        return "", max(0.0, tries.closed_until - now)
