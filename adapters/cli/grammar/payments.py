"""Commands about payments."""

from typing import Final

import click

from adapters.cli.grammar.common import argument, as_json, command, group, option, switch, tenant

STATUSES: Final = (
    "pending",
    "awaiting_verification",
    "succeeded",
    "failed",
    "canceled",
    "expired",
)


def of_payment() -> click.Argument:
    return argument("payment", metavar="PAYMENT")


def key() -> click.Option:
    return option(
        "--key",
        "Idempotency key: the same key again does nothing twice. Without: a new one, printed.",
        metavar="KEY",
    )


PAY = command(
    "pay",
    "adapters.cli.pay:Pay",
    """Take a payment, and say what the payer does next.

    The same as POST /api/payments/initiate. AMOUNT is in the currency's major unit, for example
    1500.00. Exit 0: it is under way or paid; 1: declined; 4: no provider can take it now; 5: a
    provider may or may not have taken it.""",
    "cauri pay 1500.00 PHP --reference order-1001 --country PH --phone +639171234567",
    argument("amount"),
    argument("currency"),
    tenant(),
    option("--reference", "The merchant's own; the payer may see it. Without: the payment's id."),
    option("--method", "A provider's code. Without: the router chooses.", metavar="CODE"),
    option("--country", "ISO 3166, for example PH.", metavar="XX"),
    switch("--payer-fee", "The payer bears the provider's fee."),
    option("--customer-id", "The customer's id at the merchant."),
    option("--phone", "The payer's, in E.164."),
    option("--email", "The payer's."),
    option("--name", "The payer's."),
    option("--description", "What is paid for.", default=""),
    option("--return-url", "Where the payer's browser goes afterwards.", metavar="URL"),
    option("--expires-in", "Seconds until it expires.", type=int, default=1800, show_default=True),
    option("--metadata", "Kept with the payment; may be repeated.", multiple=True, metavar="K=V"),
    key(),
    as_json(),
)
STATUS = command(
    "status",
    "adapters.cli.payments:ShowPayment",
    """Show a payment. Exit 0 whenever it could be told, whatever its status.""",
    "cauri status pay_01JH7Y3K8M5N2P4Q6R8S0T1V2W --refresh",
    of_payment(),
    switch("--refresh", "Ask the provider first, unless it is final."),
    tenant(),
    as_json(),
)
REFUND = command(
    "refund",
    "adapters.cli.refunds:GiveBack",
    """Give a payment back, or a part of it.

    Exit 0: it is under way or done; 1: refused; 5: the provider may or may not have done it.""",
    "cauri refund pay_01JH7Y3K8M5N2P4Q6R8S0T1V2W --amount 250.00 --reason 'one ticket returned'",
    of_payment(),
    option("--amount", "In the payment's currency. Without: all that remains."),
    option(
        "--reason",
        "Why; it stands on the timeline.",
        default="requested by customer",
        show_default=True,
    ),
    key(),
    tenant(),
    as_json(),
)
CANCEL = command(
    "cancel",
    "adapters.cli.payments:EndPayment",
    """Cancel a payment that nobody has paid.

    The provider must confirm it: exit 4 while it has not, 1 when it can't be canceled.""",
    "cauri cancel pay_01JH7Y3K8M5N2P4Q6R8S0T1V2W",
    of_payment(),
    tenant(),
    as_json(),
)
PAYMENTS = group(
    "payments",
    "List and search payments.",
    command(
        "list",
        "adapters.cli.payments:ListPayments",
        """List payments, newest first.""",
        "cauri payments list --status pending --from 2026-02-01 --limit 20",
        tenant(),
        option("--status", "Only these.", type=click.Choice(STATUSES)),
        option("--provider", "Only this provider's.", metavar="CODE"),
        option("--currency", "Only in this currency.", metavar="CODE"),
        option("--customer", "Only this customer's; the merchant's id."),
        option("--reference", "Only with exactly this reference."),
        click.Option(["--from", "since"], help="Created then or later.", metavar="TIME"),
        click.Option(["--to", "until"], help="Created before then.", metavar="TIME"),
        option("--q", "Part of an id, reference, name, e-mail or phone.", metavar="TEXT"),
        option("--limit", "How many.", type=click.IntRange(1, 200), default=50, show_default=True),
        option("--after", "The nextCursor of the page before.", metavar="CURSOR"),
        as_json(),
    ),
)
TIMELINE = command(
    "timeline",
    "adapters.cli.payments:ShowTimeline",
    """Show what happened to a payment, in order, and who told us.""",
    "cauri timeline pay_01JH7Y3K8M5N2P4Q6R8S0T1V2W",
    of_payment(),
    tenant(),
    as_json(),
)
EXPLAIN = command(
    "explain",
    "adapters.cli.payments:ExplainRouting",
    """Show why the router chose this provider.

    Each one considered: its fee and health, or why not.""",
    "cauri explain pay_01JH7Y3K8M5N2P4Q6R8S0T1V2W",
    of_payment(),
    tenant(),
    as_json(),
)
SEEN: Final = ("received", "rejected", "return", "bounced", "returned", "not_returned")
VERIFY = command(
    "verify",
    "adapters.cli.verification:Verify",
    """Say whether the money of a payment came, or that of a refund went back.

    For offline methods, and for what machines can't know. Of a payment: received, rejected,
    return for another amount than was due, which goes back whole, or bounced for a cheque that
    was received before. Above the account's threshold two people must say so. Of a refund:
    returned or not_returned. Without arguments: list what waits for a person.""",
    "cauri verify pay_01JH7Y3K8M5N2P4Q6R8S0T1V2W received --reason 'seen on the statement'\n"
    "cauri verify rfd_01JH7Y3K8M5N2P4Q6R8S0T1V2W returned --reason 'by bank transfer'",
    argument("payment", metavar="[PAYMENT|REFUND]", required=False),
    argument("outcome", type=click.Choice(SEEN), required=False),
    click.Option(["--list", "queue"], is_flag=True, help="List what waits, the oldest first."),
    option("--reason", "What was seen, and where."),
    option("--amount", "What came. Without: exactly what was due."),
    option("--attempt", "Whose money it is, of several. Without: the one that waits."),
    option("--operator", "Who says so. Without: the name of the user at this machine."),
    option("--limit", "How many to list.", type=click.IntRange(1, 1000), default=100),
    tenant(),
    as_json(),
)
