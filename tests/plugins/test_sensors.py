"""Sensors that are more than one number on a pin: air, motion, and how the board lies."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
import xmaker_bme280
import xmaker_gpiozero

from xmaker import DeviceError, Reading
from xmaker.testing import FakeI2C, check_plugin

# The example of Bosch's data sheet for the BMP280, appendix 8.1: 25.08 °C and 100653 Pa.
TEMPERATURE = struct.pack("<Hhh", 27504, 26435, -1000)
PRESSURE = struct.pack("<Hhhhhhhhh", 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
HUMIDITY = struct.pack("<hBbBbb", 362, 0, 20, 0x05, 3, 30)
RAW = ((415148 << 4).to_bytes(3), (519888 << 4).to_bytes(3), (30000).to_bytes(2))
CHIP = {0xD0: 0x60, 0x88: TEMPERATURE + PRESSURE, 0xA1: 75, 0xE1: HUMIDITY, 0xF7: b"".join(RAW)}


def readings(run: Any) -> list[dict[str, Any]]:
    return [event.value.values for event in run.events if isinstance(event.value, Reading)]


def test_a_bme280_computes_as_its_data_sheet_does(xmaker_run: Any) -> None:
    bus = FakeI2C({0x77: CHIP})
    run = xmaker_run("inputs: {air: {use: bme280, address: 0x77}}\noutputs: {screen: {from: air}}\n", real=("air",), i2c=bus)
    run.advance(1)
    air = readings(run)[0]
    assert air["temperature"] == 25.08
    assert air["pressure"] == pytest.approx(1006.5, abs=0.05)
    assert 0 < air["humidity"] < 100
    assert bus.devices[0x77][0xF4] == 0x27


def test_another_chip_at_its_address_is_told(xmaker_run: Any) -> None:
    run = xmaker_run(
        "inputs: {air: {use: bme280}}\noutputs: {screen: {from: air}}\n", real=("air",), i2c=FakeI2C({0x76: {0xD0: 0x58}})
    )
    assert [error.code for error in run.errors] == ["XM856"]


def test_the_model_of_sensor_plugins_keeps_their_rules() -> None:
    check_plugin(xmaker_bme280, i2c=FakeI2C({0x76: CHIP}))


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("{use: dht, pin: 4}", {"temperature": 20.0, "humidity": 50.0}),
        ("{use: motion, pin: 4}", {"value": False}),
        ("{use: accelerometer}", {"x": 0.0, "y": 0.0, "z": 1.0, "strength": 1.0}),
    ],
)
def test_on_simulated_pins_a_sensor_itself_can_run(node: str, expected: dict[str, Any], xmaker_run: Any) -> None:
    project = f"inputs: {{thing: {node}}}\noutputs: {{screen: {{from: thing}}}}\n"
    run = xmaker_run(project, real=("thing",), i2c=FakeI2C({}))
    assert readings(run)[0] == expected


def test_a_raspberry_pi_reads_a_dht_through_linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xmaker_gpiozero, "IIO", tmp_path)
    driver = xmaker_gpiozero.Gpiozero(simulate=True)
    with pytest.raises(DeviceError) as missing:
        driver.dht("4", 11)
    assert "dtoverlay=dht11,gpiopin=4" in missing.value.show("en")
    device = tmp_path / "iio:device0"
    device.mkdir()
    for name, text in (("name", "dht11@4"), ("in_temp_input", "23400"), ("in_humidityrelative_input", "41000")):
        (device / name).write_text(text + "\n")
    assert driver.dht("4", 11).read() == (23.4, 41.0)
    (device / "in_temp_input").unlink()
    with pytest.raises(DeviceError) as silent:
        driver.dht("4", 11).read()
    assert silent.value.code == "XM628"
    driver.close()


def test_a_raspberry_pi_reads_an_accelerometer_through_linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xmaker_gpiozero, "IIO", tmp_path)
    driver = xmaker_gpiozero.Gpiozero(simulate=True)
    with pytest.raises(DeviceError) as missing:
        driver.accelerometer("")
    assert "dtoverlay=mpu6050" in missing.value.show("en")
    device = tmp_path / "iio:device1"
    device.mkdir()
    # what Linux shows of an MPU6050 at ±2 g: 16384 to 1 g
    for name, text in (("x_raw", "8192"), ("y_raw", "-16384"), ("z_raw", "0"), ("scale", "0.000598")):
        (device / f"in_accel_{name}").write_text(text + "\n")
    assert driver.accelerometer("").read() == pytest.approx((0.5, -1, 0), abs=0.01)
    (device / "in_accel_z_raw").unlink()
    with pytest.raises(DeviceError) as silent:
        driver.accelerometer("").read()
    assert silent.value.code == "XM648"
    driver.close()
