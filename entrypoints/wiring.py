"""The only module that names concrete adapters. All of it lives as long as the process."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from dishka import AsyncContainer, Provider, Scope, from_context, make_async_container, provide
from dishka import provide_all as each

from adapters.crypto.digests import PepperedDigests
from adapters.crypto.vault import SealedVault
from adapters.http.wire.events import EventBodies
from adapters.provider_kit.aiohttp_transport import AiohttpTransport
from adapters.provider_kit.breaker import Breaker
from adapters.provider_kit.registry import KitProviders
from adapters.provider_kit.transport import Transport
from adapters.providers import discover
from adapters.sql.database import Database, running_database
from adapters.system.clock import SystemClock
from adapters.system.ids import RandomIds
from adapters.webhooks.post import GuardedPost
from adapters.webhooks.signing import StandardSigner
from adapters.webhooks.target import places
from application.callbacks.read_notice import ReadNotice
from application.callbacks.receive_callback import ReceiveCallback
from application.payments.amend import AmendPayment
from application.payments.cancel_payment import CancelPayment
from application.payments.choose_default_method import ChooseDefaultMethod
from application.payments.follow_rewards import FollowRewards
from application.payments.get_payment import GetPayment
from application.payments.initiate_payment import InitiatePayment
from application.payments.inquire import Inquire, InquireJob
from application.payments.quote_methods import QuoteMethods
from application.payments.route_payment import RoutePayment
from application.payments.send_attempt import SendAttempt
from application.refunds.amend_refund import AmendRefund
from application.refunds.refund_payment import RefundPayment
from application.refunds.send_refund import SendRefund, SendRefundJob
from application.refunds.verify_refund import VerifyRefund
from application.tenants.api_keys import Authenticate, CreateApiKey, RevokeApiKey
from application.tenants.connect_account import ChangeAccount, ConnectAccount, RenewAccount
from application.tenants.open_tenant import OpenTenant
from application.tenants.register_callbacks import RegisterCallbacks
from application.tenants.set_deadlines import SetDeadlines
from application.tenants.set_rewards import SetRewards
from application.wallets.reward_payment import RewardPayment
from application.wallets.spend_wallet import ReverseSpend, SpendWallet
from application.wallets.wallet_history import WalletHistory
from application.webhooks.deliver import Deliver
from application.work.routines import Care
from application.work.run_jobs import Counted, Handler, RunJobs, uncounted
from domain.errors import Invalid
from domain.ports.bell import Bell
from domain.ports.chance import Chance
from domain.ports.clock import Clock
from domain.ports.digests import Digests
from domain.ports.ids import Ids
from domain.ports.jobs import JobKind, JobQueue
from domain.ports.ledger import Ledger
from domain.ports.post import Post
from domain.ports.providers import Providers
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from domain.ports.vault import Vault
from domain.ports.views import Views
from domain.ports.wallets import WalletViews
from domain.ports.webhooks import Bodies, Signer
from domain.providers.deadlines import deadlines_by_provider
from entrypoints.auditing import Auditing
from entrypoints.by_hand import ByHand
from entrypoints.regular import Regular
from entrypoints.settings import Keys, Settings, keys
from entrypoints.sharing import Shared
from entrypoints.telling import Telling
from entrypoints.worker import troubled


class System(Provider):
    """Time, chance, secrets, and the companies' wires."""

    scope = Scope.APP
    settings = from_context(Settings)
    clock = provide(SystemClock, provides=Clock)

    @provide
    def ids(self) -> Ids:
        return RandomIds()

    @provide
    def keys(self, settings: Settings) -> Keys:
        return keys(settings)

    @provide
    def vault(self, own: Keys) -> Vault:
        return SealedVault([key.reveal() for key in own.master])

    @provide
    def digests(self, own: Keys) -> Digests:
        return PepperedDigests(own.pepper.reveal())

    @provide
    async def transport(self) -> AsyncIterator[Transport]:
        async with AiohttpTransport() as transport:
            yield transport

    @provide
    async def post(self, settings: Settings, clock: Clock) -> AsyncIterator[Post]:
        try:
            allowed = places(settings.webhook_allow)
        except ValueError as error:
            raise Invalid(f"CAURI_WEBHOOK_ALLOW: {error}") from error
        async with GuardedPost(clock, allowed) as post:
            yield post

    @provide
    def signer(self) -> Signer:
        return StandardSigner()

    @provide
    def bodies(self) -> Bodies:
        return EventBodies()

    @provide
    def providers(
        self,
        transport: Transport,
        clock: Clock,
        vault: Vault,
        breaker: Breaker,
        settings: Settings,
    ) -> Providers:
        try:
            timeouts = deadlines_by_provider(settings.provider_timeout)
            return KitProviders(discover(), transport, clock, vault, breaker, timeouts=timeouts)
        except Invalid as error:
            raise Invalid(f"CAURI_PROVIDER_TIMEOUT: {error}") from error


class Storage(Provider):
    """SQLite or PostgreSQL, by the settings. The schema is current already."""

    scope = Scope.APP

    @provide
    async def database(
        self, settings: Settings, clock: Clock, bell: Bell
    ) -> AsyncIterator[Database]:
        async with running_database(settings.database, clock, bell) as database:
            yield database

    @provide
    def units(self, database: Database) -> Units:
        return database.units

    @provide
    def tenants(self, database: Database) -> Tenants:
        return database.tenants

    @provide
    def queue(self, database: Database) -> JobQueue:
        return database.job_queue

    @provide
    def views(self, database: Database) -> Views:
        return database.views

    @provide
    def ledger(self, database: Database) -> Ledger:
        return database.ledger

    @provide
    def wallet_views(self, database: Database) -> WalletViews:
        return database.wallet_views


class UseCases(Provider):
    """Stateless, so one of each serves the process."""

    scope = Scope.APP
    payments = each(
        AmendPayment,
        CancelPayment,
        ChooseDefaultMethod,
        GetPayment,
        InitiatePayment,
        Inquire,
        InquireJob,
        QuoteMethods,
        RoutePayment,
        SendAttempt,
    )
    refunds = each(AmendRefund, RefundPayment, SendRefund, SendRefundJob, VerifyRefund)
    callbacks = each(ReadNotice, ReceiveCallback)
    wallets = each(
        FollowRewards, ReverseSpend, RewardPayment, SetRewards, SpendWallet, WalletHistory
    )
    tenants = each(
        Authenticate,
        ChangeAccount,
        ConnectAccount,
        CreateApiKey,
        OpenTenant,
        RegisterCallbacks,
        RenewAccount,
        RevokeApiKey,
        SetDeadlines,
    )

    @provide
    def counted(self) -> Counted:
        """Who serves metrics puts another in its place."""
        return uncounted

    @provide
    def run_jobs(
        self,
        queue: JobQueue,
        units: Units,
        clock: Clock,
        inquire: InquireJob,
        read_notice: ReadNotice,
        send_refund: SendRefundJob,
        reward_payment: RewardPayment,
        care: Care,
        deliver: Deliver,
        counted: Counted,
        chance: Chance,
        settings: Settings,
    ) -> RunJobs:
        handlers: dict[JobKind, Handler] = {
            JobKind.INQUIRE: inquire,
            JobKind.READ_NOTICE: read_notice,
            JobKind.SEND_REFUND: send_refund,
            JobKind.REWARD: reward_payment,
            JobKind.CARE: care,
            JobKind.DELIVER: deliver,
        }
        lease_s = settings.worker_lease_s
        return RunJobs(queue, units, clock, handlers, troubled, counted, chance, lease_s=lease_s)


PRODUCTION: Final = (System, Storage, UseCases, ByHand, Auditing, Regular, Shared, Telling)


def production(settings: Settings, *more: Provider) -> AsyncContainer:
    """The graph, checked whole before anything starts. Closing it closes what it opened."""
    parts = [part() for part in PRODUCTION]
    context: Mapping[type, object] = {Settings: settings}
    return make_async_container(*parts, *more, context=dict(context))
