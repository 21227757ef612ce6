"""Every key that Claimwire has in Redis: type, lifetime, reason. The one page to read before looking at a server.

The braces around a story's id are part of the key's name: they put all keys of a story into one hash slot, so that
one script can change them in one step.

After `claimwire:{<story id>}:`

    state       hash    the story's lifetime        admitted, committed, sequence, token: guards every commit; buried
                                                    (numbers of late), paused (why), slowed (by whom) and renewed
                                                    (number and token where furniture was forgotten)
    articles    stream  until committed, trimmed    what workers take; the ids are `<admission number>-0`
    seen:<article id>
                hash    SEEN_TTL_S after the last sighting
                                                    absent = admit, same content = seen before, other = revision
    doc:<article id>
                hash    until committed, and then the horizon
                                                    version → text (zlib), which every offset counts in
    findings    hash    until committed             number → what a worker found, waiting for its turn
    starts      hash    until committed             number → how often reading began: the limit for poison
    claims      hash    the story's lifetime        claim id → record (JSON): the registry
    claims:log  stream  the last LOG_LENGTH commits which claims a commit changed (`<number>-0`): delta reads
    documents   hash    the story's lifetime        article id → record (JSON)
    furniture   hash    the story's lifetime        source → what its pages have in common (JSON)
    wire:<scheme>:log:<generation>
                stream  WIRE_TTL_S after the last write
                                                    which fingerprints vote for which wire story (`<number>-0`): w its
                                                    id, f 32 bits each, little-endian
    wire:<scheme>:record:<wire story id>
                string  the same                    what a candidate is verified against
    wire:opened hash    the story's lifetime        <scheme>:<generation> → wire stories opened in it
    events      stream  retention                   every event, in the story's order
    new-claims  stream  retention                   the new claims alone
    outcomes    stream  the last OUTCOMES_LENGTH    what became of each article (`<number>-0`)
    dead        stream  the last DEAD_LENGTH        articles that could not be decided, and why
    taken-down  hash    for ever                    address → why, and of the events that went sequences and places in
                                                    `events` (JSON); of one that was lifted under `lifted`, NUL and the
                                                    address
    dead:ended  hash    the last DEAD_LENGTH        number → how a dead letter ended (JSON)
    <stream>:group:<group>
                hash    until the group leaves      of a group of subscribers: how often handling an open delivery was
                                                    begun, and counters
    <stream>:group-dead:<group>
                stream  the last DEAD_LENGTH        which events the group gave up, and why
    lapsed      hash    until they have caught up   groups of subscribers for which nothing is kept → how far behind
    gaps        stream  the last GAPS_LENGTH        what was dropped that a group had not read: sequences from and to
    counts      hash    the story's lifetime        counter → value, each counted by the step that it counts;
                                                    latency:<upper bound in ms> → commits, from admission to the events

After `claimwire:`

    layout      string  for ever                    version of all this: service.store.layout
    feeds:page:<article id>
                hash    until admitted, and then SEEN_TTL_S after the last sighting
                                                    the page behind an entry, of feeds with full_text
    webhooks:<name>
                hash    for ever                    how a webhook is: failures, when it is tried next, who ended it
    webhooks:<name>:lease
                string  a few seconds               which process delivers it
    takedowns   hash    until it is done            story, action and address (NUL between) → what was asked for
    takedowns:lease
                string  some seconds                which service finishes what is open
    workers     hash    until the next worker's beat
                                                    who is alive: last beat and expiry in ms, stories
    bell        stream  the last BELL_LENGTH        which stories had an article admitted: wakes the workers

After `{claimwire:webhooks}:`, in one slot

    asked       hash    until it is removed         webhook asked for over HTTP → what was asked, secrets too (JSON)
    ended       hash    until a process that delivers has seen it
                                                    names of those removed, of which a group is left
    wishes      hash    until a process that delivers has seen it
                                                    webhook and what is to be done with it → who asked
    file        hash    until the next start        webhook of the file → what it says, without secrets (JSON)

After `{claimwire:feeds}:`, in one slot too, because closing a poll changes several of them

    feed:<name> hash    the feed's lifetime         validators and schedule, moved by compare-and-set; counters;
                                                    which replica polls it (lease, lease_from, lease_until) or did last
                                                    (replica)
    events      stream  the last FEED_EVENTS_LENGTH feeds that fell silent or came back
    counts      hash    for ever                    sequence of the last of these events
    slow        sorted set  an hour after its time  hosts that are left alone, by when that ends (s since 1970)
    listed      string  for ever                    the feeds that were last listed: names and addresses (JSON, zlib)
    subscription:<feed> hash  SUBSCRIPTION_TTL_S after its last change
                                                    what was asked of the feed's hub, and what that confirmed
    callback:<token> string   the same              the feed that a hub's callback belongs to
    replicas    hash    until the next replica's beat
                                                    services alive: name → expiry in ms, incarnation, ms said, feeds
"""

from __future__ import annotations

GROUP = "desk"
"""the consumer group of `articles`"""

SUBSCRIPTION_TTL_S = 40 * 86_400
"""longer than any lease that is believed"""
SEEN_TTL_S = 365 * 86_400
"""A feed that answers "not modified" shows no entries: their age grows while it still lists them. Hence so long."""

LOG_LENGTH = 20_000
"""a worker further behind than so many commits reads the whole registry"""

OUTCOMES_LENGTH = 100_000
DEAD_LENGTH = 10_000
FEED_EVENTS_LENGTH = 10_000
GAPS_LENGTH = 1_000
BELL_LENGTH = 4_000
"""a worker that has not listened for longer finds what waits when it next looks at all its stories"""

WIRE_GENERATION_DAYS = 7
WIRE_GENERATIONS = 3
"""generations looked at: wire copy is reprinted for up to two weeks (WIRE.md), and the current one has just begun"""

WIRE_TTL_S = (WIRE_GENERATIONS + 1) * WIRE_GENERATION_DAYS * 86_400
"""one generation longer than anybody looks"""


def _story(story: str, name: str) -> str:
    return f"claimwire:{{{story}}}:{name}"


def state(story: str) -> str:
    """Hash: admitted, committed, sequence, token."""
    return _story(story, "state")


def articles(story: str) -> str:
    """Stream of admitted articles."""
    return _story(story, "articles")


def seen(story: str, article_id: str) -> str:
    """Hash: what an article looked like when it was last admitted."""
    return _story(story, f"seen:{article_id}")


def doc(story: str, article_id: str) -> str:
    """Hash: version → compressed text."""
    return _story(story, f"doc:{article_id}")


def findings(story: str) -> str:
    """Hash: number → finding that waits for its turn."""
    return _story(story, "findings")


def starts(story: str) -> str:
    """Hash: number → how often reading it began."""
    return _story(story, "starts")


def claims(story: str) -> str:
    """Hash: claim id → record."""
    return _story(story, "claims")


def claims_log(story: str) -> str:
    """Stream: what each commit changed in `claims`."""
    return _story(story, "claims:log")


def documents(story: str) -> str:
    """Hash: article id → record."""
    return _story(story, "documents")


def furniture(story: str) -> str:
    """Hash: source → what its pages have in common."""
    return _story(story, "furniture")


def wire_generation(story: str, scheme: str, generation: int | str) -> str:
    """Stream: the fingerprints of one scheme in one generation. An index never mixes two schemes."""
    return _story(story, f"wire:{scheme}:log:{generation}")


def wire_record(story: str, scheme: str, wire_story: str) -> str:
    """String: the record."""
    return _story(story, f"wire:{scheme}:record:{wire_story}")


def wire_opened(story: str) -> str:
    """Hash: scheme and generation → wire stories opened in it."""
    return _story(story, "wire:opened")


def events(story: str) -> str:
    """Stream of all events of a story."""
    return _story(story, "events")


def new_claims(story: str) -> str:
    """Stream of the new claims alone."""
    return _story(story, "new-claims")


def outcomes(story: str) -> str:
    """Stream of the outcome of every article: number, article, version, uri, outcome, wireStory, events."""
    return _story(story, "outcomes")


def dead(story: str) -> str:
    """Stream of articles that could not be decided."""
    return _story(story, "dead")


def dead_ended(story: str) -> str:
    """Hash: number of a dead letter → how it ended."""
    return _story(story, "dead:ended")


def taken_down(story: str) -> str:
    """Hash: address of a document that was taken down → why, and what went with it."""
    return _story(story, "taken-down")


def counts(story: str) -> str:
    """Hash: counter → value."""
    return _story(story, "counts")


def lapsed(story: str) -> str:
    """Hash: stream and group → how far it was behind."""
    return _story(story, "lapsed")


def gaps(story: str) -> str:
    """Stream of what groups of subscribers have missed: stream, group, from, to."""
    return _story(story, "gaps")


def feed(name: str) -> str:
    """Hash: a feed's state and counters."""
    return f"{{claimwire:feeds}}:feed:{name}"


def slow_hosts() -> str:
    """Sorted set: host → until when it is left alone."""
    return "{claimwire:feeds}:slow"


def page(article_id: str) -> str:
    """Hash: what is kept of the page behind an article."""
    return f"claimwire:feeds:page:{article_id}"


def listed() -> str:
    """String: the feeds that were last listed."""
    return "{claimwire:feeds}:listed"


def subscription(feed: str) -> str:
    """Hash: the subscription of a feed at its hub."""
    return f"{{claimwire:feeds}}:subscription:{feed}"


def callback(token: str) -> str:
    """String: the feed whose hub calls here."""
    return f"{{claimwire:feeds}}:callback:{token}"


def feed_events() -> str:
    """Stream of the feeds' own events."""
    return "{claimwire:feeds}:events"


def feed_counts() -> str:
    """Hash: sequence of the last event of the feeds."""
    return "{claimwire:feeds}:counts"


def replicas() -> str:
    """Hash: replica → expiry, incarnation, which feeds it has."""
    return "{claimwire:feeds}:replicas"


def group_state(stream: str, group: str) -> str:
    """Hash: what is counted of a group of subscribers. `stream` is a key."""
    return f"{stream}:group:{group}"


def group_dead(stream: str, group: str) -> str:
    """Stream of the events that a group of subscribers gave up."""
    return f"{stream}:group-dead:{group}"


def webhook(name: str) -> str:
    """Hash: how a webhook is."""
    return f"claimwire:webhooks:{name}"


def webhook_lease(name: str) -> str:
    """String: which process delivers a webhook."""
    return f"claimwire:webhooks:{name}:lease"


def webhooks_asked() -> str:
    """Hash: webhook asked for over HTTP → what was asked."""
    return "{claimwire:webhooks}:asked"


def webhooks_ended() -> str:
    """Hash: webhooks that were removed, of which something is left."""
    return "{claimwire:webhooks}:ended"


def webhooks_wishes() -> str:
    """Hash: `<enable or retry> <webhook>` → who asked for that."""
    return "{claimwire:webhooks}:wishes"


def webhooks_file() -> str:
    """Hash: webhook of the file → what it says."""
    return "{claimwire:webhooks}:file"


def takedowns() -> str:
    """Hash: takedowns and lifts that are not done."""
    return "claimwire:takedowns"


def takedowns_lease() -> str:
    """String: which service finishes them."""
    return "claimwire:takedowns:lease"


def layout() -> str:
    """String: the version of the layout."""
    return "claimwire:layout"


def workers() -> str:
    """Hash: worker → last beat and expiry."""
    return "claimwire:workers"


def bell() -> str:
    """Stream: stories that had an article admitted."""
    return "claimwire:bell"
