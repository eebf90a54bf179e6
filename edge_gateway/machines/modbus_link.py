"""One Modbus TCP connection that can do nothing but read registers (functions 3 and 4 of the application protocol).

A reply is taken only if it is the one that was asked for: protocol, transaction, unit, function and length. Anything
else closes the connection, so that a late reply is never taken for the next request's, and the error says what came.
An exception reply is an answer: the connection stays.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Final

from edge_gateway.machines.modbus_config import ModbusConfig
from edge_gateway.machines.modbus_requests import Block
from edge_gateway.machines.network import connect_to_first
from edge_gateway.source import SourceError, UnexpectedSourceError

EXCEPTIONS: Final[Mapping[int, str]] = {
    1: "função não suportada",
    2: "endereço inexistente",
    3: "quantidade ou valor inválido",
    4: "falha do aparelho",
    5: "pedido aceito, resposta demorada",
    6: "aparelho ocupado",
    8: "erro de paridade na memória",
    10: "caminho do conversor indisponível",
    11: "o aparelho atrás do conversor não responde",
}
"""Exception codes of the Modbus application protocol, for people."""

_FUNCTIONS: Final = {"holding": 3, "input": 4}
_HEADER: Final = 6
"""Bytes before what the length field counts: transaction, protocol, length, two bytes each."""
_SHORTEST: Final = 8
"""Header, unit and function."""
_EXCEPTION: Final = 0x80
_SHOWN: Final = 12


class UnreachableError(SourceError):
    """No connection to the device."""

    def __init__(self, what: str, where: str, action: str) -> None:
        super().__init__(what, where, action)
        self.code = "device_unreachable"


class SilentError(SourceError):
    """A request had no usable reply; the connection is closed, so that a late one is taken for no other's."""

    def __init__(self, what: str, where: str, action: str) -> None:
        super().__init__(what, where, action)
        self.code = "device_silent"


class RefusedError(SourceError):
    """The device answered a request with an exception; `exception` is its code."""

    def __init__(self, exception: int, where: str) -> None:
        meaning = EXCEPTIONS.get(exception, "código desconhecido")
        super().__init__(
            f"o aparelho recusou a leitura: exceção {exception} ({meaning})",
            where,
            "confira tabela, endereço (contado de 0) e device_id; check --probe mostra cada registrador",
        )
        self.code = "device_refused"
        self.exception = exception


class ModbusLink:
    """A connection to one device; used by one task. ``timeout_s``: for connecting and for each reply."""

    def __init__(self, config: ModbusConfig) -> None:
        self._config = config
        self._where = f"{config.name} ({config.host}:{config.port}, device_id {config.device_id})"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._transaction = 0
        self._received = b""
        self.timeout_s = config.timeout_ms / 1000

    async def open(self) -> None:
        """Connect, closing what was open. Raises UnreachableError, or UnexpectedSourceError."""
        self.close()
        try:
            async with asyncio.timeout(self.timeout_s):
                self._streams = await self._connect()
        except TimeoutError as error:
            raise UnreachableError(
                f"o aparelho não responde ao pedido de conexão em {self.timeout_s * 1000:.0f} ms",
                self._where,
                "confira o endereço, o cabo de rede e se o aparelho está ligado",
            ) from error
        except socket.gaierror as error:
            raise UnreachableError(
                f"a rede não conhece o nome {self._config.host!r}",
                self._where,
                "corrija o nome em address, ou use o endereço IP",
            ) from error
        except OSError as error:
            raise UnreachableError(
                f"o aparelho não aceita conexão ({error.strerror or error})",
                self._where,
                "confira a rede, a porta e se outro programa ocupa a única conexão do aparelho",
            ) from error
        except Exception as error:
            raise UnexpectedSourceError(error, "conectar", self._where) from error
        self._transaction = 0

    async def words(self, block: Block) -> Sequence[int]:
        """The words of one request. Raises SilentError (and closes) or RefusedError (and stays connected)."""
        if self._streams is None:
            raise UnreachableError("sem conexão com o aparelho", self._where, "a conexão é refeita sozinha")
        asked = f"{self._where}: {block.table} {block.address}, {block.words} palavras"
        self._transaction = self._transaction % 0xFFFF + 1
        self._received = b""
        try:
            async with asyncio.timeout(self.timeout_s):
                body = await self._exchange(*self._streams, _FUNCTIONS[block.table], block, asked)
        except TimeoutError as error:
            self.close()
            waited = f"em {self.timeout_s * 1000:.0f} ms"
            came = f"só {_bytes(self._received)}, meia resposta, veio" if self._received else "nenhuma resposta veio"
            raise SilentError(f"{came} {waited}", asked, "confira o aparelho, device_id e timeout_ms") from error
        except OSError as error:
            self.close()
            raise SilentError(
                f"a conexão caiu ({error.strerror or error})", asked, "confira o aparelho e a rede"
            ) from error
        except SourceError:
            self.close()
            raise
        except Exception as error:
            self.close()
            raise UnexpectedSourceError(error, "ler registradores", asked) from error
        if body[0] & _EXCEPTION:
            raise RefusedError(body[1], asked)
        return list(struct.unpack_from(f">{block.words}H", body, 2))

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        port = self._config.port
        return await connect_to_first(self._config.host, port, lambda address: asyncio.open_connection(address, port))

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, function: int, block: Block, asked: str
    ) -> bytes:
        """Send a request; its reply from the function code on. Raises SilentError for any other reply, or OSError."""
        numbers = (self._transaction, 0, 6)
        writer.write(
            b"".join(number.to_bytes(2, "big") for number in numbers)
            + bytes((self._config.device_id, function))
            + block.address.to_bytes(2, "big")
            + block.words.to_bytes(2, "big")
        )
        end = _SHORTEST
        while len(self._received) < end:
            more = await reader.read(512)
            if not more:
                came = f" depois de {_bytes(self._received)}" if self._received else ""
                raise SilentError(
                    f"o aparelho fechou a conexão{came}, sem responder",
                    asked,
                    "confira se outro programa ocupa a única conexão do aparelho, e device_id",
                )
            self._received += more
            if len(self._received) >= _SHORTEST:
                end = self._end_of_reply(function, asked)
        body = self._received[_HEADER + 1 :]
        if len(self._received) > end:
            raise SilentError(f"resposta com bytes a mais ({_bytes(self._received)})", asked, "confira o aparelho")
        if not body[0] & _EXCEPTION and (len(body) != 2 + 2 * block.words or body[1] != 2 * block.words):
            raise SilentError(f"resposta com {(len(body) - 2) // 2} palavras", asked, "confira o aparelho")
        return body

    def _end_of_reply(self, function: int, asked: str) -> int:
        """How many bytes the reply takes whose beginning has been received. Raises SilentError if it is another's."""
        head = self._received
        transaction, protocol, length = (int.from_bytes(head[at : at + 2], "big") for at in (0, 2, 4))
        unit, answered = head[_HEADER], head[_HEADER + 1]
        if protocol or not 2 <= length <= 254:
            what = f"vieram bytes que não são Modbus TCP ({_bytes(head)})"
            action = "confira a porta: outro protocolo responde nela"
        elif transaction != self._transaction:
            what = f"veio a resposta a outro pedido ({transaction}, não {self._transaction})"
            action = "confira se outro programa usa a mesma conexão do conversor"
        elif self._config.device_id and unit != self._config.device_id:
            what = f"veio a resposta da unidade {unit}, e o pedido foi à {self._config.device_id}"
            action = "corrija device_id, ou a numeração no conversor"
        elif answered & ~_EXCEPTION != function:
            what, action = f"veio a resposta da função {answered}, não da {function}", "confira o aparelho"
        else:
            # Some devices leave the exception's code out of the length.
            return max(_HEADER + length, _SHORTEST + 1 if answered & _EXCEPTION else _SHORTEST)
        raise SilentError(what, asked, action)


def _bytes(received: bytes) -> str:
    shown = received[:_SHOWN].hex(" ").upper()
    return f"{len(received)} bytes: {shown}{' …' if len(received) > _SHOWN else ''}"
