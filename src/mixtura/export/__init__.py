"""The way out: the declared model, defaults spelled out, as a PyMC model or a Stan program to extend."""
