# Two stages on one base: what builds stays behind. The lock's hashes decide what comes in.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
RUN python -m venv /opt/claimwire
COPY requirements.lock .
RUN /opt/claimwire/bin/pip install --quiet --require-hashes --no-deps --no-compile -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY service service
COPY workers workers
RUN /opt/claimwire/bin/pip install --quiet --no-build-isolation --no-deps --no-compile . \
    # What only installs: of no use in an image that nothing is installed into.
    && rm -rf /opt/claimwire/lib/python3*/site-packages/pip /opt/claimwire/lib/python3*/site-packages/pip-* \
              /opt/claimwire/lib/python3*/site-packages/setuptools /opt/claimwire/lib/python3*/site-packages/setuptools-* \
    # The packages' own test suites.
    && find /opt/claimwire -type d \( -name tests -o -name test \) -prune -exec rm -rf {} + \
    # Compiled ahead: what the command line and a healthcheck load, every few seconds, on a read-only root.
    && cd /opt/claimwire/lib/python3*/site-packages \
    && /opt/claimwire/bin/python -m compileall -q service workers redis typer rich structlog pydantic pydantic_settings

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin claimwire
COPY --from=build /opt/claimwire /opt/claimwire
COPY seeds /app/seeds
COPY deploy/planted.toml /app/deploy/planted.toml
WORKDIR /app
USER claimwire
ENV PATH=/opt/claimwire/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp \
    CLAIMWIRE_HTTP_HOST=0.0.0.0 CLAIMWIRE_DATA_DIR=/tmp/claimwire
STOPSIGNAL SIGTERM
ENTRYPOINT ["claimwire"]
CMD ["--help"]
