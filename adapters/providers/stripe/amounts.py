"""Amounts as Stripe counts them, which is not always as ISO 4217 does.

Whole numbers of the smallest unit: two decimals for most; none for some, of which the ariary has
two in the standard; three for some, whose last digit must be 0. The krona of Iceland has none in
the standard and two at Stripe, for old clients' sake: 5 ISK are sent as 500. Stripe's pages say
both of UGX, once as without decimals and once as sent with two, and a guess could charge a
hundredfold: it is not taken.
"""

from typing import Final

from domain.currencies import CURRENCIES
from domain.money import Money

ZERO: Final = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
THREE: Final = "BHD JOD KWD OMR TND"
TWO: Final = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY
    COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
    INR ISK JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR
    MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE
    SOS SRD SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD XCG YER ZAR ZMW
"""
PLACES: Final = {
    code: n for n, codes in ((0, ZERO), (2, TWO), (3, THREE)) for code in codes.split()
}
MOST: Final = 10**15


def step(code: str) -> int:
    """Our minor units that the amounts of that currency are multiples of."""
    extra = CURRENCIES[code].exponent - PLACES[code]
    return 10**extra if extra > 0 else 10 if PLACES[code] == 3 else 1


def written(amount: Money) -> int | None:
    """In Stripe's units; None for what it does not take: the currency, or the last digits."""
    code = amount.currency.code
    if code not in PLACES or amount.minor <= 0 or amount.minor % step(code):
        return None
    extra = PLACES[code] - amount.currency.exponent
    return int(amount.minor * 10**extra if extra >= 0 else amount.minor // 10**-extra)


def read(units: int | None, code: str | None) -> Money | None:
    """What Stripe says, exactly; None for what is no amount of a currency that is taken here."""
    known = (code or "").upper()
    if units is None or known not in PLACES or not 0 <= units <= MOST:
        return None
    currency = CURRENCIES[known]
    extra = currency.exponent - PLACES[known]
    if extra >= 0:
        return Money(units * 10**extra, currency)
    whole, rest = divmod(units, 10**-extra)
    return None if rest else Money(whole, currency)
