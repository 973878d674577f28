"""How the posterior of rows is explored: what differs from points on a line."""
