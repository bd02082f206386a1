"""HTML pages from templates, with everything they need inside."""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from hpsearch.counting import count_of

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


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
    """

    name: str
    title: str
    caption: str
    png: bytes
    svg: bytes
    missing: str
    size: tuple[int, int]

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
    environment.globals["count_of"] = count_of
    # Our own files, not anybody's text.
    environment.globals["style"] = Markup(_template_file("page.css"))  # noqa: S704
    environment.globals["script"] = Markup(_template_file("page.js"))  # noqa: S704
    return environment


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
