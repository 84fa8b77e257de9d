"""Settings for explanations: Kota Metro, with a neighbour whose callers are hung up on."""

import shutil
from pathlib import Path

from ruamel.yaml import YAML

from tests.live.centre import DISMISSED, PESAWARAN
from tests.siaga.folder import KOTA_METRO


def example(folder: Path) -> Path:
    """The shipped settings; who dials `DISMISSED` on trunk telkom is hung up on."""
    shutil.copytree(KOTA_METRO, folder)
    yaml = YAML()
    zones = yaml.load(folder / "zones.yaml")
    zones["trunks"]["telkom"]["dids"][DISMISSED] = {"zone": "outside", "neighbour": "pesawaran"}
    zones["neighbours"]["pesawaran"] = {
        "name": "Kabupaten Pesawaran",
        "policy": "announce",
        "hang_up": True,
        "boundary": "pesawaran.geojson",
    }
    (folder / "pesawaran.geojson").write_text(PESAWARAN)
    yaml.dump(zones, folder / "zones.yaml")
    return folder
