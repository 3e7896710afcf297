"""Comparison by sound of Hangul loanwords with the Latin words that they transcribe (프리트레이닝: pretraining).

Every word is respelled as sounds. The classes of its consonants, without its vowels, are its key, which is the same
for both scripts: PLTLNN for pretraining and for 프리트레이닝. The index stores the keys of its vocabulary; query
expansion reads the words under the `near_keys` of a typed word and ranks them with `closest`. This module does not
read the index.

The rules are those of the Korean orthography of loanwords (외래어 표기법, National Institute of Korean Language) and
its frequent deviations. The costs were chosen by trials with terms of machine learning.
"""

from __future__ import annotations

import bisect
import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

MAX_DISTANCE = 0.09
"""Distance (0: the same sounds) up to which two words are taken for the same word."""
MIN_CLASSES = 2
"""Consonants of a word that has a key: too many words have a single one."""
MIN_CLASSES_REPLACED = 3
"""Consonants of a key of which one may be a similar one; shorter keys have too many words."""
MIN_CLASSES_OF_MISSING_R = 4
"""Consonants of a key of which an L may be missing or added."""
MIN_CLASSES_OMITTED = 6
"""Consonants of a key of which any one may be missing: in a shorter word that exceeds MAX_DISTANCE."""
MAX_NEAR_KEYS = 60
MAX_LETTERS = 24
"""Letters of a Latin word that has a key; longer ones are identifiers."""
MAX_SYLLABLES = 16
"""Syllables of a Hangul word that has a key; most syllables transcribe two letters."""
MIN_LOANWORD_SYLLABLES = 3
"""Syllables of a Hangul word that is taken for a loanword: many shorter native words sound like an English word."""
MIN_SOUNDS = 4
"""Sounds that a distance is at least divided by: in a short word each sound decides."""

# Latin spellings and their sounds, replaced in this order; "|" is the start or the end of a word. Sounds are lower-case
# letters, and C ch, D th, G g that may be soft, L r before a vowel, N ng, R r elsewhere (Korean drops it), S sh.
_CONSONANT_TABLE = """
|kn |n, |wr |r, |ps |s, |wh |w, |x |z, |thom |tom, mpson mson, mb| m|, ts| C|
ign| ain|, igns| ains|, ignm ainm, igned| aind|, igning| aining|, igner ainer, gue| g|, que| k|, ques kwes, qu kw, q k
eigh ei, igh ai, ought ot, aught ot, ough o, gh g, tch C, ture Cure, tura Cura, turi Curi, tua Cua
nction NSon, tion Son, tia Sa, tient Sent, tienc Senc, tious Sous, cia Sa, cien Sen
sch sk, archi arki, mecha meka, techn tekn, ochas okas, poch pok, psych psik, echo eko, ancho anko, chaos kaos
chr kr, chl kl, ch C, sh S, ph p, thm jm, dth D, th D, dge je, dgi ji, ge Ge, gi Gi, gy Gy, gG g
sce se, sci si, ce se, ci si, cy sy, ck k, c k, x ks, ngG nG, nga Nga, ngo Ngo, ngu Ngu, ngl Ngl, ngr Ngr, ng N
ess| Es|, bb b, dd d, ff f, gg g, kk k, ll l, mm m, nn n, pp p, rr r, ss s, tt t, zz z, f p, v b, z j
re| R|, res| Rs|, ra La, re Le, ri Li, ro Lo, ru Lu, ry Ly, r R
"""
# Replaced after those, without effect on the key. A is ai, E ee, O ow, U ew.
_VOWEL_TABLE = """
sious Ses, Sous Ses, sion jen, nk Nk, uit it, eaR| ER|, eaR eR, ee E, ea E, ie E, ai A, ay A, ei A, ey A, oo u
ate| At|, ase| As|, ame| Am|, ale| Al|, ake| Ak|, ite| yt|, ile| yl|, ime| ym|, ide| yd|, ike| yk|, iR| yR|, iR eR
ou O, ow O, au O, awa aua, aw O, ue U, eu U, ewa eua, ew U, e| |, es| s|
"""

# Letters of Hangul syllables and their sounds, in the order of Unicode; "-" is no sound. A stop at the end of a
# syllable is K, P or T: its spelling does not tell whether it is voiced.
_INITIALS = "ㄱg ㄲg ㄴn ㄷd ㄸd ㄹL ㅁm ㅂb ㅃb ㅅs ㅆs ㅇ- ㅈj ㅉj ㅊC ㅋk ㅌt ㅍp ㅎh"
_MEDIALS = """
ㅏㅏ ㅐㅐ ㅑyㅏ ㅒyㅔ ㅓㅓ ㅔㅔ ㅕyㅓ ㅖyㅔ ㅗㅗ ㅘwㅏ ㅙwㅔ ㅚwㅔ ㅛyㅗ ㅜㅜ ㅝwㅓ ㅞwㅔ ㅟwㅣ ㅠyㅜ ㅡㅡ ㅢㅣ ㅣㅣ
"""
_FINALS = """
ㄱK ㄲK ㄳK ㄴn ㄵn ㄶn ㄷT ㄹl ㄺl ㄻl ㄼl ㄽl ㄾl ㄿl ㅀl ㅁm ㅂP ㅄP ㅅT ㅆT ㅇN ㅈT ㅊT ㅋK ㅌT ㅍP ㅎT
"""
# Replaced in the sounds of a word. r is 르, which may stand for a silent r; I, A, O, W and U are the diphthongs of my,
# may, mow, mouth and mew.
_CONTRACTION_TABLE = "sy S, swㅣ Sㅣ, jy j, Cy C, lL l, Lㅡ r, ㅏㅣ I, ㅔㅣ A, ㅗㅜ O, ㅏㅜ W, yㅜ U"

LOANWORD_INITIALS = "ㄱㄴㄷㄹㅁㅂㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
LOANWORD_MEDIALS = "ㅏㅐㅓㅔㅖㅗㅘㅙㅜㅝㅞㅟㅠㅡㅣ"
LOANWORD_FINALS = "ㄱㄴㄹㅁㅂㅅㅇ"

VOWELS = "aeiouywAEIOUWㅏㅐㅓㅔㅗㅜㅡㅣ"
CLASSES = {"K": "gkK", "N": "nN", "T": "dtT", "L": "lLr", "M": "m", "P": "bpP", "S": "sSjCDG", "H": "h"}
SIMILAR_CLASSES = {"K": "S", "T": "S", "S": "KT"}
"""Classes that one Latin letter may belong to: g, c and ch to K and S, th and t to T and S."""

# Sounds of Hangul words; for each the Latin sounds that it transcribes regularly, often, and sometimes.
_LIKENESS_TABLE = """
g g G -, k k g CG, K k g G, d d D t, t t D d, T t D ds, b b - p, p p - b, P p b -, n n N m, N N - n, m m - n
l l L R, L L l R, r L lR -, s s SD jC, S S sCj -, j jG sS dC, C C - Ssjt, h h - -, y yiE eu U, w wouOU - -, ㅡ - - -
ㅏ a ou -, ㅐ a eA E, ㅔ eEA ai -, ㅓ euoR aOU iE, ㅗ oO aU u, ㅜ uUwO o -, ㅣ ieEy A au
I y iE Aa, A A aeEi -, O oO w au, W O ou w, U uU eo -
"""
LIKENESS_COSTS = 0.0, 0.08, 0.25
OTHER_VOWEL_COST = 0.35
OTHER_CONSONANT_COST = 0.95
UNLIKE_COST = 2.0
"""Cost of a vowel for a consonant: more than to omit the one and add the other."""
OMITTED_VOWEL_COST = 0.35
OMITTED_CONSONANT_COST = 0.9
EDGE_COST = 0.3
"""Added for a vowel at the start or the end of a word, which is rarely silent."""
SILENT_END_COST = 0.1
SILENT_ENDS = "jㅣ", "Cㅣ", "sㅣ", "Sㅣ"
"""Ends of Hangul words whose vowel stands for none: 이미지, 벤치, 푸시."""


def _rules(table: str) -> list[tuple[str, str]]:
    spellings = (rule.split() for rule in table.strip().replace("\n", ",").split(","))
    return [(spelling, sounds) for spelling, sounds in spellings]


CONSONANT_RULES = _rules(_CONSONANT_TABLE)
VOWEL_RULES = _rules(_VOWEL_TABLE)
CONTRACTIONS = _rules(_CONTRACTION_TABLE)
SOUND_OF_JAMO = {
    ord(first) + number: letter[1:].replace("-", "")
    for first, letters in (("\u1100", _INITIALS), ("\u1161", _MEDIALS), ("\u11a8", _FINALS))
    for number, letter in enumerate(letters.split())
}
"""Letters of syllables in normalization form D."""
CLASS_OF_SOUND = str.maketrans(
    {sound: consonant for consonant, sounds in CLASSES.items() for sound in sounds} | dict.fromkeys(VOWELS + "R", "")
)


def _substitution_costs() -> dict[str, dict[str, float]]:
    """Return the cost of each Latin sound for each Hangul sound."""
    consonants = "R" + "".join(CLASSES.values())
    costs = {}
    for row in _LIKENESS_TABLE.strip().replace("\n", ",").split(","):
        sound, *groups = row.split()
        is_vowel = sound in VOWELS
        costs[sound] = dict.fromkeys(VOWELS, OTHER_VOWEL_COST if is_vowel else UNLIKE_COST)
        costs[sound] |= dict.fromkeys(consonants, UNLIKE_COST if is_vowel else OTHER_CONSONANT_COST)
        for group, cost in zip(groups, LIKENESS_COSTS, strict=True):
            costs[sound] |= dict.fromkeys(group.replace("-", ""), cost)
    return costs


OMISSION_COSTS = (
    dict.fromkeys("".join(CLASSES.values()), OMITTED_CONSONANT_COST)
    | dict.fromkeys(VOWELS, OMITTED_VOWEL_COST)
    | {"ㅡ": 0.0, "R": 0.05, "e": 0.15, "y": 0.15, "w": 0.15, "h": 0.5}
)
SUBSTITUTION_COSTS = _substitution_costs()


def latin_keys(words: Sequence[str]) -> list[str]:
    """Return the keys of `words`, in their order; "" for a word that is not ASCII letters, is too long or too short.

    Case is ignored. One call for many words is much faster than many calls: each rule is applied to all at once.
    """
    keys = _replace_all(_join(words), CONSONANT_RULES).translate(CLASS_OF_SOUND).split("|")[1:-1]
    return [key if len(key) >= MIN_CLASSES else "" for key in keys]


def hangul_key(word: str) -> str:
    """Return the key of `word`; "" if it is not Hangul syllables, too long or too short."""
    key = _hangul_sounds(word).translate(CLASS_OF_SOUND)
    return key if len(key) >= MIN_CLASSES else ""


def near_keys(key: str) -> list[str]:
    """Return `key` and, after it, the keys of words that may sound like its words; at most MAX_NEAR_KEYS.

    One consonant is replaced by a similar one, or an L is missing or added: r is silent in Markov, not in 마르코프.
    In long keys any one consonant may be missing, or S or T, an English ending, added.
    """
    keys = [key] if key else []
    positions = range(len(key))
    if len(key) >= MIN_CLASSES_REPLACED:
        keys += [key[:at] + other + key[at + 1 :] for at in positions for other in SIMILAR_CLASSES.get(key[at], "")]
    if len(key) >= MIN_CLASSES_OF_MISSING_R:
        keys += [key[:at] + key[at + 1 :] for at in positions if key[at] == "L"]
        keys += [f"{key[:at]}L{key[at:]}" for at in range(len(key) + 1)]
    if len(key) >= MIN_CLASSES_OMITTED:
        keys += [f"{key}S", f"{key}T", *(key[:at] + key[at + 1 :] for at in positions)]
    return list(dict.fromkeys(keys))[:MAX_NEAR_KEYS]


def is_transcribable(word: str) -> bool:
    """Return whether `word` may be a loanword by its spelling: long enough, and of syllables that loanwords have.

    Loanwords do not have ㄲ, ㄸ, ㅃ, ㅉ, ㅚ or ㅢ, ㅑ, ㅕ or ㅛ after most consonants, or 화, a Sino-Korean suffix, and
    end their syllables with seven consonants. Words of two syllables (커널, 벡터) need other evidence.
    """
    return len(word) >= MIN_LOANWORD_SYLLABLES and _loanword_syllables().issuperset(word)


def closest(word: str, candidates: Iterable[str], limit: int = 3) -> list[tuple[str, float]]:
    """Return the Latin `candidates` that sound like the Hangul `word`, with their distances, the closest first.

    A distance is the cost of the edits from the sounds of the one word to those of the other, divided by their mean
    number of sounds; at most MAX_DISTANCE.
    """
    words = list(dict.fromkeys(candidates))
    sounds = _hangul_sounds(word)
    best: list[tuple[float, str]] = []
    maximum = MAX_DISTANCE
    for latin, other in zip(words, _latin_sounds(words), strict=True):
        if sounds and other and (distance := _distance(sounds, other, maximum)) <= maximum:
            bisect.insort(best, (distance, latin))
            del best[limit:]
            maximum = best[-1][0] if len(best) == limit else MAX_DISTANCE
    return [(latin, distance) for distance, latin in best]


def _join(words: Iterable[str]) -> str:
    valid = [word if len(word) <= MAX_LETTERS and word.isascii() and word.isalpha() else "" for word in words]
    return "|".join(["", *valid, ""]).lower()


def _replace_all(text: str, rules: Iterable[tuple[str, str]]) -> str:
    for spelling, sounds in rules:
        text = text.replace(spelling, sounds)
    return text


def _latin_sounds(words: Iterable[str]) -> list[str]:
    return _replace_all(_replace_all(_join(words), CONSONANT_RULES), VOWEL_RULES).split("|")[1:-1]


def _hangul_sounds(word: str) -> str:
    if len(word) > MAX_SYLLABLES or not all("가" <= syllable <= "힣" for syllable in word):
        return ""
    return _replace_all(unicodedata.normalize("NFD", word).translate(SOUND_OF_JAMO), CONTRACTIONS)


@lru_cache(maxsize=1)
def _loanword_syllables() -> frozenset[str]:
    """Return the syllables that loanwords may have."""
    initials, medials = ([letter[0] for letter in letters.split()] for letters in (_INITIALS, _MEDIALS))
    starts = {
        unicodedata.normalize("NFC", chr(0x1100 + initials.index(initial)) + chr(0x1161 + medials.index(medial)))
        for initial in LOANWORD_INITIALS
        for medial in LOANWORD_MEDIALS + ("ㅑㅕㅛ" if initial in "ㅅㅇㅈㅊ" else "")
    } - {"여", "화"}
    finals = [number for number, letter in enumerate(_FINALS.split(), start=1) if letter[0] in LOANWORD_FINALS]
    return frozenset(chr(ord(start) + number) for start in starts for number in (0, *finals))


def _omission_costs(sounds: str) -> list[float]:
    costs = [OMISSION_COSTS[sound] for sound in sounds]
    if sounds[:1] in VOWELS:
        costs[0] += EDGE_COST
    if sounds.endswith(SILENT_ENDS):
        costs[-1] = SILENT_END_COST
    elif sounds[-1:] in VOWELS and sounds[-1:] != "ㅡ":
        costs[-1] += EDGE_COST
    return costs


def _distance(hangul: str, latin: str, maximum: float) -> float:
    """Return the edit distance of the sounds of two words, divided by their mean number of sounds.

    Above `maximum` it is not exact: only the start of the words is compared then.
    """
    sounds = max(MIN_SOUNDS, (len(hangul) - hangul.count("ㅡ") + len(latin) - latin.count("R")) / 2)
    additions = _omission_costs(latin)
    previous = list(itertools.accumulate(additions, initial=0.0))
    for sound, omission in zip(hangul, _omission_costs(hangul), strict=True):
        substitutions = SUBSTITUTION_COSTS[sound]
        cost = previous[0] + omission
        current = [cost]
        for other, addition, above, diagonal in zip(latin, additions, previous[1:], previous, strict=False):
            cost += addition
            cost = min(cost, above + omission, diagonal + substitutions[other])
            current.append(cost)
        previous = current
        if min(previous) > maximum * sounds:
            return min(previous) / sounds
    return previous[-1] / sounds
