"""SyberPay's proofs: SHA-256, in hex, of fields between the account's key and salt. No HMAC.

Source: public clients in PHP, C# and JavaScript, which agree.
"""

import hashlib

from adapters.providers.syberpay.config import SyberPayConfig


def request_hash(config: SyberPayConfig, amount: str, currency: str, reference: str) -> str:
    """Of a request for a page. `amount` is the very text that is sent: 100 is not 100.00."""
    return _hash(
        config.key,
        config.application_id,
        config.service_id,
        amount,
        currency,
        reference,
        config.salt,
    )


def question_hash(config: SyberPayConfig, transaction_id: str) -> str:
    """Of a status query."""
    return _hash(config.key, config.application_id, transaction_id, config.salt)


def notice_hash(config: SyberPayConfig, transaction_id: str, token: str) -> str:
    """Of a notification."""
    return _hash(config.key, transaction_id, token, config.salt)


def _hash(*fields: str) -> str:
    return hashlib.sha256("|".join(fields).encode()).hexdigest()
