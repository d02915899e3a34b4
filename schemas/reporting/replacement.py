"""Replacement: what becomes of a submission when its report has current submissions already.

A report (one ledger of one unit for one month) may have several current submissions. The bounds and words
below are data; `transforms.validate.replacement` decides by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas.adjustments import Adjustment


class Delivery(StrEnum):
    """How a submission relates to what was sent before for its report, as its sender or the bureau says."""

    REPLACE = "replace"  # it is the whole report
    ADD = "add"  # it is added to what was sent


#: a replacement that lacks more than this share of the rows, and at least FEWEST_GONE, waits for
#: confirmation; so does one that lacks all of them but one. The share is the default of the setting
#: `replacement_share`
SHARE_GONE, FEWEST_GONE = 1 / 3, 2
#: with this share nothing waits for the number of rows or values that it lacks
NEVER = 1.0
#: amounts are doubted if more than this share of them, and at least FEWEST_SCALED, changed by one factor; and
#: if all of them did by one of UNIT_FACTORS
SHARE_SCALED, FEWEST_SCALED = 1 / 2, 2
UNIT_FACTORS = (0.0001, 0.001, 0.01, 0.1, 10.0, 100.0, 1000.0, 10000.0)

#: words in a file's name that say that it replaces another of the same night
CORRECTION_WORDS = (
    "更正",
    "改正",
    "修正",
    "修改",
    "修订",
    "订正",
    "重报",
    "重新报",
    "改后",
    "最终",
    "定稿",
)

#: words in a file's name that say that it is a part of its month
PART_WORDS = ("上半月", "下半月", "上旬", "中旬", "下旬", "前半月", "后半月")

#: label of the cell in which a unit says how its submission relates to the earlier one, and the words for it
DELIVERY_LABELS = ("本次报送", "报送方式")
DELIVERY_WORDS = {
    Delivery.REPLACE: ("全部", "全量", "整张", "代替", "替换", "覆盖"),
    Delivery.ADD: ("补充", "追加", "增补", "补报", "增量"),
}
#: what behind the label seems to be said of the earlier reports; anything else (邮件, 六月) is no claim
DELIVERY_CLAIMS = (
    *CORRECTION_WORDS,
    "改",
    "重",
    "换",
    "替",
    "补",
    "增",
    "加",
    "全",
    "完整",
    "部分",
    "几行",
)
#: the choices of the form's drop-down
DELIVERY_CHOICES = ("全部（代替以前报送的）", "补充（与以前报送的合并）")
#: marks of a chosen and of an open box
TICKS, OPEN_BOXES = "☑✓✔√■☒◼⊠●Xx×是", "□☐○◯◻"

#: rows named in a sentence
MOST_NAMED = 6


@dataclass(frozen=True)
class CurrentSubmission:
    """A current submission of a report beside an incoming one.

    `rows`: its current rows; `shared`: those whose key the incoming one has too; `differing`: those among
    them whose content differs there.
    """

    submission_id: int
    source_file: str
    is_same_arrival: bool
    is_same_load: bool
    delivery: Delivery | None = None
    rows: int = 0
    shared: int = 0
    differing: int = 0

    @property
    def gone(self) -> int:
        """How many of its rows the incoming submission lacks."""
        return self.rows - self.shared


@dataclass(frozen=True)
class ValueChange:
    """What becomes of a field in the rows that an incoming submission and the current ones both have.

    `filled`: rows that have a value; `emptied`: those among them that have none any more. Of `amounts` rows
    with an amount in both, `scaled` have `factor` times the earlier one.
    """

    field: str
    filled: int
    emptied: int
    factor: float = 1.0
    scaled: int = 0
    amounts: int = 0


@dataclass(frozen=True)
class Arrival:
    """An arrival of a file: with which load it came, and whether it waited for confirmation then or later."""

    came_with: int
    has_waited: bool


@dataclass(frozen=True)
class Incoming:
    """A submission that is about to take effect, beside the current ones of its report.

    `keys`: the rows that it has, quarantined ones included; `alone`: those that no current one has.
    `is_renumbered`: the only row that it lacks is there under another number, alike in all else.
    `came_with` is the load of its arrival, `arrivals` are all of its report under its name.
    `changes` are those of values in the rows that current ones have too.
    `returned_from` is an earlier file of the report with the same bytes, `replaced_by` the one that
    replaced it.
    """

    submission_id: int
    ledger: str
    unit_code: str
    period: str
    source_file: str
    source_sheet: str
    received_at: datetime
    delivery: Delivery | None
    current: Sequence[CurrentSubmission] = ()
    keys: int = 0
    alone: int = 0
    is_renumbered: bool = False
    returned_from: str | None = None
    replaced_by: str | None = None
    came_with: int = 0
    arrivals: Sequence[Arrival] = ()
    changes: Sequence[ValueChange] = ()


class Effect(StrEnum):
    """What becomes of an incoming submission."""

    CURRENT = "current"  # it becomes current, in place of its `targets` and beside the others
    CONTAINED = "contained"  # another one of the same night has all its rows
    AWAITING = "awaiting"  # it waits for confirmation
    WITHDRAWN = "withdrawn"  # the bureau withdrew it


@dataclass(frozen=True)
class Outcome:
    """The decision on an incoming submission.

    `targets`: ids of the current submissions that it replaces, in which it is contained, or that it waits
    beside. `is_same_night`: they came with it. `is_compared`: whether the rows in which they differ have to
    be named. `is_doubtful`: whether both files of the night get a finding that they differ. `adjustment` is
    the bureau's decision.
    """

    effect: Effect
    targets: tuple[int, ...] = ()
    is_same_night: bool = False
    is_compared: bool = False
    is_doubtful: bool = False
    adjustment: Adjustment | None = None


@dataclass(frozen=True)
class RowDifferences:
    """Keys of the rows in which an incoming submission and the current ones compared with it differ."""

    gone: Sequence[str] = ()
    alone: Sequence[str] = ()
    differing: Sequence[str] = ()
