"""A caller's place in an INVITE: PIDF-LO in the body, and what Asterisk makes of it.

Sources: RFC 4119 and 5491 (PIDF-LO), RFC 5139 (civic addresses), RFC 6442 (in SIP).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from xml.sax.saxutils import escape

from sandbox.scenario import SDP, Origin, Voice

CONTENT_ID = "place@carrier.example"
GEOLOCATION = f"Geolocation: <cid:{CONTENT_ID}>\n"
"""The line that points to the body's part."""
BOUNDARY = "siaga"
MULTIPART = f"multipart/mixed;boundary={BOUNDARY}"
PLAIN = frozenset({"\n", "\t", *map(chr, range(0x20, 0x7F))} - {"[", "\\"})
"""Characters that SIPp sends as they are."""
EPSG_2D = "urn:ogc:def:crs:EPSG::4326"
METRE = "urn:ogc:def:uom:EPSG::9001"
DOCUMENT = """\
<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
 xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml"
 xmlns:gs="http://www.opengis.net/pidflo/1.0"
 xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr" entity="pres:caller@carrier.example">
<dm:device id="phone"><gp:geopriv><gp:location-info>
{place}
</gp:location-info><gp:usage-rules/></gp:geopriv></dm:device>
</presence>
"""


@dataclass(frozen=True, slots=True)
class Point:
    """A place without a size.

    Attributes:
        latitude: Degrees north.
        longitude: Degrees east.
    """

    latitude: float
    longitude: float

    @property
    def xml(self) -> str:
        """Its element in a document."""
        return f'<gml:Point srsName="{EPSG_2D}"><gml:pos>{_pos(self)}</gml:pos></gml:Point>'

    @property
    def told(self) -> str:
        """As Asterisk tells it."""
        return f'GML:shape="Point",crs="2d",pos="{_pos(self)}"'


@dataclass(frozen=True, slots=True)
class Circle:
    """A place that may be anywhere in a circle.

    Attributes:
        centre: Of it.
        radius_m: In metres.
    """

    centre: Point
    radius_m: float

    @property
    def xml(self) -> str:
        """Its element in a document."""
        return (
            f'<gs:Circle srsName="{EPSG_2D}"><gml:pos>{_pos(self.centre)}</gml:pos>'
            f'<gs:radius uom="{METRE}">{self.radius_m:g}</gs:radius></gs:Circle>'
        )

    @property
    def told(self) -> str:
        """As Asterisk tells it."""
        where = f'pos="{_pos(self.centre)}",radius="{self.radius_m:g}"'
        return f'GML:shape="Circle",crs="2d",{where}'


@dataclass(frozen=True, slots=True)
class Polygon:
    """A place with corners; the first one is the last one too."""

    corners: Sequence[Point]

    @property
    def xml(self) -> str:
        """Its element in a document."""
        ring = "".join(f"<gml:pos>{_pos(corner)}</gml:pos>" for corner in self.corners)
        return (
            f'<gml:Polygon srsName="{EPSG_2D}"><gml:exterior><gml:LinearRing>{ring}'
            "</gml:LinearRing></gml:exterior></gml:Polygon>"
        )

    @property
    def told(self) -> str:
        """As Asterisk tells it."""
        return 'GML:shape="Polygon",crs="2d",' + ",".join(
            f'pos="{_pos(corner)}"' for corner in self.corners
        )


@dataclass(frozen=True, slots=True)
class Civic:
    """An address, by the names of RFC 5139: country, A1 to A6, RD and others."""

    names: Mapping[str, str]

    @property
    def xml(self) -> str:
        """Its element in a document."""
        inside = "".join(f"<ca:{k}>{escape(v)}</ca:{k}>" for k, v in self.names.items())
        return f'<ca:civicAddress xml:lang="id">{inside}</ca:civicAddress>'

    @property
    def told(self) -> str:
        """As Asterisk tells it; quotes in a name are not marked as such."""
        return 'civicAddress:lang="id",' + ",".join(f'{k}="{v}"' for k, v in self.names.items())


Place: TypeAlias = Point | Circle | Polygon | Civic


def _pos(point: Point) -> str:
    return f"{point.latitude:g} {point.longitude:g}"


def document(place: str) -> str:
    """A PIDF-LO with an element in it, whatever that is."""
    return DOCUMENT.format(place=place)


def voice(part: str, *, content_id: str = CONTENT_ID, close: bool = True) -> Voice:
    """A caller's offer with one more part in the same body.

    Args:
        part: The text of it; its characters are sent as the bytes of ISO 8859-1.
        content_id: Its name.
        close: The body ends as it should.
    """
    end = f"--{BOUNDARY}--\n" if close else ""
    body = (
        f"--{BOUNDARY}\nContent-Type: application/sdp\n\n{SDP}\n"
        f"--{BOUNDARY}\nContent-Type: application/pidf+xml\n"
        f"Content-ID: <{content_id}>\n\n{literal(part)}\n{end}"
    )
    return Voice(sdp=body, kind=MULTIPART)


def literal(text: str) -> str:
    """The text as SIPp has to read it to send just that: a bracket begins a keyword there."""
    return "".join(c if c in PLAIN else f"\\x{ord(c):02x}" for c in text)


def origin(*, located: bool, access: Sequence[str] = ()) -> Origin:
    """The lines of the head that point to the place and tell the access networks."""
    networks = "".join(f"P-Access-Network-Info: {literal(value)}\n" for value in access)
    return Origin(extra=(GEOLOCATION if located else "") + networks)
