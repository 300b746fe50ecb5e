"""WooCommerce writes Spain's provinces as the letters of ISO 3166-2:ES; customers and couriers know them by name."""

from __future__ import annotations

SPAIN = {
    "A": "Alicante", "AB": "Albacete", "AL": "Almería", "AV": "Ávila", "B": "Barcelona", "BA": "Badajoz", "BI": "Bizkaia", "BU": "Burgos",
    "C": "A Coruña", "CA": "Cádiz", "CC": "Cáceres", "CE": "Ceuta", "CO": "Córdoba", "CR": "Ciudad Real", "CS": "Castellón", "CU": "Cuenca",
    "GC": "Las Palmas", "GI": "Girona", "GR": "Granada", "GU": "Guadalajara", "H": "Huelva", "HU": "Huesca", "J": "Jaén", "L": "Lleida",
    "LE": "León", "LO": "La Rioja", "LU": "Lugo", "M": "Madrid", "MA": "Málaga", "ML": "Melilla", "MU": "Murcia", "NA": "Navarra",
    "O": "Asturias", "OR": "Ourense", "P": "Palencia", "PM": "Illes Balears", "PO": "Pontevedra", "S": "Cantabria", "SA": "Salamanca",
    "SE": "Sevilla", "SG": "Segovia", "SO": "Soria", "SS": "Gipuzkoa", "T": "Tarragona", "TE": "Teruel", "TF": "Santa Cruz de Tenerife",
    "TO": "Toledo", "V": "Valencia", "VA": "Valladolid", "VI": "Álava", "Z": "Zaragoza", "ZA": "Zamora",
}  # fmt: skip


def province_name(country: str, state: str) -> str:
    """The province's name where we know it, else what the shop wrote."""
    return SPAIN.get(state.upper(), state) if country == "ES" else state
