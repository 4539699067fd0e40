"""The code lists that come with the server: Genericode files in `server/codelisten/`."""

from importlib.resources import files

from server.domain.codeliste import Codeliste
from server.xmlio.genericode import read_codeliste

SUFFIX = ".gc.xml"


def read_shipped_codelisten() -> tuple[Codeliste, ...]:
    """All of them, by the names of their files."""
    folder = files("server") / "codelisten"
    found = sorted(
        (item for item in folder.iterdir() if item.name.endswith(SUFFIX)),
        key=lambda item: item.name,
    )
    return tuple(read_codeliste(item.read_bytes()) for item in found)
