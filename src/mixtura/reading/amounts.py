"""What people write for a number: money, per cent, thousands in groups, decimal commas, accounts' brackets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

MISSING = frozenset([
    "", "na", "n/a", "nan", "-nan", "null", "none", ".", "?", "-", "--", "\N{EN DASH}", "\N{EM DASH}", "#n/a",
    "#n/a n/a", "#na", "<na>", "nat", "nil", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan",
])  # fmt: skip
MINUS = "-\N{MINUS SIGN}"  # a hyphen first, so that in brackets it stands for itself
BLANKS = str.maketrans(
    dict.fromkeys("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}", " ")
    | {"\N{RIGHT SINGLE QUOTATION MARK}": "'", "`": "'"}
)
CODES = (
    "USD", "EUR", "GBP", "JPY", "CHF", "CNY", "INR", "RUB", "BRL", "KRW", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF",
    "MXN", "ZAR", "TRY", "CAD", "AUD", "NZD", "HKD", "SGD", "ILS", "THB", "IDR", "US$", "CA$", "A$", "AU$", "C$",
    "NZ$", "HK$", "S$", "R$", "kr", "kr.", "zł", "Kč", "Ft", "Fr", "Fr.", "Rs", "Rs.", "RM", "$", "£", "¥", "¢", "฿",
)  # fmt: skip
_CURRENCY = "|".join(map(re.escape, sorted(CODES, key=len, reverse=True))) + "|[\u20a0-\u20cf]"
_CELL = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[{MINUS}+])?\s*(?P<before>{_CURRENCY})?\s*(?P<inner>[{MINUS}+(])?"
    rf"(?P<body>[0-9][0-9,.' ]*|[.,][0-9]+)(?P<power>[eE][+-]?[0-9]+)?\s*(?P<after>{_CURRENCY}|[%‰])?\s*(?P<shut>\))?"
)
_BODY = re.compile(
    r"(?P<head>[0-9]{1,3})(?P<groups>[,.' ])[0-9]{3}(?:(?P=groups)[0-9]{3})*(?:(?!(?P=groups))(?P<point>[.,])[0-9]*)?"
    r"|[0-9]{1,2}(?P<pairs>,)(?:[0-9]{2},)+[0-9]{3}(?:(?P<cents>\.)[0-9]*)?"  # lakhs and crores
    r"|[0-9]*(?:(?P<mark>[.,])[0-9]*)?"
)


class Amount(NamedTuple):
    """A cell taken apart: what is counted, the digits with what stands between them, and their sign and power."""

    unit: str
    body: str
    sign: str
    power: str


class Reading(NamedTuple):
    """How a column's numbers are written.

    Attributes
    ----------
    decimal : str
        What stands before decimals, a point or a comma.
    groups : str
        What may stand between thousands.
    unit : str
        A currency or "%"; empty where there is none.
    """

    decimal: str = "."
    groups: str = ""
    unit: str = ""


PLAIN = Reading()


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().lower() in MISSING


def is_number(cell: str) -> bool:
    """Whether a cell is a number or missing, as Python writes it.

    >>> is_number("1e-3"), is_number("1,5"), is_number("NA")
    (True, False, True)
    """
    try:
        return is_missing(cell) or float(cell) is not None
    except ValueError:
        return False


def taken_apart(cell: str) -> Amount | None:
    """An amount in any of the ways that people write it; None for anything else.

    >>> taken_apart("-$1,200.50")
    Amount(unit='$', body='1,200.50', sign='-', power='')
    >>> taken_apart("01.02.2020")
    """
    found = _CELL.fullmatch(cell.translate(BLANKS).strip())
    if found is None or (found["before"] and found["after"]):
        return None
    opened = (found["open"] or "") + (found["inner"] or "").strip(f"{MINUS}+")  # ($5) or $(5)
    if len(opened) != len(found["shut"] or ""):
        return None
    body = found["body"].strip()
    if not _BODY.fullmatch(body):
        return None
    signs = (found["sign"] or "") + (found["inner"] or "").strip("(") + ("-" if opened else "")
    if len(signs) > 1:
        return None
    unit = found["before"] or found["after"] or ""
    return Amount(unit, body, "-" if signs and signs in MINUS else "", found["power"] or "")


def reads(cell: str) -> bool:
    """Whether a cell is a number, in whatever way it is written."""
    return is_number(cell) or taken_apart(cell) is not None


def number(cell: str, reading: Reading) -> float:
    """A cell's number, nan where it is missing; a ValueError where it is none in this reading.

    >>> number("1.234,5", Reading(",", "."))
    1234.5
    >>> number("(12.5%)", Reading(unit="%"))
    -12.5
    """
    if is_missing(cell):
        return float("nan")
    if reading == PLAIN:
        return float(cell)
    amount = taken_apart(cell)
    if amount is None and reading.unit == "" and reading.decimal == ".":
        return float(cell)
    if amount is None or not (amount.unit == reading.unit or (amount.unit == "" and reading.unit not in ("%", "‰"))):
        raise ValueError(cell)
    groups, point = _marks(amount.body, reading.decimal)
    if (groups and groups not in reading.groups) or (point and point != reading.decimal):
        raise ValueError(cell)
    digits = amount.body.replace(groups, "") if groups else amount.body
    return float(amount.sign + digits.replace(reading.decimal, ".") + amount.power)


def reading_of(cells: Iterable[str], commas: bool | None = None) -> Reading:
    """How most of a column's cells write their numbers.

    Parameters
    ----------
    cells : iterable of str
    commas : bool, optional
        Whether decimals have commas elsewhere in the table, which settles "1,234"; a group of three by default.

    Examples
    --------
    >>> reading_of(["$1,200.50", "$3"])
    Reading(decimal='.', groups=',', unit='$')
    >>> reading_of(["1,5", "1.234,5"])
    Reading(decimal=',', groups='.', unit='')
    """
    amounts = [amount for cell in cells if not is_missing(cell) and (amount := taken_apart(cell)) is not None]
    units = Counter(amount.unit for amount in amounts if amount.unit)
    unit = units.most_common(1)[0][0] if units else ""
    bodies = {amount.body for amount in amounts}
    told = Counter(mark for body in bodies if (mark := _tells(body)))
    if told:
        decimal = "," if told[","] > told["."] else "."
    else:
        marked = any("," in body or (commas and "." in body) for body in bodies)
        decimal = "," if commas and marked else "."
    groups = "".join(sorted({found for body in bodies if (found := _marks(body, decimal)[0])}))
    return Reading(decimal, groups, unit)


def _tells(body: str) -> str:
    """The decimal mark that a number shows without doubt; empty where "1,234" may be either."""
    found = _BODY.fullmatch(body)
    if found is None or not (mark := found["groups"] or found["pairs"] or found["mark"] or ""):
        return ""
    if found["mark"]:
        return mark
    other = {",": ".", ".": ","}.get(mark, "")
    if found["point"] or found["cents"]:
        return found["point"] or found["cents"]
    if body.count(mark) > 1:
        return other
    return mark if found["head"] == "0" and other else ""


def _marks(body: str, decimal: str) -> tuple[str, str]:
    """What stands between groups and before decimals, where one mark may be either according to `decimal`."""
    found = _BODY.fullmatch(body)
    if found is None:
        return "", ""
    groups = found["groups"] or found["pairs"] or ""
    point = found["point"] or found["cents"] or found["mark"] or ""
    if groups == decimal and body.count(groups) == 1:
        return "", groups
    return groups, point
