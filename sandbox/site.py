"""What a private Asterisk of this machine is given: ports, addresses, numbers and passwords."""

import secrets
from dataclasses import dataclass, field

from sandbox.port import free_tcp_port, free_udp_block, free_udp_port
from siaga import dialplan

HOST = "127.0.0.1"
TRUNK_ADDRESS = {"telkom": "127.0.0.11", "seluler": "127.0.0.12"}
"""Where the sandbox's carriers are; Asterisk knows a trunk by its address."""
RTP_PORTS = 400
"""Two per leg; enough for a hundred calls of two legs."""


@dataclass(slots=True)
class Site:
    """The values of one run that the templates want.

    Attributes:
        sip_port: UDP port of SIP.
        http_port: TCP port of ARI.
        rtp_ports: How many UDP ports there are for audio.
        rtp_start: The first of them.
        trunk_port: UDP port where the sandbox's carriers take calls that go out.
        outside_number: The last resort's number outside.
        outside_trunk: By which trunk that is dialled first.
        passwords: Of ARI and of each seat, by placeholder.
    """

    sip_port: int = field(default_factory=free_udp_port)
    http_port: int = field(default_factory=free_tcp_port)
    rtp_ports: int = RTP_PORTS
    rtp_start: int = 0
    trunk_port: int = field(default_factory=lambda: free_udp_port(TRUNK_ADDRESS["seluler"]))
    outside_number: str = "081200000112"
    outside_trunk: str = "seluler"
    passwords: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rtp_start = self.rtp_start or free_udp_block(self.rtp_ports)

    def values(self) -> dict[str, str]:
        """Every placeholder of the templates with its value, but for those of folders."""
        for name in dialplan.placeholders():
            if "PASSWORD" in name:
                self.passwords.setdefault(name, secrets.token_urlsafe(12))
        values = {
            "SIP_BIND": HOST,
            "SIP_PORT": str(self.sip_port),
            "HTTP_PORT": str(self.http_port),
            "RTP_START": str(self.rtp_start),
            "RTP_END": str(self.rtp_start + self.rtp_ports - 1),
            "TRANSPORT": "siaga-udp",
            "OUTSIDE_NUMBER": self.outside_number,
            "OUTSIDE_TRUNK": self.outside_trunk,
            **self.passwords,
        }
        for trunk, address in TRUNK_ADDRESS.items():
            name = trunk.upper()
            values[f"TRUNK_{name}_MATCH"] = address
            values[f"TRUNK_{name}_ADDRESS"] = f"{address}:{self.trunk_port}"
            values[f"TRUNK_{name}_DID"] = f"02{len(name)}112"
            values[f"TRUNK_{name}_NUMBER"] = "112"
        return values
