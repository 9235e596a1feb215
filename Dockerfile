# The builder makes a virtual environment from the lock file; the image has that environment and nothing else.
FROM python:3.11-slim AS builder

WORKDIR /build
RUN python -m venv --without-pip /opt/slipway

# What runs, each file checked against its hash. Only wheels: nothing is compiled here.
COPY requirements.txt ./
RUN pip --python /opt/slipway install --no-cache-dir --no-deps --only-binary=:all: --require-hashes \
        --requirement requirements.txt

# What the three packages are built with: its part of the other lock file, in the builder's own Python.
COPY requirements-dev.txt ./
RUN awk '/^[a-z]/ { kept = /^(hatchling|packaging|pathspec|pluggy|trove-classifiers)==/ } kept' \
        requirements-dev.txt > requirements-build.txt \
    && pip install --no-cache-dir --no-deps --only-binary=:all: --require-hashes \
        --requirement requirements-build.txt

COPY pyproject.toml README.md ./
COPY bot ./bot
COPY commands ./commands
COPY integrations ./integrations
# The stand-ins are for demos and tests. .dockerignore keeps them out already; this holds for every builder.
RUN rm -rf bot/playground \
    && pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir wheels . \
    && pip --python /opt/slipway install --no-cache-dir --no-deps --no-index wheels/*.whl


FROM python:3.11-slim AS image

LABEL org.opencontainers.image.title="Slipway" \
      org.opencontainers.image.description="A Slack bot that launches releases and hauls them back" \
      org.opencontainers.image.licenses="MIT"

RUN groupadd --gid 10001 slipway \
    && useradd --uid 10001 --gid slipway --no-log-init --create-home --home-dir /var/lib/slipway slipway
COPY --from=builder /opt/slipway /opt/slipway

ENV PATH="/opt/slipway/bin:${PATH}" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SLIPWAY_HOST=0.0.0.0 \
    SLIPWAY_PORT=3000

# The user by its number, so that Kubernetes can see that it is not root.
# The working directory holds slipway.yml (mounted) and, without DATABASE_URL, the SQLite database.
USER 10001
WORKDIR /var/lib/slipway
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"SLIPWAY_PORT\"]}/healthz', timeout=2)"]

ENTRYPOINT ["slipway"]
CMD ["serve"]
