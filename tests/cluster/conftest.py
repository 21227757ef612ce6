from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.store.binaries import Binary
from tests.cluster.nodes import Cluster
from tests.servers import families, family_id, until


@pytest.fixture(scope="module", params=families()[:1], ids=family_id)
def standing(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    binary: Binary = request.param
    cluster = Cluster(binary)
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture
def cluster(standing: Cluster) -> Cluster:
    """Three primaries and three replicas, empty."""
    until(standing.is_well)
    standing.empty()
    return standing
