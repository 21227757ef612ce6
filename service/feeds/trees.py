"""XML as a tree, for the formats that feedparser does not know. Only for documents that were scanned before."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree


def tree_of(body: bytes) -> etree._Element | None:
    """The root of a document in UTF-8, ill-formed parts passed over; None if there is none."""
    parser = etree.XMLParser(
        recover=True, no_network=True, resolve_entities=False, load_dtd=False, remove_comments=True, remove_pis=True,
        encoding="utf-8",
    )  # fmt: skip
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None


def local(element: etree._Element) -> str:
    """The name without namespace and prefix, in lower case; the empty string for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def children(element: etree._Element, *path: str) -> Iterator[etree._Element]:
    """The elements at a path of local names in lower case, each step one level down."""
    for child in element:
        if local(child) == path[0]:
            if len(path) == 1:
                yield child
            else:
                yield from children(child, *path[1:])


def words(element: etree._Element, *path: str) -> str:
    """The text of the first element at a path that has any, in one line; of `element` itself without a path."""
    found = children(element, *path) if path else iter((element,))
    return next(filter(None, (" ".join("".join(one.itertext()).split()) for one in found)), "")


def attribute(element: etree._Element, name: str, *path: str) -> str:
    """An attribute of the first element at a path that has it; of `element` itself without a path."""
    found = children(element, *path) if path else iter((element,))
    return next(filter(None, ((one.get(name) or "").strip() for one in found)), "")


def bare(element: etree._Element) -> etree._Element:
    """A copy in which no name has a namespace or a prefix, whatever was meant by it."""
    attributes = {name.rpartition("}")[2].rpartition(":")[2]: value for name, value in element.items()}
    copy = etree.Element(local(element), {name: value for name, value in attributes.items() if name})
    copy.text, copy.tail = element.text, element.tail
    copy.extend(bare(child) for child in element if local(child))
    return copy


def markup(element: etree._Element) -> str:
    """What is within an element, as markup with bare names."""
    inner = (etree.tostring(bare(child), encoding="unicode") for child in element if local(child))
    return (element.text or "") + "".join(inner)
