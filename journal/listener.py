"""Takes commands from the broker, one after the other, and has each answered."""

import asyncio
from collections.abc import Callable
from typing import Final

import aiomqtt

from journal.broker import Broker
from journal.command import NO_ANSWER_THERE, Letter, read
from journal.connection import Connection, Parcel
from journal.message import COMMAND, Answer, encode
from journal.post import Command, Obeyed, Refusal

OBEY_S: Final = 60.0
"""For the daemon to do what it is told; a reload has 45 s."""
APART_S: Final = 0.05
"""Twenty commands a second at most: whoever sends them without end fills no journal."""


class Listener:
    """Hands commands to the daemon; all of it in one loop.

    Args:
        broker: Says which commands are obeyed.

    Attributes:
        on_wish: Takes commands and refusals to the daemon; to be replaced.
    """

    def __init__(self, broker: Broker) -> None:
        self.on_wish: Callable[[Command | Refusal], None] = lambda _wish: None
        self._broker = broker
        self._count = 0
        self._asked: dict[int, asyncio.Future[Obeyed]] = {}

    async def begin(self, connection: Connection) -> None:
        """Has commands brought from now on, if any are obeyed.

        Raises:
            aiomqtt.MqttError: The connection is lost.
            BrokerRefuses: We may not listen.
        """
        if self._broker.commands:
            await connection.listen(f"{self._broker.prefix}/{COMMAND}+/+")

    async def hear(self, connection: Connection) -> None:
        """Takes what comes; ends with the connection.

        Raises:
            aiomqtt.MqttError: The connection is lost.
        """
        async for message in connection.messages:
            letter = _letter(message)
            if letter is None:
                continue
            answer = await self._answered(letter)
            if answer is not None:
                await connection.send([answer])
            await asyncio.sleep(APART_S)

    def take(self, obeyed: Obeyed) -> None:
        """What has come of a command."""
        future = self._asked.get(obeyed.id)
        if future is not None and not future.done():
            future.set_result(obeyed)

    async def _answered(self, letter: Letter) -> Parcel | None:
        """Has a command obeyed; the answer, if one is wanted and may be given."""
        self._count += 1
        wish = read(letter, self._broker, self._count)
        if isinstance(wish, Command):
            obeyed = await self._obeyed(wish)
            answer = Answer(
                command=wish.command, done=obeyed.done, outcome=obeyed.outcome, text=obeyed.text
            )
        else:
            self.on_wish(wish)
            answer = Answer(command=wish.command, done=False, outcome=wish.error, text=wish.why)
        if letter.answer_to is None or answer.outcome == NO_ANSWER_THERE:
            return None
        return Parcel(
            topic=letter.answer_to, payload=encode(answer), correlation=letter.correlation
        )

    async def _obeyed(self, command: Command) -> Obeyed:
        future: asyncio.Future[Obeyed] = asyncio.get_running_loop().create_future()
        self._asked[command.id] = future
        try:
            self.on_wish(command)
            async with asyncio.timeout(OBEY_S):
                return await future
        except TimeoutError:
            text = f"the daemon has not answered within {OBEY_S:g} s, and may still do it"
            return Obeyed(id=command.id, done=False, outcome="no_answer", text=text)
        finally:
            del self._asked[command.id]


def _letter(message: aiomqtt.Message) -> Letter | None:
    """What came; None for what was retained: it was said long ago."""
    if message.retain or not isinstance(message.payload, bytes | bytearray):
        return None
    return Letter(
        topic=str(message.topic),
        payload=bytes(message.payload),
        answer_to=getattr(message.properties, "ResponseTopic", None),
        correlation=getattr(message.properties, "CorrelationData", None),
    )
