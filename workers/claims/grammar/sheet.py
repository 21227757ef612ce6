"""A parsed text in plain Python: tokens with tags, and who hangs on whom.

The readers of clauses ask every token dozens of questions. The parser's own objects answer each by a look into a table
of strings and make a new object for each step; here a token is made once and its answers are attributes. The names are
spaCy's, and mean the same.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import overload


class Token:
    """A word, a mark, or blanks."""

    __slots__ = (
        "_is_run",
        "dep_",
        "doc",
        "head",
        "i",
        "idx",
        "is_alpha",
        "is_punct",
        "is_sent_start",
        "is_space",
        "left_edge",
        "lefts",
        "lemma_",
        "like_num",
        "lower_",
        "pos_",
        "right_edge",
        "rights",
        "tag_",
        "text",
        "whitespace_",
    )

    def __init__(self, doc: Doc, i: int, idx: int, text: str, lower: str, whitespace: str) -> None:
        self.doc, self.i, self.idx = doc, i, idx
        self.text, self.lower_, self.whitespace_ = text, lower, whitespace
        self.is_alpha = self.is_space = self.is_punct = self.like_num = False
        self.is_sent_start: bool | None = None
        """before the parse: None where it may be"""
        self.tag_ = self.pos_ = self.dep_ = self.lemma_ = ""
        self.head: Token = self
        """change it by `Doc.hang`"""
        self.lefts: list[Token] = []
        self.rights: list[Token] = []
        self.left_edge: Token = self
        self.right_edge: Token = self
        self._is_run = True

    def __hash__(self) -> int:
        return self.i  # a set of tokens has the same order in every process

    def __repr__(self) -> str:
        return self.text

    @property
    def children(self) -> list[Token]:
        """What hangs on it, in the order of the text."""
        return self.lefts + self.rights

    @property
    def n_lefts(self) -> int:
        """How many children stand before it."""
        return len(self.lefts)

    @property
    def n_rights(self) -> int:
        """How many children stand behind it."""
        return len(self.rights)

    @property
    def text_with_ws(self) -> str:
        """Its text, and the blank behind it if there is one."""
        return self.text + self.whitespace_

    @property
    def subtree(self) -> list[Token]:
        """Itself and all that hangs on it and on that, each head between its children."""
        if self._is_run:
            return self.doc[self.left_edge.i : self.right_edge.i + 1]
        found: list[Token] = []
        for child in self.lefts:
            found += child.subtree
        found.append(self)
        for child in self.rights:
            found += child.subtree
        return found

    @property
    def ancestors(self) -> Iterator[Token]:
        """What it hangs on, what that hangs on, and so on up to the root."""
        token = self
        for _ in range(len(self.doc)):
            if token.head is token:
                return
            token = token.head
            yield token

    def is_ancestor(self, other: Token) -> bool:
        """Whether another token hangs on it, or on one that does."""
        return any(token is self for token in other.ancestors)

    @property
    def sent(self) -> Sent:
        """The sentence in which it stands."""
        doc, start, end = self.doc, self.i, self.i + 1
        while start > 0 and not doc[start].is_sent_start:
            start -= 1
        while end < len(doc) and not doc[end].is_sent_start:
            end += 1
        return Sent(doc, start, end)

    def settle(self) -> None:
        """Finds the edges of its subtree and of all in it, out of who is whose child."""
        order = [self]
        for token in order:
            order += token.lefts
            order += token.rights
        for token in reversed(order):
            token._settle()

    def _settle(self) -> None:
        """The same for itself alone, once its children are settled."""
        first, last, at, run = self, self, self.i, True
        for child in reversed(self.lefts):
            run = run and child._is_run and child.right_edge.i == at - 1
            at = child.left_edge.i
            first = child.left_edge if at < first.i else first
            last = child.right_edge if child.right_edge.i > last.i else last
        at = self.i
        for child in self.rights:
            run = run and child._is_run and child.left_edge.i == at + 1
            at = child.right_edge.i
            first = child.left_edge if child.left_edge.i < first.i else first
            last = child.right_edge if at > last.i else last
        self.left_edge, self.right_edge, self._is_run = first, last, run


class Sent(Sequence[Token]):
    """The tokens of a sentence."""

    def __init__(self, doc: Doc, start: int, end: int) -> None:
        self._tokens = doc[start:end]
        self.start, self.end = start, end

    @overload
    def __getitem__(self, at: int) -> Token: ...
    @overload
    def __getitem__(self, at: slice) -> list[Token]: ...
    def __getitem__(self, at: int | slice) -> Token | list[Token]:
        return self._tokens[at]

    def __len__(self) -> int:
        return len(self._tokens)

    @property
    def root(self) -> Token:
        """The first token that hangs on none, else the first that stands nearest to the root."""
        found = next((token for token in self._tokens if token.head is token), None)
        if found is not None:
            return found
        outside = [token for token in self._tokens if not self.start <= token.head.i < self.end]
        return min(outside or self._tokens[:1], key=lambda token: sum(1 for _ in token.ancestors))

    @property
    def text(self) -> str:
        """Its words as they stand."""
        return joined(self._tokens)


class Doc(Sequence[Token]):
    """A text with its tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []

    @overload
    def __getitem__(self, at: int) -> Token: ...
    @overload
    def __getitem__(self, at: slice) -> list[Token]: ...
    def __getitem__(self, at: int | slice) -> Token | list[Token]:
        return self.tokens[at]

    def __len__(self) -> int:
        return len(self.tokens)

    def __iter__(self) -> Iterator[Token]:
        return iter(self.tokens)

    def within(self, start: int, end: int) -> list[Token]:
        """The tokens of which some characters lie between two offsets; blanks between tokens belong to none."""
        first = bisect_right(self.tokens, start, key=_end)
        return self.tokens[first : bisect_left(self.tokens, end, lo=first, key=_begin)]

    @property
    def sents(self) -> Iterator[Sent]:
        """The sentences in order."""
        starts = [token.i for token in self.tokens[1:] if token.is_sent_start]
        for start, end in zip([0, *starts], [*starts, len(self.tokens)], strict=True):
            if start < end:
                yield Sent(self, start, end)

    def join(self, heads: Sequence[int]) -> None:
        """Hangs every token on the one at that place; a root on itself. Sentences begin where a root's subtree does."""
        for token, at in zip(self.tokens, heads, strict=True):
            token.head, token.lefts, token.rights = self.tokens[at], [], []
            token.is_sent_start = False
        roots = [token for token in self.tokens if token.head is token]
        for token in self.tokens:
            if token.head is not token:
                (token.head.lefts if token.i < token.head.i else token.head.rights).append(token)
        for root in roots:
            root.settle()
            root.left_edge.is_sent_start = True

    def hang(self, token: Token, head: Token) -> None:
        """Hangs a token on another, or on itself: then it is a root. Sentences are parted anew where that matters."""
        before = token.head
        if before is head:
            return
        roots = {_root(token), _root(head)}
        start, end = min(root.left_edge.i for root in roots), max(root.right_edge.i for root in roots)
        if before is not token:
            (before.lefts if token.i < before.i else before.rights).remove(token)
        token.head = head
        if head is not token:
            siblings = head.lefts if token.i < head.i else head.rights
            siblings.append(token)
            siblings.sort(key=lambda sibling: sibling.i)
        for root in sorted({_root(token), *(root for root in roots if root.head is root)}, key=lambda root: root.i):
            root.settle()
        for inside in self.tokens[start : end + 1]:
            inside.is_sent_start = False
        for inside in self.tokens[start : end + 1]:
            if inside.head is inside:
                inside.left_edge.is_sent_start = True


def _begin(token: Token) -> int:
    return token.idx


def _end(token: Token) -> int:
    return token.idx + len(token.text)


def _root(token: Token) -> Token:
    return next((above for above in token.ancestors if above.head is above), token)


def joined(tokens: Sequence[Token]) -> str:
    """The words of a run of tokens as they stand, without the blank behind the last."""
    return "".join(token.text_with_ws for token in tokens[:-1]) + tokens[-1].text if tokens else ""
