"""Bounds by which amounts in 元 written as 万元, or the other way round, are recognised; only data.

The bounds of a single field (`column(usual_yuan=...)`) are in its ledger.
"""

WAN = 10_000
#: amounts between these factors of each other are about ten thousand times apart
LEAST_FACTOR, MOST_FACTOR = 5_000, 20_000

#: an amount this many times outside its unit's range is a mistake if exchanging 元 and 万元 brings it inside
FAR_OUTSIDE = 100
#: the same beside the other rows of its report or the amounts of other units, which may differ more: after
#: the exchange it may lie outside by up to the second factor
VERY_FAR_OUTSIDE, NEARLY_INSIDE = 1_000, 10
#: the quantiles of a report's own amounts between which the middle half of them lies
MIDDLE_HALF = (0.25, 0.75)

#: an amount above that many 元, where most laws end, which its text does not state, is doubted where another
#: amount of its report is that many times smaller, and its figure would be usual in 元: 500 beside 3.5 (万元)
GREAT_YUAN, TIMES_THE_LEAST = 1_000_000, 20

#: that many doubts of one column for one reason are reported as one finding
MANY_DOUBTS = 10

#: a range of fewer amounts, or of fewer units, means nothing
FEWEST_FOR_A_RANGE, FEWEST_UNITS = 5, 3
#: at each end of a range one amount is left out, and one more for every that many: none can widen it alone
LEFT_OUT_ONE_IN = 50
