"""LED, servo and the sensors on pins: on the simulator, and through gpiozero's own code on its mock pins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xmaker_distance
import xmaker_gpiozero
import xmaker_simulator
from gpiozero.pins.mock import MockPin, MockTriggerPin
from xmaker_gpiozero import Gpiozero

from xmaker import DeviceError, Pin, Plugins, Project, ProjectError, Reading
from xmaker.testing import ProjectRun, wait_until

HOME = """
inputs: {{knob: {{use: analog}}}}
outputs: {{light: {{use: led, pin: 17{driver}}}, arm: {{use: servo, pin: 18{driver}}}}}
rules:
  - {{each: knob, then: [arm.angle(knob * 360), light.brightness(knob)]}}
  - {{when: knob > 0.9, then: [light.toggle]}}
"""


@pytest.fixture(params=["simulator", "gpiozero"])
def home(request: pytest.FixtureRequest, xmaker_run: Any) -> ProjectRun:
    driver = "" if request.param == "simulator" else ", driver: gpiozero"
    return xmaker_run(HOME.format(driver=driver))  # type: ignore[no-any-return]


def pin(run: ProjectRun, node: str) -> Any:
    """Return the handle on a node's pin."""
    return run.runtime.workers[node].node.pin.handles[0]  # type: ignore[attr-defined]


def test_a_lamp_and_a_servo_follow_a_knob(home: ProjectRun) -> None:
    lamp, arm = pin(home, "light"), pin(home, "arm")
    home.send("knob", 0.25)
    assert lamp.read() == pytest.approx(0.25)
    assert (arm.read() if hasattr(arm, "value") else arm.device.angle) == pytest.approx(90)
    home.send("knob", 2)  # no angle beyond 180°, no brightness beyond 1; `toggle` puts the lamp out
    assert lamp.read() == 0
    assert (arm.read() if hasattr(arm, "value") else arm.device.angle) == pytest.approx(180)
    assert home.actions[-3:] == ["arm.angle(720)", "light.brightness(2)", "light.toggle"]


def test_at_the_end_the_lamp_is_out_and_the_servo_released(home: ProjectRun) -> None:
    lamp, arm = pin(home, "light"), pin(home, "arm")
    home.send("knob", 0.5)
    home.stop()
    if hasattr(lamp, "device"):
        assert (lamp.device.closed, arm.device.closed) == (True, True)
    else:
        assert (lamp.value, arm.value) == (0, 0)


def test_toggle_knows_what_the_lamp_shows(xmaker_run: Any) -> None:
    run = xmaker_run(
        """
        inputs: {knob: {use: analog}}
        outputs: {light: {use: led}}
        rules: [{when: knob == 1, then: [light.toggle, light.on, light.toggle, light.off, light.toggle]}]
        """
    )
    run.send("knob", 1)
    assert run.actions == ["light.toggle", "light.toggle", "light.toggle"]
    assert pin(run, "light").read() == 1


def test_gpiozero_really_drives_its_pin(xmaker_run: Any) -> None:
    run = xmaker_run(HOME.format(driver=", driver: gpiozero"))
    factory = run.runtime.hardware._drivers["gpiozero", ""].factory
    mock = factory.pin(17)
    mock.clear_states()
    run.send("knob", 0.5)
    assert [state.state for state in mock.states] == [0.0, 0.5]


@pytest.mark.parametrize("name", ["17", "GPIO17", "gpio17"])
def test_a_pin_is_named_as_its_board_does(name: str) -> None:
    driver = Gpiozero(simulate=True)
    handle = driver.output(name)
    handle.write(1)
    assert driver.factory.pin(17).state == 1
    driver.close()


@pytest.mark.parametrize(
    ("role", "name", "code"),
    [("output", name, "XM621") for name in ("P25", "LED", "１７", "-3", "A0")]
    + [("analog", name, "XM623") for name in ("17", "GPIO17", "B0", "0")]
    + [("output", "", "XM624"), ("analog", "", "XM624")],
)
def test_what_is_no_pin_of_a_raspberry_pi_ends_the_run(role: str, name: str, code: str) -> None:
    driver = Gpiozero(simulate=True)
    with pytest.raises(ProjectError) as raised:
        getattr(driver, role)(name)
    driver.close()
    assert raised.value.code == code


@pytest.mark.parametrize(("name", "code"), [("", "XM624"), ("7", "XM623"), ("GPIO7", "XM623"), ("A", "XM623")])
def test_an_analog_pin_is_a_channel_so_it_is_never_taken_for_a_gpio(name: str, code: str) -> None:
    driver = Gpiozero(simulate=True)
    with pytest.raises(ProjectError) as caught:
        driver.analog(name)
    assert caught.value.code == code
    driver.close()


def test_a_pin_that_is_in_use_or_does_not_exist_may_come_later() -> None:
    driver = Gpiozero(simulate=True)
    lamp = driver.output("17")
    with pytest.raises(DeviceError, match="GPIOPinInUse"):
        driver.output("17")
    with pytest.raises(DeviceError, match="gpiozero cannot use the pin"):
        driver.output("99")
    lamp.close()
    driver.output("17").close()  # free again: the errors of before do not hold it
    driver.close()


def test_away_from_a_board_gpiozero_itself_is_a_device_that_is_missing() -> None:
    driver = Gpiozero()
    with pytest.raises(DeviceError, match="BadPinFactory"):
        driver.output("17")
    driver.close()


def test_a_distance_comes_in_metres_from_gpiozeros_own_timing() -> None:
    driver = Gpiozero(simulate=True)
    driver.factory.pin_class = MockPin  # the mock of a trigger has no PWM
    echo = driver.factory.pin(24)
    driver.factory.pin(23, pin_class=MockTriggerPin, echo_pin=echo, echo_time=0.005)
    handle = driver.distance("23", "24")
    try:
        assert 0.85 < handle.read() <= 4  # 5 ms of sound are 0.858 m; a busy computer makes it more
    finally:
        handle.close()
        driver.close()


def test_an_ultrasonic_sensor_that_gives_no_echo_is_a_device_that_is_lost(
    monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    monkeypatch.setattr(xmaker_gpiozero, "SILENCE", 0.3)
    driver = Gpiozero(simulate=True)
    driver.factory.pin_class = MockPin
    echo = driver.factory.pin(24)
    trigger = driver.factory.pin(23, pin_class=MockTriggerPin, echo_pin=echo, echo_time=0.002)
    handle = driver.distance("23", "24")
    wait_until(lambda: 0.3 < handle.read() < 4)
    trigger.echo_pin = driver.factory.pin(25)  # its wire came off
    with pytest.raises(DeviceError, match="The distance sensor on GPIO24 gives no echo"):
        wait_until(lambda: handle.read() < 0)
    handle.close()
    handle = driver.distance("23", "24")
    with pytest.raises(DeviceError):  # nor does it wait for the first echo for ever
        handle.read()
    handle.close()
    driver.close()
    assert not recwarn.list, "gpiozero's own words are for programmers"


@pytest.mark.parametrize(("use", "low", "high"), [("analog", 0, 1), ("light", 0, 100), ("distance", 2, 400)])
def test_a_sensor_on_a_pin_is_simulated_within_its_range(use: str, low: float, high: float, xmaker_run: Any) -> None:
    pins = "trigger: 23, echo: 24" if use == "distance" else "pin: 0"
    project = Project.load(write(f"inputs: {{sensor: {{use: {use}, {pins}}}}}\n"))
    run = xmaker_run(project, real=("sensor",))
    run.advance(20)
    readings = [event.value.values["value"] for event in run.events if isinstance(event.value, Reading)]
    assert min(readings) >= low
    assert max(readings) <= high
    assert max(readings) - min(readings) > 0.9 * (high - low)
    assert len(readings) == pytest.approx(20 / project.nodes["sensor"].make().every, abs=1)  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str) -> Path:
    path = Path("project.yaml")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("use", "level", "reading"), [("analog", 0.5, 0.5), ("light", 0.25, 25.0)])
def test_an_analog_sensor_reads_its_pin(use: str, level: float, reading: float) -> None:
    driver = xmaker_simulator.Simulator()
    sensor = Plugins.load().nodes[use](pin=Pin("A0", driver, "simulator", use))  # type: ignore[call-arg]
    driver.open(use, "A0").write(level)
    sensor.open()
    assert sensor.read().values == {"value": reading}  # type: ignore[attr-defined]


def test_a_distance_sensor_reads_centimetres() -> None:
    driver = xmaker_simulator.Simulator()
    sensor = xmaker_distance.Distance(Pin("1", driver, "simulator", "distance"), Pin("2", driver, "simulator", "echo"))
    driver.open("distance", "1", "2").write(0.42)
    sensor.open()
    assert sensor.read().values == {"value": 42.0}


def test_the_raspberry_pi_is_known_by_its_device_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "model"
    monkeypatch.setattr(xmaker_gpiozero, "MODEL_FILE", model)
    assert Plugins.load().board().name == "simulator"
    model.write_bytes(b"Raspberry Pi 5 Model B Rev 1.0\0")
    board = Plugins.load().board()
    assert (board.name, board.title, board.driver, board.simulated) == (
        "pi",
        "Raspberry Pi 5 Model B Rev 1.0",
        "gpiozero",
        False,
    )
    model.write_bytes(b"Some other computer\0")
    assert Plugins.load().board().name == "simulator"


def test_without_an_spi_bus_an_analog_pin_is_a_device_that_is_missing() -> None:
    driver = Gpiozero(simulate=True)
    with pytest.raises(DeviceError, match="cannot use the pin"):
        driver.analog("A0")
    driver.close()


def acting(node: str, action: str, xmaker_run: Any) -> ProjectRun:
    run: ProjectRun = xmaker_run(
        f"""
        inputs: {{knob: {{use: analog, fresh: 1 h}}}}
        outputs: {{thing: {node}}}
        rules: [{{when: knob > 0.5, then: [{action}], else: [{"thing.off" if "led" in node else "thing.angle(90)"}]}}]
        """
    )
    run.send("knob", 1)
    return run


def test_a_lamp_blinks_until_another_action(xmaker_run: Any) -> None:
    run = acting("{use: led, pin: 17}", "thing.blink(0.5)", xmaker_run)
    seen = []
    for _ in range(6):
        seen.append(pin(run, "thing").read())
        run.advance(0.25)
    assert seen == [1, 1, 0, 0, 1, 1]
    run.send("knob", 0)
    run.advance(3)
    assert pin(run, "thing").read() == 0
    assert run.actions == ["thing.blink(0.5)", "thing.off"]


def test_a_servo_with_a_speed_turns_step_by_step(xmaker_run: Any) -> None:
    run = acting("{use: servo, pin: 18, speed: 90}", "thing.angle(0)", xmaker_run)
    run.advance(5)
    run.send("knob", 0)
    run.advance(0.5)
    assert pin(run, "thing").read() == pytest.approx(45, abs=3)
    run.advance(1)
    assert pin(run, "thing").read() == 90


def test_a_servo_sweeps_to_and_fro_until_another_action(xmaker_run: Any) -> None:
    run = acting("{use: servo, pin: 18, low: 20, high: 160}", "thing.sweep(1)", xmaker_run)
    angles = []
    for _ in range(4):
        run.advance(0.5)
        angles.append(pin(run, "thing").read())
    assert angles == pytest.approx([90, 160, 90, 20], abs=6)
    run.send("knob", 0)
    run.advance(1)
    assert pin(run, "thing").read() == 90
