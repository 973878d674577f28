"""The site: Markdown pages whose cells are run when it is built; an error in one, or any warning, fails the build.

pip install --group docs .
sphinx-build -W --keep-going docs docs/_build/html
"""

import os
from pathlib import Path

import matplotlib.font_manager  # noqa: F401  # makes its cache, of which a page would complain

import mixtura

project, version, release = "mixtura", mixtura.__version__, mixtura.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "_ipython"]

# Pages are run in an empty folder; what they say on standard error is a fault too.
os.environ["IPYTHONDIR"] = str(Path(__file__).with_name("_ipython"))
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 600  # a cell that compiles, on a busy machine
nb_execution_raise_on_error = True
nb_output_stderr = "error"
nb_merge_streams = True
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say it in words
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "mixtura"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = html_show_copyright = False
html_show_sphinx = False


def setup(app):
    """Beside the pages stands one report, which the first page links."""
    app.connect("build-finished", add_report)
    app.connect("html-page-context", make_accessible, priority=900)  # after the theme has made its navigation


def make_accessible(app, pagename, templatename, context, doctree):
    """Captions of the navigation get the level that headings need; code that is wide scrolls by keyboard."""
    for part, plain, better in (
        ("furo_navigation_tree", 'role="heading"', 'role="heading" aria-level="2"'),
        ("body", "<pre>", '<pre tabindex="0">'),
    ):
        if part in context:
            context[part] = context[part].replace(plain, better)


def add_report(app, fault):
    """Write the report of the galaxies into a site of HTML that was built."""
    if fault is None and app.builder.format == "html":
        fit = mixtura.GaussianMixture(n_components=3).sample(mixtura.datasets.galaxies(), seed=1, progress=False)
        fit.rename("velocity (1000 km/s)").report(Path(app.outdir) / "galaxies.html")
