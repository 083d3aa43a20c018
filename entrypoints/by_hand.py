"""Money that no machine reports: proofs, people's words, and banks' statements."""

from dishka import Provider, Scope, provide, provide_all

from adapters.statements.reader import FileStatements
from application.payments.submit_proof import SubmitProof
from application.payments.verify_payment import VerifyPayment
from application.statements.confirm_credit import ConfirmCredit
from application.statements.import_statement import ImportStatement
from domain.ports.statements import StatementReader


class ByHand(Provider):
    """Stateless, so one of each serves the process."""

    scope = Scope.APP
    use_cases = provide_all(ConfirmCredit, ImportStatement, SubmitProof, VerifyPayment)

    @provide
    def reader(self) -> StatementReader:
        return FileStatements()
