"""ArviZ's functions and plots take our trees, of a column and of rows; what has no meaning here, the docs name."""

from __future__ import annotations

import json
from pathlib import Path

import arviz_stats as azs
import numpy as np
import pytest

import mixtura as mx

PAGE = Path(__file__).parents[2] / "docs" / "ecosystem.md"
OF_THE_POSTERIOR = [
    "ci_in_rope",
    "diagnose",
    "ess",
    "eti",
    "hdi",
    "histogram",
    "iqr",
    "kde",
    "mad",
    "mcse",
    "mean",
    "median",
    "mode",
    "psense",
    "qds",
    "rhat",
    "std",
    "summary",
    "thin",
    "var",
]
OF_POINTS = ["loo", "loo_influence", "loo_subsample"]
OF_ONE_FEATURE = ["loo_expectations", "loo_metrics", "loo_pit", "loo_score", "metrics"]
PLAIN = {
    "ci_in_rope": {"rope": (0, 1)},
    "loo_subsample": {"observations": 20},
}
OTHERWISE = {
    "bayes_factor": lambda tree: azs.bayes_factor(tree.sel(component=0), "weight", ref_vals=0.5),
    "bfmi": lambda tree: azs.bfmi(tree),
    "compare": lambda tree: azs.compare({"one": tree, "other": tree.isel(draw=slice(90))}),
    "ecdf": lambda tree: azs.ecdf(tree["posterior"].dataset),
    "hexbin": lambda tree: azs.hexbin(*first_and_last(tree)),
    "histogram2d": lambda tree: azs.histogram2d(*first_and_last(tree)),
    "kde2d": lambda tree: azs.kde2d(*first_and_last(tree)),
    "kl_divergence": lambda tree: azs.kl_divergence(tree, tree, num_samples=100),
    "loo_i": lambda tree: azs.loo_i(3, tree),
    "psense_summary": lambda tree: azs.psense_summary(tree.map_over_datasets(with_parts)),
    "rhat_nested": lambda tree: azs.rhat_nested(tree, superchain_ids=[0, 1]),
    "update_subsample": lambda tree: azs.update_subsample(
        azs.loo_subsample(tree, 20, pointwise=True), tree, observations=10
    ),
    "wasserstein": lambda tree: azs.wasserstein(tree, tree, num_samples=100),
    "weight_predictions": lambda tree: azs.weight_predictions([tree, tree], weights=[0.4, 0.6]),
}
WITHOUT_MEANING = [
    "bayesian_r2",
    "generate_survival_curves",
    "kaplan_meier",
    "lfo_cv",
    "loo_approximate_posterior",
    "loo_kfold",
    "loo_moment_match",
    "loo_r2",
    "reloo",
    "residual_r2",
    "SamplingWrapper",
]

PLOTS_OF_THE_POSTERIOR = [
    "autocorr",
    "convergence_dist",
    "dgof",
    "dgof_dist",
    "dist",
    "energy",
    "ess",
    "ess_evolution",
    "forest",
    "mcse",
    "parallel",
    "rank",
    "rank_dist",
    "ridge",
    "trace",
    "trace_dist",
    "prior_posterior",
]
PLOTS_OF_ROWS = ["ppc_dist", "ppc_tstat"]
PLOTS_OF_ONE_FEATURE = ["loo_interval", "loo_pit", "ppc_dist_pit", "ppc_interval", "ppc_pit"]
PLOTS_OTHERWISE = {
    "bf": lambda plots, tree: plots.plot_bf(tree.sel(component=0), var_names="weight", ref_val=0.5),
    "compare": lambda plots, tree: plots.plot_compare(azs.compare({"one": tree, "other": tree.isel(draw=slice(90))})),
    "khat": lambda plots, tree: plots.plot_khat(azs.loo(tree, pointwise=True)),
    "pair": lambda plots, tree: plots.plot_pair(tree, var_names="weight"),
    "pair_focus": lambda plots, tree: plots.plot_pair_focus(tree.sel(component=0), focus_var="weight"),
    "psense_dist": lambda plots, tree: plots.plot_psense_dist(tree, var_names="weight"),
    "psense_quantities": lambda plots, tree: plots.plot_psense_quantities(tree, var_names="weight"),
}
PLOTS_WITHOUT_MEANING = [
    "plot_ecdf_pit",
    "plot_lm",
    "plot_loo_pava",
    "plot_ppc_censored",
    "plot_ppc_pava",
    "plot_ppc_pava_residuals",
    "plot_ppc_rootogram",
]


def with_parts(group):
    """Components under another name, for ArviZ's `psense_summary` makes an axis of that name."""
    return group.rename({"component": "part"} if "component" in group.dims else {})


def first_and_last(tree):
    weights = tree["posterior"]["weight"]
    return [weights.isel(component=at, drop=True) for at in (0, -1)]


@pytest.fixture(scope="module")
def trees():
    """By name: of a column, of rows, and of one feature of the rows."""
    shape = {"draws": 100, "chains": 2, "algorithm": "nuts", "seed": 1}
    column = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), **shape)
    rows = mx.GaussianMixture(n_components=2).sample(mx.datasets.iris().x.iloc[:, :2], **shape)
    found = {
        name: fit.to_datatree(log_likelihood=True, posterior_predictive=True, prior=True)
        for name, fit in {"column": column, "rows": rows}.items()
    }
    return found | {"one feature": found["rows"].sel(feature="sepal_width")}


def there(module, name):
    if not hasattr(module, name):
        pytest.skip(f"{module.__name__} {module.__version__} HAS NO {name}")
    return getattr(module, name)


@pytest.mark.filterwarnings("ignore")  # of ArviZ, about draws this few
@pytest.mark.parametrize("of", ["column", "rows"])
@pytest.mark.parametrize("name", sorted([*OF_THE_POSTERIOR, *OF_POINTS, *OF_ONE_FEATURE, *OTHERWISE]))
def test_every_function_with_a_meaning_takes_our_trees(trees, name, of):
    function = there(azs, name)
    tree = trees["one feature" if of == "rows" and name in OF_ONE_FEATURE else of]
    found = OTHERWISE[name](tree) if name in OTHERWISE else function(tree, **PLAIN.get(name, {}))
    assert found is not None


@pytest.mark.filterwarnings("ignore")  # of ArviZ and what it draws with
@pytest.mark.parametrize("of", ["column", "rows"])
@pytest.mark.parametrize(
    "name", sorted([*PLOTS_OF_THE_POSTERIOR, *PLOTS_OF_ROWS, *PLOTS_OF_ONE_FEATURE, *PLOTS_OTHERWISE])
)
def test_every_plot_with_a_meaning_takes_our_trees(arviz_plots, trees, name, of):
    from matplotlib import pyplot as plt

    function = there(arviz_plots, f"plot_{name}")
    tree = trees["one feature" if of == "rows" and name in PLOTS_OF_ONE_FEATURE else of]
    try:
        assert PLOTS_OTHERWISE[name](arviz_plots, tree) if name in PLOTS_OTHERWISE else function(tree)
    finally:
        plt.close("all")


def test_the_docs_name_what_has_no_meaning_here():
    page = PAGE.read_text()
    assert [name for name in [*WITHOUT_MEANING, *PLOTS_WITHOUT_MEANING] if f"`{name}`" not in page] == []


def test_the_log_prior_is_what_the_log_density_adds(trees):
    for name, x in {"column": mx.datasets.galaxies(), "rows": mx.datasets.iris().x.iloc[:, :2]}.items():
        tree = trees[name]
        model = mx.GaussianMixture.from_dict(json.loads(tree.attrs["model"]))
        for at in ({"chain": 0, "draw": 3}, {"chain": 1, "draw": 99}):
            draw = tree["posterior"].dataset.isel(at)
            spread = "covariance" if "covariance" in draw else "scale"
            names = {"weights": "weight", "means": "mean", f"{spread}s": spread, "rate": "rate"}
            params = {ours: draw[theirs].to_numpy() for ours, theirs in names.items()}
            wanted = model.logdensity(x, params) - float(tree["log_likelihood"]["x"].isel(at).sum())
            assert float(tree["log_prior"]["parameters"].isel(at)) == pytest.approx(wanted, rel=1e-8)


def test_a_prior_that_matters_is_told_from_one_that_does_not():
    x = np.random.default_rng(0).normal(0, 1, 20)
    weak, firm = (
        mx.GaussianMixture(n_components=1, means=mx.Normal(3, sd), scales=mx.Fixed(1)).sample(x, seed=1)
        for sd in (100, 0.5)
    )
    found = [float(azs.psense(fit.to_datatree(prior=True))["mean"].max()) for fit in (weak, firm)]
    assert found[0] < 0.02
    assert found[1] > 0.1
