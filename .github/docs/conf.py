"Sphinx: the book as a static site; .github/scripts/docs.py writes the sources"
project, author, copyright = "next_reid", "The next_reid authors", "2026, The next_reid authors"
extensions = ["myst_nb", "sphinx-mathjax-offline"]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # the committed outputs are shown; `make test` checks that they are true
nb_merge_streams = True
nb_render_markdown_format = "gfm"
html_theme, html_title = "furo", "next_reid"
html_theme_options = {"sidebar_hide_name": False, "top_of_page_buttons": []}
html_show_sourcelink = html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["book.css"]
exclude_patterns = ["results/**"]
suppress_warnings = ["mystnb.unknown_mime_type", "myst.header", "misc.highlighting_failure"]
