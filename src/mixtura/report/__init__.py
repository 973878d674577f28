"""The report of a fit: one HTML file that needs nothing else, to read in a minute and hand to a colleague.

`findings` works out what is shown, `content` says it in words, `charts` draws it, `page` sets it.
"""

from mixtura.report.comparison import compare
from mixtura.report.write import html_of, write

__all__ = ["compare", "html_of", "write"]


def __dir__() -> list[str]:
    return sorted(__all__)
