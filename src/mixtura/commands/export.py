"""`mixtura export`: a fit's model for Stan, for PyMC, or as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mixtura.commands.files import Saved, check_outputs
from mixtura.outputs import whole

SCRIPT = '''"""The model of {fit} in PyMC, ready to extend: pip install 'mixtura[pymc]'."""

import mixtura as mx
import pymc as pm

fit = mx.load({fit!r})
with fit.model.to_pymc(fit.x, fit.weights):
    draws = pm.sample()
'''


def export(
    fit: Saved,
    to: Annotated[str, typer.Option("--to", help="stan (program and data), pymc (a script) or json.")],
    out: Annotated[Path | None, typer.Option(help="Where to; by default beside FIT.nc.")] = None,
) -> None:
    """Write a fit's model, every prior spelled out, for another program."""
    from mixtura.fit import load

    suffixes = {"stan": ".stan", "pymc": ".py", "json": ".json"}
    if to not in suffixes:
        raise ValueError(f"--to is one of {', '.join(suffixes)}; got {to!r}")
    target = out or fit.with_suffix(suffixes[to])
    check_outputs([target, target.with_suffix(".data.json") if to == "stan" else None], [fit])
    found, texts = load(fit), {}
    if to == "json":
        texts[target] = json.dumps(found.model.to_dict(), indent=2) + "\n"
    elif to == "pymc":
        texts[target] = SCRIPT.format(fit=str(fit))
    else:
        stan = found.model.to_stan(found.x, found.weights)
        texts = {target: stan.program, target.with_suffix(".data.json"): json.dumps(stan.data) + "\n"}
    for path, text in texts.items():
        with whole(path) as place:
            place.write_text(text, encoding="utf-8")
    typer.echo(f"wrote {' and '.join(map(str, texts))}")
