"""Examples for the documentation; a test decodes each with the type it is an example of."""

from typing import Any, Final

from adapters.http import proof_examples, wallet_examples, webhook_examples

FEE: Final[dict[str, Any]] = {
    "amount": "52.50",
    "currency": "PHP",
    "bearer": "merchant",
    "percentage": "2.5",
    "percentageAmount": "37.50",
    "fixed": "15.00",
}
CUSTOMER: Final[dict[str, Any]] = {
    "id": "cus_42",
    "name": "Maria Santos",
    "email": "maria@example.com",
    "phone": "+639171234567",
}
PAYMENT_ID: Final = "pay_01KGVSQV4G7Q0W3E8R5T2Y6U1I"
ATTEMPT_ID: Final = "att_01KGVSQV4G7Q0W3E8R5T2Y6U1I01"
PAYMENT: Final[dict[str, Any]] = {
    "id": PAYMENT_ID,
    "status": "pending",
    "amount": "1500.00",
    "currency": "PHP",
    "reference": "order-1001",
    "provider": "maya",
    "providerReference": "c2d1f8a0",
    "fee": FEE,
    "chargedAmount": "1500.00",
    "netAmount": "1447.50",
    "refundedAmount": "0.00",
    "refundableAmount": "0.00",
    "refundStatus": "none",
    "nextAction": {
        "type": "redirect",
        "url": "https://pay.example/c2d1f8a0",
        "expiresAt": "2026-02-07T10:28:00Z",
    },
    "routing": {
        "strategy": "least_cost",
        "chosen": "maya",
        "reason": "lowest fee of 2 available",
    },
    "attempts": [
        {
            "id": ATTEMPT_ID,
            "number": 1,
            "provider": "maya",
            "status": "pending",
            "providerReference": "c2d1f8a0",
            "failure": None,
            "startedAt": "2026-02-07T09:58:00Z",
            "finishedAt": None,
        }
    ],
    "failure": None,
    "customer": CUSTOMER,
    "method": None,
    "country": "PH",
    "description": "2 tickets",
    "returnUrl": "https://shop.example/return",
    "metadata": {"cart": "c-9"},
    "createdAt": "2026-02-07T09:58:00Z",
    "updatedAt": "2026-02-07T09:58:01Z",
    "expiresAt": "2026-02-07T10:28:00Z",
}
INITIATE: Final[dict[str, Any]] = {
    "amount": "1500.00",
    "currency": "PHP",
    "reference": "order-1001",
    "customer": CUSTOMER,
    "method": None,
    "country": "PH",
    "feeBearer": "merchant",
    "description": "2 tickets",
    "returnUrl": "https://shop.example/return",
    "expiresIn": 1800,
    "metadata": {"cart": "c-9"},
}
TIMELINE: Final[dict[str, Any]] = {
    "data": [
        {
            "number": 1,
            "type": "payment.initiated",
            "at": "2026-02-07T09:58:00Z",
            "cause": "api",
            "attemptId": None,
            "refundId": None,
            "data": {"provider": "maya"},
        }
    ],
    "nextCursor": None,
}
EXPLANATION: Final[dict[str, Any]] = {
    "paymentId": PAYMENT_ID,
    "strategy": "least_cost",
    "chosen": "maya",
    "reason": "lowest fee of 2 available",
    "order": ["maya", "gcash"],
    "candidates": [
        {
            "provider": "maya",
            "taken": True,
            "place": 1,
            "obstacle": None,
            "reason": None,
            "fee": FEE,
            "isFeeKnown": True,
            "health": {"circuit": "closed", "successes": 98, "finished": 100},
        }
    ],
}
REFUND: Final[dict[str, Any]] = {
    "id": "rfd_01KGVTA0Z8N3M5K7J9H2G4F6D8",
    "paymentId": PAYMENT_ID,
    "status": "pending",
    "amount": "500.00",
    "currency": "PHP",
    "reason": "one ticket returned",
    "provider": "maya",
    "providerReference": None,
    "failure": None,
    "awaitingVerification": False,
    "createdAt": "2026-02-07T11:00:00Z",
    "updatedAt": "2026-02-07T11:00:00Z",
}
METHOD: Final[dict[str, Any]] = {
    "code": "maya",
    "name": "Maya",
    "type": "wallet",
    "available": True,
    "reason": None,
    "obstacle": None,
    "fee": FEE,
    "isFeeKnown": True,
    "minAmount": "1.00",
    "maxAmount": "100000.00",
    "currencies": ["PHP"],
    "countries": ["PH"],
    "supportsRefund": True,
    "supportsPartialRefund": True,
    "isDefault": False,
}
PROVIDER: Final[dict[str, Any]] = {
    "code": "maya",
    "name": "Maya",
    "type": "wallet",
    "countries": ["PH"],
    "currencies": ["PHP"],
    "capabilities": {
        "refund": True,
        "partialRefund": True,
        "cancel": True,
        "callbacks": True,
        "offline": False,
    },
    "isConnected": True,
    "isActive": True,
}
HEALTH: Final[dict[str, Any]] = {
    "status": "HEALTHY",
    "checks": {
        "database": {
            "status": "HEALTHY",
            "responseTimeMs": 0.4,
            "detail": {"migrations": "current"},
        }
    },
    "responseTimeMs": 0.5,
    "uptimeSeconds": 86400,
    "version": "0.1.0",
    "checkedAt": "2026-02-07T09:58:00Z",
}
JOB: Final[dict[str, Any]] = {
    "id": "notice:acc_01KGVSQV4G7Q0W3E8R5T2Y6U1I:evt_1",
    "kind": "read_notice",
    "state": "dead",
    "priority": "urgent",
    "runAt": "2026-02-08T09:58:31Z",
    "about": {"account": "acc_01KGVSQV4G7Q0W3E8R5T2Y6U1I", "notice": "evt_1"},
    "tries": 31,
    "failures": 1,
    "crashes": 0,
    "lastError": "GiveUp: nothing here is meant by it: no payment of that reference",
}
PROBLEM_KIND: Final[dict[str, Any]] = {
    "code": "validation_failed",
    "title": "Some fields are wrong",
    "status": 422,
    "detail": "Correct the fields named in `errors`.",
}
BODIES: Final[dict[str, Any]] = {
    "InitiateBody": INITIATE,
    "RefundBody": {
        "paymentId": PAYMENT_ID,
        "amount": "500.00",
        "reason": "one ticket returned",
    },
    "RefundVerifyBody": {"outcome": "returned", "reason": "given back by bank transfer"},
    "VerifyBody": {"outcome": "received", "reason": "seen on the bank statement"},
    "DefaultBody": {"method": "gcash"},
    **webhook_examples.BODIES,
    **wallet_examples.BODIES,
    **proof_examples.BODIES,
}
