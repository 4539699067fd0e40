"""How addresses are written and how they are compared: one table of rules for names.

Places and streets are reduced to words in lower case without umlauts, accents and punctuation.
`docs/zustaendigkeit.md` explains the tables to people; a change here changes the stored anchors of
rules (`server.domain.regel`), so it needs a migration.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Umlauts as they are transcribed; what NFKD does not take apart stands here too.
_TRANSCRIPTION = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"}
)
_BARE = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "ł": "l"})

_WORD = re.compile(r"[a-z0-9]+")
_OBERLAUSITZ = re.compile(r"\bo\. ?l\.")
# What separates a name from its addition: Frankfurt/Main, Halle (Saale), Köln - Porz, Jena, OT X.
_SEPARATOR = re.compile(r"[()\[\]/,;|]|\s[-–—]\s")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that are written short. A dot does not count.
ABBREVIATIONS = {
    "st": "sankt",
    "skt": "sankt",
    "sct": "sankt",
    "gr": "gross",
    "kl": "klein",
    "hann": "hannoversch",
    "opf": "oberpfalz",
    "obpf": "oberpfalz",
    "nb": "niederbayern",
    "ndb": "niederbayern",
    "obb": "oberbayern",
    "ofr": "oberfranken",
    "ufr": "unterfranken",
    "mfr": "mittelfranken",
    "ol": "oberlausitz",
    "nl": "niederlausitz",
    "ww": "westerwald",
    "rbge": "ruebenberge",
    "rbg": "ruebenberge",
    "bhf": "bahnhof",
    "nrw": "nordrheinwestfalen",
    "rlp": "rheinlandpfalz",
    "meckl": "mecklenburg",
}
# Words that say where a place lies; they never tell two places apart.
FILLERS = _words(
    "a am an auf b bei beim d das dem den der des die h hinter i im in o ob u und unterm v "
    "vom von vor z zu zum zur"
)
# Titles of a place; its name is what is left without them.
TITLES = _words(
    "stadt landeshauptstadt hauptstadt hansestadt hanse universitaetsstadt kreisstadt "
    "gemeinde ortsgemeinde marktgemeinde lutherstadt bundesstadt bundeshauptstadt "
    "klingenstadt freie reuterstadt barlachstadt bergstadt goethestadt wissenschaftsstadt "
    "domstadt flecken lhst kreisfreie grosse"
)
KREIS_WORDS = _words("kr krs kreis lk lkr lkrs landkreis landkr")
TEIL_WORDS = _words("ot ortsteil stadtteil stadtbezirk gemeindeteil")
# Words that do not make a name by themselves.
WEAK_WORDS = _words(
    "alt bad burg dorf gross hof klein markt neu neue nieder ober sankt schloss unter"
)
# States in which a German authority does not enforce, as they stand behind the name of a place.
COUNTRIES = _words(
    "oesterreich austria schweiz switzerland suisse frankreich france polen polska poland "
    "niederlande nederland belgien belgique belgie luxemburg luxembourg daenemark danmark "
    "italien italia tschechien cesko liechtenstein spanien grossbritannien england usa "
    "tuerkei"
)
_PLZ = re.compile(r"(?:D|DE|FRG|BRD)?\s*-?\s*(\d{5})", re.IGNORECASE)
_FOREIGN_PLZ = re.compile(
    r"(?:A|AT|CH|F|FR|L|LU|LI|NL|B|BE|DK|PL|CZ|I|IT)\s*-\s*\w+", re.IGNORECASE
)
_NUMBER_IN_STREET = re.compile(
    r"(.*?\S)\s+(\d+(?:\s?[a-z])?(?:\s*[-–/+]\s*\d*\s?[a-z]?)*)", re.IGNORECASE
)
_GERMANY = _words("deutschland germany brd")

# Words of streets that are written short, or in several forms.
STREET_WORDS = {
    "st": "sankt",
    "gr": "gross",
    "grosse": "gross",
    "grosser": "gross",
    "grossen": "gross",
    "kl": "klein",
    "kleine": "klein",
    "kleiner": "klein",
    "kleinen": "klein",
    "pl": "platz",
    "professor": "prof",
    "doktor": "dr",
    "buergermeister": "bgm",
    "bgmstr": "bgm",
    "gebrueder": "gebr",
    "geschwister": "geschw",
    "v": "von",
    "a": "an",
    "d": "der",
}
_STREET_END = re.compile(r"str(?:asse|assen)?$")


@dataclass(frozen=True, slots=True)
class OrtName:
    """A name of a place, taken apart.

    `name` are the words of the name itself, `addition` those behind it (river, region, part),
    `aside` those of them that a separator sets apart: (Saale), /Main, but not an der Saale,
    `teil` what was called a part (OT, Ortsteil), `kreis` what was called the Kreis; `is_foreign`
    where another state is named.
    """

    name: tuple[str, ...] = ()
    addition: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    teil: str = ""
    kreis: tuple[str, ...] = ()
    is_foreign: bool = False

    @property
    def base(self) -> str:
        """The name without its addition."""
        return "".join(self.name)

    @property
    def words(self) -> tuple[str, ...]:
        """Name and addition."""
        return self.name + self.addition

    @property
    def key(self) -> str:
        """The form in which whole names are equal: hyphens, spaces and fillers do not count."""
        return "".join(self.words)


def fold(text: str) -> str:
    """Lower case, umlauts transcribed, accents gone."""
    lower = unicodedata.normalize("NFC", text).casefold()
    return lower if lower.isascii() else _strip_accents(lower.translate(_TRANSCRIPTION))


def normalise_plz(plz: str) -> str:
    """The five digits of a postal code; empty where it has none ("D-60311" is one)."""
    found = _PLZ.fullmatch(plz.strip())
    return found[1] if found else ""


def is_foreign_plz(plz: str) -> bool:
    """True where the postal code bears the sign of another state: A-1010, CH-8001."""
    return _FOREIGN_PLZ.fullmatch(plz.strip()) is not None


@lru_cache(maxsize=65_536)
def read_ort(ort: str) -> OrtName:
    """Takes the name of a place apart by the tables of this module."""
    folded = _OBERLAUSITZ.sub(" oberlausitz ", fold(ort))
    segments = [_WORD.findall(segment) for segment in _SEPARATOR.split(folded)]
    words = _join(segments)
    if not words:
        return OrtName()
    if any(word in COUNTRIES for word in words[1:]):
        return OrtName(name=tuple(words), is_foreign=True)
    segments, kreis = _split_marked(segments, KREIS_WORDS)
    segments, teil = _split_marked(segments, TEIL_WORDS)
    name, addition, aside = _split_addition(segments)
    return OrtName(name, addition, aside, "".join(_expand(teil)), tuple(kreis))


def fold_ort(ort: str) -> str:
    """The form in which whole names of places are equal."""
    return read_ort(ort).key


def write_bare(ort: str) -> str:
    """Umlauts as plain vowels, as machines without umlauts wrote them: Munchen, Koln."""
    return unicodedata.normalize("NFC", ort).casefold().translate(_BARE)


@lru_cache(maxsize=65_536)
def fold_strasse(strasse: str) -> str:
    """The form in which names of streets are equal: Straße, Str. and strasse are the same."""
    words = (STREET_WORDS.get(word, word) for word in _WORD.findall(fold(strasse)))
    return "".join(_STREET_END.sub("str", word) for word in words)


def split_strasse(strasse: str, hausnummer: str) -> tuple[str, str]:
    """Street and house number, also where both were written into one field."""
    strasse, hausnummer = strasse.strip(), hausnummer.strip()
    found = None if hausnummer else _NUMBER_IN_STREET.fullmatch(strasse)
    if found is None or fold_strasse(found[1]) == "str":
        return strasse, hausnummer
    return found[1].strip(), found[2].strip()


def _strip_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _split_marked(
    segments: list[list[str]], marks: frozenset[str]
) -> tuple[list[list[str]], list[str]]:
    """The segments before the first marking word, and the words behind it."""
    for number, segment in enumerate(segments):
        for position, word in enumerate(segment):
            if word in marks and (number or position):
                rest = segment[position + 1 :] + _join(segments[number + 1 :])
                return [*segments[:number], segment[:position]], rest
    return segments, []


def _split_addition(segments: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    """Name, addition, and what of that stands aside."""
    filled = [segment for segment in map(_clean, segments) if segment]
    if not filled:
        # The name consists of titles and numbers only; better these than nothing.
        return tuple(_join(segments)), (), ()
    head = filled[0]
    if head[0] == "b" and len(head) > 1:
        head = ["bad", *head[1:]]
    end = _find_end(head)
    rest = head[end:] + _join(filled[1:])
    last = len(rest) - 1
    # The last word is a name, be it one letter: Rothenburg o.d.T., Homburg v.d.H.
    addition = [word for i, word in enumerate(rest) if i == last or word not in FILLERS]
    aside = tuple(_expand(_join(filled[1:])))
    return tuple(_expand(head[:end])), tuple(_expand(addition)), aside


def _join(segments: list[list[str]]) -> list[str]:
    return [word for segment in segments for word in segment]


def _find_end(words: list[str]) -> int:
    """Where the name ends: at the first filler behind a word that is none ("Am Mellensee")."""
    start = next((i for i, word in enumerate(words) if word not in FILLERS), len(words))
    return next((i for i in range(start, len(words)) if words[i] in FILLERS), len(words))


def _clean(words: list[str]) -> list[str]:
    """Without titles at either end, the number of a delivery district, and the state."""
    left = [word for word in words if not word.isdigit() and word not in _GERMANY]
    while left and (left[0] in TITLES or (left[0] == "und" and len(left) > 1)):
        left = left[1:]
    while left and left[-1] in TITLES:
        left = left[:-1]
    return left


def _expand(words: list[str]) -> list[str]:
    return [ABBREVIATIONS.get(word, word) for word in words]
