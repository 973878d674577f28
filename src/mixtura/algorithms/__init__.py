"""How the posterior is explored. Each method is one file and sees statistics, never data.

A method offers `start(target, position, curvature) -> Chain` and one compiled `advance(target, chain, work, stream,
first, last, warmup, draws)` that runs a block of draws without leaving compiled code. `run` owns the only loop:
chains, warm-up, progress, interrupt. `modes` finds where to start.
"""
