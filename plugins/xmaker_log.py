"""Writes what comes along its wires into a file: a table (CSV) that every spreadsheet opens, or lines of JSON."""

from __future__ import annotations

import codecs
import csv
import errno
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from xmaker import Event, Output, ProjectError, Seconds, Value, XMakerError, action, hookimpl

FIRST = ["time", "node"]
HALF_TABLE, HALF_JSON = codecs.BOM_UTF8 + b"time,node,", b'{"time": "'
"""How a first line of ours begins, also one that a power cut broke off."""
LONGEST, BLOCK = 1 << 16, 1 << 12
"""Bytes that a line has at most, and that are read at once."""


@dataclass
class Log(Output):
    """Writes every value into a file: `log: {from: air, file: air.csv}`. Each line is safe on the disk before the next one.
    把每个值写进文件：`log: {from: air, file: air.csv}`。上一行存到磁盘以后才写下一行。

    A file that is there and no log stays as it is: the project does not start.
    """

    use: ClassVar[str] = "log"
    takes: ClassVar = (Value,)
    blocking: ClassVar[bool] = True
    file: str = "log.csv"
    """The file, in the project's folder: a table (.csv) or lines of JSON (.jsonl). A new run goes on at its end.
    文件，在项目文件夹里：表格（.csv）或一行一个 JSON（.jsonl）。再次运行时接着往后写。"""
    every: Seconds = 0.0
    """The shortest time between two lines of one node; 0 writes every value.
    同一个节点两行之间最短的时间；0 表示每个值都写。"""
    _out: io.FileIO | None = field(init=False, default=None, repr=False)
    _path: Path = field(init=False, repr=False)
    _columns: list[str] = field(init=False, repr=False)
    _last: dict[str, float] = field(init=False, repr=False)

    def check(self) -> None:
        if Path(self.file).suffix.lower() not in (".csv", ".jsonl"):
            raise ProjectError.of("XM851", file=self.file)
        path = self.host.files / Path(self.file).expanduser()
        with self._told(ProjectError):
            if path.exists():
                with path.open("rb", buffering=0) as file:
                    self._look(file)

    def open(self) -> None:
        self._last = {}
        with self._told(ProjectError):
            self._path = self.host.output_path(self.file)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.exists():
                with self._path.open("rb", buffering=0) as file:
                    self._look(file)  # what is no log is not even opened for writing
            self._out = self._take()
            columns = self._look(self._out)
            self._columns = columns or list(FIRST)
            if columns is not None:
                self._drop_half_line(self._out)
            else:
                self._out.truncate(0)
                if self._is_table():
                    _append(self._out, codecs.BOM_UTF8 + _rows([FIRST]))

    def receive(self, event: Event) -> None:
        if self.every and event.time - self._last.get(event.node, float("-inf")) < self.every:
            return
        self._last[event.node] = event.time
        self._line({name: value for name, value in event.to_json().items() if name != "time"})

    @action
    def note(self, text: str) -> None:
        """Write a line with this text.
        写一行，内容是这段文字。"""
        self._line({"node": self.host.name, "note": text})

    def close(self) -> None:
        if self._out:
            self._out.close()
        self._out = None

    def _is_table(self) -> bool:
        return Path(self.file).suffix.lower() == ".csv"

    @contextmanager
    def _told(self, kind: type[XMakerError]) -> Iterator[None]:
        """Say in the user's words what is wrong with the file."""
        try:
            yield
        except XMakerError:
            raise
        except OSError as error:
            raise kind.of("XM858", file=self.file, reason=error.strerror or error) from error
        except (ValueError, csv.Error) as error:  # a UnicodeDecodeError too
            raise kind.of("XM857", file=self.file) from error

    def _line(self, fields: dict[str, Any]) -> None:
        row = {"time": datetime.now().isoformat(sep=" ", timespec="milliseconds"), **fields}
        row = {name: " ".join(value.splitlines()) if isinstance(value, str) else value for name, value in row.items()}
        with self._told(XMakerError):
            if self._out is None:  # giving the table new columns failed half-way
                self._out = self._take()
            if not self._is_table():
                _append(self._out, (json.dumps(row, ensure_ascii=False, default=str) + "\n").encode(errors="replace"))
                return
            if new := [name for name in row if name not in self._columns]:
                self._add_columns(new)
            _append(self._out, _rows([[row.get(name, "") for name in self._columns]]))

    def _add_columns(self, new: list[str]) -> None:
        """Give the whole table new columns: a node that was silent until now has fields of its own."""
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            rows = [[*row, *[""] * len(new)] for row in list(csv.reader(file))[1:]]
        columns = [*self._columns, *new]
        part = self._path.with_name(f".{self._path.name}.part")
        try:
            # with the mark of UTF-8: without it Excel shows Chinese as nonsense
            part.write_bytes(codecs.BOM_UTF8)
            with part.open("ab", buffering=0) as made:
                _append(made, _rows([columns, *rows]))
            self.close()
            os.replace(part, self._path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        self._columns = columns
        self._out = self._take()

    def _take(self) -> io.FileIO:
        """Open the file for this node alone, to write at its end. Two that write into one would spoil it."""
        out = io.FileIO(self._path, "a+")
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                out.close()
                raise ProjectError.of("XM852", file=self.file) from None
            except OSError:  # a disk of the network that knows no locks
                pass
        return out

    def _look(self, file: io.FileIO) -> list[str] | None:
        """Return the columns of the log that a file is (none of JSON); None for one without a first line. Else a ValueError."""
        file.seek(0)
        head = file.read(LONGEST)
        first, end, _ = head.partition(b"\n")
        if not head or (not end and first.startswith(HALF_TABLE if self._is_table() else HALF_JSON) and _is_half(first)):
            return None
        if not self._is_table():
            line = json.loads(first)
            if not isinstance(line, dict) or not set(FIRST) <= set(line):
                raise ValueError(self.file)
            return []
        row = next(csv.reader([first.decode("utf-8-sig")]), [])
        if not end or row[:2] != FIRST:
            raise ValueError(self.file)
        if not head.startswith(codecs.BOM_UTF8):  # another program saved it, perhaps in GBK
            file.seek(0)
            for _ in codecs.iterdecode(iter(lambda: file.read(LONGEST), b""), "utf-8"):
                pass
        return row

    def _drop_half_line(self, file: io.FileIO) -> None:
        """Take away a last line that a power cut left without its end. It only looks at the end of the file."""
        size = file.seek(0, os.SEEK_END)
        tail, at = b"", size
        while at and len(tail) < LONGEST and b"\n" not in tail:
            end, at = at, max(0, at - BLOCK)
            file.seek(at)
            tail = file.read(end - at) + tail
        last = tail[tail.rfind(b"\n") + 1 :]
        if not last:
            return
        if not self._is_table() and not _is_half(last):
            _append(file, b"\n")
        elif b"\n" in tail:
            file.truncate(size - len(last))
        else:
            raise ValueError(self.file)


def _is_half(line: bytes) -> bool:
    """Return whether a line without its end is not whole: nobody knows that of a row, unless it holds several."""
    if not line.startswith(b"{"):
        return b"\r" not in line.rstrip(b"\r")
    try:
        json.loads(line)
    except ValueError:
        return True
    return False


def _rows(rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(errors="replace")


def _append(file: io.FileIO, data: bytes) -> None:
    """Write at the end of a file, all or, when the disk is full, nothing."""
    size = file.seek(0, os.SEEK_END)
    try:
        rest = memoryview(data)
        while rest:
            written = file.write(rest)
            if not written:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            rest = rest[written:]
        os.fsync(file.fileno())
    except OSError:
        file.truncate(size)
        raise


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Log]
