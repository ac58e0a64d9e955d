"""The non-personal store: a table of cells per fact, one of figures per count, by generation, and the tally, in chDB.

Tables are ordered by all their columns, so that position says nothing; inserts carry a token per load
and table, so that a repeated load changes nothing.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError

from remit.policy.generations import Generation, Generations, table
from remit.policy.model import Fact
from remit.policy.split import Cell, CellKey
from remit.policy.tables import SENT, TALLY, Column, tables
from remit.ports import SENT_ROWS_MAX, Answer, Figure

REMEMBERED_LOADS = 10_000
VALUE_BYTES = 8
"""What a value of an answer weighs, and a text with its characters: the engine keeps small ones in a byte each."""
_MADE_WHOLE = "materialize"
"""A constant weighs as one value to the engine, however many rows repeat it; what this function gives does not."""

_KIND = re.compile(r"\(([A-Z_]+)\)")
"""How the engine names a kind of trouble, at the end of its words."""
_SAYS = {
    "TOO_DEEP_AST": "too many terms in one expression: add fewer at a time, in steps with WITH",
    "NOT_AN_AGGREGATE": "a column is neither grouped nor added up: name it in GROUP BY, or write sum(...) or any(...)",
    "ILLEGAL_AGGREGATION": "a sum of sums, or one in WHERE: take the inner one in a WITH part, or use HAVING",
    "ILLEGAL_DIVISION": "a whole number is divided by zero: divide with  /  or leave such rows out",
    "ILLEGAL_TYPE_OF_ARGUMENT": "a function is given a type that it does not take: convert it, as toString does",
    "NO_COMMON_TYPE": "values of different types stand in one column: convert them, as toString does",
    "TYPE_MISMATCH": "a value is compared with one of another type: convert it, as toString does",
}

_KEPT_SAFE = f"settings non_replicated_deduplication_window = {REMEMBERED_LOADS}, fsync_after_insert = 1"
_OWN = "database not in ('system', 'information_schema', 'INFORMATION_SCHEMA')"
"""What is stored here, in whatever database; the others are the engine's view of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one question may cost."""

    rows: int = 10_000
    seconds: float = 10
    memory_bytes: int = 512 << 20
    answer_bytes: int = 8 << 20

    def settings(self) -> dict[str, object]:
        """The engine's names for them; it stops at the first that is passed."""
        return {
            "session_timezone": "UTC",  # a day begins where the policy says, not where the machine stands
            "readonly": 2,
            "max_execution_time": self.seconds,
            "max_memory_usage": self.memory_bytes,
            "max_result_rows": self.rows,
            "max_result_bytes": self.answer_bytes,
            "result_overflow_mode": "throw",
            "max_threads": 2,
        }

    def says(self, error: str) -> str:
        """Which limit an error of the engine is about, and what helps."""
        if "TOO_MANY_ROWS_OR_BYTES" in error and "max rows" in error:
            return f"more than {self.rows} rows: add a LIMIT or group more coarsely"
        if "TOO_MANY_ROWS_OR_BYTES" in error:
            return self.too_large
        if "TIMEOUT" in error or "MEMORY" in error:
            mib = self.memory_bytes >> 20
            return f"over the limits of {self.seconds} s or {mib} MiB of memory: ask for less"
        kinds = _KIND.findall(error)
        return _SAYS.get(kinds[-1] if kinds else "", "the store cannot answer this: check types and grouping")

    @property
    def too_large(self) -> str:
        """What is said of an answer that weighs too much."""
        mib = self.answer_bytes >> 20
        return f"an answer of more than {mib} MiB: ask for fewer or shorter columns, or add a LIMIT"


class _Weighed:
    """The cells of an answer as JSON and people have them, as long as they weigh no more than they may."""

    def __init__(self, limits: Limits) -> None:
        self._left, self._says = limits.answer_bytes, limits.too_large

    def rows(self, rows: Sequence[Sequence[object]]) -> tuple[tuple[object, ...], ...]:
        """All rows. Raises ValueError with words for people."""
        return tuple(tuple(map(self._plain, row)) for row in rows)

    def _plain(self, value: object) -> object:
        if isinstance(value, dict):
            return {self._text(str(key)): self._plain(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return list(map(self._plain, value))
        if value is None or isinstance(value, int | float | bool):
            self._add(VALUE_BYTES)
            return value
        return self._text(str(value))

    def _text(self, text: str) -> str:
        self._add(VALUE_BYTES + len(text))
        return text

    def _add(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise ValueError(self._says)


def _ddl(table: str, columns: Sequence[Column]) -> str:
    order = ", ".join(one.name for one in columns if one.sorted)
    return (
        f"create table if not exists {table} ({', '.join(f'{one.name} {one.type}' for one in columns)})"
        f" engine = AggregatingMergeTree order by ({order}) {_KEPT_SAFE}"
    )


class ChdbFacts:
    """The facts on the embedded engine; one process may own the folder."""

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._client: Any = clickhouse_connect.get_client(interface="chdb", path=str(path))
        self._lock = threading.Lock()
        self._known: Mapping[str, Generation] = {}
        self._tables: Mapping[str, Sequence[Column]] = {}

    def prepare(self, stored: Generations) -> None:
        """Make the tables that are not there yet; what holds rows stays. Raises ValueError if one cannot hold them."""
        with self._lock:
            for name, columns in tables(stored).items():
                self._make(name, columns)
            # What is no more still takes what comes late, until contract() lets it go.
            self._work_with({**self._known, **_by_name(stored)})

    def contract(self, stored: Generations) -> None:
        """Drop the tables of everything else. It may end anywhere, and be done again."""
        with self._lock:
            self._work_with(_by_name(stored))
            found = self._client.query("select name from system.tables where database = currentDatabase()").result_rows
            for (name,) in found:
                if name.startswith(("fact_", "count_")) and name not in self._tables:
                    # Emptied first: the engine keeps the files of a dropped table for a while, and would wait for ever
                    # where it is told to remove them at once.
                    self._client.command(f"truncate table {name}")
                    self._client.command(f"drop table {name}")

    def take(
        self,
        load: bytes,
        cells: Mapping[CellKey, Cell],
        figures: Sequence[Figure],
        tally: Sequence[tuple[object, ...]],
        *,
        sent: Sequence[tuple[object, ...]] = (),
    ) -> None:
        """Add the cells once, however often the load comes. Of two figures of a group the larger stays.

        Facts and counts are those of generations; what belongs to none that is stored is dropped.
        """
        with self._lock:
            for generation in self._known.values():
                rows = _cells(generation, cells) if isinstance(generation.of, Fact) else _figures(generation, figures)
                self._insert(load, table(generation), rows=rows)
            self._insert(load, TALLY, rows=[list(row) for row in tally])
            self._insert(load, SENT, rows=[list(row) for row in sent])

    def ask(self, sql: str) -> Answer:
        """Run a statement that ``policy/flow`` generated. Raises ValueError with words for people."""
        whole = f"select * apply({_MADE_WHOLE}) from ({sql})"  # noqa: S608 -- what checks admitted
        try:
            with self._lock:
                result = self._client.query(whole, settings=self._limits.settings())
            rows = _Weighed(self._limits).rows(result.result_rows)
        except ClickHouseError as error:
            # The engine's words may quote paths and settings: only the kind of trouble leaves.
            raise ValueError(self._limits.says(str(error))) from None
        names = (name.removeprefix(f"{_MADE_WHOLE}(").removesuffix(")") for name in result.column_names)
        return Answer(tuple(names), rows)

    def tally(self, day: int | None = None) -> Answer:
        """The sums of a day, or of all: app, item, purpose, fate, reason, n."""
        columns = "app, item, purpose, fate, reason"
        return self.ask(
            f"select {columns}, sum(n) as n from tally {_on(day)} group by {columns} order by {columns}"  # noqa: S608 -- constants and a number
        )

    def sent(self, day: int | None = None) -> Answer:
        """What SDKs sent on a day, or on all: app, protocol, sdk, version, path, need, n, error."""
        columns = "app, protocol, sdk, version, path, need"
        order = "app, protocol, sdk, version, need = 'undeclared', n desc, path"
        return self.ask(
            f"select {columns}, sum(n) as n, toUInt64(ceil(1.96 * sqrt(sum(variance)))) as error from sent {_on(day)}"  # noqa: S608 -- constants and a number
            f" group by {columns} order by {order} limit {SENT_ROWS_MAX}"
        )

    def close(self) -> None:
        """Let go of the folder, once nobody is at work in it; whoever comes later fails."""
        with self._lock:
            self._client.close()
            self._client = None

    def schema(self) -> Answer:
        """Every column that is stored: table, column, type, and whether rows lie in its order."""
        table = "if(database = currentDatabase(), table, concat(database, '.', table))"
        return self.ask(
            f"select {table} as table, name as column, type, is_in_sorting_key = 1 as sorted from system.columns"  # noqa: S608 -- constants
            f" where {_OWN} order by table, position"
        )

    def _work_with(self, known: Mapping[str, Generation]) -> None:
        self._known, self._tables = known, tables({name: [one] for name, one in known.items()})

    def _make(self, table: str, columns: Sequence[Column]) -> None:
        self._client.command(_ddl(table, columns))
        found = self._columns(table)
        if found != [*columns] and self._is_empty(table):
            # Made for a version that was never adopted: what came into force in its stead has other columns.
            self._client.command(f"drop table {table}")
            self._client.command(_ddl(table, columns))
            return
        there, wanted = [one.name for one in found], [one.name for one in columns]
        if there != wanted:
            raise ValueError(
                f"{table} has other columns than the policy's ({', '.join(there)}; not {', '.join(wanted)}):"
                " give the fact or count a new name"
            )

    def _columns(self, table: str) -> list[Column]:
        rows = self._client.query(
            "select name, type, is_in_sorting_key from system.columns"
            " where database = currentDatabase() and table = {t:String} order by position",
            parameters={"t": table},
        ).result_rows
        return [Column(name, kind, sorted=bool(in_order)) for name, kind, in_order in rows]

    def _is_empty(self, table: str) -> bool:
        return not self._client.query(f"select 1 from {table} limit 1").result_rows  # noqa: S608 -- a generated name

    def _insert(self, load: bytes, table: str, *, rows: list[list[object]]) -> None:
        if rows:
            token = f"{load.hex()}/{table}"
            self._client.insert(
                table,
                sorted(rows, key=repr),
                column_names=[one.name for one in self._tables[table]],
                settings={"insert_deduplication_token": token},
            )


def _on(day: int | None) -> str:
    return "" if day is None else f"where day = toDateTime({int(day)}, 'UTC')"


def _by_name(stored: Generations) -> dict[str, Generation]:
    return {one.name: one for forms in stored.values() for one in forms}


def _cells(of: Generation, cells: Mapping[CellKey, Cell]) -> list[list[object]]:
    measures = [measure.name for measure in of.of.measures] if isinstance(of.of, Fact) else []
    return [
        [*key.dimensions, cell.n, *(dict(cell.histograms.get(m, {})) for m in measures)]
        for key, cell in cells.items()
        if key.fact == of.name
    ]


def _figures(of: Generation, figures: Sequence[Figure]) -> list[list[object]]:
    return [
        [figure.period.value, figure.start, *figure.group, figure.identifiers]
        for figure in figures
        if figure.count == of.name
    ]
