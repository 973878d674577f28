"""What the draws mean. Everything here sees draws (and, by the explicit door, the points that a user hands in)."""
