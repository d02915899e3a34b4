"""Take out of a Word template what runs code or reaches outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from lxml import etree

#: relations to what Word would run, or load from elsewhere, by the end of their type
FOREIGN = (
    "/oleObject",
    "/vbaProject",
    "/control",
    "/attachedTemplate",
    "/subDocument",
    "/aFChunk",
    "/frame",
)
#: attributes of these names lead to a relation: r:id, r:link, r:embed, r:href
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
#: pictures stay without what they lead to; other elements go
_PICTURES = ("blip", "imagedata")


def drop_foreign(document: Document) -> list[str]:
    """Take macros, OLE objects and whatever is loaded from elsewhere out of a document; return their names.

    Links that a reader follows stay.
    """
    package = document.part.package
    dropped = list(_drop(package.rels, None))
    for part in list(package.iter_parts()):
        dropped += _drop(part.rels, part)
    return dropped


def _drop(relations: Any, part: Any) -> Iterator[str]:
    foreign = {number: relation for number, relation in relations.items() if _is_foreign(relation)}
    if foreign and part is not None:
        _drop_uses(part, set(foreign))
    for number, relation in foreign.items():
        kind = relation.reltype.rsplit("/", 1)[-1]
        target = relation.target_ref if relation.is_external else relation.target_part.partname
        yield f"{kind} {target}"
        del relations[number]


def _is_foreign(relation: Any) -> bool:
    if relation.reltype == RELATIONSHIP_TYPE.HYPERLINK:
        return False
    return bool(relation.is_external) or relation.reltype.endswith(FOREIGN)


def _drop_uses(part: Any, numbers: set[str]) -> None:
    """Take out what a part does with these relations: Word takes a number without a relation for damage."""
    root = part.element if hasattr(part, "element") else _parse(part.blob)
    if root is None:
        return
    for element in list(root.iter(etree.Element)):
        names = [
            name
            for name, value in element.attrib.items()
            if name.startswith(_RELATIONS) and value in numbers
        ]
        parent = element.getparent()
        if names and parent is not None and etree.QName(element).localname not in _PICTURES:
            parent.remove(element)
            continue
        for name in names:
            del element.attrib[name]
    if not hasattr(part, "element"):
        part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _parse(blob: bytes) -> Any:
    try:
        return etree.fromstring(blob, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:  # no XML
        return None
