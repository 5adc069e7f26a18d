"""Rows of 32 bytes that processors handle in one step: labels of several origins, side by side.

Numba compiles a loop over so few bytes into checks of what may overlap; what is done hundreds of thousands of times is
therefore written down as LLVM's operations on vectors, which every processor has in its own way.
"""

# ruff: noqa: ARG001 - intrinsics take types, of which some are not looked at

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH = 32
"""Bytes of a row."""


def operation(make: Callable[..., Any]) -> Any:
    """Let kernels call what ``make`` writes down: with all arguments but the first, the context of types."""
    return intrinsic(make)


def _row(context: Any, builder: Any, kind: Any, array: Any, place: Any) -> Any:
    """Return the address of a row of an array of so many bytes a row."""
    held = WIDTH * 8 // kind.dtype.bitwidth
    data = context.make_array(kind)(context, builder, array).data
    begin = builder.gep(data, [builder.mul(place, ir.Constant(place.type, held))])
    return builder.bitcast(begin, ir.VectorType(ir.IntType(kind.dtype.bitwidth), held).as_pointer())


def _values(builder: Any, row: Any) -> Any:
    values = builder.load(row)
    values.align = 1
    return values


def _write(builder: Any, values: Any, row: Any) -> None:
    builder.store(values, row).align = 1


def _any(builder: Any, values: Any, bits: int) -> Any:
    whole = builder.bitcast(values, ir.IntType(bits))
    return builder.icmp_unsigned("!=", whole, ir.Constant(whole.type, 0))


@operation
def anybody(_: Any, labels: Any, place: Any) -> Any:
    """Tell whether any value of a row is not 0."""

    def make(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        row = _row(context, builder, signature.args[0], given[0], given[1])
        return _any(builder, _values(builder, row), WIDTH * 8)

    return types.boolean(labels, types.intp), make


@operation
def higher(_: Any, labels: Any, place: Any, others: Any, there: Any) -> Any:
    """Tell whether any value of a row is above that of another array's row."""

    def make(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        one = _values(builder, _row(context, builder, signature.args[0], given[0], given[1]))
        other = _values(builder, _row(context, builder, signature.args[2], given[2], given[3]))
        return _any(builder, builder.icmp_signed(">", one, other), one.type.count)

    return types.boolean(labels, types.intp, others, types.intp), make


@operation
def lift(_: Any, labels: Any, place: Any, others: Any, there: Any) -> Any:
    """Raise the values of a row to those of another array's row."""

    def make(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        row = _row(context, builder, signature.args[0], given[0], given[1])
        one = _values(builder, row)
        other = _values(builder, _row(context, builder, signature.args[2], given[2], given[3]))
        _write(builder, builder.select(builder.icmp_signed(">", one, other), one, other), row)
        return context.get_dummy_value()

    return types.void(labels, types.intp, others, types.intp), make


@operation
def clear(_: Any, labels: Any, place: Any) -> Any:
    """Set all values of a row to 0."""

    def make(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        row = _row(context, builder, signature.args[0], given[0], given[1])
        _write(builder, ir.Constant(row.type.pointee, None), row)
        return context.get_dummy_value()

    return types.void(labels, types.intp), make
