"""Laws of what payments earn their customers."""

from domain.audit.dossier import Dossier, Found


def wallets_add_up(dossier: Dossier) -> Found:
    """What a payment has granted is what its rule gives for what is left of it, or a job is about
    to see to it. A balance that is not the sum of its entries is found among all wallets."""
    reward = dossier.reward
    if reward is None or dossier.rewarding:
        return
    due = reward.due(dossier.payment)
    if due.minor:
        code = due.currency.code
        told = f"has granted {reward.granted_minor} minor units of {code}"
        yield dossier.payment.id, f"{told}; {due.major} {code} are due, and nobody sees to it"
