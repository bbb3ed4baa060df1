"""Writes what comes along its wires into a file: a table (CSV) that every spreadsheet opens, or lines of JSON."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, TextIO

from xmaker import Event, Output, ProjectError, Seconds, Value, action, hookimpl

FIRST = ["time", "node"]


@dataclass
class Log(Output):
    """Writes every value into a file: `log: {from: air, file: air.csv}`. Each line is safe on the disk before the next one."""

    use: ClassVar[str] = "log"
    takes: ClassVar = (Value,)
    blocking: ClassVar[bool] = True
    file: str = "log.csv"
    """The file, in the project's folder: a table (.csv) or lines of JSON (.jsonl). A new run goes on at its end."""
    every: Seconds = 0.0
    """The shortest time between two lines of one node; 0 writes every value."""
    _out: TextIO | None = field(init=False, default=None, repr=False)
    _path: Path = field(init=False, repr=False)
    _columns: list[str] = field(init=False, repr=False)
    _last: dict[str, float] = field(init=False, repr=False)

    def check(self) -> None:
        if Path(self.file).suffix.lower() not in (".csv", ".jsonl"):
            raise ProjectError.of("XM851", file=self.file)

    def open(self) -> None:
        self._path, self._last = self.host.files / Path(self.file).expanduser(), {}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._columns = list(FIRST)
        if self._path.exists() and self._path.stat().st_size:
            _drop_half_line(self._path)
            if self._is_table():
                with self._path.open(encoding="utf-8-sig", newline="") as file:
                    self._columns = next(csv.reader(file), []) or list(FIRST)
        elif self._is_table():
            self._write_header([])
        self._out = self._path.open("a", encoding="utf-8", newline="")

    def receive(self, event: Event) -> None:
        if self.every and event.time - self._last.get(event.node, float("-inf")) < self.every:
            return
        self._last[event.node] = event.time
        self._line({name: value for name, value in event.to_json().items() if name != "time"})

    @action
    def note(self, text: str) -> None:
        """Write a line with this text."""
        self._line({"node": self.host.name, "note": text})

    def close(self) -> None:
        if self._out:
            self._out.close()
        self._out = None

    def _is_table(self) -> bool:
        return self._path.suffix.lower() == ".csv"

    def _line(self, fields: dict[str, Any]) -> None:
        row = {"time": datetime.now().isoformat(sep=" ", timespec="milliseconds"), **fields}
        row = {name: " ".join(value.splitlines()) if isinstance(value, str) else value for name, value in row.items()}
        if self._is_table() and (new := [name for name in row if name not in self._columns]):
            self._add_columns(new)
        assert self._out is not None  # receive and note follow open
        if self._is_table():
            csv.DictWriter(self._out, self._columns, restval="").writerow(row)
        else:
            self._out.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
        self._out.flush()
        os.fsync(self._out.fileno())

    def _add_columns(self, new: list[str]) -> None:
        """Give the whole table new columns: a node that was silent until now has fields of its own."""
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            rows = [[*row, *[""] * len(new)] for row in list(csv.reader(file))[1:]]
        self.close()
        self._columns = [*self._columns, *new]
        self._write_header(rows)
        self._out = self._path.open("a", encoding="utf-8", newline="")

    def _write_header(self, rows: list[list[str]]) -> None:
        part = self._path.with_suffix(".part")
        # utf-8-sig: without the mark Excel shows Chinese as nonsense
        with part.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([self._columns, *rows])
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, self._path)


def _drop_half_line(path: Path) -> None:
    """Take away a last line that a power cut left without its end."""
    with path.open("rb+") as file:
        data = file.read()
        if not data.endswith(b"\n"):
            file.truncate(data.rfind(b"\n") + 1)


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Log]
