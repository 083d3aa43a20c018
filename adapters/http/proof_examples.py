"""Examples of proofs for the documentation."""

from typing import Any, Final

PROOF: Final[dict[str, Any]] = {
    "number": 1,
    "bank": "bankak",
    "transactionNumber": "20061873342",
    "account": None,
    "clearsOn": None,
    "image": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "imageKnown": False,
    "by": "till 1 (key_7Q2M4T8W1X3Y5Z6A)",
    "at": "2026-02-07T10:02:00Z",
}
SUBMITTED: Final[dict[str, Any]] = {
    "paymentId": "pay_01KGVSQV4G7Q0W3E8R5T2Y6U1I",
    "status": "awaiting_verification",
    "proof": PROOF,
}
BODIES: Final[dict[str, Any]] = {
    "ProofBody": {"transactionNumber": "2006 1873 342", "image": "iVBORw0KGgo="},
}
