"""mixtura's `expect` beside C++ loops of the same arithmetic, the bound on what a pass over the data can cost."""
