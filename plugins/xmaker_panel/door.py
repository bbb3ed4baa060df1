"""Who may come in: this computer's own pages alone, or whoever knows the PIN."""

from __future__ import annotations

import hmac
import ipaddress
import os
import secrets
import time

import msgspec

FREE_TRIES, FIRST_WAIT, LONGEST_WAIT = 5, 10.0, 600.0
"""So many wrong PINs cost nothing; each further one doubles the wait, in seconds."""
MOST_TRIES = 100
"""Wrong PINs in all, from whatever addresses: one in 10,000 guesses right. Then all share one try in `LONGEST_WAIT`."""
HOME = "XMAKER_PANEL_HOME"
"""The environment variable by which the list of projects tells a run that it starts who may come in."""

WAITS, BEGUN = "\x1exmaker waits", "\x1exmaker begun"
"""Lines by which a run tells its list that its project is broken and waits to be mended, and that it has begun."""


class Home(msgspec.Struct):
    """The list of projects from which a run was started: the PIN is given there, and nowhere else."""

    port: int
    key: str
    pin: str

    @classmethod
    def inherited(cls) -> Home | None:
        """Return where this run comes from. No program that it starts is to know."""
        told = os.environ.pop(HOME, "")
        return msgspec.json.decode(told, type=cls) if told else None


class _Tries(msgspec.Struct):
    count: int = 0
    closed_until: float = 0.0

    def wrong(self, free: int, first: float) -> None:
        """Count one; after so many free ones each doubles the wait, from the first one's seconds on."""
        self.count += 1
        over = min(self.count - free, 30)
        if over >= 0:
            self.closed_until = time.monotonic() + min(LONGEST_WAIT, first * 2**over)


class Door:
    """Lets in who belongs here: this computer's own pages without a question, all others with the PIN.

    `own` is the address at which only this computer reaches the panel, "" where there is none.
    """

    def __init__(self, port: int, own: str = "", asks: bool = True, home: Home | None = None) -> None:
        self.home = home
        self.cookie = f"xmaker_{home.port if home else port}"  # cookies do not tell ports apart, which serves a run from a list
        self.pin = (home.pin if home else "") or f"{secrets.randbelow(10**6):06}" if asks else ""
        self.key = home.key if home else secrets.token_hex(32)
        self._own = own
        self._names = {f"{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]", own)}
        """What an own page may call this computer: another name is that of a page which points it here (DNS rebinding)."""
        self._tries: dict[str, _Tries] = {}
        self._all = _Tries()
        """Of all other computers together: whoever has many addresses is slowed down, too."""

    def is_here(self, host: str, origin: str | None, must_say: bool, at: str) -> bool:
        """Return whether a request, which came to the address `at`, is one of a page of this panel.

        One that changes something must say so (`must_say`).
        """
        if self.is_own(at) and host not in self._names:
            return False
        return not must_say if origin is None else bool(host) and origin in (f"http://{host}", f"https://{host}")

    def knows(self, token: str, at: str) -> bool:
        """Return whether a request comes from this computer, or its cookie says that its browser has given the PIN."""
        number, _, seal = token.partition(".")
        return self.is_own(at) or (bool(number) and hmac.compare_digest(seal.encode(), self._seal(number).encode()))

    def is_own(self, at: str) -> bool:
        """Return whether a request, which came to the address `at`, is one of this computer."""
        return bool(self._own) and at == self._own

    def _seal(self, number: str) -> str:
        return hmac.new(self.key.encode(), number.encode(), "sha256").hexdigest()

    def enter(self, pin: str, address: str) -> tuple[str, float]:
        """Try a PIN. Return the cookie's value and 0, or "" and the seconds to wait before the next try.

        Who sits at this computer waits for nobody else's wrong PINs: others cannot lock its owner out.
        """
        if not self.pin:
            return "", LONGEST_WAIT
        tries, now = self._tries.get(address, _Tries()), time.monotonic()
        counts = [tries] if is_this_computer(address) else [tries, self._all]
        wait = max(one.closed_until for one in counts) - now
        if wait > 0:
            return "", wait
        if hmac.compare_digest(pin.encode(), self.pin.encode()):
            self._tries.pop(address, None)
            number = secrets.token_urlsafe(16)
            return f"{number}.{self._seal(number)}", 0.0
        self._tries[address] = tries
        tries.wrong(FREE_TRIES, FIRST_WAIT)
        if self._all in counts:
            self._all.wrong(MOST_TRIES, LONGEST_WAIT)
        return "", max(0.0, max(one.closed_until for one in counts) - now)


def is_this_computer(address: str) -> bool:
    """Return whether an IP address, `fe80::1%eth0`, is one of this computer's own."""
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False
