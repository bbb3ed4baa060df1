"""What tests of the panel share: a running project with its panel, a line to it as a page has one, and a browser."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra `panel`")

from websockets.sync.client import ClientConnection, connect
from xmaker_panel.server import serving

from xmaker import ProjectError, Runtime
from xmaker.runtime.live_file import LiveFile

BOARD = """
name: Test board
simulate: true
inputs: {door: {use: button}, room: {use: light}, keyboard: {}}
outputs: {green: {use: led}, arm: {use: servo}, horn: {use: buzzer}, screen: {from: room}}
rules:
  - {when: door.pressed, then: [green.on, 'screen.write("Hello")'], else: [green.off]}
  - {when: room < 30, then: [arm.angle(room)]}
  - {when: keyboard == "space", then: [horn.tone(440)]}
"""
COLOURS = """
name: Colours
inputs:
  camera: {source: seen, fps: 10, loop: true}
models:
  colour: {use: classifier, model: models/colours.onnx, from: camera}
outputs:
  lamp: led
rules:
  - {when: colour == "red", then: [lamp.on]}
"""
HALL = """
name: Hall
simulate: true
inputs: {room: {use: light}, door: {use: button}}
outputs: {lamp: {use: led}}
rules: [{when: room < 30, then: [lamp.on], else: [lamp.off]}]
"""
PATIENCE = 8.0


class Page:
    """A line to the panel, as the page in a browser has one: it keeps what it was told."""

    def __init__(self, socket: ClientConnection, reads: bool = True) -> None:
        self.socket, self.reads = socket, reads
        self.state: dict[str, Any] = {}
        self.log: list[dict[str, Any]] = []
        self.refused: list[dict[str, Any]] = []
        self.messages = 0

    def send(self, **command: Any) -> None:
        self.socket.send(json.dumps(command))

    def look(self, timeout: float = 1.0) -> None:
        """Take one message, and say that it has been read."""
        message = json.loads(self.socket.recv(timeout))
        self.messages += 1
        if "refused" in message:
            self.refused.append(message["refused"])
            return
        self.state |= message["set"]
        self.log += message["log"]
        self.send(type="ack")

    def until(self, condition: Callable[[], Any]) -> Any:
        """Read until something is so, and return it."""
        deadline = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < deadline, f"it does not come: {json.dumps(self.state)[:2000]}"
            try:
                self.look(0.2)
            except TimeoutError:
                continue
        return found


class Panel:
    """A running project with its panel."""

    def __init__(self, runtime: Runtime, file: LiveFile, words: str) -> None:
        self.runtime, self.file, self.words = runtime, file, words
        self.link = words.split()[1]
        self.address = self.link.split("/")[2]
        self.pin = words.split()[-1] if "PIN" in words else ""
        self.end: Callable[[], None]
        """End the run, and the panel with it."""

    def ask(self, path: str = "/", method: str = "GET", body: str | bytes = "", **headers: str) -> HTTPResponse:
        """Make one request. A header's name is written with `_`; without an `Origin` none is sent."""
        line = HTTPConnection(self.address, timeout=5)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, body, given)
        answer = line.getresponse()
        answer.read_all = answer.read()  # type: ignore[attr-defined]
        line.close()
        return answer

    def get(self, path: str, **headers: str) -> Any:
        """Return what a page is told there."""
        answer = self.ask(path, **headers)
        assert answer.status == 200, (answer.status, answer.read_all)  # type: ignore[attr-defined]
        return json.loads(answer.read_all)  # type: ignore[attr-defined]

    def tell(self, path: str, type: str, **command: Any) -> tuple[int, Any]:
        """Send a command as the page does; return the status, and what is answered."""
        body = json.dumps({"type": type, **command})
        answer = self.ask(f"{path}?lang=en", "POST", body, Origin=f"http://{self.address}")
        text = answer.read_all  # type: ignore[attr-defined]
        return answer.status, json.loads(text) if text else None

    def job(self, patience: float = 60.0) -> Any:
        """Wait until nothing is being worked on, and return what came of it."""
        deadline = time.monotonic() + patience
        with self.page() as page:
            while True:
                now = page.until(lambda: page.state.get("job.now"))
                if now["state"] != "works":
                    return now
                assert time.monotonic() < deadline, now
                try:
                    page.look(0.2)
                except TimeoutError:
                    continue

    @contextmanager
    def page(self, path: str = "events?lang=en", origin: str = "", **headers: str) -> Iterator[Page]:
        """Give a line to it."""
        url, origin = f"ws://{self.address}/{path}", origin or f"http://{self.address}"
        with connect(url, origin=origin, additional_headers=headers, max_size=None, compression=None) as socket:  # type: ignore[arg-type]
            yield Page(socket)


@pytest.fixture
def start(tmp_path: Path, english: None) -> Iterator[Callable[..., Panel]]:
    """Give a function that runs a project with a panel: a text, or a folder that has one."""
    with ExitStack() as stack:

        def run(text: str | Path = BOARD, host: str = "", port: int = 0, **options: dict[str, Any]) -> Panel:
            if isinstance(text, str):
                (tmp_path / "project.yaml").write_text(text, encoding="utf-8")
            file = LiveFile(tmp_path if isinstance(text, str) else text, options, simulate=True)
            try:
                project = file.read()
            except ProjectError as error:
                project = file.stand_in(error)
            runtime = Runtime(project.plugins, simulate=True)
            own = stack.enter_context(ExitStack())
            words = own.enter_context(serving(file, runtime, host, port))
            own.callback(runtime.stop)
            if project.nodes:
                runtime.apply(project)
            panel = Panel(runtime, file, words)
            panel.end = own.close
            return panel

        yield run


@pytest.fixture
def panel(start: Callable[..., Panel]) -> Panel:
    """Run the project above with a panel."""
    return start()


@pytest.fixture
def hall(start: Callable[..., Panel]) -> Panel:
    """Run a project that is edited."""
    return start(HALL)


@pytest.fixture
def colours(start: Callable[..., Any], tmp_path: Path) -> Any:
    """A project with a network of its own and ten pictures of each colour, which the camera sees, too."""
    (tmp_path / "models").mkdir()
    from tests.plugins.toolbox.quantizing.networks import write_network, write_pictures

    write_network(tmp_path / "models" / "colours.onnx")
    write_pictures(tmp_path / "pictures")
    (tmp_path / "seen").mkdir()
    (tmp_path / "seen" / "0.png").write_bytes((tmp_path / "pictures" / "green" / "0.png").read_bytes())
    return start(COLOURS)


def upload(panel: Any, name: str, data: bytes, **headers: str) -> tuple[int, Any]:
    answer = panel.ask(f"/models/upload?lang=en&name={name}", "POST", data, Origin=f"http://{panel.address}", **headers)
    return answer.status, json.loads(answer.read_all) if answer.read_all else None


def names(panel: Any) -> list[str]:
    return [one["name"] for one in panel.get("/models")["models"]]


def network(tmp_path: Path) -> bytes:
    return (tmp_path / "models" / "colours.onnx").read_bytes()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Give a browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    found = os.environ.get("XMAKER_CHROMIUM") or next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if found is None:
        pytest.skip("needs a browser: apt install chromium, or XMAKER_CHROMIUM=path")
    with playwright.sync_playwright() as tools:
        arguments = ["--disable-gpu", "--disable-dev-shm-usage", *(["--no-sandbox"] if os.getuid() == 0 else [])]
        made = tools.chromium.launch(executable_path=found, args=arguments)
        yield made
        made.close()


@pytest.fixture
def look(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Give a function that opens a panel's page; whatever the browser complains about fails the test."""
    complaints: list[str] = []
    contexts = []

    def opened(panel: Any, **options: Any) -> Any:
        context = chromium.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"http://{panel.address}/")
        return page

    opened.complaints = complaints  # type: ignore[attr-defined]
    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def editor(start: Any, look: Any) -> Iterator[Callable[..., Any]]:
    """Give a function that opens the editor in a browser of its own."""

    def opened(panel: Any, **options: Any) -> Any:
        page = look(panel, **options)
        page.goto(f"http://{panel.address}/#editor")
        page.wait_for_selector(".cm-content")
        page.wait_for_function("() => document.querySelector('[role=tabpanel]').innerText.length > 3")
        return page

    opened.complaints = look.complaints  # type: ignore[attr-defined]
    yield opened
    # Chromium's own editing keeps the looks of lines that become one; CodeMirror reads the text alone, so nothing is lost
    look.complaints[:] = [said for said in look.complaints if not said.startswith("Applying inline style")]


def get(panel: Any, path: str) -> Any:
    return json.loads(panel.ask(path).read_all)


def post(panel: Any, path: str, text: str, **headers: str) -> tuple[int, Any]:
    answer = panel.ask(path, "POST", text.encode(), **{"Origin": f"http://{panel.address}", **headers})
    return answer.status, json.loads(answer.read_all or b"null")


def save(panel: Any, text: str, tag: str = "") -> Any:
    """Save as the page does that has just opened the file."""
    status, answer = post(panel, f"/editor/save?lang=en&tag={tag or get(panel, '/editor')['tag']}", text)
    assert status == 200, answer
    return answer


def says(page: Any, selector: str, words: str) -> None:
    """Wait until a part of the page says something: in its text, or in words for who cannot see it."""
    page.wait_for_function(
        "([selector, words]) => [...document.querySelectorAll(selector)].some(one => "
        "`${one.innerText} ${one.ariaLabel} ${one.querySelector('[aria-label]')?.ariaLabel}`.includes(words))",
        arg=[selector, words],
    )
