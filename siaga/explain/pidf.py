"""A PIDF-LO in a file, as Asterisk would hand its location over.

Asterisk makes a line of the document (res_geolocation, pidf_to_eprofile.xslt); this makes the same
one, so that a file is judged as the body of an INVITE would be. Sources: RFC 4119, 5139, 5491.
"""

from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from routing.number import shown
from siaga.problem import Place, Problem, SettingsError
from siaga.source import Unreadable, contents

MAX_BYTES: Final = 1 << 20
"""An INVITE by UDP has 64 KiB at most; a file above this was named by mistake."""
PRESENCE: Final = "urn:ietf:params:xml:ns:pidf"
MODEL: Final = "urn:ietf:params:xml:ns:pidf:data-model"
PRIVACY: Final = "urn:ietf:params:xml:ns:pidf:geopriv10"
CIVIC: Final = "urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"
GML: Final = "http://www.opengis.net/gml"
SHAPES: Final = "http://www.opengis.net/pidflo/1.0"
LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
SYSTEMS: Final = {
    "urn:ogc:def:crs:EPSG::4326": "2d",
    "urn:ogc:def:crs:EPSG::4979": "3d",
}
RADIANS: Final = "urn:ogc:def:uom:EPSG::9101"
LENGTHS: Final = frozenset(
    {
        *("radius", "height", "semiMajorAxis", "semiMinorAxis", "verticalAxis"),
        *("innerRadius", "outerRadius"),
    }
)
ANGLES: Final = frozenset({"orientation", "startAngle", "openingAngle"})
POSITIONS: Final = frozenset({"pos", "posList"})
HOLDERS: Final = (f"{{{MODEL}}}device", f"{{{PRESENCE}}}tuple", f"{{{MODEL}}}person")
"""What can have a location, in the order in which Asterisk looks at them."""


def read(path: Path) -> str:
    """The location of a document, as in `routing.zone.Evidence`.

    Raises:
        SettingsError: The file cannot be read, is no PIDF-LO, or has no location.
    """
    try:
        data = contents(path, MAX_BYTES)
        root = ET.fromstring(data)  # noqa: S314 - the reader's own file; expat bounds its entities
    except Unreadable as error:
        raise _wrong(path, f"this file {error}") from None
    except ET.ParseError as error:
        line, col = error.position
        reason = str(error).partition(":")[0]
        raise _wrong(path, f"this is not XML: {reason}", line, col + 1) from None
    except (LookupError, ValueError) as error:
        # What it says of its encoding; the parser asks Python for those that it has not itself.
        raise _wrong(path, f"its encoding cannot be read: {shown(str(error))}") from None
    if root.tag != f"{{{PRESENCE}}}presence":
        raise _wrong(path, f"this is no PIDF-LO; expected <presence xmlns={PRESENCE!r}>")
    for holder in HOLDERS:
        for one in root.iterfind(holder):
            for info in one.iterfind(f".//{{{PRIVACY}}}geopriv/{{{PRIVACY}}}location-info"):
                return _told(path, info)
    raise _wrong(path, "no device, tuple or person in it has a location-info")


def _told(path: Path, info: ET.Element) -> str:
    civic = info.find(f"{{{CIVIC}}}civicAddress")
    if civic is not None:
        elements = [(_local(each), _text(each)) for each in civic]
        return f"civicAddress:{_pairs([('lang', civic.get(LANGUAGE, '')), *elements])}"
    for shape in info:
        space, _, name = shape.tag.removeprefix("{").partition("}")
        if space in {GML, SHAPES}:
            system = SYSTEMS.get(shape.get("srsName", ""), "unknown")
            values = [pair for each in shape.iter() for pair in _values(each)]
            return f"GML:{_pairs([('shape', name), ('crs', system), *values])}"
    raise _wrong(path, "its location-info has neither a shape nor a civicAddress")


def _values(element: ET.Element) -> list[tuple[str, str]]:
    name = _local(element)
    if name in ANGLES:
        unit = "radians" if element.get("uom") == RADIANS else "degrees"
        return [(name, f"{_text(element)} {unit}")]
    return [(name, _text(element))] if name in LENGTHS | POSITIONS else []


def _pairs(pairs: list[tuple[str, str]]) -> str:
    return ",".join(f'{name}="{value}"' for name, value in pairs)


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _wrong(path: Path, message: str, line: int = 1, col: int = 1) -> SettingsError:
    return SettingsError([Problem(*Place(str(path), line, col), message)])
