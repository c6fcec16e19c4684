# Builds the wheel, installs it into /opt/venv, and carries only that over. `watcher run` is what starts.
FROM python:3.12-slim AS build

WORKDIR /src
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY config config
COPY carriers carriers
COPY watcher watcher
RUN python -m venv /opt/venv \
    && pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
    && /opt/venv/bin/pip install --no-cache-dir /wheels/*.whl

FROM python:3.12-slim

RUN groupadd --gid 10001 watcher \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin watcher \
    && install --directory --owner=10001 --group=10001 /data
COPY --from=build /opt/venv /opt/venv

# the root may be read-only: everything is written to /data and /tmp
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WATCHER_DATA_FOLDER=/data \
    WATCHER_WEB_HOST=0.0.0.0

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('WATCHER_WEB_PORT', '8080') + '/healthz', timeout=4)"]
ENTRYPOINT ["watcher"]
CMD ["run"]
