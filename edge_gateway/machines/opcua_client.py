"""One connected OPC UA session: the counters found, subscribed and watched. Nothing is ever written or called.

The library's own reconnection is off: this session lives until it breaks, says why, and the engine opens the next one,
which reads every value anew. It counts as broken when the connection is lost, the server says it is not running, the
subscription falls silent or is ended by the server, or a notification is missing from its sequence.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, cast

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uaerrors import UaError

from edge_gateway.machines.opcua_config import OpcUaConfig, OpcUaPoint
from edge_gateway.machines.opcua_errors import explain
from edge_gateway.machines.opcua_publication import PlainChange, PlainChanges
from edge_gateway.machines.opcua_security import OpcUaClient, secure
from edge_gateway.machines.opcua_values import Value, counter_of, scalar_counter, to_ms
from edge_gateway.source import SourceError
from sicfar.instants import now_ms

_log = logging.getLogger(__name__)

REQUEST_S: Final = 5.0
_CONNECT_S: Final = 30.0
_GOODBYE_S: Final = 1.0
_SESSION_MS: Final = 60_000
"""A gateway that was killed leaves its session for so long on a server that has only a few."""
_KEEP_ALIVE_MS: Final = 1_000
_SILENCE_S: Final = 5.0
_QUEUE: Final = 10
"""Values kept by the server between two publications; each carries its own time."""
_PENDING: Final = 50_000
"""Changes kept while the spool cannot take them; beyond, the session is given up and values are read anew."""
_PACKML: Final = "http://opcfoundation.org/UA/PackML/"
_STATES: Final = (
    "em execução",
    "com falha",
    "sem configuração",
    "suspenso",
    "desligando",
    "em teste",
    "sem comunicação",
)
_HIERARCHICAL: Final = 33
_YES, _NO = cast("ua.Boolean", True), cast("ua.Boolean", False)  # the library's Boolean is a name for bool
_SERVER_STATE, _SERVER_TIME = 2259, 2258


class Change(NamedTuple):
    """A value a publication brought. `at_ms`: the source's time, else the server's, else None. All ms UTC.

    `initial`: the first after subscribing, which may be old. `publish_ms`: the server's clock at the publication.
    """

    handle: int
    value: Value
    at_ms: int | None
    initial: bool
    publish_ms: int
    read_ms: int


class Session:
    """See the module's docstring. Made by `Session.open`; used by one task."""

    def __init__(self, config: OpcUaConfig, client: OpcUaClient) -> None:
        self._config = config
        self._client = client
        self._namespaces: list[str] = []
        self._subscription = 0
        self._sequence = 0
        self._silence_s = _SILENCE_S
        self._published_s = time.monotonic()
        self._broken = ""
        self._seen: set[int] = set()
        self._points: dict[int, OpcUaPoint] = {}
        self.pending: list[Change] = []
        """What was published and is not yet taken, oldest first; whoever takes removes it."""
        self.publish_ms = 0
        """The server's clock at the last complete publication; 0 before the first."""
        self.complete = False
        """Whether the server has said it holds nothing back."""
        self.read_ms = 0
        """Ours when it arrived."""
        self.margin_ms = 0
        """How long a value may take from its change to its publication."""

    @classmethod
    async def open(cls, config: OpcUaConfig) -> Session:
        """Connect and create the subscription, still empty. Raises SicfarError."""
        client = OpcUaClient(config.address, timeout=REQUEST_S, watchdog_intervall=_SESSION_MS / 2_000)
        client.session_timeout = _SESSION_MS
        client.name = client.description = "SicFar gateway"
        session = cls(config, client)
        client.connection_lost_callback = session._lost
        doing = "perguntar a segurança que o servidor oferece"
        try:
            async with asyncio.timeout(_CONNECT_S):
                await secure(client, config)
                doing = "abrir a sessão"
                await client.connect()
                doing = "criar a assinatura"
                await session._subscribe()
        except BaseException as error:
            await session.close()
            if isinstance(error, Exception):
                raise explain(error, config, doing) from error
            raise
        return session

    async def close(self) -> None:
        """Say goodbye if anybody listens; what was opened is freed either way."""
        try:
            async with asyncio.timeout(_GOODBYE_S):
                await self._client.disconnect()
        except Exception as error:  # noqa: BLE001 - it is over either way
            _log.debug("%s: %r", self._config.name, error)
        finally:
            # A server that answers no goodbye leaves the socket open, and the library's publishing loop behind it.
            self._client.disconnect_socket()
            session = self._client.uaclient.session
            task = session._publish_task
            if task is not None and not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    # -- finding the counters --------------------------------------------------------------------------------------

    async def watch(self, points: Mapping[int, OpcUaPoint]) -> dict[int, str]:
        """Subscribe to these counters; by handle, why one cannot be (Portuguese). Raises SicfarError.

        What is wrong with one leaves the others alone.
        """
        try:
            nodes, problems = await self._resolve(points)
            self._points |= {handle: points[handle] for handle in nodes}
            problems |= await self._monitor(nodes)
        except Exception as error:
            raise explain(error, self._config, "assinar os contadores") from error
        for handle in problems:
            self._points.pop(handle, None)
        return problems

    async def _resolve(self, points: Mapping[int, OpcUaPoint]) -> tuple[dict[int, ua.NodeId], dict[int, str]]:
        self._namespaces = await self._client.get_namespace_array()
        nodes: dict[int, ua.NodeId] = {}
        problems: dict[int, str] = {}
        for handle, point in points.items():
            node = self._node_id(point)
            if isinstance(node, str):
                problems[handle] = node
            else:
                nodes[handle] = node
        units = {handle: node for handle, node in nodes.items() if points[handle].count is not None}
        found = await self._below(units, points)
        for handle in units:
            if handle in found:
                nodes[handle] = found[handle]
            else:
                del nodes[handle]
                problems[handle] = f"não existe no servidor: {points[handle]}"
        return nodes, problems

    def _node_id(self, point: OpcUaPoint) -> ua.NodeId | str:
        ref = point.node
        index = ref.index
        if ref.uri is not None:
            if ref.uri not in self._namespaces:
                return f"o servidor não tem o namespace {ref.uri!r} de {ref.text}"
            index = self._namespaces.index(ref.uri)
        if point.count is not None and _PACKML not in self._namespaces:
            return f"o servidor não tem o namespace do PackML ({_PACKML})"
        try:
            return ua.NodeId.from_string(f"ns={index};{ref.identifier}")
        except (UaError, ValueError) as error:
            return f"node id {ref.text} inválido: {error}"

    async def _below(self, units: Mapping[int, ua.NodeId], points: Mapping[int, OpcUaPoint]) -> dict[int, ua.NodeId]:
        """The count variables of PackML units, by their names in the PackML namespace."""
        if not units:
            return {}
        namespace = ua.UInt16(self._namespaces.index(_PACKML))

        def step(name: str) -> ua.RelativePathElement:
            reference = ua.NodeId(ua.Int32(_HIERARCHICAL))
            return ua.RelativePathElement(reference, _NO, _YES, ua.QualifiedName(name, namespace))

        paths = [
            ua.BrowsePath(node, ua.RelativePath([step("Admin"), step(points[handle].count or "")]))
            for handle, node in units.items()
        ]
        results = await self._client.uaclient.translate_browsepaths_to_nodeids(paths)
        return {
            handle: ua.NodeId(result.Targets[0].TargetId.Identifier, result.Targets[0].TargetId.NamespaceIndex)
            for handle, result in zip(units, results, strict=True)
            if result.StatusCode.is_good() and result.Targets
        }

    # -- subscribing -----------------------------------------------------------------------------------------------

    async def _subscribe(self) -> None:
        interval = float(self._config.poll_ms)
        request = ua.CreateSubscriptionParameters(
            RequestedPublishingInterval=ua.Duration(interval),
            RequestedLifetimeCount=ua.Counter(math.ceil(_SESSION_MS / interval)),
            RequestedMaxKeepAliveCount=ua.Counter(math.ceil(_KEEP_ALIVE_MS / interval)),
            MaxNotificationsPerPublish=ua.Counter(0),
            PublishingEnabled=_YES,
            Priority=ua.Byte(0),
        )
        result = await self._client.uaclient.create_subscription(request, self._published)
        self._subscription = result.SubscriptionId
        period_s = result.RevisedPublishingInterval / 1000
        self._silence_s = max(_SILENCE_S, 3 * period_s * max(1, result.RevisedMaxKeepAliveCount))
        self.margin_ms = math.ceil(period_s * 1000)
        self._published_s = time.monotonic()

    async def _monitor(self, nodes: Mapping[int, ua.NodeId]) -> dict[int, str]:
        if not nodes:
            return {}
        interval = float(self._config.poll_ms)
        items = [
            ua.MonitoredItemCreateRequest(
                ua.ReadValueId(node, AttributeIds.Value),
                ua.MonitoringMode.Reporting,
                ua.MonitoringParameters(ua.IntegerId(handle), ua.Duration(interval), None, ua.Counter(_QUEUE), True),
            )
            for handle, node in nodes.items()
        ]
        self._seen -= set(nodes)
        request = ua.CreateMonitoredItemsParameters(self._subscription, ua.TimestampsToReturn.Both, items)
        results = await self._client.uaclient.create_monitored_items(request)
        problems: dict[int, str] = {}
        slowest = 0.0
        for handle, result in zip(nodes, results, strict=True):
            if result.StatusCode.is_good():
                slowest = max(slowest, result.RevisedSamplingInterval)
            else:
                problems[handle] = _refused(result.StatusCode, self._points[handle])
        self.margin_ms = max(self.margin_ms, math.ceil(self._config.poll_ms + slowest))
        return problems

    async def _lost(self, error: Exception) -> None:
        """The library has lost the connection, or the server does not say its state within the time-out."""
        self._broken = self._broken or f"a conexão se perdeu ({str(error) or type(error).__name__})"

    def _published(self, result: ua.PublishResult) -> None:
        """Every publication comes here, those without news too: that the server still answers is news."""
        try:
            self._take(result)
        except Exception as error:  # noqa: BLE001 - the library would only log it, and a count would be missing
            self._broken = self._broken or f"publicação que não se entende: {error!r}"

    def _take(self, result: ua.PublishResult) -> None:
        self._published_s = time.monotonic()
        message = result.NotificationMessage
        read_ms = now_ms()
        publish_ms = to_ms(message.PublishTime) or read_ms
        notifications: Sequence[object] = message.NotificationData or ()
        if notifications:
            self._check_sequence(int(message.SequenceNumber))
        for notification in notifications:
            if isinstance(notification, PlainChanges):
                for plain in notification.items:
                    self._changed_plainly(plain, publish_ms, read_ms)
            elif isinstance(notification, ua.DataChangeNotification):
                for item in notification.MonitoredItems:
                    self._changed(item, publish_ms, read_ms)
            elif isinstance(notification, ua.StatusChangeNotification):
                self._broken = self._broken or f"o servidor encerrou a assinatura ({notification.Status.name})"
        self.complete = not result.MoreNotifications
        if self.complete:
            self.publish_ms, self.read_ms = publish_ms, read_ms

    def _changed(self, item: ua.MonitoredItemNotification, publish_ms: int, read_ms: int) -> None:
        handle = int(item.ClientHandle)
        point = self._points.get(handle)
        if point is None:
            return
        value = counter_of(item.Value, point.index, point.bits)
        at_ms = to_ms(item.Value.SourceTimestamp) or to_ms(item.Value.ServerTimestamp)
        self._pend(handle, value, at_ms, publish_ms, read_ms)

    def _changed_plainly(self, item: PlainChange, publish_ms: int, read_ms: int) -> None:
        point = self._points.get(item.handle)
        if point is not None:
            value = scalar_counter(item.raw, item.width, point.index, point.bits)
            self._pend(item.handle, value, item.at_ms, publish_ms, read_ms)

    def _pend(self, handle: int, value: Value, at_ms: int | None, publish_ms: int, read_ms: int) -> None:
        self.pending.append(Change(handle, value, at_ms, handle not in self._seen, publish_ms, read_ms))
        self._seen.add(handle)
        if len(self.pending) > _PENDING:
            self._broken = self._broken or "o spool não aceita o que chega há muito tempo"

    def _check_sequence(self, number: int) -> None:
        # Sequence numbers of notifications go up by one and start again at 1 past 2³² − 1.
        expected = self._sequence % 0xFFFFFFFF + 1
        if self._sequence and number != expected:
            self._broken = self._broken or f"faltou uma notificação (veio a {number}, faltava a {expected})"
        self._sequence = number

    # -- watching over it ------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Raises SourceError once the session has broken."""
        silent_s = time.monotonic() - self._published_s
        if not self._broken and silent_s > self._silence_s:
            self._broken = f"o servidor não publica nada há {silent_s:.0f} s"
        if self._broken:
            raise SourceError(self._broken, self._config.address, "o gateway conecta de novo e relê os contadores")

    async def ask_status(self) -> int:
        """The server's clock, ms, if it says it is running. Raises SicfarError."""
        nodes = [ua.NodeId(ua.Int32(_SERVER_STATE)), ua.NodeId(ua.Int32(_SERVER_TIME))]
        request = ua.ReadParameters(
            MaxAge=ua.Duration(0),
            TimestampsToReturn=ua.TimestampsToReturn.Neither,
            NodesToRead=[ua.ReadValueId(node, AttributeIds.Value) for node in nodes],
        )
        try:
            state, clock = await self._client.uaclient.read(request)
        except Exception as error:
            raise explain(error, self._config, "perguntar o estado do servidor") from error
        number = state.Value.Value if state.Value is not None else None
        if number != ua.ServerState.Running:
            said = _STATES[number] if isinstance(number, int) and 0 <= number < len(_STATES) else "sem estado"
            raise SourceError(f"o servidor OPC UA diz estar {said}", self._config.address, "confira a máquina")
        at = clock.Value.Value if clock.Value is not None else None
        return to_ms(at) or now_ms()


def _refused(status: ua.StatusCode, point: OpcUaPoint) -> str:
    absent = {"BadNodeIdUnknown", "BadNodeIdInvalid", "BadAttributeIdInvalid"}
    forbidden = {"BadNotReadable", "BadUserAccessDenied"}
    if status.name in absent:
        return f"não existe no servidor: {point}"
    if status.name in forbidden:
        return f"o servidor não deixa ler {point}: dê leitura a este usuário"
    return f"o servidor recusou {point} ({status.name})"
