"""Say in a sentence why a number agrees, differs, is ambiguous or is no figure."""

from __future__ import annotations

from schemas.sentences import Sentence
from transforms.proofread.findings import ProofFinding

#: the sentence of each reason; `{title}` and the like are filled in from the finding's details
_OF_REASON = {
    "agrees": Sentence("as the data"),
    "provisional": Sentence("as the data, which is provisional: not every unit has reported"),
    "change_agrees": Sentence("follows from the data"),
    "share_agrees": Sentence("follows from its parts"),
    "no_indicator": Sentence("states no figure of this system"),
    "statistics": Sentence("of the yearly statistics, which count otherwise"),
    "several_regions": Sentence("speaks of several units together; there is no figure for that"),
    "unclear_list": Sentence("one of several numbers; the words do not say which is of what"),
    "derived": Sentence("a change, share, average or extreme that cannot be checked"),
    "others": Sentence("of another authority"),
    "one_case": Sentence("of a single case, or an amount that a law sets"),
    "plan_ahead": Sentence("of a plan"),
    "title": Sentence("in the title of a document"),
    "quoted": Sentence("within quotation marks"),
    "document_no": Sentence("a number of a document"),
    "date": Sentence("a date, year or period"),
    "plan": Sentence("the name of a plan"),
    "ordinal": Sentence("an ordinal or the number of an article"),
    "telephone": Sentence("a telephone number"),
    "duration": Sentence("a length of time"),
    "fraction": Sentence("a fraction"),
    "temperature": Sentence("a temperature"),
    "identifier": Sentence("an identifier"),
}


def describe_finding(finding: ProofFinding) -> Sentence:
    """Return the message of a finding as a sentence; with how the text writes the figure elsewhere."""
    sentence = _describe(finding)
    if finding.other_texts:
        return Sentence(
            "{sentence}; elsewhere the text says {others}", sentence=sentence, others=", ".join(finding.other_texts)
        )  # fmt: skip
    return sentence


def _describe(finding: ProofFinding) -> Sentence:
    if finding.reason in _OF_REASON:
        return _OF_REASON[finding.reason]
    values = {"text": finding.text, **finding.details}
    sentences = {
        "differs": lambda: Sentence("{title}: the text says {text}, the data {expected}", **values),
        "differs_provisional": lambda: Sentence(
            "{title}: the text says {text}, the data {expected}, which is provisional: not every unit has reported", **values
        ),
        "rounded": lambda: Sentence("{title}: {text} is rounded; cut, as figures are published, it is {expected}", **values),
        "no_figure": lambda: Sentence("{title}: the data has no figure to go with {text}", **values),
        "no_data": lambda: Sentence("{title}: there is no data to hold it against", **values),
        "other_scope": lambda: Sentence("{title}: of others, or of a time without figures", **values),
        "rest": lambda: Sentence("{title}: a part of the whole for which there is no figure", **values),
        "scope_unclear": lambda: Sentence(
            "{title}: the data has {expected}; {text} is the figure of this report's own region and period",
            **values,
        ),
        "words_differ": lambda: Sentence("{title}: the text says “{text}”, the data {expected}", **values),
        "several_fit": lambda: Sentence("may state any of these: {candidates}", **values),
        "likely": lambda: Sentence("may state {title}; the data {expected}, the text {text}", **values),
        "of_county": lambda: Sentence(
            "{title}: the text says {text}, the data {expected}; it may be of {region}, which is named before", **values
        ),
        "contradiction": lambda: Sentence("{title}: the text states it in different ways", **values),
        "part": lambda: Sentence("seems to be a part of {title} only", **values),
        "change_differs": lambda: Sentence("{title}: from {before} to {now} it is {expected}, not {text}", **values),
        "change_of_text_follows": lambda: Sentence(
            "{title}: follows from the text's own {of_text}, for which there is no data", **values
        ),
        "change_of_text_differs": lambda: Sentence(
            "{title}: from {before} to {now} it is {expected}, not {text}; for {of_text} there is the text's own number only",
            **values,
        ),
        "share_differs": lambda: Sentence("{part} of {whole} is {expected}, not {text}", **values),
    }  # fmt: skip
    return sentences[finding.reason]()
