"""The documentation site, built by Sphinx: `make docs` writes it to build/docs.

What a registry knows is written from it at each build (`reference.py`); the rest is Markdown.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from reference import write_reference  # noqa: E402 - found through the line above

from cli.application import release as release_of  # noqa: E402 - the same block

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "Mandate"
author = "the Mandate maintainers"
release = release_of()
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["deploy"]
html_theme = "furo"
html_title = f"Mandate {release}"
# Nothing of the site comes from elsewhere: it is read offline, and tells nobody who reads it.
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
highlight_language = "none"
# Links to files of the checkout, which are no pages of the site; a language that has no lexer.
suppress_warnings = ["misc.highlighting_failure", "myst.xref_missing"]


def setup(app: Sphinx) -> None:
    """Write the generated pages before anything is read."""
    app.connect("builder-inited", lambda this: write_reference(Path(this.srcdir) / "reference"))
