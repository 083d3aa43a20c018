"""Commands about proofs of transfers that no machine sees."""

import click

from adapters.cli.grammar.common import argument, as_json, command, group, option, tenant
from adapters.cli.grammar.payments import of_payment

PROOFS = group(
    "proofs",
    "Hand in payers' proofs of transfers, and look at them.",
    command(
        "add",
        "adapters.cli.proofs:HandIn",
        """Hand in a payer's proof of a transfer or a cheque.

        It moves no money: it puts the payment before a person (`cauri verify`), and from then on
        it does not expire. A transaction number serves one payment.""",
        "cauri proofs add pay_01JH7Y3K8M5N2P4Q6R8S0T1V2W 20061873342 --image receipt.png",
        of_payment(),
        argument("number", metavar="NUMBER"),
        option("--bank", "The bank that sent it, or the cheque's; where the method asks for it."),
        option("--account", "The account a cheque is drawn on."),
        option("--clears-on", "The day on which a cheque clears.", metavar="DATE"),
        option(
            "--image", "A picture: PNG, JPEG, WebP or PDF.", type=click.File("rb"), metavar="FILE"
        ),
        option("--operator", "Who hands it in. Without: the user at this machine."),
        tenant(),
        as_json(),
    ),
    command(
        "list",
        "adapters.cli.proofs:ListProofs",
        """List the proofs of a payment.""",
        "cauri proofs list pay_01JH7Y3K8M5N2P4Q6R8S0T1V2W",
        of_payment(),
        tenant(),
        as_json(),
    ),
    command(
        "image",
        "adapters.cli.proofs:SaveImage",
        """Save the picture of a proof to a file.""",
        "cauri proofs image pay_01JH7Y3K8M5N2P4Q6R8S0T1V2W receipt.png",
        of_payment(),
        argument("file", type=click.File("wb", lazy=True)),
        option(
            "--number", "Which proof.", type=click.IntRange(1, 10), default=1, show_default=True
        ),
        tenant(),
        as_json(),
    ),
)
