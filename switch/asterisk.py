"""What can be asked of Asterisk, whoever carries the requests: HTTP, or the fake in memory."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

import msgspec

from switch.error import Gone, Unreadable
from switch.event import BridgeView, ChannelView, EndpointView
from switch.handle import Bridge, Channel, Playback
from switch.rest import Requests

T = TypeVar("T")


class _System(msgspec.Struct):
    version: str = ""


class _Info(msgspec.Struct):
    system: _System = msgspec.field(default_factory=_System)


class _Variable(msgspec.Struct):
    value: str = ""


class Asterisk:
    """One Asterisk's REST Interface. Every coroutine here raises SwitchError.

    Args:
        requests: Carries the requests.
        app: The Stasis application.
    """

    def __init__(self, requests: Requests, app: str) -> None:
        self._requests = requests
        self._app = app

    @property
    def app(self) -> str:
        """The Stasis application."""
        return self._app

    def channel(self, id_: str) -> Channel:
        """A handle; there need not be such a channel yet."""
        return Channel(self._requests, self._app, id_)

    def bridge(self, id_: str) -> Bridge:
        """A handle; there need not be such a bridge yet."""
        return Bridge(self._requests, id_)

    def playback(self, id_: str) -> Playback:
        """A handle; there need not be such a playback yet."""
        return Playback(self._requests, id_)

    async def channels(self) -> list[ChannelView]:
        """All channels of Asterisk."""
        return await self._get("/channels", list[ChannelView])

    async def bridges(self) -> list[BridgeView]:
        """All bridges of Asterisk."""
        return await self._get("/bridges", list[BridgeView])

    async def endpoints(self) -> list[EndpointView]:
        """All endpoints, with state and channels."""
        return await self._get("/endpoints", list[EndpointView])

    async def version(self) -> str:
        """Asterisk's version."""
        return (await self._get("/asterisk/info?only=system", _Info)).system.version

    async def get_global(self, name: str) -> str:
        """The value of a global variable; empty if it was never set."""
        try:
            return (await self._get("/asterisk/variable", _Variable, {"variable": name})).value
        except Gone:
            return ""

    async def set_global(self, name: str, value: str) -> None:
        """Sets a global variable; one that no file declares survives reloads, not restarts."""
        body = {"variable": name, "value": value}
        await self._requests.request("POST", "/asterisk/variable", body=body)

    async def reload_module(self, name: str) -> None:
        """Makes a module read its files again; returns when it has."""
        await self._requests.request("PUT", f"/asterisk/modules/{quote(name)}")

    async def user_event(self, name: str, variables: Mapping[str, str]) -> None:
        """Sends an event through Asterisk to this application."""
        path = f"/events/user/{quote(name)}"
        body = {"variables": dict(variables)}
        await self._requests.request("POST", path, query={"application": self._app}, body=body)

    async def _get(self, path: str, kind: type[T], query: Mapping[str, str] | None = None) -> T:
        answer = await self._requests.request("GET", path, query=query)
        try:
            return msgspec.json.decode(answer, type=kind)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise Unreadable(f"GET {path}", f"no answer of Asterisk's: {error}") from error
