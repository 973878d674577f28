"""Numbers as people read them: as many digits as are known, a true minus, and a range beside the estimate."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from mixtura import digits
from mixtura.arrays import Floats
from mixtura.digits import plain
from mixtura.posterior import convergence

MOST_PLACES, MOST_POWER, MOST_FINE = 6, 7, 10  # of a number written out: decimals, size, size if all of it is known
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
UNIT = re.compile(r"^(?P<what>.*\S)\s+[(\[](?P<unit>[^()\[\]]{1,24})[)\]]$")


class Estimate(NamedTuple):
    """A posterior mean and the interval about it, as text; no interval where nothing was estimated."""

    value: str
    interval: str

    def __str__(self) -> str:
        return f"{self.value} ({self.interval})" if self.interval else self.value


def estimate(draws: Floats, prob: float, unit: str = "") -> Estimate:
    """Mean and highest-density interval of draws (c, s), to the digits that the interval's width leaves standing.

    >>> import numpy as np
    >>> draws = np.array([[20.4, 20.6, 20.8, 21.0, 21.2, 21.4, 21.6]])
    >>> str(estimate(draws, 0.6, "km/s"))
    '21.0 km/s (20.6–21.4)'
    """
    mean = float(draws.mean())
    if draws.max() == draws.min():
        return Estimate(with_unit(_set(plain(mean, 0.0)), unit), "")
    low, high = (float(end[0]) for end in convergence.hdi(draws[None], prob))
    size = max(abs(mean), abs(low), abs(high))
    places = digits.places((high - low) / 3, 1)
    plainly = size < 10 ** (MOST_POWER if places < 0 else MOST_FINE) and (places <= MOST_PLACES or size >= 1)
    power = 0 if plainly else math.floor(math.log10(size))
    mean, low, high = (end / 10.0**power for end in (mean, low, high))
    texts = [number(end, max(places + power, 0)) for end in (mean, low, high)]
    times = f" × 10{str(power).translate(RAISED)}" if power else ""
    return Estimate(with_unit(texts[0] + times, unit), between(texts[1], texts[2]) + times)


def percentage(draws: Floats, prob: float) -> Estimate:
    """An estimate of a share, in percent.

    >>> import numpy as np
    >>> str(percentage(np.array([[0.3, 0.4, 0.5]]), 0.5))
    '40 % (30–40 %)'
    """
    value, interval = estimate(100.0 * draws, prob)
    return Estimate(f"{value} %", f"{interval} %" if interval else "")


def rough(share: float) -> str:
    """A share in whole percent; what is neither none nor all does not read like it.

    >>> rough(0.414), rough(0.9999)
    ('41 %', '> 99 %')
    """
    if 0.995 <= share < 1:
        return "> 99 %"
    return "< 1 %" if 0 < share < 0.005 else f"{number(100 * share, 0)} %"


def places_for(size: float) -> int:
    """Decimals that show the first digit of a number of this size.

    >>> places_for(0.27), places_for(3.0)
    (1, 0)
    """
    return max(digits.places(size, 1), 0) if 0 < size < math.inf else 0


def number(value: float, places: int | None) -> str:
    """A number with this many decimals, or, if None, as many as a person gave; thousands are set apart by commas.

    >>> number(-1234.5, 1), number(0.0001, None)
    ('−1,234.5', '0.0001')
    """
    if not math.isfinite(value):
        return "–"
    return _set(digits.known(value) if places is None else digits.written(value, places))


def value_among(value: float, span: float) -> str:
    """A value of the data, in four digits, or in as many as tell it apart from others in a range of that span.

    >>> value_among(9.17234, 25.1), value_among(2452015.2534, 60.0)
    ('9.172', '2,452,015.3')
    """
    return _set(digits.plain(value, span / 30 or math.nan))


def _set(text: str) -> str:
    """Digits as print sets them."""
    if float(text) == 0:
        text = text.lstrip("-")
    shown, _, power = text.partition("e")
    whole, point, rest = shown.partition(".")
    shown = f"{int(whole):,}{point}{rest}" if len(whole.lstrip("-")) > 3 else shown
    return f"{shown} × 10{str(int(power)).translate(RAISED)}".replace("-", "−") if power else shown.replace("-", "−")


def between(low: str, high: str) -> str:
    """A range of two numbers: a dash between them, or a word where a minus would be mistaken for one.

    >>> between("−2", "3")
    '−2 to 3'
    """
    return f"{low} to {high}" if "−" in low + high else f"{low}–{high}"


def with_unit(text: str, unit: str) -> str:
    """A number and its unit; a unit that is itself a number, as in "1000 km/s", multiplies.

    >>> with_unit("21", "1000 km/s")
    '21 × 1000 km/s'
    """
    if not unit:
        return text
    return f"{text} × {unit}" if unit[0].isdigit() else f"{text} {unit}"


def split_unit(name: str) -> tuple[str, str]:
    """A column's name, and the unit that it ends in, if any.

    >>> split_unit("velocity (km/s)"), split_unit("f(x)")
    (('velocity', 'km/s'), ('f(x)', ''))
    """
    found = UNIT.match(name)
    return (found["what"], found["unit"]) if found else (name, "")


def counted(n: float, what: str) -> str:
    """How many of something.

    >>> counted(1, "point"), counted(1200, "point")
    ('1 point', '1,200 points')
    """
    return f"{number(n, 0 if n == round(n) else 1)} {what}{'s' * (n != 1)}"


def listed(parts: Sequence[str]) -> str:
    """A list in a sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
