"""XMaker on a Raspberry Pi 3B in QEMU: the real lgpio, the kernel's own driver of the pins, and a look at them from outside.

Widths of pulses are those that the Pi's kernel notes; every level, and how many there were, is seen at the chip's pins.
QEMU 7.2 cannot do the rest: its pins raise no interrupts, so the echo of a distance sensor goes unheard; it has no I2C and SPI
controllers, no ribbon-cable camera and no resistors in its pins; and nothing at all is analog.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median

import pytest

from xmaker.testing import wait_until

from .raspberry_pi import Pulse, RaspberryPi

pytestmark = pytest.mark.slow

DOOR, LAMP, ARM, HORN, PUMP = 23, 17, 18, 12, 27
EVERY_SECOND = "inputs: {tick: {use: timer, every: 1 s}}"
START = 120
"""Seconds that a project may take to start, on a busy computer."""


def project(pi: RaspberryPi, name: str, text: str) -> str:
    """Write a project, and return the command that runs it."""
    pi.write(f"/root/{name}/project.yaml", text)
    return f"xmaker run {name}"


def angle(width: float) -> float:
    """Return where a servo goes: 0.5 ms is 0 degrees, 2.5 ms are 180."""
    return (width - 0.0005) / 0.002 * 180


def period(pulses: list[Pulse]) -> float:
    return median(later.rose - pulse.rose for pulse, later in pairwise(pulses))


@pytest.fixture(autouse=True)
def nothing_seen_yet(pi: RaspberryPi) -> None:
    pi.edges.clear()


def test_the_board_is_known(pi: RaspberryPi) -> None:
    assert "Raspberry Pi 3 Model B\n" in pi.run("xmaker version").output


def test_the_doctor_finds_everything_that_is_there(pi: RaspberryPi) -> None:
    code, said = pi.run("xmaker doctor | sed 's/\\x1b[^m]*m//g'")
    assert code == 0 and "Nothing is broken" in said, said
    assert "✓ board         Raspberry Pi 3 Model B, driver gpiozero\n" in said
    assert "✓ Python        3.11, aarch64, 64-bit\n" in said
    assert "✓ venv          /opt/xmaker, with the system's packages\n" in said
    assert "LGPIOFactory\n" in said
    assert "✓ camera        /dev/video0 (vivid-000-vid-cap): 640×480" in said
    assert "! I2C           There is no /dev/i2c-1: I2C is switched off.\n  → sudo raspi-config nonint do_i2c 0" in said


def test_a_button_switches_a_lamp_that_is_out_at_the_end(pi: RaspberryPi) -> None:
    command = project(
        pi,
        "lamp",
        f"""
inputs: {{door: {{use: button, pin: {DOOR}}}}}
outputs: {{lamp: {{use: led, pin: {LAMP}}}}}
rules: [{{when: door.pressed, then: [lamp.on], else: [lamp.off]}}]
""",
    )
    pi.drive(DOOR, 1)  # as the resistor of a real Pi does while the button is not pressed
    with pi.running(command) as run:
        for level, lit in ((0, 1), (1, 0), (0, 1)):
            pi.drive(DOOR, level)
            wait_until(lambda lit=lit: pi.level(LAMP) == lit, START)
    assert pi.level(LAMP) == 0
    assert pi.seen(LAMP) == [1, 0, 1, 0], "each time once, and out when the project was stopped"
    assert "Stopped." in run.output()


def test_a_servo_turns_to_the_very_degree_and_is_let_go(pi: RaspberryPi) -> None:
    command = project(
        pi,
        "arm",
        f"""
{EVERY_SECOND}
outputs: {{arm: {{use: servo, pin: {ARM}}}}}
rules: [{{each: tick, then: [arm.angle((tick.count - 1) * 45)]}}]
""",
    )
    with pi.traced() as pulses:
        assert pi.run(f"{command} --for 5.5s").code == 0
        found = pulses(ARM)
    assert sum(pi.seen(ARM)) == len(found) > 200, "what the kernel noted was at the pin"
    begin = found[0].rose
    for number, degrees in enumerate((0, 45, 90, 135, 180)):
        widths = [pulse.width for pulse in found if number + 0.3 < pulse.rose - begin < number + 0.9]
        print(f"{degrees}°: {median(widths) * 1e6:.0f} µs, {angle(median(widths)):.1f}°")
        assert angle(median(widths)) == pytest.approx(degrees, abs=0.5)
    assert period(found) == pytest.approx(0.02, abs=1e-4)
    assert pi.level(ARM) == 0


def test_a_lamp_is_dimmed_and_a_buzzer_hums(pi: RaspberryPi) -> None:
    command = project(
        pi,
        "dim",
        f"""
{EVERY_SECOND}
outputs: {{lamp: {{use: led, pin: {LAMP}}}, horn: {{use: buzzer, pin: {HORN}}}}}
rules: [{{each: tick, then: [lamp.brightness(0.25), "horn.tone(440, 0.5)"]}}]
""",
    )
    with pi.traced() as pulses:
        assert pi.run(f"{command} --for 1.9s").code == 0
        light, sound = pulses(LAMP), pulses(HORN)
    assert median(pulse.width for pulse in light) == pytest.approx(0.0025, abs=5e-5)  # of 10 ms
    assert period(sound) == pytest.approx(1 / 440, abs=1e-5)
    assert (pi.level(LAMP), pi.level(HORN)) == (0, 0)


def test_a_relay_that_is_off_when_its_pin_is_high_ends_so(pi: RaspberryPi) -> None:
    relay = f"{{use: relay, pin: {PUMP}, active_low: true}}"
    command = project(pi, "pump", f"{EVERY_SECOND}\noutputs: {{pump: {relay}}}\nrules: [{{each: tick, then: [pump.on]}}]")
    assert pi.run(f"{command} --for 1.5s").code == 0
    assert (pi.seen(PUMP)[-2:], pi.level(PUMP)) == ([0, 1], 1)


def test_a_pin_that_another_project_has_is_told_once_and_taken_when_it_is_free(pi: RaspberryPi) -> None:
    command = project(
        pi, "one", f"{EVERY_SECOND}\noutputs: {{lamp: {{use: led, pin: {LAMP}}}}}\nrules: [{{each: tick, then: [lamp.on]}}]"
    )
    with pi.running(command) as first:
        first.wait_for("lamp  on")
        with pi.running(command) as second:
            second.wait_for("error XM646: Another program is using the pin.")
            first.stop()
            second.wait_for("lamp is back.")
            wait_until(lambda: pi.level(LAMP) == 1, START)
    assert second.output().count("error") == 1, second.output()


@pytest.mark.parametrize(
    ("node", "told"),
    [
        ("{use: distance, trigger: 5, echo: 6}", "error XM647: The distance sensor on GPIO6 gives no echo."),
        ("{use: dht, pin: 4}", "dtoverlay=dht11,gpiopin=4"),
        ("{use: bme280}", "sudo raspi-config nonint do_i2c 0"),
    ],
)
def test_what_is_not_connected_or_switched_on_is_told_once(node: str, told: str, pi: RaspberryPi) -> None:
    command = project(pi, "sensor", f"inputs: {{sensor: {node}}}\noutputs: {{lamp: {{use: led, pin: {LAMP}}}}}")
    code, said = pi.run(f"{command} --for 4s")
    assert code == 0 and told in said and said.count("error") == 1 and "arning" not in said, said


def test_a_32_bit_system_is_refused_in_one_line(pi: RaspberryPi) -> None:
    pi.run("mkdir -p /srv/armhf/opt /srv/armhf/dev; mount --bind /opt /srv/armhf/opt; mount --bind /dev /srv/armhf/dev")
    python = "PYTHONPATH=/opt/xmaker/lib/python3.11/site-packages chroot /srv/armhf /usr/bin/python3.11"
    assert pi.run(f"{python} -c 'import sys; print(sys.maxsize)'").output == "2147483647\n"
    code, said = pi.run(f"{python} -m xmaker run cat_dog")
    assert code == 1 and said.count("\n") == 1, said
    assert said.startswith("error XM706: XMaker needs Python 3.11 or newer on a 64-bit system; this is Python 3.11, 32-bit.")
    assert "64-bit Raspberry Pi OS" in said
