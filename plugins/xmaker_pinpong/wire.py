"""What the parent and its child say to each other: one message, its length before it, on a pipe."""

from __future__ import annotations

from typing import IO, Any

import msgspec


class Start(msgspec.Struct, tag=True, frozen=True):
    """Connect with a board."""

    id: int
    board: str
    port: str


class Open(msgspec.Struct, tag=True, frozen=True):
    """Take pins for a role; the answer is the number of the part."""

    id: int
    role: str
    pins: list[int]
    option: Any = None


class Write(msgspec.Struct, tag=True, frozen=True):
    """Set a part."""

    id: int
    part: int
    value: Any


class Read(msgspec.Struct, tag=True, frozen=True):
    """Ask what a part shows."""

    id: int
    part: int


class Close(msgspec.Struct, tag=True, frozen=True):
    """Leave a part safe and forget it."""

    id: int
    part: int


class Done(msgspec.Struct, tag=True, frozen=True):
    """It worked."""

    id: int
    value: Any = None


class Failed(msgspec.Struct, tag=True, frozen=True):
    """It did not: a code of the catalog, and its details. The id 0 means everything: the board is lost."""

    id: int
    code: str
    details: dict[str, str] = {}


Request = Start | Open | Write | Read | Close
Answer = Done | Failed

_ENCODER = msgspec.msgpack.Encoder()
_REQUESTS = msgspec.msgpack.Decoder(Request)
_ANSWERS = msgspec.msgpack.Decoder(Answer)


def send(pipe: IO[bytes], message: Request | Answer) -> None:
    """Write one message. Raises OSError or ValueError when nobody is there to read it."""
    data = _ENCODER.encode(message)
    pipe.write(len(data).to_bytes(4, "big") + data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    return pipe.read(int.from_bytes(pipe.read(4), "big"))


def next_request(pipe: IO[bytes]) -> Request | None:
    """Wait for the parent's next message; None when it is gone."""
    data = _receive(pipe)
    return _REQUESTS.decode(data) if data else None


def next_answer(pipe: IO[bytes]) -> Answer | None:
    """Wait for the child's next message; None when it is gone."""
    data = _receive(pipe)
    return _ANSWERS.decode(data) if data else None
