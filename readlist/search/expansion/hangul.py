"""Hangul: jamo, patterns of initial consonants, and the stems of Korean words. Pure functions of text.

Jamo are compatibility jamo (ㄱ to ㅣ), compound ones taken apart into those that are typed one after the other: 값 is
ㄱㅏㅂㅅ. Text may be in any normal form, and folded: NFKD replaces a lone compatibility jamo by a conjoining one.

Called by query expansion. It knows no words but those of its tables: callers compare what it returns with a vocabulary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

_FIRST, _LAST = "\uac00", "\ud7a3"
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_MEDIALS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
"""The jamo of syllables in the order of Unicode, 3.12 "Conjoining Jamo Behavior"."""
_COMPOUND_MEDIALS = {"ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ"}
_COMPOUND_FINALS = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
_COMPOUND = _COMPOUND_MEDIALS | _COMPOUND_FINALS
"""Compound jamo, and the jamo that are typed for them."""
_JAMO_OF_TYPED = {typed: jamo for jamo, typed in _COMPOUND.items()}
_MEDIAL_COUNT, _FINAL_COUNT = len(_MEDIALS), len(_FINALS) + 1
_SYLLABLES_OF_INITIAL = _MEDIAL_COUNT * _FINAL_COUNT

MIN_STEM = 2
"""Syllables of a stem; a single one is in too many words."""
_MIN_COMPOUND = 4
"""Syllables of a word that ends in a noun of two syllables."""


# Jamo


@lru_cache(maxsize=1)
def _to_typed_jamo() -> dict[int, str]:
    """Return the translation of jamo, conjoining ones too, to compatibility jamo that are not compound."""
    table: dict[int, str] = {}
    for first, row in ((0x1100, _INITIALS), (0x1161, _MEDIALS), (0x11A8, _FINALS)):
        for code, jamo in enumerate(row, first):
            # Not always a jamo of the row: NFKC makes ㅄ an initial consonant that is obsolete.
            folded = ord(unicodedata.normalize("NFKC", jamo))
            table |= dict.fromkeys((code, ord(jamo), folded), _COMPOUND.get(jamo, jamo))
    return table


def decompose(text: str) -> str:
    """Return the text with each Hangul syllable as the jamo that are typed for it; other characters stay, in NFC.

    >>> decompose("과값 2")
    'ㄱㅗㅏㄱㅏㅂㅅ 2'
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(_to_typed_jamo()))


def compose(jamo: str) -> str:
    """Return the syllables that are typed by these jamo, as `decompose` returns them; "" unless all are whole.

    >>> compose("ㄱㅏㅂㅅㅇㅣ"), compose("ㄱㅏㅂㅅㅣ"), compose("ㄱㅏㄴㅂ")
    ('값이', '갑시', '')
    """
    syllables = list(_syllable_pattern().finditer(jamo))
    if sum(len(match[0]) for match in syllables) != len(jamo):
        return ""
    return "".join(_compose_syllable(*match.groups()) for match in syllables)


@lru_cache(maxsize=1)
def _syllable_pattern() -> re.Pattern[str]:
    """Return the expression of a syllable: a consonant is its final one where no vowel follows, as in input methods."""
    medial = "|".join((*_COMPOUND_MEDIALS.values(), f"[{_MEDIALS}]"))
    final = "|".join((*_COMPOUND_FINALS.values(), f"[{_FINALS}]"))
    return re.compile(rf"([{_INITIALS}])({medial})((?:{final})?)(?=[{_INITIALS}][{_MEDIALS}]|\Z)")


def _compose_syllable(initial: str, medial: str, final: str) -> str:
    code = _INITIALS.index(initial) * _MEDIAL_COUNT + _MEDIALS.index(_JAMO_OF_TYPED.get(medial, medial))
    number = _FINALS.index(_JAMO_OF_TYPED.get(final, final)) + 1 if final else 0
    return chr(ord(_FIRST) + code * _FINAL_COUNT + number)


def initial_consonants_pattern(text: str) -> str:
    """Return a GLOB pattern of SQLite for words that start with syllables of these initial consonants, two or more.

    A compound final consonant is what an input method makes of two. "" where the text has any other character.

    >>> initial_consonants_pattern("ㅇㅌ"), initial_consonants_pattern("ㅄ"), initial_consonants_pattern("이ㅌ")
    ('[아-잏][타-팋]*', '[바-빟][사-싷]*', '')
    """
    consonants = decompose(text)
    if len(consonants) < MIN_STEM or not set(consonants).issubset(_INITIALS):
        return ""
    return "".join(map(_initial_range, consonants)) + "*"


def _initial_range(consonant: str) -> str:
    first = ord(_FIRST) + _INITIALS.index(consonant) * _SYLLABLES_OF_INITIAL
    return f"[{chr(first)}-{chr(first + _SYLLABLES_OF_INITIAL - 1)}]"


# Stems of nouns


def split_particle(word: str) -> str:
    """Return the likeliest stem of a word: without its particle, copula or light verb; else the word itself.

    >>> split_particle("추론의"), split_particle("최적화하는"), split_particle("모델들에게는"), split_particle("회의")
    ('추론', '최적화', '모델', '회의')
    """
    return stems(word)[0]


def stems(word: str) -> tuple[str, ...]:
    """Return what the stem of a word of Hangul syllables may be, the likeliest first; the word itself is among them.

    A particle must fit the syllable before it, as grammar demands: 가 follows a vowel, so that 전문가 is a noun. Where
    the last syllable often belongs to a noun, the word comes first, and without it last.

    >>> stems("효율적으로"), stems("정확도")
    (('효율', '효율적', '효율적으로'), ('정확도', '정확'))
    """
    if len(word) <= MIN_STEM or not _FIRST <= min(word) <= max(word) <= _LAST:
        return (word,)
    forms, doubtful = [word], []
    for suffixes in _suffix_levels():
        form = forms[-1]
        suffix = _find_suffix(form, suffixes)
        if suffix and _is_noun_ending(form, suffix):
            doubtful.append(form.removesuffix(suffix))
        elif suffix:
            forms.append(form.removesuffix(suffix))
    return tuple(dict.fromkeys((*reversed(forms), *doubtful)))


def inflect_noun(word: str) -> tuple[str, ...]:
    """Return a word with the particles that only nouns take, those of the object and of the possessor.

    A verb in the past tense has none: 만들었을 is one of its own forms.

    >>> inflect_noun("학습"), inflect_noun("양자화"), inflect_noun("만들었")
    (('학습을', '학습의'), ('양자화를', '양자화의'), ())
    """
    if decompose(word[-1]).endswith("ㅆ"):
        return ()
    return (f"{word}{'를' if _syllable_kind(word[-1]) == _VOWEL else '을'}", f"{word}의")


_Suffixes: TypeAlias = Mapping[str, str]
"""Suffixes, each with the kinds of syllables that it follows: those that end in a vowel, ㄹ, another consonant."""

_ANY, _VOWEL, _VOWEL_OR_RIEUL, _CONSONANT, _CONSONANT_BUT_RIEUL = "VRC", "V", "VR", "RC", "C"

_COPULAS = {
    _ANY: "입니다 입니다만 이고 이며 이지만 이므로 이다 이라는 이라고 인 인데 인데요 인지 인가 일 일까 일지 "
    "네요 죠 군요",
    _CONSONANT: "이라 이란 이라서 이라도 이라면 이면 이었다 이었던 이었습니다 이네요 이죠 이군요 이에요 이긴 이기에",
    _VOWEL: "라는 라고 란 라서 라도 라면 였다 였던 였습니다 예요",
}
_TOPICS = {
    _ANY: "의 도 만 까지 부터 조차 마저 마다 밖에 뿐 뿐만",
    _CONSONANT: "은 이 을 이나",
    _VOWEL: "는 가 를 나",
}
"""Particles that may follow those of the next level: 모델에서는."""
_CASES = {
    _ANY: "에 에서 에게 에게서 한테 께서 까지 부터 보다 처럼 마다 만큼 대로 만",
    _CONSONANT: "과 이랑",
    _CONSONANT_BUT_RIEUL: "으로 으로서 으로써",
    _VOWEL: "와 랑",
    _VOWEL_OR_RIEUL: "로 로서 로써",
}
_FIRST_CASES = {_ANY: "에서 에게 까지", _CONSONANT_BUT_RIEUL: "으로", _VOWEL_OR_RIEUL: "로"}
"""Particles that others of the level before may follow: 모델로부터의."""
_LIGHT_VERBS = {
    "하 되 시키": "는 고 며 면 지 게 기 다 니 자 죠 긴 라 던 고자 도록 려 려고 려는 려면 거나 자면 지만 는데 는데요 "
    "는지 는가 더라도 면서 면서도 므로 네요 군요 는군요 기도 기는 기엔 지도 겠다 겠습니다 겠네요 겠군요 겠죠 겠지만 "
    "다는 다고 다면 다거나",
    "해 하여 돼 되어 시켜": " 서 야 도 요 야만 서는 서도 주는 준 줄 보면 본 볼",
    "했 하였 됐 되었 시켰": "다 던 고 지만 으며 으나 기 는데 는데요 습니다 습니다만 네요 죠 군요 을 음 다고 다는 다면 "
    "다거나",
    "합 됩 시킵": "니다 니다만",
    "한 된 시킨": " 다 다고 다는 다면 다거나 데 지 가 건 게",
    "할 될 시킬": " 까 지 수록 때 만한",
    "함 됨 시킴 히": " ",
    "스러 로": "운 울 움 워",
    "스럽 롭": "다 게 고 지만 습니다 네요 군요",
}
"""The forms of 하다, 되다, 시키다 and of adjectives in 스럽다 and 롭다, and the endings of each, a space for none."""

_NOUN_ENDINGS = {
    "가": "오메가",
    "이": "없이 풀이 높이 깊이 길이 어린이 젊은이 깊숙이",
    "의": "재정의",
    "도": "정확도 유사도 복잡도 난이도 신뢰도 완성도 선호도 만족도 해상도 중요도 민감도 자유도 인지도 기여도 의존도 "
    "충실도 다양도 투명도 친숙도 관심도 집중도 이해도 숙련도 활용도 참여도 유창도 일관도 난해도 희소도 관련도 적합도 "
    "전문도 위험도 선명도 속도 온도 밀도 강도 빈도 척도 농도 궤도 난도 비지도 반지도 준지도 약지도",
    "만": "하지만 그렇지만 있지만 없지만 같지만 않지만 보이지만 볼츠만 파인만",
    "로": "으로 그대로 제대로 매크로 마이크로",
    "나": "그러나 아레나 안테나 바나나 코로나",
    "란": "교란",
    "인": "확인 원인 승인 할인 개인 디자인 라인 메인 블록체인 트레인 브레인 코인 코사인",
    "일": "동일 통일 단일 균일 매일 파일 타일 테일 메일 바일 레일 스케일 휴일 요일 과일",
    "적": "목적 추적 흔적 궤적 누적",
    "한": "무제한 최대한 최소한",
    "할": "역할",
    "함": "포함",
}
"""Nouns and adverbs, and ends of compounds, whose last syllable looks like a suffix."""
_COMPOUND_ENDINGS = {"의": "주의", "과": "결과", "한": "제한 권한", "할": "분할", "해": "이해 독해 분해"}
"""The same, from _MIN_COMPOUND syllables on: 민주주의, but 우주 with a particle."""
_NOT_COMPOUND = ("해결과", "연결과", "종결과")


@lru_cache(maxsize=1)
def _suffix_levels() -> tuple[_Suffixes, ...]:
    """Return the suffixes in the order in which they are removed, at most one of each level."""
    copulas, topics, cases, first_cases = map(_by_suffix, (_COPULAS, _TOPICS, _CASES, _FIRST_CASES))
    verbs = {
        f"{form}{ending}": _ANY
        for forms, endings in _LIGHT_VERBS.items()
        for form in forms.split()
        for ending in endings.split(" ")
    }
    return verbs, copulas, topics, cases, first_cases, {"들": _ANY}, verbs, {"적": _ANY}


def _by_suffix(groups: Mapping[str, str]) -> _Suffixes:
    return {suffix: kinds for kinds, suffixes in groups.items() for suffix in suffixes.split()}


def _find_suffix(word: str, suffixes: _Suffixes) -> str:
    """Return the longest suffix that the word may have, "" for none."""
    for start in range(MIN_STEM, len(word)):
        if _syllable_kind(word[start - 1]) in suffixes.get(word[start:], ""):
            return word[start:]
    return ""


def _syllable_kind(syllable: str) -> str:
    """Return "V" for a syllable that ends in a vowel, "R" for ㄹ, "C" for another consonant."""
    final = (ord(syllable) - ord(_FIRST)) % _FINAL_COUNT
    return "V" if not final else "R" if _FINALS[final - 1] == "ㄹ" else "C"


def _is_noun_ending(word: str, suffix: str) -> bool:
    """Return whether the suffix is probably the end of a noun."""
    if word.endswith(tuple(_NOUN_ENDINGS.get(suffix, "").split())):
        return True
    endings = tuple(_COMPOUND_ENDINGS.get(suffix, "").split())
    return len(word) >= _MIN_COMPOUND and word.endswith(endings) and not word.endswith(_NOT_COMPOUND)
