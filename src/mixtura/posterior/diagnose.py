"""How sure we are: ArviZ's diagnostics in a table, and what is wrong with a fit in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mixtura.data import Points
from mixtura.params import Floats
from mixtura.propriety import can_collapse, repeats

if TYPE_CHECKING:
    import pandas as pd

    from mixtura.fit import Fit

COLUMNS = ("mean", "sd", "hdi_lower", "hdi_upper", "mcse_mean", "mcse_sd", "ess_bulk", "ess_tail", "r_hat")
R_HAT_LIMIT = 1.01  # Vehtari et al. 2021
ESS_PER_CHAIN = 100  # Vehtari et al. 2021: bulk and tail ESS of at least 100 per chain


def rows_of(fit: Fit) -> dict[str, Floats]:
    """Every scalar of the posterior by its name in the summary, each (c, s); label-free ones last."""
    rows: dict[str, Floats] = {}
    for name, variable in fit.posterior.data_vars.items():
        values = variable.to_numpy()
        if values.ndim == 2:
            rows[str(name)] = values
        else:
            rows |= {f"{name}[{j}]": values[..., j] for j in range(values.shape[-1])}
    stats = fit.sample_stats
    return rows | {"lp": stats["lp"].to_numpy(), "occupied": stats["occupied"].to_numpy().astype(float)}


def summarise(rows: dict[str, Floats], prob: float) -> pd.DataFrame:
    """Mean, sd, highest-density interval, Monte Carlo standard errors, effective sample sizes and R-hat of each row.

    Diagnostics are NaN for what never moves, and for fewer than 4 draws.
    """
    import pandas as pd
    from arviz_stats.base import array_stats  # type: ignore[attr-defined]

    draws = np.stack(list(rows.values()))
    moving = np.ptp(draws, axis=(1, 2)) > 0
    table = pd.DataFrame(np.nan, index=list(rows), columns=list(COLUMNS))
    table["mean"] = draws.mean((1, 2))
    table["sd"] = draws.std((1, 2), ddof=1) if draws[0].size > 1 else np.nan
    table["hdi_lower"] = table["hdi_upper"] = draws[:, 0, 0]
    if not moving.any() or draws.shape[2] < 4:
        return table
    draws, axes = draws[moving], {"chain_axis": 1, "draw_axis": 2}
    table.loc[moving, ["hdi_lower", "hdi_upper"]] = array_stats.hdi(draws.reshape(len(draws), -1), prob, axis=-1)
    table.loc[moving, "mcse_mean"] = array_stats.mcse(draws, method="mean", **axes)
    table.loc[moving, "mcse_sd"] = array_stats.mcse(draws, method="sd", **axes)
    table.loc[moving, "ess_bulk"] = array_stats.ess(draws, method="bulk", **axes)
    table.loc[moving, "ess_tail"] = array_stats.ess(draws, method="tail", prob=(0.05, 0.95), **axes)
    table.loc[moving, "r_hat"] = array_stats.rhat(draws, **axes)
    return table


def find_faults(fit: Fit, table: pd.DataFrame) -> tuple[str, ...]:
    """What is wrong with this fit, whose summary is `table`, and what to do, one sentence each."""
    checks = (_interrupted, _unmixed, _divergent, _empty, _collapsed, _tied)
    return tuple(fault for check in checks if (fault := check(fit, table)))


def _interrupted(fit: Fit, _: pd.DataFrame) -> str | None:
    if not fit.attrs.get("interrupted"):
        return None
    return f"interrupted: each chain kept {fit.posterior.sizes['draw']} draws."


def _unmixed(fit: Fit, table: pd.DataFrame) -> str | None:
    table = table.drop(index="occupied")
    chains = fit.posterior.sizes["chain"]
    worst, least = table["r_hat"].max(), table[["ess_bulk", "ess_tail"]].min(axis=1)
    if worst > R_HAT_LIMIT:
        return (
            f"chains disagree: R-hat is {worst:.3f} for {table['r_hat'].idxmax()} (want {R_HAT_LIMIT} or less). Draw "
            "more, or give priors that say more; fit.summary() and plots.trace(fit) show where."
        )
    if least.min() < ESS_PER_CHAIN * chains:
        return (
            f"few effective draws: {least.min():.0f} for {least.idxmin()} (want {ESS_PER_CHAIN * chains}). Draw more"
            + ("." if fit.algorithm == "nuts" else ", or use algorithm='nuts'.")
        )
    return None


def _divergent(fit: Fit, _: pd.DataFrame) -> str | None:
    if "diverging" not in fit.sample_stats:
        return None
    n = int(fit.sample_stats["diverging"].sum())
    if n == 0:
        return None
    total = fit.sample_stats["diverging"].size
    remedy = (
        "Use fewer components, or compare with algorithm='gibbs'."
        if fit.model.scales is None
        else "Leave scales out for the default prior, which stays away from 0, or use fewer components."
    )
    return (
        f"{n} of {total} transitions diverged: the sampler met a density too steep for its steps and may miss part of "
        f"it. {remedy}"
    )


def _empty(fit: Fit, _: pd.DataFrame) -> str | None:
    share = float((fit.sample_stats["occupied"] < fit.n_components).mean())
    if fit.n_components == 1 or share < 0.5:
        return None
    typical = int(np.median(fit.sample_stats["occupied"]))
    return (
        f"empty components: in {share:.0%} of the draws some of the {fit.n_components} components hold no point; "
        f"{typical} are occupied typically. Fewer components would do."
    )


def _collapsed(fit: Fit, _: pd.DataFrame) -> str | None:
    if repeats(Points(fit.x, fit.weights))[0] < 2:
        return None
    labels = fit.predict()
    on_one_value = [
        j for j in range(fit.n_components) if fit.weights[labels == j].sum() >= 2 and np.ptp(fit.x[labels == j]) == 0
    ]
    if not on_one_value:
        return None
    return (
        f"collapsed components: {', '.join(map(str, on_one_value))} hold nothing but copies of one value. If values "
        "repeat by rounding, give variances=InverseGamma(alpha, beta) with a beta of about the rounding squared, or "
        "use fewer components."
    )


def _tied(fit: Fit, _: pd.DataFrame) -> str | None:
    data = Points(fit.x, fit.weights)
    if fit.model.scales is None or not can_collapse(fit.model, data):
        return None
    return (
        f"ties: {int((repeats(data) > 1).sum())} values repeat, up to {repeats(data)[0]:g} times, and "
        f"scales={fit.model.scales!r} does not keep scales from 0 against that, so the posterior is improper: a "
        "component can collapse onto them. Leave scales out for the default prior, or give "
        "variances=InverseGamma(2, beta) with beta a number, about the variance that you expect of a component."
    )
