"""The table that `mixtura.compare` returns: a data frame with a face for notebooks."""

from __future__ import annotations

from typing import Any

import pandas as pd


class Comparison(pd.DataFrame):
    """A data frame of fits, best first; parts of it are plain data frames."""

    @property
    def _constructor(self) -> Any:
        return pd.DataFrame

    def _repr_html_(self) -> str:
        from mixtura.notebook.faces import of_comparison

        return of_comparison(self)
