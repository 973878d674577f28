"""Points on a line: what is believed of them, what is read of them, and the density.

The pass answers two questions about weighted points at given parameters, and opens one door.

    expected(points, params)      -> Stats   soft counts: the E-step, and by Fisher's identity the exact gradient of the
                                             log-likelihood in every parameter
    sampled(points, params, key)  -> Stats   hard counts: one allocation of every point, drawn from its conditional
    rows(points, params)          -> (n, k) responsibilities and (n,) log densities, for chunks of points

Parameters in, statistics out: nothing above this line sees a data point. `reference` is the definition, in plain
numpy; `kernels` is the same in compiled tiles, `helpers` the same on idle cores. Statistics are additive over points
(law 1), so any split of the data, in any order that is kept fixed, gives the same answer.
"""
