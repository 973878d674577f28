"""What compiled code is made of: how it is linked and compiled, random numbers, small matrices, densities."""
