"""What fits any collection, and so says nothing about one: a statement that has no other words could not be false.

Words stand here by their stems, of all languages together: what is empty is empty in whatever form and order.
"""

import re

_IDIOMS = re.compile(r"\bin order (?=to\b|for\b)")
"""Of words that by themselves would say something: an order is something that people place."""

_VERBS = """
    conduct collect develop enabl enhanc ensur facilitat improv maintain manag offer operat optimi[sz] perform
    personali[sz] process provid provision run runn stor us
"""
_NOUNS = """
    app business experience feature functionalit interest need offering platform product purpose reason service site
    solution user website
"""
_GERMAN_VERBS = """
    anbiet anzubiet aufrechterhalt aufrechtzuerhalt bereitstell bereitzustell betreib entwickel entwickl erbring erheb
    ermöglich gewährleist nutz optimier personalisier sicherstell sicherzustell speicher verarbeit verbesser verwend
    weiterentwickel weiterentwickl weiterzuentwickel
"""
_GERMAN_NOUNS = """
    angabe angebot app betrieb dienst dienstleistung erfahrung erlebnis forschung geschäft geschäftsbetrieb
    geschäftszweck grund gründ information interesse marketingzweck nutzer nutzererfahrung nutzererlebnis plattform
    produkt sicherheitszweck webseit website zweck
"""
_GERMAN_ADJECTIVES = """
    all ander angemessen berechtigt besser betrieblich divers eigen ein gewerblich geschäftlich gut ihr intern kein
    kontinuierlich laufend legitim neu personenbezogen sonstig ständig stetig unser verschieden weiter wirtschaftlich
"""
_WORDS = """
    all always an analytics and any appropriate are as at based be best better by can certain commercial constantly
    continually continuously data different etc for from further future general generally in information internal is it
    its lawful legitimate maintenance marketing may meet more necessary needed new of on or other our overall personal
    purely quality reasonable relevant research security similar so solely some storage such that the their them these
    this those through to us valid various we which will with you your
    als analyse auf aus auch bei das daten dem den der des die durch es für ihnen im ist mit oder qualität sicherheit
    sie sowie um und uns von werbung wir zu zum zur zwecks
    false ja na nein nichts nil no none nothing null ok placeholder tba tbc tbd todo true unknown yes
"""
"""What has no other form; the last line is what people write where they have nothing to say."""


def _forms(stems: str, *endings: str) -> str:
    return f"(?:{'|'.join(stems.split())})(?:{'|'.join(endings)})"


_EMPTY = re.compile(
    "|".join(
        (
            r"\w",  # a letter is no word
            _forms(_WORDS, ""),
            _forms(_VERBS, "", "e", "es", "s", "ed", "ing", "e?ments?", "(?:at)?ions?"),
            _forms(_NOUNS, "", "s", "es", "y", "ies"),
            _forms(_GERMAN_VERBS, "n", "en", "t", "te", "ten", "ung", "ungen"),
            _forms(_GERMAN_NOUNS, "", "e", "en", "n", "s", "es", "se", "ses", "sen"),
            _forms(_GERMAN_ADJECTIVES, "", "e", "em", "en", "er", "es"),
        )
    )
)


def says_nothing(statement: str) -> bool:
    """Whether only words are there that fit any collection."""
    words = re.findall(r"[^\W\d_]+", _IDIOMS.sub("", statement.casefold()))
    return all(_EMPTY.fullmatch(word) for word in words)
