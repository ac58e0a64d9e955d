"""One thing that is wrong with a policy: where, what, and the way out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """``line`` and ``column`` count from 1; ``code`` is permanent and public."""

    file: str
    line: int
    column: int
    code: str
    says: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column} {self.code} {self.says}\n    fix: {self.fix}"
