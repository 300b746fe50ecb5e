"""Public holidays of the 27 countries of the Union, as each country's law names them: whole countries', not those of regions and towns.

Where a country's law on periods counts more days than its list of holidays (the eves of Sweden and Finland, Good Friday in the Netherlands), they are
here, too: a period ends after them. A day too many costs a customer nothing and a shop a day.
"""

from __future__ import annotations

FIXED: dict[str, tuple[tuple[int, int], ...]] = {
    "AT": ((1, 1), (1, 6), (5, 1), (8, 15), (10, 26), (11, 1), (12, 8), (12, 25), (12, 26)),
    "BE": ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)),
    "BG": ((1, 1), (3, 3), (5, 1), (5, 6), (5, 24), (9, 6), (9, 22), (12, 24), (12, 25), (12, 26)),
    "CY": ((1, 1), (1, 6), (3, 25), (4, 1), (5, 1), (8, 15), (10, 1), (10, 28), (12, 25), (12, 26)),
    "CZ": ((1, 1), (5, 1), (5, 8), (7, 5), (7, 6), (9, 28), (10, 28), (11, 17), (12, 24), (12, 25), (12, 26)),
    "DE": ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26)),
    "DK": ((1, 1), (12, 25), (12, 26)),
    "EE": ((1, 1), (2, 24), (5, 1), (6, 23), (6, 24), (8, 20), (12, 24), (12, 25), (12, 26)),
    "ES": ((1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)),
    "FI": ((1, 1), (1, 6), (5, 1), (12, 6), (12, 24), (12, 25), (12, 26)),
    "FR": ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)),
    "GR": ((1, 1), (1, 6), (3, 25), (5, 1), (8, 15), (10, 28), (12, 25), (12, 26)),
    "HR": ((1, 1), (1, 6), (5, 1), (5, 30), (6, 22), (8, 5), (8, 15), (11, 1), (11, 18), (12, 25), (12, 26)),
    "HU": ((1, 1), (3, 15), (5, 1), (8, 20), (10, 23), (11, 1), (12, 24), (12, 25), (12, 26)),
    "IE": ((1, 1), (3, 17), (12, 25), (12, 26)),
    "IT": ((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (10, 4), (11, 1), (12, 8), (12, 25), (12, 26)),
    "LT": ((1, 1), (2, 16), (3, 11), (5, 1), (6, 24), (7, 6), (8, 15), (11, 1), (11, 2), (12, 24), (12, 25), (12, 26)),
    "LU": ((1, 1), (5, 1), (5, 9), (6, 23), (8, 15), (11, 1), (12, 25), (12, 26)),
    "LV": ((1, 1), (5, 1), (5, 4), (6, 23), (6, 24), (11, 18), (12, 24), (12, 25), (12, 26), (12, 31)),
    "MT": ((1, 1), (2, 10), (3, 19), (3, 31), (5, 1), (6, 7), (6, 29), (8, 15), (9, 8), (9, 21), (12, 8), (12, 13), (12, 25)),
    "NL": ((1, 1), (4, 27), (5, 5), (12, 25), (12, 26)),
    "PL": ((1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 24), (12, 25), (12, 26)),
    "PT": ((1, 1), (4, 25), (5, 1), (6, 10), (8, 15), (10, 5), (11, 1), (12, 1), (12, 8), (12, 25)),
    "RO": ((1, 1), (1, 2), (1, 6), (1, 7), (1, 24), (5, 1), (6, 1), (8, 15), (11, 30), (12, 1), (12, 25), (12, 26)),
    "SE": ((1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)),
    "SI": ((1, 1), (1, 2), (2, 8), (4, 27), (5, 1), (5, 2), (6, 25), (8, 15), (10, 31), (11, 1), (12, 25), (12, 26)),
    "SK": ((1, 1), (1, 6), (5, 1), (5, 8), (7, 5), (8, 29), (9, 15), (11, 1), (12, 24), (12, 25), (12, 26)),
}
"""(month, day). The acts stand in `ACTS`. Spain: Epiphany, and Maundy Thursday where a region keeps it (`regional_holidays.py`); Germany: the days
that all states share; Italy: with 4 October since legge 151/2025; Denmark: without Great Prayer Day since 2024."""
EASTER: dict[str, tuple[int, ...]] = {
    "AT": (1, 39, 50, 60),
    "BE": (1, 39, 50),
    "CZ": (-2, 1),
    "DE": (-2, 1, 39, 50),
    "DK": (-3, -2, 1, 39, 50),
    "EE": (-2, 0, 49),
    "ES": (-2,),
    "FI": (-2, 1, 39),
    "FR": (1, 39, 50),
    "HR": (0, 1, 60),
    "HU": (-2, 1, 50),
    "IE": (1,),
    "IT": (0, 1),
    "LT": (0, 1),
    "LU": (1, 39, 50),
    "LV": (-2, 0, 1),
    "MT": (-2,),
    "NL": (-2, 1, 39, 50),
    "PL": (0, 1, 49, 60),
    "PT": (-2, 0, 60),
    "SE": (-2, 1, 39),
    "SI": (0, 1, 49),
    "SK": (-2, 1),
}
"""Days after Easter Sunday."""
ORTHODOX: dict[str, tuple[int, ...]] = {"BG": (-2, -1, 0, 1), "CY": (-48, -2, 1, 50), "GR": (-48, -2, 1, 50), "RO": (-2, 0, 1, 49, 50)}
"""Days after the Easter Sunday of the Orthodox churches."""
MONDAYS: dict[str, tuple[tuple[int, int], ...]] = {"IE": ((2, 1), (5, 1), (6, 1), (8, 1), (10, -1))}
"""(month, which Monday of it; -1: the last)."""
IF_FRIDAY: dict[str, tuple[tuple[int, int], ...]] = {"IE": ((2, 1),)}
"""A holiday in years in which it is a Friday: Saint Brigid's Day."""
MIDSUMMER = ("FI", "SE")
"""Where Midsummer Eve is one: the Friday between 19 and 25 June."""
REPLACED: dict[str, tuple[tuple[int, int], ...]] = {"BG": FIXED["BG"], "LV": ((5, 4), (11, 18))}
"""Days for which the next working day is free when they are on a weekend."""
ACTS = {
    "AT": "Feiertagsruhegesetz 1957, § 1",
    "BE": "loi du 4 janvier 1974 relative aux jours fériés; arrêté royal du 18 avril 1974, art. 1",
    "BG": "Кодекс на труда, art. 154",
    "CY": "the Council of Ministers' list of public holidays",
    "CZ": "zákon 245/2000 Sb., §§ 1 and 2",
    "DE": "Feiertagsgesetze of the states; Einigungsvertrag, art. 2",
    "DK": "lov nr. 214 of 6 March 2023 (Great Prayer Day); the rest by custom of the church",
    "EE": "pühade ja tähtpäevade seadus, §§ 1 and 2",
    "ES": "Estatuto de los Trabajadores, art. 37.2",
    "FI": "laki säädettyjen määräaikain laskemisesta (150/1930), § 5",
    "FR": "Code du travail, L3133-1",
    "GR": "ν. 1157/1981 and ν. 4808/2021, art. 60",
    "HR": "Zakon o blagdanima, spomendanima i neradnim danima (NN 110/19), art. 1",
    "HU": "2012. évi I. törvény, 102. §",
    "IE": "Organisation of Working Time Act 1997, second schedule",
    "IT": "legge 260/1949, arts. 1 and 2",
    "LT": "Darbo kodeksas, art. 123",
    "LU": "Code du travail, L. 232-2",
    "LV": "likums «Par svētku, atceres un atzīmējamām dienām», art. 1",
    "MT": "National Holidays and Other Public Holidays Act (Cap. 252)",
    "NL": "Algemene termijnenwet, art. 3",
    "PL": "ustawa z dnia 18 stycznia 1951 r. o dniach wolnych od pracy, art. 1",
    "PT": "Código do Trabalho, art. 234",
    "RO": "Codul muncii, art. 139",
    "SE": "lag (1989:253) om allmänna helgdagar; lag (1930:173) om beräkning av lagstadgad tid, § 2",
    "SI": "Zakon o praznikih in dela prostih dnevih, arts. 1 and 2",
    "SK": "zákon 241/1993 Z. z., §§ 1 and 2",
}
"""Where the days are named. Compared day by day with the package `holidays` for 2026 to 2035; the acts themselves were not all read."""
