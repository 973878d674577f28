"""What differs for points on a line: starts, climbs, Gibbs and Metropolis steps, what a draw reads."""
