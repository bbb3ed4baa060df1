"""The life of a frame: from `read()` along wires to models, outputs, observers and rules."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any, ClassVar

from xmaker import (
    Action,
    Event,
    Finished,
    Frame,
    Input,
    Label,
    Model,
    Output,
    Project,
    Quantity,
    Reading,
    Runtime,
    Stamped,
    action,
)
from xmaker.testing import ScriptedInput, wait_until


@dataclass
class Film(Input):
    """A file of frames, read as fast as its readers can; ten frames a second of its own time."""

    use: ClassVar[str] = "film"
    gives: ClassVar = Frame
    finite: ClassVar[bool] = True  # type: ignore[misc]
    paced: ClassVar[bool] = False  # type: ignore[misc]
    frames: int = 30

    def open(self) -> None:
        self._number = -1

    def read(self) -> Stamped:
        self._number += 1
        if self._number == self.frames:
            raise Finished(self.frames / 10)
        return Stamped(Frame(self._number, f"{self._number}.jpg"), self._number / 10)


@dataclass
class Webcam(Input):
    """A camera that gives a frame whenever the test says so."""

    use: ClassVar[str] = "webcam"
    gives: ClassVar = Frame

    def read(self) -> None:
        self.host.sleep(float("inf"))


@dataclass
class Net(Model):
    """Says `odd` or `even`, slowly if it must."""

    use: ClassVar[str] = "net"
    takes: ClassVar = (Frame,)
    gives: ClassVar = Label
    seconds: float = 0.0

    def run(self, value: Frame) -> Label:
        time.sleep(self.seconds)
        return Label("odd" if value.image % 2 else "even")


@dataclass
class Screen(Output):
    """Keeps what it is shown, slowly if it must."""

    use: ClassVar[str] = "screen"
    takes: ClassVar = (Frame, Label)
    seconds: float = 0.0

    def open(self) -> None:
        self.shown: list[Event] = []

    def receive(self, event: Event) -> None:
        time.sleep(self.seconds)
        self.shown.append(event)

    @action
    def write(self, text: str) -> None:
        time.sleep(self.seconds)


def node(runtime: Runtime, name: str) -> Any:
    return runtime.workers[name].node


def drops(runtime: Runtime) -> int:
    return sum(stats.dropped for stats in runtime.stats())


def test_every_frame_of_a_file_is_processed_though_everything_behind_it_is_slow(project: Project, seen: Any) -> None:
    project.add(Film(30), name="film").add(Net(0.003), name="net", from_="film")
    project.add(Screen(0.005), name="screen", from_=["film", "net"])
    runtime = Runtime(project.plugins)
    runtime.run(project)
    shown = node(runtime, "screen").shown
    assert [event.value.image for event in shown if event.node == "film"] == list(range(30))
    assert [event.sequence for event in shown if event.node == "net"] == list(range(1, 31))
    assert len(seen.values("net")) == 30
    assert drops(runtime) == 0


def test_a_file_waits_for_the_actions_of_a_slow_output_too(project: Project, seen: Any) -> None:
    project.add(Film(3000), name="film").add(Net(), name="net", from_="film").add(Screen(0.0001), name="screen")
    project.rule(each="net", then=['screen.write("{net}")'])
    Runtime(project.plugins).run(project)
    assert len(seen.actions) == 3000
    assert not seen.errors


def test_a_slow_model_on_a_live_camera_gets_the_newest_frame(project: Project, start: Any) -> None:
    project.add(Webcam(), name="webcam").add(Net(0.05), name="net", from_="webcam").add(Screen(), name="screen", from_="net")
    runtime = start(project)
    for number in range(10):
        node(runtime, "webcam").host.emit(Frame(number, str(number)))
    wait_until(lambda: bool(node(runtime, "screen").shown) and node(runtime, "screen").shown[-1].source == "9")
    assert 1 <= len(node(runtime, "screen").shown) <= 3
    assert drops(runtime) == 10 - len(node(runtime, "screen").shown)


def test_a_wire_that_is_always_full_does_not_starve_the_others(project: Project, start: Any) -> None:
    project.add(Webcam(), name="webcam").add(Net(), name="net", from_="webcam")
    project.add(Screen(0.01), name="screen", from_=["webcam", "net"])
    runtime = start(project)
    over, camera = threading.Event(), node(runtime, "webcam").host

    def flood() -> None:
        while not over.wait(0.001):
            camera.emit(Frame(0))

    flooder = threading.Thread(target=flood)
    flooder.start()
    wait_until(lambda: "net" in [event.node for event in getattr(node(runtime, "screen"), "shown", [])])
    over.set()
    flooder.join()


def test_a_result_keeps_its_frames_moment_and_cause(project: Project, seen_with_frames: Any) -> None:
    project.add(Film(3), name="film").add(Net(), name="net", from_="film").add(Screen(), name="screen")
    project.rule(when='net == "odd"', then=['screen.write("odd")'])
    Runtime(project.plugins).run(project)
    act = next(event for event in seen_with_frames.events if isinstance(event.value, Action))
    label = act.cause
    assert (label.node, label.value.label, label.time, label.sequence) == ("net", "odd", 0.1, 2)
    assert (label.cause.node, label.cause.value.image, label.cause.time) == ("film", 1, 0.1)
    assert act.source == "1.jpg"


def test_frames_reach_only_observers_that_ask(project: Project, seen: Any, seen_with_frames: Any) -> None:
    project.add(Film(4), name="film").add(Net(), name="net", from_="film")
    Runtime(project.plugins).run(project)
    assert [len(seen.values("film")), len(seen_with_frames.values("film"))] == [0, 4]
    assert [len(seen.values("net")), len(seen_with_frames.values("net"))] == [4, 4]


def test_nobody_pays_for_frames_that_nobody_wants(project: Project, seen: Any, start: Any) -> None:
    runtime = start(project.add(Webcam(), name="webcam").add(Net(), name="net", from_="webcam"))
    assert [worker.watched for worker in runtime.workers.values()] == [False, True]


def test_a_node_that_breaks_its_promise_says_so(project: Project, seen: Any, start: Any) -> None:
    @dataclass
    class Liar(Input):
        use: ClassVar[str] = "liar"
        gives: ClassVar = {"temperature": Quantity("°C", 0, 50)}

        def read(self) -> None:
            self.host.sleep(float("inf"))

    runtime = start(project.add(Liar(), name="liar"))
    for wrong in (Reading(3.2), Reading(temperature=1, humidity=2), Label("cat"), 21):
        node(runtime, "liar").host.emit(wrong)
    node(runtime, "liar").host.emit(Reading(temperature=21))
    wait_until(lambda: len(seen.errors) == 4 and len(seen.events) == 1)
    assert "promises Reading(temperature)" in str(seen.errors[0])


def test_no_number_of_a_sensor_is_text_or_nan_or_infinite(project: Project, seen: Any, start: Any) -> None:
    @dataclass
    class Air(Input):
        use: ClassVar[str] = "air"
        gives: ClassVar = {"temperature": Quantity("°C", 0, 50), "wet": Quantity(kind="flag"), "sky": Quantity(kind="text")}

        def read(self) -> None:
            self.host.sleep(float("inf"))

    air = node(start(project.add(Air(), name="air")), "air")
    for wrong in (float("nan"), float("nan"), float("inf"), "21", "22", None, 10**400):
        air.host.emit(Reading(temperature=wrong, wet=True, sky="blue"))
    air.host.emit(Reading(temperature=21, wet=True, sky="blue"))
    wait_until(lambda: len(seen.events) == 1)
    reasons = [str(error) for error in seen.errors]
    assert len(reasons) == 5, "each sort is told of once"
    assert "it gave nan, but temperature must be" in reasons[0] and "it gave str" in reasons[2]


def test_the_loop_sleeps_while_nothing_happens(project: Project, start: Any) -> None:
    runtime = start(project.add(ScriptedWebcam(), name="webcam").add(Net(), name="net", from_="webcam"))
    wait_until(runtime.quiet)
    before = time.process_time()
    time.sleep(0.2)
    assert time.process_time() - before < 0.02


class ScriptedWebcam(ScriptedInput, Webcam):
    def __init__(self) -> None:
        super().__init__(Webcam())
