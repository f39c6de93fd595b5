"""The figures of a training's epochs: a sequence of dicts to those who look, a column of numbers each in memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, MutableSequence
from typing import Any, overload

Record = dict[str, float]


class Records(MutableSequence[Record]):
    """Figures of epochs, all with the same names. A dict that is got is a copy.

    A network of a population may have hundreds of epochs and ten parameters: as dicts they would take some hundred
    bytes an epoch.

    Parameters
    ----------
    records : iterable of dict of str to float
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._columns: dict[str, array[float]] = {}
        for record in records:
            self.append(record)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> Records: ...
    def __getitem__(self, place: int | slice) -> Record | Records:
        if isinstance(place, slice):
            return Records(self[k] for k in range(*place.indices(len(self))))
        if not -len(self) <= place < len(self):
            raise IndexError(f"there are {len(self)} epochs; {place} is none of them")
        record = {name: column[place] for name, column in self._columns.items()}
        if "epoch" in record:
            record["epoch"] = int(record["epoch"])
        return record

    def __iter__(self) -> Iterator[Record]:
        return (self[place] for place in range(len(self)))

    def __setitem__(self, place: Any, value: Any) -> None:
        records = list(self)
        records[place] = value
        self._columns = Records(records)._columns

    def __delitem__(self, place: int | slice) -> None:
        for column in self._columns.values():
            del column[place]

    def insert(self, place: int, record: Record) -> None:
        """Put figures before others; they have the names of those."""
        if not self._columns:
            self._columns = {name: array("d") for name in record}
        if list(self._columns) != list(record):
            raise ValueError(f"an epoch has the figures {', '.join(record)}, those before {', '.join(self._columns)}")
        for name, column in self._columns.items():
            column.insert(place, record[name])

    def column(self, name: str) -> list[float]:
        """Return one figure of all epochs; KeyError if it was not recorded."""
        values = self._columns[name].tolist()
        return [int(value) for value in values] if name == "epoch" else values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Records, list)) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))
