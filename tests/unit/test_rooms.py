"""Both rooms, points on a line and rows, offer the same names with the same signatures."""

from importlib import import_module
from inspect import signature

import numpy as np
import pytest

from mixtura.algorithms.rooms import Room, room_of
from mixtura.reading.data import points

LINE, ROWS = (import_module(f"mixtura.algorithms.{room}.sample") for room in ("line", "rows"))


@pytest.mark.parametrize("name", Room.__annotations__)
def test_what_a_room_offers_is_in_both(name):
    kinds = [
        [(p.kind, p.annotation) for p in signature(getattr(room, name)).parameters.values()] for room in (LINE, ROWS)
    ]
    assert kinds[0] == kinds[1]


def test_data_are_led_to_their_room():
    assert room_of(points([1, 2, 3])) is LINE
    assert room_of(points(np.eye(3))) is ROWS
