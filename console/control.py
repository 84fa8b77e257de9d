"""The daemon's control socket: `siaga112 reload`, `status`, `pause` and `ready` ask here.

Whoever may connect is trusted to ask, and with nothing else: what comes in is bounded in length,
time and number, and whatever goes wrong is the connection's own business (console/message.py has
the language and the bounds). Who asks is known by the kernel's word (console/peer.py).

Unfit              a request that can be read and not be meant; raised by what answers it
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
import structlog

from console.claim import BACKLOG, Claim, NotClaimed
from console.message import (
    ANSWER_S,
    REQUEST_BYTES,
    REQUEST_S,
    SOCKET,
    TAKE_S,
    VERSION,
    Answer,
    Fault,
    Kind,
    Request,
)
from console.peer import Peer

log = structlog.get_logger(__name__)

CONNECTIONS: Final = 16
"""At a time; a person and a monitor need two."""
LOOK_S: Final = 5.0
"""Between two tries to have the socket, and between two looks whether it is still there."""

Handler: TypeAlias = Callable[[Request, Peer], Awaitable[Any]]


class Unfit(Exception):
    """What is asked cannot be meant; the text says why, for who asks."""


class ControlServer:
    """Answers on a socket in a folder. Its faults are its own: calls go on.

    Args:
        folder: Made when it does not exist.
        handlers: What can be asked for, and what answers.
        on_bound: Called with the reason when there can be no socket, and with None when there is.
    """

    def __init__(
        self,
        folder: Path,
        handlers: Mapping[str, Handler],
        *,
        on_bound: Callable[[str | None], None],
    ) -> None:
        self.path = folder / SOCKET
        self._handlers = handlers
        self._on_bound = on_bound
        self._serving: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serves until cancelled. A socket that cannot be had, or is removed, is tried for ever."""
        while True:
            try:
                claim = Claim.make(self.path)
            except NotClaimed as error:
                self._on_bound(str(error))
            else:
                await self._serve(claim)
            await asyncio.sleep(LOOK_S)

    async def _serve(self, claim: Claim) -> None:
        """Accepts for as long as the socket is in its place."""
        server = None
        try:
            server = await asyncio.start_unix_server(
                self._connected, sock=claim.listener, limit=REQUEST_BYTES, backlog=BACKLOG
            )
            log.info("control_bound", socket=str(self.path))
            self._on_bound(None)
            while claim.is_in_place:  # noqa: ASYNC110 - a file tells nobody that it is removed
                await asyncio.sleep(LOOK_S)
            log.warning("control_socket_removed", socket=str(self.path))
        finally:
            if server is not None:
                server.close()
            claim.release()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A plain function, so that the task is in our hands and not in the loop's."""
        if len(self._serving) >= CONNECTIONS:
            # It fits into the socket's buffer: nothing is waited for.
            message = f"{CONNECTIONS} connections are open already: try again"
            writer.write(_fault(Kind.TOO_MANY, message))
            writer.close()
            return
        task = asyncio.create_task(self._converse(reader, writer), name="control")
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer. A fault of the other side's is no news."""
        try:
            answer = await self._answer(reader, Peer.of(writer.get_extra_info("socket")))
            async with asyncio.timeout(TAKE_S):
                writer.write(answer)
                writer.close()
                await writer.wait_closed()
        except (OSError, TimeoutError) as error:
            log.debug("control_not_answered", why=repr(error))
        except Exception:
            log.exception("control_failed")
        finally:
            # After an orderly close this does nothing.
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, peer: Peer) -> bytes:
        try:
            async with asyncio.timeout(REQUEST_S):
                line = await reader.readuntil(b"\n")
        except TimeoutError:
            return _fault(Kind.TOO_SLOW, f"no whole line within {REQUEST_S:g} s")
        except asyncio.LimitOverrunError:
            return _fault(Kind.TOO_LONG, f"a request has at most {REQUEST_BYTES} bytes")
        except asyncio.IncompleteReadError:
            return _fault(Kind.MALFORMED, "a request ends with a newline")
        try:
            request = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return _fault(Kind.MALFORMED, f"no request: {error}")
        if request.siaga112 != VERSION:
            message = f"version {VERSION} is spoken here, not {request.siaga112}"
            return _fault(Kind.WRONG_VERSION, message)
        handler = self._handlers.get(request.ask)
        if handler is None:
            known = tuple(self._handlers)
            message = f"unknown request {request.ask!r}; known: {', '.join(known)}"
            return _fault(Kind.UNKNOWN_REQUEST, message, known)
        log.debug("control_asked", ask=request.ask, uid=peer.uid, pid=peer.pid)
        return await self._handled(handler, request, peer)

    async def _handled(self, handler: Handler, request: Request, peer: Peer) -> bytes:
        try:
            async with asyncio.timeout(ANSWER_S):
                value = await handler(request, peer)
            return _line(Answer(siaga112=VERSION, value=msgspec.Raw(msgspec.json.encode(value))))
        except Unfit as error:
            return _fault(Kind.UNFIT, str(error))
        except TimeoutError:
            return _fault(Kind.NO_ANSWER, f"{request.ask} took longer than {ANSWER_S:g} s")
        except Exception as error:
            log.exception("control_request_failed", ask=request.ask)
            return _fault(Kind.FAILED, f"{request.ask} failed: {error!r}; see the log")


_DECODER: Final = msgspec.json.Decoder(Request)


def _fault(kind: Kind, message: str, known: tuple[str, ...] = ()) -> bytes:
    return _line(Answer(siaga112=VERSION, error=Fault(kind=kind, message=message, known=known)))


def _line(answer: Answer) -> bytes:
    return msgspec.json.encode(answer) + b"\n"
