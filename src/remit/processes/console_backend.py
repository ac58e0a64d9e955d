"""The console's view of the house: what its pages show, asked of those who know."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remit.console.backend import Daily, Moment, Totals
from remit.flows.reports import Reports
from remit.flows.senders import SdkSender, senders
from remit.flows.trial import Line, trial
from remit.house import CALLED, DIVIDER, FACTS, VaultHouse, answers, link
from remit.policy.grouping import sets
from remit.policy.model import Count
from remit.policy.phrases import capital, listed
from remit.policy.render.gpc import support
from remit.policy.render.notice_html import article
from remit.policy.spoken import in_each_language
from remit.policy.words import APP_NAME, Period
from remit.processes.lately import Lately
from remit.settings import Settings
from remit.stores.link import Declined, Unreachable

DAILY_SECONDS, PULSE_SECONDS = 2.0, 1.0
ANSWER_SECONDS_MAX = 2.0
"""Pages and the health check go without an answer rather than wait for a process that hangs."""
PREFERRED = "active_users"
NOBODY = Daily("People", {}, "This policy counts nobody per day.")


@dataclass(frozen=True, slots=True)
class DailyQuestion:
    """How many of a count there were today, by app where it tells apps apart; summed over the columns ``across``.

    ``finer`` are the tables that have more of it once the day is over.
    """

    title: str
    sql: str
    by_app: bool
    across: tuple[str, ...]
    finer: tuple[str, ...] = ()

    def answered(self, rows: Sequence[Sequence[object]], k: int) -> Daily:
        """The card for these rows of the question's answer."""
        figures = {str(row[0]) if self.by_app else "in all": _whole(row[-1]) for row in rows}
        if self.across:
            # A sum without a number had small groups only, which may be many: it is not below k itself.
            figures = {app: n for app, n in figures.items() if n is not None}
        return Daily(self.title, figures, self._words(any_group=bool(rows), any_figure=bool(figures), k=k))

    def unanswered(self) -> Daily:
        """The card while nobody can tell."""
        return Daily(self.title, {}, "The facts keeper does not answer now.")

    def _words(self, *, any_group: bool, any_figure: bool, k: int) -> str:
        if not any_group:
            return "Nobody has been counted yet."
        if not any_figure:
            return f"Only groups of fewer than {k} so far, which are not shown."
        if not self.across:
            return f"How many, without knowing who.{self._later()}"
        columns = listed([_spaced(name) for name in self.across])
        left_out = f"who is in two groups counts twice. Groups of fewer than {k} are left out."
        return f"Summed over {columns}: {left_out}{self._later()}"

    def _later(self) -> str:
        """Why groups that the policy has are not on the card."""
        return f" More once the day is over, with small groups together: {listed(self.finer)}." if self.finer else ""


def daily_question(counts: Mapping[str, Count]) -> DailyQuestion | None:
    """What the console asks under a policy: of ``active_users``, or else of the first count that has days.

    Of its grouping sets it is the coarsest, which alone has numbers of today.
    """
    daily = {count.name: count for count in counts.values() if Period.DAY in count.every}
    if not daily:
        return None
    count = daily.get(PREFERRED) or next(iter(daily.values()))
    coarsest, *finer = sets(count)
    app = next((one.name for one in coarsest.columns if one.item == APP_NAME), None)
    across = tuple(one.name for one in coarsest.columns if one.item != APP_NAME)
    question = _sql(coarsest.table, app, summed=bool(across))
    return DailyQuestion(
        capital(_spaced(count.name)), question, bool(app), across, finer=tuple(one.table for one in finer)
    )


def _sql(table: str, app: str | None, *, summed: bool) -> str:
    columns = [f'"{app}"'] if app else []
    shown = ", ".join([*columns, "sum(identifiers)" if summed else "identifiers"])
    # Without groups a sum is a row, which must not be taken for one that has only small ones.
    group = f"{f' GROUP BY {columns[0]}' if columns else ''} HAVING count() > 0" if summed else ""
    order = f" ORDER BY {columns[0]}" if columns else ""
    today = "period = 'day' AND start = toStartOfDay(now())"
    return f'SELECT {shown} FROM "{table}" WHERE {today}{group}{order}'  # noqa: S608 -- names that checks admitted


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _whole(cell: object) -> int | None:
    return cell if isinstance(cell, int) else None


class HouseBackend:
    """The console's view of the house. It asks the facts keeper; it never opens the facts."""

    def __init__(self, house: VaultHouse, settings: Settings, reports: Reports) -> None:
        self.banner, self._house, self._reports = settings.banner, house, reports
        self._facts, self._divider = (link(settings, name, ANSWER_SECONDS_MAX) for name in (FACTS, DIVIDER))
        self._notices: tuple[int, Mapping[str, str]] = (0, {})
        self.daily = Lately(self._daily, DAILY_SECONDS)
        self.trouble = Lately(self._trouble, PULSE_SECONDS)

    @property
    def version(self) -> int:
        """The version in force."""
        return self._house.policy.version

    @property
    def k(self) -> int:
        """The smallest number that is shown."""
        return self._house.policy.k

    @property
    def apps(self) -> tuple[str, ...]:
        """Who sends."""
        return tuple(self._house.policy.apps)

    @property
    def languages(self) -> tuple[str, ...]:
        """What the policy speaks, its first language first."""
        return self._house.policy.languages

    def totals(self) -> Totals:
        """Sums of all processes."""
        sums = self._reports.sums()

        def under(prefix: str) -> dict[str, int]:
            return {name.removeprefix(prefix): n for name, n in sums.items() if name.startswith(prefix)}

        return Totals(
            records=sums["records"],
            kept=sums["kept"],
            reduced=sums["reduced"],
            counted=sums["counted"],
            dropped=under("dropped:"),
            refused=under("refused:"),
            skipped=under("skipped:"),
            unsent=under("unsent:"),
            tokens=under("choice_token:"),
        )

    def history(self) -> Sequence[Moment]:
        """The last quarter of an hour."""
        return [
            Moment(at, fates["kept"], fates["reduced"], fates["counted"], fates["dropped"])
            for at, fates in self._reports.history()
        ]

    def _daily(self) -> Daily:
        """Today's figures, as far as the facts keeper tells."""
        question = daily_question(self._house.policy.counts)
        if question is None:
            return NOBODY
        try:
            rows = self._facts.call("ask", question.sql)["rows"]
        except (Declined, Unreachable):
            return question.unanswered()
        return question.answered(rows, self.k)

    def senders(self) -> Sequence[SdkSender] | None:
        """What the facts keeper tells of SDKs."""
        try:
            return senders(self._facts.call("sent")["rows"])
        except (Declined, Unreachable):
            return None

    def _trouble(self) -> str | None:
        """What keeps the house from its work. Being there is not enough: the divider says whether it delivers."""
        if not answers(self._facts):
            return f"the {CALLED[FACTS]} does not answer"
        try:
            trouble: str | None = self._divider.call("trouble")
        except (Declined, Unreachable):
            return f"the {CALLED[DIVIDER]} does not answer"
        return trouble

    def notice(self, language: str) -> str:
        """The notice of the version in force, in one of its languages; in its first, where it no longer speaks that."""
        policy = self._house.policy
        if self._notices[0] != policy.version:
            self._notices = policy.version, {one.language: article(one) for one in in_each_language(policy)}
        found = self._notices[1]
        return found.get(language) or found[policy.language]

    def gpc(self) -> str:
        """What the adopted policy says to Global Privacy Control."""
        return support(self._house.policy)

    def trial(self, app: str, body: bytes) -> Sequence[Line]:
        """The pure core; nothing is stored."""
        return trial(self._house.policy, app, body, received=time.time_ns() // 1_000_000)
