"""Formulas as MathML, which browsers draw themselves: no script, no font and no picture has to be loaded."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert


def to_mathml(latex: str, *, block: bool = False) -> str:
    r"""Return a formula as MathML that keeps its LaTeX as a label for those who do not see it.

    Examples
    --------
    >>> to_mathml("x^2").startswith('<math')
    True
    """
    # latex2mathml knows min and max, and not arg.
    made = convert(latex.strip().replace(r"\arg", r"\text{arg}\,"), display="block" if block else "inline")
    return made.replace("<math ", f'<math aria-label="{escape(latex.strip())}" ', 1)


def _inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(to_mathml(node.astext()))
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="formula">{to_mathml(node.astext(), block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Add the renderer ``mathml``."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
