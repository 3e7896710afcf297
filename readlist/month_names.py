"""The names of months and weekdays in other languages than English, for `dates`.

German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Danish and Norwegian, Polish, Czech, Russian and Turkish;
in the genitive where dates have it. English is for python-dateutil, Korean, Japanese and Chinese have numbers.
"""

from __future__ import annotations

_MONTHS = """
jan januar jänner janvier janv enero ene gennaio janeiro januari stycznia ledna января ocak
feb februar feber février févr fevrier febrero febbraio fevereiro februari lutego února февраля şubat
märz mär mars marzo março maart marts marca března марта mart
apr april avril abril aprile kwietnia dubna апреля nisan
mai mayo maggio maio mei maj maja května мая mayıs
jun juni juin junio giugno junho czerwca června июня haziran
jul juli juillet juil julio luglio julho lipca července июля temmuz
aug august août aout agosto augustus augusti sierpnia srpna августа ağustos
sep sept september septembre septiembre settembre setembro września září сентября eylül
oktober okt octobre octubre ottobre outubro października října октября ekim
nov november novembre noviembre listopada listopadu ноября kasım
dezember dez décembre déc decembre diciembre dic dicembre dezembro december grudnia prosince декабря aralık
"""
WEEKDAYS = (
    "montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|mo|di|mi|do|fr|sa|so"
    "|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    "|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?"
    "|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag"
    "|mandag|tirsdag|lørdag|søndag|poniedziałek|wtorek|środa|czwartek|piątek|sobota|niedziela"
    "|pondělí|úterý|středa|čtvrtek|pátek|neděle|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье"
    "|pazartesi|salı|çarşamba|perşembe|cuma|cumartesi|pazar"
)
"""A regular expression."""
MONTH_NUMBERS = {name: month for month, names in enumerate(_MONTHS.strip().splitlines(), 1) for name in names.split()}
"""The number of each month by its names in lower case."""
