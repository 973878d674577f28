"""The table that `Fit.summary` returns: a data frame that is printed to the digits that each sd leaves standing."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mixtura.posterior.overview import cells


class Table(pd.DataFrame):
    """A data frame of estimates, a row per parameter; parts of it are plain data frames.

    It looks as pandas prints it, unless pandas would write powers of ten, in which means far from 0 look alike.
    """

    @property
    def _constructor(self) -> Any:
        return pd.DataFrame

    def __repr__(self) -> str:
        return repr(self._shown())

    def _repr_html_(self) -> str:
        return str(self._shown()._repr_html_())

    def to_string(self, *given: Any, **options: Any) -> Any:
        """As pandas' own; without options, as printed."""
        return (pd.DataFrame(self) if given or options else self._shown()).to_string(*given, **options)

    def _shown(self) -> pd.DataFrame:
        """The numbers, or their texts where pandas' are not to be told apart."""
        numbers = pd.DataFrame(self)
        if not {"mean", "sd", "r_hat"} <= set(self.columns) or "e+" not in numbers.to_string():
            return numbers
        texts = [cells(row, list(self.columns)) for _, row in numbers.iterrows()]
        return pd.DataFrame(texts, index=self.index, columns=self.columns)
