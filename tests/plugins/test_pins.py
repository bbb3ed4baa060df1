"""LED, servo and the sensors on pins: on the simulator, and through gpiozero's own code on its mock pins."""

from __future__ import annotations

import pytest
from xmaker_gpiozero import Gpiozero

from xmaker import DeviceError


def test_without_an_spi_bus_an_analog_pin_is_a_device_that_is_missing() -> None:
    driver = Gpiozero(simulate=True)
    with pytest.raises(DeviceError, match="cannot use the pin"):
        driver.analog("A0")
    driver.close()
