"""Reading YAML that somebody else wrote: plain data, no key twice, and of a size that a person writes."""

from __future__ import annotations

from typing import Any

import yaml

from spatialjustice._core.screen.console import control_signs

LONGEST = 2_000_000
DEEPEST = 40
MOST = 100_000
"""Values after all aliases are followed: a few lines of aliases of aliases can stand for more than any memory holds."""


_OwnLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same data, but read in a tenth of the time where PyYAML was built with libyaml, as its wheels are."""


class NotPlainError(Exception):
    """The text is not YAML that can be used; the message says why, on one line."""


def own_yaml(text: str) -> Any:
    """Return the data of a YAML text that the package brings along."""
    return yaml.load(text, Loader=_OwnLoader)  # noqa: S506 (a SafeLoader)


def plain_yaml(text: str) -> Any:
    """Return the data of a YAML text.

    Raises
    ------
    NotPlainError
        When it is no YAML, holds a key twice, a tag, a value that cannot be, or is too long, deep or large.
    """
    if len(text) > LONGEST:
        message = f"it has {len(text):,} letters; no more than {LONGEST:,} are read"
        raise NotPlainError(message)
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 (a SafeLoader that refuses more)
    except yaml.YAMLError as error:
        raise NotPlainError(_one_line(error)) from None
    except RecursionError:
        raise NotPlainError(f"it is more than {DEEPEST} levels deep") from None
    except (ValueError, OverflowError) as error:
        # Dates such as 2024-13-45, and numbers of thousands of digits.
        message = f"a value in it cannot be ({' '.join(str(error).split())[:200]})"
        raise NotPlainError(message) from None


class _Loader(yaml.SafeLoader):
    """Plain data only, and no key twice: YAML itself would keep the last one in silence."""

    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        # Stopped on the way down: thousands of open brackets would take the reader minutes.
        self._depth += 1
        if self._depth > DEEPEST:
            message = f"it is more than {DEEPEST} levels deep"
            event: Any = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, message, event.start_mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def get_single_node(self) -> Any:
        node = super().get_single_node()
        if node is not None:
            _count_values(node, {}, 0)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue  # “<<: *other” takes over what stands there
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, list | dict):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"“{key}” stands here twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _count_values(node: Any, known: dict[int, int], depth: int) -> int:
    """Count the values below a node with all aliases followed, each node once."""
    if depth > DEEPEST:
        raise yaml.composer.ComposerError(None, None, f"it is more than {DEEPEST} levels deep", node.start_mark)
    if id(node) in known:
        if not known[id(node)]:
            raise yaml.composer.ComposerError(None, None, "it holds itself", node.start_mark)
        return known[id(node)]
    known[id(node)] = 0
    odd = control_signs(node.value, lines=True) if isinstance(node, yaml.ScalarNode) else []
    if odd:
        message = f"it holds the sign {odd[0].encode('unicode_escape').decode()}, which is no letter: write it anew"
        raise yaml.composer.ComposerError(None, None, message, node.start_mark)
    below = node.value if isinstance(node, yaml.SequenceNode) else []
    if isinstance(node, yaml.MappingNode):
        below = [part for pair in node.value for part in pair]
    total = 1 + sum(_count_values(part, known, depth + 1) for part in below)
    if total > MOST:
        message = f"with all aliases followed it holds more than {MOST:,} values"
        raise yaml.composer.ComposerError(None, None, message, node.start_mark)
    known[id(node)] = total
    return total


def _one_line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)
