"""Settings of the documentation site: ``make docs`` builds it, ``docs/README.md`` says where what stands."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "_extensions"))

import spatialjustice  # noqa: E402

project = "spatialjustice"
author = "The spatialjustice developers"
copyright = "The spatialjustice developers, MIT licence"  # noqa: A001
release = version = spatialjustice.__version__
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "links",  # names in docstrings to pages here and elsewhere
    "types_in_full",  # types of parameters, read from annotations
    "mathml",  # formulas without a script
    "written_pages",  # writes reference/, methods/, gallery/ and parts of pages
    "right_to_left",  # pages in Persian
]
exclude_patterns = ["_build", "_parts", "README.md", "**/README.md"]
nitpicky = True

# Docstrings: numpydoc's sections, types from the annotations.
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
python_display_short_literal_types = True
add_module_names = False
toc_object_entries = False

# Markdown and notebooks. Those whose data come with the package are run; the others are shown with their picture.
myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "substitution"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "notebooks_run")
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # they would be loaded from another host

html_theme = "pydata_sphinx_theme"
html_title = "spatialjustice"
html_static_path = ["_static", str(Path(spatialjustice.__file__).parent / "maps" / "assets" / "vazirmatn-5.3.0")]
html_css_files = ["site.css"]
html_copy_source = False
html_show_search_summary = False  # it would be fetched, which a file opened without a server may not
html_context = {"default_mode": "auto"}
html_show_sourcelink = False
html_show_sphinx = False
html_math_renderer = "mathml"
html_favicon = "_static/mark.svg"
html_sidebars = {"index": [], "fa/index": [], "faq": [], "cite": [], "stability": [], "glossary": [], "data": []}
html_theme_options = {
    "logo": {"image_light": "_static/mark.svg", "image_dark": "_static/mark.svg", "text": "spatialjustice"},
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_nav_level": 1,
    "navigation_depth": 3,
    "collapse_navigation": True,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "github-light",
    "pygments_dark_style": "github-dark",
    "back_to_top_button": False,
    "article_header_start": ["breadcrumbs"],
}
