"""Speed, beside the peers: `python -m benchmarks` from the root of a checkout."""
