"""Simulated machines behind a real OPC UA server: running counters as plain nodes and as PackML count structures.

The server can restart with its counters at zero, go away and come back, and report Bad quality. It keeps a list of
every write, call or change of the address space anybody tries: whoever only reads leaves it empty.
"""

import asyncio
import pickle
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from asyncua import ua
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_session import InternalSession
from asyncua.server.server import Server
from asyncua.server.user_managers import UserManager
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.ua_binary import Primitives, struct_to_binary

from local.processes import LOOPBACK, free_port
from local.simulators.served import Served

NAMESPACE = "urn:sicfar:planta-simulada"
PACKML = "http://opcfoundation.org/UA/PackML/"
_COUNT_TYPE, _COUNT_ENCODING = 14, 69  # PackMLCountDataType in the published NodeSet
_INT32 = 1 << 32
_NOBODY = User(role=UserRole.Anonymous)


def _stamp(at: datetime) -> ua.DateTime:
    # The wire carries UTC without saying so; ua.DateTime is datetime with another name.
    return ua.DateTime(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, tzinfo=UTC)


@dataclass(slots=True)
class Machine:
    """One machine. `packml`: its counters are PackML structures, whose Int32 turns negative past 2³¹ − 1.

    `modulus`: where a plain counter wraps to zero. `before`: what it had counted before anybody looked.
    `processed_includes_rejected`: what its first counter means; otherwise it counts good units only.
    """

    line: str
    packml: bool = False
    modulus: int = _INT32
    before: int = 1_000
    processed_includes_rejected: bool = True
    made: int = 0
    rejected: int = 0
    bad: bool = False

    def __post_init__(self) -> None:
        self.made = self.before

    def node(self, counter: str) -> str:
        """The node id of a plain counter, `producao` or `rejeicao`, as a configuration writes it."""
        return f"nsu={NAMESPACE};s={self.line}.{counter}"

    @property
    def unit(self) -> str:
        """The node id of a PackML machine."""
        return f"nsu={NAMESPACE};s={self.line}"


class _WatchedSession(InternalSession):
    """A client's session that notes what would change something before the server treats it."""

    async def write(self, params: ua.WriteParameters) -> list[ua.StatusCode]:
        self._note("write", [item.NodeId for item in params.NodesToWrite])
        return await super().write(params)

    async def call(self, params: list[ua.CallMethodRequest]) -> list[ua.CallMethodResult]:
        self._note("call", [item.MethodId for item in params])
        return await super().call(params)

    async def add_nodes(self, params: list[ua.AddNodesItem]) -> list[ua.AddNodesResult]:
        self._note("add_nodes", params)
        return await super().add_nodes(params)

    async def delete_nodes(self, params: ua.DeleteNodesParameters) -> list[ua.StatusCode]:
        self._note("delete_nodes", params)
        return await super().delete_nodes(params)

    async def history_update(self, params: ua.HistoryUpdateParameters) -> list[ua.HistoryUpdateResult]:
        self._note("history_update", params)
        return await super().history_update(params)

    def _note(self, what: str, detail: object) -> None:
        if self.external and isinstance(self.iserver, _WatchedServer):
            self.iserver.attempts.append(f"{what} {detail}")


class _WatchedServer(InternalServer):
    """Gives every client a watched session.

    The standard's 7,000 nodes are built once a process and copied from then on: 3 s become 0.6 s.
    """

    _standard: bytes | None = None

    def __init__(self, attempts: list[str], user_manager: UserManager | None) -> None:
        super().__init__(user_manager=user_manager)
        self.attempts = attempts

    async def load_standard_address_space(self, shelf_file: Path | None = None) -> None:
        if _WatchedServer._standard is None:
            await super().load_standard_address_space(shelf_file)
            _WatchedServer._standard = pickle.dumps(self.aspace._nodes)
        else:
            self.aspace._nodes = pickle.loads(_WatchedServer._standard)  # noqa: S301

    def create_session(self, name: str, user: User = _NOBODY, external: bool = False) -> InternalSession:
        return _WatchedSession(self, self.aspace, self.subscription_service, name, user=user, external=external)


class _OneUser(UserManager):
    """Knows one user, who may read."""

    def __init__(self, name: str, password: str) -> None:
        self._known = (name, password)

    def get_user(
        self,
        iserver: InternalServer,  # noqa: ARG002
        username: str | None = None,
        password: str | bytes | None = None,
        certificate: object = None,  # noqa: ARG002
    ) -> User | None:
        said = password.decode() if isinstance(password, bytes) else password
        return User(role=UserRole.User) if (username, said) == self._known else None


@dataclass(frozen=True, slots=True)
class Security:
    """What the server demands: Basic256Sha256, SignAndEncrypt, its certificate (DER) and key (PEM), and one user."""

    certificate: Path
    private_key: Path
    user: str
    password: str


class OpcUaPlant(Served):
    """The server, in a thread of its own. Every method may be called from any thread."""

    def __init__(self, machines: Iterable[Machine], *, port: int = 0, security: Security | None = None) -> None:
        super().__init__("opcua-plant")
        self.machines = {machine.line: machine for machine in machines}
        self.port = port or free_port()
        self.url = f"opc.tcp://{LOOPBACK}:{self.port}/planta"
        self.attempts: list[str] = []
        """Every write, call or change of the address space a client asked for."""
        self._security = security
        self._server: Server | None = None
        self._nodes: dict[tuple[str, str], ua.NodeId] = {}

    def restart_at_zero(self, line: str) -> None:
        """A machine's counters begin anew (new program, battery of the PLC gone)."""
        machine = self.machines[line]
        machine.made = machine.rejected = 0
        self._run(self._publish(machine, datetime.now(UTC)))

    # ------------------------------------------------------------------------------------------------ counting

    def count(self, line: str, made: int, rejected: int, at: datetime) -> None:
        """A machine made so many, of which so many were rejected, at that time (aware)."""
        self.count_all([(line, made, rejected)], at)

    def count_all(self, counts: Iterable[tuple[str, int, int]], at: datetime) -> None:
        """Several machines at once: (line, made, of which rejected)."""
        changed = []
        for line, made, rejected in counts:
            machine = self.machines[line]
            machine.made += made if machine.processed_includes_rejected else made - rejected
            machine.rejected += rejected
            changed.append(machine)
        self._run(self._publish_all(changed, at))

    def bad_quality(self, line: str, *, bad: bool) -> None:
        """Whether the server has lost its machine (BadNotConnected)."""
        machine = self.machines[line]
        machine.bad = bad
        self._run(self._publish(machine, datetime.now(UTC)))

    # ------------------------------------------------------------------------------------------------ inside

    async def _serve(self) -> None:
        security = self._security
        users = _OneUser(security.user, security.password) if security else None
        server = Server(iserver=_WatchedServer(self.attempts, users))
        await server.init()
        server.set_endpoint(self.url)
        server.set_server_name("planta simulada")
        if security is None:
            server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        else:
            server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
            server.set_identity_tokens([ua.UserNameIdentityToken])
            await server.load_certificate(security.certificate)
            await server.load_private_key(security.private_key)
        # Somebody else's namespace first: whoever relies on an index instead of the URI reads the wrong nodes.
        await server.register_namespace("urn:outro-fabricante")
        own = await server.register_namespace(NAMESPACE)
        packml = await server.register_namespace(PACKML)
        now = datetime.now(UTC)
        self._server = server
        for machine in self.machines.values():
            await (self._add_packml if machine.packml else self._add_plain)(server, machine, own, packml)
            await self._publish(machine, now)
        await server.start()

    async def _leave(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await server.stop()
            # The library leaves sessions and subscriptions of clients that did not say goodbye running.
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _add_plain(self, server: Server, machine: Machine, own: int, _packml: int) -> None:
        for counter in ("producao", "rejeicao"):
            name = f"{machine.line}.{counter}"
            node = ua.NodeId(name, own)  # type: ignore[arg-type]
            variant = ua.Variant(0, ua.VariantType.UInt32)
            await server.nodes.objects.add_variable(node, ua.QualifiedName(name, own), variant)
            self._nodes[machine.line, counter] = node

    async def _add_packml(self, server: Server, machine: Machine, own: int, packml: int) -> None:
        unit = await server.nodes.objects.add_object(
            ua.NodeId(machine.line, own),  # type: ignore[arg-type]
            ua.QualifiedName(machine.line, own),
        )
        admin = await unit.add_object(
            ua.NodeId(f"{machine.line}.Admin", own),  # type: ignore[arg-type]
            ua.QualifiedName("Admin", packml),
        )
        for counter, name in (("producao", "ProdProcessedCount"), ("rejeicao", "ProdDefectiveCount")):
            node = ua.NodeId(f"{machine.line}.Admin.{name}", own)  # type: ignore[arg-type]
            value = self._packml_value(0, packml)
            await admin.add_variable(
                node,
                ua.QualifiedName(name, packml),
                value,
                ua.VariantType.ExtensionObject,
                ua.NodeId(_COUNT_TYPE, packml),  # type: ignore[arg-type]
            )
            self._nodes[machine.line, counter] = node

    async def _publish_all(self, machines: Iterable[Machine], at: datetime) -> None:
        for machine in machines:
            await self._publish(machine, at)

    async def _publish(self, machine: Machine, at: datetime) -> None:
        server = self._server
        if server is None:
            return
        for counter, raw in (("producao", machine.made), ("rejeicao", machine.rejected)):
            if machine.bad:
                status = ua.StatusCode(ua.UInt32(StatusCodes.BadNotConnected))
                value = ua.DataValue(None, status, SourceTimestamp=_stamp(at))
            elif machine.packml:
                packml = await server.get_namespace_index(PACKML)
                value = ua.DataValue(self._packml_value(raw, packml), SourceTimestamp=_stamp(at))
            else:
                variant = ua.Variant(raw % machine.modulus, ua.VariantType.UInt32)
                value = ua.DataValue(variant, SourceTimestamp=_stamp(at))
            await self._write(self._nodes[machine.line, counter], value)

    async def _write(self, node: ua.NodeId, value: ua.DataValue) -> None:
        if self._server is not None:
            await self._server.write_attribute_value(node, value)

    @staticmethod
    def _packml_value(raw: int, packml: int) -> ua.Variant:
        """Two products, as edition 1.01 lays the structure out: ID, Name, Unit, Count of the job, AccCount."""

        def item(identity: int, count: int, accumulated: int) -> ua.ExtensionObject:
            signed = (accumulated + (1 << 31)) % _INT32 - (1 << 31)
            body = (
                Primitives.Int32.pack(identity)
                + Primitives.String.pack("solução")
                + struct_to_binary(ua.EUInformation())
                + Primitives.Int32.pack(count)
                + Primitives.Int32.pack(signed)
            )
            return ua.ExtensionObject(ua.NodeId(_COUNT_ENCODING, packml), body)  # type: ignore[arg-type]

        return ua.Variant([item(1, raw % 500, raw), item(2, 7, 7)], ua.VariantType.ExtensionObject)
