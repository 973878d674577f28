"""One file per peer: `sample(problem, seed) -> Run`, the same model as a competent user writes it."""
