"""How many digits a number is printed with: those that its standard deviation leaves standing, and four at least."""

from __future__ import annotations

import math
from collections.abc import Iterable

LEAST = 4  # digits of a number that are shown where its standard deviation does not ask for more
SHOWN = 2  # digits of a standard deviation that are
MOST = 17  # digits that tell any two numbers apart
PLAIN, SMALL, FINE = 10, -4, 6  # written out: powers of ten below the one, from the other on, or up to so many decimals


def places(sd: float, shown: int = SHOWN) -> int:
    """Decimals that show so many digits of a standard deviation; negative where they all stand before the point.

    >>> places(0.0123), places(4.0), places(5120.0)
    (3, 1, -2)
    """
    return shown - 1 - _power(sd)


def written(value: float, decimals: int) -> str:
    """A number to so many decimals; where that gets long with an exponent, to the same digit.

    >>> written(2452015.26, 1), written(1e8 + 1.5e-8, 9), written(1.2345e-8, 10), written(1.7e18 + 1e9, -8)
    ('2452015.3', '100000000.00000001', '1.23e-08', '1.700000001e+18')
    """
    size = _power(value)
    if size < PLAIN and (decimals <= FINE or (value and size >= SMALL)):
        return f"{value:.{min(max(decimals, 0), MOST - 1 - max(size, 0))}f}"
    digits, _, power = f"{value:.{min(max(size + decimals, 1), MOST - 1)}e}".partition("e")
    return f"{digits.rstrip('0').rstrip('.')}e{power}" if value else "0"


def plain(value: float, sd: float = math.nan, least: int = LEAST) -> str:
    """A number in four digits, or in as many as show two of its standard deviation; what does not vary in full.

    >>> plain(21.4042, 0.23), plain(2452015.26, 0.31), plain(52341.4), plain(1 / 3, 0.0), plain(2452015.5, 0.0)
    ('21.4', '2452015.26', '52341', '0.333333', '2452015.5')
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else str(value)
    if sd == 0:
        return known(value, MOST)
    size = _power(value)
    wanted = max(least, size + places(sd) + 1) if 0 < sd < math.inf else least
    text = f"{value:.{least}g}"
    short = wanted == least and ("e+" not in text or size >= 2 * LEAST)
    return text if short else written(value, wanted - 1 - size)


def beyond(value: float, limit: float, decimals: int) -> str:
    """A number to so many decimals, or to as many as show on which side of a limit it is.

    >>> beyond(1.0104, 1.01, 3), beyond(1.0141, 1.01, 3)
    ('1.0104', '1.014')
    """
    shown = f"{value:.{decimals}f}"
    same_side = (float(shown) > limit) == (value > limit) and (float(shown) < limit) == (value < limit)
    return shown if same_side or decimals >= MOST else beyond(value, limit, decimals + 1)


def known(value: float, most: int = 10) -> str:
    """A number that somebody gave, as a person writes it: in full if that is short, else in six digits, more if large.

    >>> known(10.0), known(0.1), known(2452015.5), known(1 / 3), known(1e6 / 3)
    ('10', '0.1', '2452015.5', '0.333333', '333333.3333')
    """
    text = repr(float(value)).removesuffix(".0")
    if abs(value) >= 1e5 and most == MOST:
        return text
    short = sum(map(str.isdigit, text)) <= 12 and "e" not in text
    return text if short else f"{value:.{6 if abs(value) < 1e5 else most}g}"


def vector(values: Iterable[float], sds: Iterable[float]) -> str:
    """Numbers in brackets, or one without, to four decimals or to where their standard deviations leave them standing.

    >>> vector([19.4515, 2452015.25], [1.5, 0.3]), vector([1e8 + 1.5e-8], [1e-9])
    ('[19.4515 2452015.25]', '100000000.00000001')
    """
    finer = [(v, max(places(sd), 4) if _power(v) < PLAIN else places(sd)) for v, sd in zip(values, sds, strict=True)]
    texts = [trimmed(v, decimals) for v, decimals in finer]
    shown = [*texts[:3], "...", *texts[-3:]] if len(texts) > 12 else texts
    return texts[0] if len(texts) == 1 else f"[{' '.join(shown)}]"


def trimmed(value: float, decimals: int) -> str:
    """A number to so many decimals at most.

    >>> trimmed(25000.0, 2), trimmed(0.125, 2)
    ('25000', '0.12')
    """
    text = written(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _power(value: float) -> int:
    """The power of ten of a number's first digit; 0 of 0."""
    return math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
