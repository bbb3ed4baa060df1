"""Runs where pinpong finds a UNIHIKER M10 (see virtual_m10.sh): moves every part, and looks at the files behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xmaker_pinpong import Pinpong

from xmaker import Plugins, Runtime
from xmaker.testing import as_project, wait_until

GPIO, PWM, ADC = (
    "/sys/class/gpio/gpio{}/value",
    "/sys/class/pwm/pwmchip2/pwm{}/{}",
    "/sys/bus/iio/devices/iio:device{}/in_voltage0_raw",
)
BENCH = """
inputs: {knob: {use: analog, pin: P21}}
outputs: {lamp: {use: led}, arm: {use: servo, pin: P23}}
rules: [{each: knob, then: [lamp.brightness(knob), arm.angle(knob * 180)]}]
"""


def shown(path: str, *parts: Any) -> str:
    return Path(path.format(*parts)).read_text().strip()


def show(value: object, path: str, *parts: Any) -> None:
    file = Path(path.format(*parts))
    file.with_suffix(".new").write_text(f"{value}\n")
    file.with_suffix(".new").replace(file)  # at once: nobody reads an empty file, as nobody does in a kernel


def run_a_project() -> None:
    board = Plugins.load().board()
    assert (board.name, board.driver, board.i2c_bus, board.simulated) == ("unihiker", "pinpong", 4, False), board
    project = as_project(BENCH)
    runtime = Runtime(project.plugins)
    runtime.apply(project)
    show(4095, ADC, 10)
    wait_until(lambda: shown(GPIO, 215) == "1", 10)
    wait_until(lambda: shown(PWM, 11, "duty_cycle") == "17500")  # 20 ms less 2.5 ms, upside down
    wait_until(lambda: shown(PWM, 11, "period") == "20000" and shown(PWM, 11, "polarity") == "inversed")
    show(0, ADC, 10)
    wait_until(lambda: shown(GPIO, 215) == "0" and shown(PWM, 11, "duty_cycle") == "19500")
    runtime.stop()
    assert shown(PWM, 11, "enable") == "0"
    print("project", [worker.state for worker in runtime.workers.values()])


def move_the_other_parts() -> None:
    driver = Pinpong()
    a, b, pin = driver.open("input", "A", pull="up"), driver.open("input", "B"), driver.open("input", "P22")
    assert (a.read(), b.read(), pin.read()) == (0, 0, 0)
    show(0, GPIO, 219), show(1, GPIO, 216)
    assert (a.read(), b.read(), pin.read()) == (1, 0, 1)
    light = driver.open("light", "")
    show(4095, ADC, 2)
    dark = light.read()
    show(1024, ADC, 2)
    assert dark == 0 and abs(light.read() - 0.75) < 0.01
    dimmer = driver.open("output", "P8")
    dimmer.write(0.25)
    wait_until(lambda: shown(PWM, 21, "duty_cycle") == "256" and shown(PWM, 21, "period") == "1024")
    buzzer = driver.open("tone", "")
    for frequency in (440, 880, 220):
        buzzer.write(frequency)
        wait_until(lambda period=1_000_000 // frequency: shown(PWM, 8, "period") == str(period))
        wait_until(lambda period=1_000_000 // frequency: abs(int(shown(PWM, 8, "duty_cycle") or 0) - period / 2) <= 1)
    assert len(driver.open("accelerometer", "").read()) == 3
    print("accelerometer", driver.open("accelerometer", "").read())
    assert driver.open("dht", "P5", model=22).read() == (23.25, 41.5)
    assert driver.open("distance", "P6", "P7").read() == 3.0
    driver.open("pixels", "P4", count=3).write([(1, 2, 3), (1, 2, 3), (9, 0, 0)])
    wait_until(lambda: Path("/dev/ws_2812").read_bytes().endswith(bytes([4, 2, 0, 1, 1, 2, 3, 4, 2, 2, 2, 9, 0, 0])))
    buzzer.write(0)
    wait_until(lambda: shown(PWM, 8, "duty_cycle") == "0")
    driver.close()
    assert shown(PWM, 21, "duty_cycle") == "0"
    print("parts", driver._link and driver._link.process.returncode)


if __name__ == "__main__":
    run_a_project()
    move_the_other_parts()
