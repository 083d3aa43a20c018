"""What `cauri demo` prints: an address, a key, and lines to paste."""

from typing import Final

import msgspec

from entrypoints.demo import Ready

TOUR: Final = """\
Cauri is running.

  API         {url}          (documentation: {url}/schema)
  Simulators  {simulator_url}          (what each provider believes, and its switches)
  Tenant      {tenant_id}
  API key     {api_key}

Paste these, one after another, in another terminal:

  # your key, once
  export CAURI={url} KEY={api_key}

  # 1. pay: the router takes the cheapest provider for this amount (Maya)
  curl -s $CAURI/api/payments/initiate -H "Authorization: Bearer $KEY" \\
    -H "Content-Type: application/json" -H "Idempotency-Key: order-1001-{run}" \\
    -d '{{"amount": "1500.00", "currency": "PHP", "reference": "order-1001", "country": "PH"}}' \\
    | tee payment.json; echo; PAYMENT=$(grep -o 'pay_[0-9A-Z]*' payment.json | head -1)

  # 2. approve it as the payer: open this page and press the button
  grep -o '"url":"[^"]*' payment.json | cut -d'"' -f4

  # 3. what became of it
  curl -s "$CAURI/api/payments/status/$PAYMENT?refresh=true" -H "Authorization: Bearer $KEY"; echo

  # 4. Maya goes down; pay again: it falls back to GCash
  curl -s -X PUT {simulator_url}/_control/maya/faults -d '{{"outage": true}}'; echo
  curl -s $CAURI/api/payments/initiate -H "Authorization: Bearer $KEY" \\
    -H "Content-Type: application/json" -H "Idempotency-Key: order-1002-{run}" \\
    -d '{{"amount": "1500.00", "currency": "PHP", "reference": "order-1002", "country": "PH"}}' \\
    | tee second.json; echo; SECOND=$(grep -o 'pay_[0-9A-Z]*' second.json | head -1)
  curl -s -X DELETE {simulator_url}/_control/maya/faults; echo

  # 5. give a part of the first back (once you have approved it)
  curl -s $CAURI/api/payments/refund -H "Authorization: Bearer $KEY" \\
    -H "Content-Type: application/json" -H "Idempotency-Key: refund-1001-{run}" \\
    -d '{{"paymentId": "'$PAYMENT'", "amount": "500.00", "reason": "one ticket returned"}}'; echo

  # 6. why did the second go where it went?
  curl -s $CAURI/api/payments/$SECOND/explain -H "Authorization: Bearer $KEY"; echo

Ctrl-C ends it. Its data stays in {data_dir}; the simulated companies forget theirs.
"""


def printed(ready: Ready, *, as_json: bool, data_dir: str = ".cauri") -> str:
    """One line of JSON for scripts, or the tour for people."""
    if as_json:
        return msgspec.json.encode(ready).decode()
    return TOUR.format(
        url=ready.url,
        simulator_url=ready.simulator_url,
        api_key=ready.api_key,
        tenant_id=ready.tenant_id,
        data_dir=data_dir,
        run=ready.api_key[-6:],  # another run is another order, not a repeat of the first
    )
