"""Where a Brazilian phone is at home: its state, and the clock that most of that state goes by. Pure.

Area codes as ANATEL's numbering plan gives them to the states; 61 is the Federal District with its surroundings.
"""

from navalha.core.phones import digits

AREAS = {
    "SP": range(11, 20),
    "RJ": (21, 22, 24),
    "ES": (27, 28),
    "MG": (31, 32, 33, 34, 35, 37, 38),
    "PR": range(41, 47),
    "SC": (47, 48, 49),
    "RS": (51, 53, 54, 55),
    "DF": (61,),
    "GO": (62, 64),
    "TO": (63,),
    "MT": (65, 66),
    "MS": (67,),
    "AC": (68,),
    "RO": (69,),
    "BA": (71, 73, 74, 75, 77),
    "SE": (79,),
    "PE": (81, 87),
    "AL": (82,),
    "PB": (83,),
    "RN": (84,),
    "CE": (85, 88),
    "PI": (86, 89),
    "PA": (91, 93, 94),
    "AM": (92, 97),
    "RR": (95,),
    "AP": (96,),
    "MA": (98, 99),
}
REGION_OF_AREA = {area: region for region, areas in AREAS.items() for area in areas}
USUAL_ZONE = "America/Sao_Paulo"
ZONES = {
    "AC": "America/Rio_Branco",
    "AL": "America/Maceio",
    "AM": "America/Manaus",
    "AP": "America/Belem",
    "BA": "America/Bahia",
    "CE": "America/Fortaleza",
    "MA": "America/Fortaleza",
    "MS": "America/Campo_Grande",
    "MT": "America/Cuiaba",
    "PA": "America/Belem",
    "PB": "America/Fortaleza",
    "PE": "America/Recife",
    "PI": "America/Fortaleza",
    "RN": "America/Fortaleza",
    "RO": "America/Porto_Velho",
    "RR": "America/Boa_Vista",
    "SE": "America/Maceio",
    "TO": "America/Araguaina",
}


def region_of(phone: str) -> str:
    """`+5592999990001` -> `AM`; "" for a phone of no Brazilian state."""
    number = digits(phone)
    return REGION_OF_AREA.get(int(number[2:4]), "") if number.startswith("55") and len(number) >= 12 else ""


def zone_of_region(region: str) -> str:
    """The name of the clock that most of the state goes by."""
    return ZONES.get(region, USUAL_ZONE)
