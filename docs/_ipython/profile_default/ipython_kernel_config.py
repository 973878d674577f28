"""How pages are run: pictures are sharp on any screen, and the kernel keeps to itself."""

c = get_config()  # noqa: F821
c.InlineBackend.figure_formats = {"retina"}
c.IPKernelApp.log_level = "ERROR"
