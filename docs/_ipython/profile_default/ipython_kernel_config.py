"""Pictures on the site are sharp on screens of any density."""

c = get_config()  # noqa: F821
c.InlineBackend.figure_formats = {"retina"}
