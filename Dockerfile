# Production. `make run` needs none of this. Build: docker build -t onward .
ARG PYTHON=3.13-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
WORKDIR /app
COPY requirements/bootstrap.txt requirements/base.txt requirements/
RUN python -m venv /opt/uv \
 && /opt/uv/bin/pip install --require-hashes -r requirements/bootstrap.txt \
 && python -m venv --without-pip /opt/venv \
 && /opt/uv/bin/uv pip install --python /opt/venv/bin/python --require-hashes -r requirements/base.txt
COPY . .
# collectstatic asks no server and keeps no secret: any settings that production accepts will do, for this line only.
RUN DJANGO_SETTINGS_MODULE=config.settings.production SECRET_KEY="$(/opt/venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    AUDIT_KEY="$(/opt/venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(64))')" AUDIT_HEADS_DIR=/tmp \
    FIELD_KEYS="$(/opt/venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    ALLOWED_HOSTS=build.invalid DATABASE_URL=postgres://build@127.0.0.1/build REDIS_URL=redis://127.0.0.1/0 \
    EMAIL_URL=smtp://127.0.0.1:25 DEFAULT_FROM_EMAIL=build@build.invalid REMINDER_REPLY_TO=build@build.invalid \
    /opt/venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
 && /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash .

FROM python:${PYTHON} AS onward
RUN groupadd --gid 10001 onward \
 && useradd --uid 10001 --gid onward --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin onward \
 && install -d -o onward -g onward -m 0700 /state /audit
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=config.settings.production
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["python", "config/probe.py", "web"]
CMD ["gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]

# For backups alone (docker build --target backup): the same with PostgreSQL's own client programs, of the version of the
# server in docker-compose.yml. pg_dump refuses a server that is newer than itself; Debian has 15, PostgreSQL's archive 18.
FROM onward AS backup
ARG POSTGRES=18
USER root
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates postgresql-common \
 && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
 && apt-get install -y --no-install-recommends "postgresql-client-${POSTGRES}" \
 && rm -rf /var/lib/apt/lists/*
USER 10001:10001
HEALTHCHECK NONE
CMD ["python", "manage.py", "backup"]

# What `docker build` makes without a target.
FROM onward
