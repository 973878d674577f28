"""What fits, models, modes and comparisons show in a notebook: plain HTML and SVG, no script."""
