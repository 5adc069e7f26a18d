"""A synthetic file of streets, each of whose ways is of a kind of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

# Synthetic, near the equator, so that 0.001 degrees are 111 metres. Ways: 10 both ways, 11 against its drawing,
# 12 "reverse", 13 roundabout, 14 parallel to 10, 15 a loop at one point, 16 with a repeated point, 17 one way,
# 18 an island of its own, 19 with a marked crossing, 20 a building.
NODES = {
    1: (0.0, 0.0), 2: (0.001, 0.0), 3: (0.002, 0.0), 4: (0.002, 0.001), 5: (0.001, 0.001), 6: (0.0, 0.001),
    7: (0.003, 0.0), 8: (0.0035, 0.0005), 9: (0.0005, 0.0005), 30: (0.05, 0.05), 31: (0.051, 0.05), 40: (0.02, 0.02),
}  # fmt: skip
WAYS: dict[int, tuple[list[int], dict[str, str]]] = {
    10: ([1, 2, 3], {"highway": "residential", "name": "Ten", "lanes": "2"}),
    11: ([3, 4], {"highway": "primary", "oneway": "-1"}),
    12: ([4, 5], {"highway": "primary", "oneway": "reverse", "maxspeed": "50"}),
    13: ([5, 6, 9, 5], {"highway": "tertiary", "junction": "roundabout"}),
    14: ([1, 9, 3], {"highway": "footway"}),
    15: ([7, 8, 3, 7], {"highway": "service"}),
    16: ([3, 3, 7, 7], {"highway": "residential", "oneway": "no"}),
    17: ([6, 1], {"highway": "residential", "oneway": "yes", "ref": "R1"}),
    18: ([30, 31], {"highway": "path"}),
    20: ([1, 40, 2, 1], {"building": "yes"}),
}


def xml(nodes: dict[int, tuple[float, float]], ways: dict[int, tuple[list[int], dict[str, str]]]) -> str:
    lines = ["<?xml version='1.0' encoding='UTF-8'?>", "<osm version='0.6' timestamp='2022-03-04T05:06:07Z'>"]
    for node, (x, y) in nodes.items():
        tag = "<tag k='highway' v='crossing'/>" if node == 2 else ""
        lines.append(f"<node id='{node}' lat='{y}' lon='{x}'>{tag}</node>")
    for way, (refs, tags) in ways.items():
        inner = "".join(f"<nd ref='{ref}'/>" for ref in refs) + "".join(
            f"<tag k='{key}' v='{value}'/>" for key, value in tags.items()
        )
        lines.append(f"<way id='{way}'>{inner}</way>")
    return "\n".join([*lines, "</osm>"])


def write(path: Path, ways: dict[int, tuple[list[int], dict[str, str]]] = WAYS, nodes: Any = None) -> Path:
    path.write_text(xml(NODES if nodes is None else nodes, ways), encoding="utf-8")
    return path
