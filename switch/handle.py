"""Handles on things in Asterisk. Their ids are chosen here, before the request that makes them.

So events can be awaited before the request is sent, and nothing is missed. That something has gone
already is a normal thing when it is to be ended: `hangup`, `stop`, `destroy` and `remove` return
whether it was still there.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from switch.error import Gone
from switch.rest import Requests


class Playback:
    """What is being played."""

    def __init__(self, requests: Requests, id_: str) -> None:
        self._requests = requests
        self.id = id_

    async def exists(self) -> bool:
        """Whether it is playing, or waits to be played.

        Raises:
            SwitchError: Asterisk is away or refuses.
        """
        try:
            await self._requests.request("GET", f"/playbacks/{quote(self.id)}")
        except Gone:
            return False
        return True

    async def stop(self) -> bool:
        """Ends it; whether it was still playing.

        Raises:
            SwitchError: Asterisk is away or refuses.
        """
        return await _end(self._requests, f"/playbacks/{quote(self.id)}")


class Channel:
    """One phone's connection. Every method raises SwitchError; `Gone` if it does not exist."""

    def __init__(self, requests: Requests, app: str, id_: str) -> None:
        self._requests = requests
        self._app = app
        self._path = f"/channels/{quote(id_)}"
        self.id = id_

    async def create(
        self,
        endpoint: str,
        *,
        args: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
        originator: str | None = None,
    ) -> None:
        """Makes the channel under this id, in the application, not yet dialled."""
        query = {
            "endpoint": endpoint,
            "app": self._app,
            "appArgs": ",".join(args),
            "channelId": self.id,
        }
        if originator is not None:
            query["originator"] = originator
        body = {"variables": dict(variables or {})}
        await self._requests.request("POST", "/channels/create", query=query, body=body)

    async def dial(self, *, timeout_s: int, caller: str | None = None) -> None:
        """Sends the INVITE; allowed once `StasisStart` has come."""
        query = {"timeout": str(timeout_s)}
        if caller is not None:
            query["caller"] = caller
        await self._requests.request("POST", f"{self._path}/dial", query=query)

    async def answer(self) -> None:
        """Answers at once; unlike the dialplan's Answer() it does not wait for media."""
        await self._requests.request("POST", f"{self._path}/answer")

    async def hangup(self, reason: str = "normal") -> bool:
        """Ends the channel; whether it was still there."""
        return await _end(self._requests, self._path, reason=reason)

    async def set_variable(self, name: str, value: str) -> None:
        """Sets a variable or function of the channel, of any length."""
        body = {"variable": name, "value": value}
        await self._requests.request("POST", f"{self._path}/variable", body=body)

    async def continue_in_dialplan(
        self, context: str, extension: str = "s", priority: int = 1
    ) -> None:
        """Gives the channel back to the dialplan."""
        query = {"context": context, "extension": extension, "priority": str(priority)}
        await self._requests.request("POST", f"{self._path}/continue", query=query)

    async def snoop(self, snoop_id: str, args: Sequence[str]) -> None:
        """Makes a channel under that id, in the application, that hears both sides of this one."""
        query = {
            "spy": "both",
            "app": self._app,
            "appArgs": ",".join(args),
            "snoopId": snoop_id,
        }
        await self._requests.request("POST", f"{self._path}/snoop", query=query)

    async def record(self, name: str) -> None:
        """Records what the channel hears into `<name>.wav`; allowed once `StasisStart` has come.

        It ends with the channel. A file of that name is refused, not written over.
        """
        query = {"name": name, "format": "wav", "ifExists": "fail"}
        await self._requests.request("POST", f"{self._path}/record", query=query)

    async def play(self, media: Sequence[str], *, playback_id: str) -> Playback:
        """Plays to the channel; other requests for it wait meanwhile, so not to callers."""
        query = {"media": ",".join(media), "playbackId": playback_id}
        await self._requests.request("POST", f"{self._path}/play", query=query)
        return Playback(self._requests, playback_id)


class Bridge:
    """What mixes channels. Every method raises SwitchError; `Gone` if there is no such bridge."""

    def __init__(self, requests: Requests, id_: str) -> None:
        self._requests = requests
        self._path = f"/bridges/{quote(id_)}"
        self.id = id_

    async def create(self, kind: str = "mixing", name: str = "") -> None:
        """Makes the bridge under this id."""
        await self._requests.request("POST", self._path, query={"type": kind, "name": name})

    async def destroy(self) -> bool:
        """Ends the bridge, not the channels in it; whether it was still there."""
        return await _end(self._requests, self._path)

    async def add(self, *channels: Channel) -> None:
        """Brings channels in; those not in the application are refused with 422."""
        ids = ",".join(channel.id for channel in channels)
        await self._requests.request("POST", f"{self._path}/addChannel", query={"channel": ids})

    async def remove(self, *channels: Channel) -> bool:
        """Takes channels out; whether they were in it."""
        ids = ",".join(channel.id for channel in channels)
        try:
            await self._requests.request(
                "POST", f"{self._path}/removeChannel", query={"channel": ids}
            )
        except Gone:
            return False
        return True

    async def play(self, media: Sequence[str], *, playback_id: str) -> Playback:
        """Plays to all who are in the bridge, one after another; blocks no other request."""
        query = {"media": ",".join(media), "playbackId": playback_id}
        await self._requests.request("POST", f"{self._path}/play", query=query)
        return Playback(self._requests, playback_id)


async def _end(requests: Requests, path: str, **query: str) -> bool:
    try:
        await requests.request("DELETE", path, query=query)
    except Gone:
        return False
    return True
