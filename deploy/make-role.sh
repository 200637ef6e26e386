#!/bin/sh
# Run once by PostgreSQL's image on an empty volume: the ordinary role that Onward connects as, and its database.
# Row-level security and triggers do not bind a superuser, so Onward never is one.
set -eu
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 --set password="$ONWARD_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE onward LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE onward OWNER onward;
REVOKE ALL ON DATABASE onward FROM PUBLIC;
SQL
