"""What stands above the columns of an answer: a column's own name, or what was typed to compute it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import count

import sqlglot
from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END})
_JOINING = frozenset({TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT})
_AFTER = _JOINING | {
    TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.ORDER_BY, TokenType.LIMIT,
    TokenType.OFFSET, TokenType.SEMICOLON,
}  # fmt: skip


def named(tree: exp.Expr, typed: str) -> dict[str, str]:
    """Gives every computed column a name of ours, so that no text of the question becomes one; returns what it was."""
    taken = {one.name for one in tree.find_all(exp.Identifier)}
    names = (name for number in count() if (name := f"_col_{number}") not in taken)
    computed: dict[str, str] = {}
    for select in list(tree.find_all(exp.Select)):
        own = _typed(typed) if select is _first(tree) else []
        for place, one in enumerate(select.expressions):
            if not isinstance(one, exp.Alias | exp.Column | exp.Star):
                name = next(names)
                computed[name] = own[place] if len(own) == len(select.expressions) else one.sql(dialect="clickhouse")
                one.replace(exp.alias_(one.copy(), name))
    return computed


def headings(names: Iterable[str], computed: Mapping[str, str]) -> tuple[str, ...]:
    """One for each column, all different, so that they may be the keys of an object."""
    seen = Counter[str]()
    found = []
    for name in names:
        heading = computed.get(name, name)
        seen[heading] += 1
        found.append(heading if seen[heading] == 1 else f"{heading} ({seen[heading]})")
    return tuple(found)


def _first(tree: exp.Expr) -> exp.Expr:
    """The SELECT whose columns are those of the answer."""
    while isinstance(tree, exp.SetOperation | exp.Subquery):
        tree = tree.this
    return tree


def _typed(sql: str) -> list[str]:
    """The columns of the first SELECT, as typed; none where it stands in parentheses."""
    parts: list[list[Token]] = []
    depth, begun = 0, False
    for token in sqlglot.tokenize(sql, read="clickhouse"):
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        if depth == 0 and token.token_type in (_AFTER if begun else _JOINING):
            break
        if depth == 0 and not begun:
            begun = token.token_type is TokenType.SELECT
            parts += [[]] if begun else []
        elif depth == 0 and token.token_type is TokenType.COMMA:
            parts.append([])
        elif begun and (parts[-1] or token.token_type is not TokenType.DISTINCT):
            parts[-1].append(token)
    return [_text(sql, tokens) for tokens in parts]


def _text(sql: str, tokens: Sequence[Token]) -> str:
    return " ".join(sql[tokens[0].start : tokens[-1].end + 1].split()) if tokens else ""
