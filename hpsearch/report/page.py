"""HTML pages from templates, with everything they need inside."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from hpsearch.counting import count_of

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


STYLE = "page.css"
SCRIPTS = ("sorting.js", "trials.js", "trial_dialog.js")
"""Of the pages; each says itself which part of a page it works on."""


class Picture(NamedTuple):
    """A figure on a page.

    Args:
        name: Stem of its file, and its place on the page.
        title: Heading.
        caption: What it shows; also read out instead of it.
        png: The image; empty where there is nothing to draw.
        svg: The same to be enlarged, for a file beside the page; empty likewise.
        missing: Why there is nothing to draw.
        size: Width and height in pixels of the page.
        group: Under which heading it stands.
    """

    name: str
    title: str
    caption: str
    png: bytes
    svg: bytes
    missing: str
    size: tuple[int, int]
    group: str = ""

    @property
    def source(self) -> str:
        """The image as a data address, so that the page needs no other file."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")


def render_page(template: str, content: Mapping[str, Any]) -> str:
    """The text of a page.

    Args:
        template: File name in `templates/`.
        content: What the template shows; every text is escaped.
    """
    return _environment().get_template(template).render(content)


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("hpsearch.report"),
        autoescape=True,  # names and messages come from users
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _code
    environment.filters["as_json"] = _as_json
    environment.globals["count_of"] = count_of
    # Our own files, not anybody's text.
    files = {name: Markup(_template_file(name)) for name in (STYLE, *SCRIPTS)}  # noqa: S704
    environment.globals["files"] = files
    environment.globals["policy"] = _policy(files)
    return environment


def _policy(files: Mapping[str, str]) -> str:
    """What a browser is to allow the page: its own style and scripts, images within it, no more.

    Even if a text of a user became part of the page as a script, it would not run. See the W3C's
    *Content Security Policy Level 3*.
    """
    style, *scripts = (_fingerprint(files[name]) for name in (STYLE, *SCRIPTS))
    return (
        f"default-src 'none'; img-src data:; style-src {style}; script-src {' '.join(scripts)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _fingerprint(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _as_json(data: Any) -> Markup:
    """Data as compact JSON that is safe inside a script element.

    `<`, `>`, `&` and whatever is not ASCII (among it the line separators U+2028 and U+2029) are
    escaped by their code points, so that no text can end the element.
    """
    from jinja2.utils import htmlsafe_json_dumps

    return htmlsafe_json_dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def _code(text: str) -> Markup:
    """Text with its `backquoted` parts as code."""
    from markupsafe import Markup, escape

    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def _template_file(name: str) -> str:
    return resources.files("hpsearch.report").joinpath("templates", name).read_text("utf-8")
