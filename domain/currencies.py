"""Every active currency with its exponent (source: ISO 4217 list one, as of 2026-01-01).

Codes to which the standard gives no number of decimals (metals, bond units, units of account,
testing) are left out: nothing can be counted in them.
"""

from collections.abc import Mapping
from typing import Final

from domain.errors import Invalid
from domain.money import Currency

NO_DECIMALS: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DECIMALS: Final = "BHD IQD JOD KWD LYD OMR TND"
FOUR_DECIMALS: Final = "CLF UYW"
TWO_DECIMALS: Final = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
    CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD
    LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB
    PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
    SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW
    ZWG
"""

CURRENCIES: Final[Mapping[str, Currency]] = {
    code: Currency(code, exponent)
    for exponent, codes in enumerate((NO_DECIMALS, "", TWO_DECIMALS, THREE_DECIMALS, FOUR_DECIMALS))
    for code in codes.split()
}


POINTS: Final = Currency("PTS", 0)
"""What wallets may be counted in besides money. No code of the standard, so that no amount to be
paid can name it."""
UNITS: Final[Mapping[str, Currency]] = {**CURRENCIES, POINTS.code: POINTS}
"""What the ledger counts."""


def currency(code: str) -> Currency:
    """The currency of an ISO 4217 code in capitals. Raises Invalid naming the field."""
    if (known := CURRENCIES.get(code)) is None:
        raise Invalid("must be an ISO 4217 code in capitals, for example PHP", "currency")
    return known


def unit(code: str) -> Currency:
    """What a wallet is counted in: a currency, or PTS. Raises Invalid naming the field."""
    if (known := UNITS.get(code)) is None:
        raise Invalid("must be PTS for points, or an ISO 4217 code in capitals", "unit")
    return known
