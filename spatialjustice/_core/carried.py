"""What frames carry in their attrs, without being copied each time pandas makes a frame of another."""

from __future__ import annotations

from typing import Any, NoReturn, Self


class Carried(list[Any]):
    """A list that never changes, so that every frame made of another can hold the same one.

    pandas copies attrs deeply with each new frame, which took longer than the work on small ones. JSON and Parquet
    write it as the list it is.

    Examples
    --------
    >>> import copy
    >>> found = Carried([{"code": "streets_set_aside"}])
    >>> copy.deepcopy(found) is found, found == [{"code": "streets_set_aside"}]
    (True, True)
    >>> found += [{"code": "raster_scaled"}]
    >>> len(found)
    2
    """

    def __deepcopy__(self, _: dict[int, Any]) -> Carried:
        """Return itself."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Make it anew from its rows elsewhere."""
        return Carried, (list(self),)

    def __iadd__(self, more: Any) -> Self:  # type: ignore[misc]
        """Return another list with more rows; other frames keep theirs."""
        return type(self)([*self, *more])

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        message = "other frames carry this list, too: make a new one, for example [*frame.attrs['findings'], finding]"
        raise TypeError(message)

    append = extend = insert = pop = remove = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __imul__ = _refuse
