#!/bin/sh
# Run once by PostgreSQL's image on an empty volume: the role that owns the tables, the role that Onward connects as, and
# the database (docs/deploying.md, "The database's two roles").
set -eu
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
    --set password="$ONWARD_DATABASE_PASSWORD" --set owner_password="$ONWARD_OWNER_PASSWORD" <<'SQL'
CREATE ROLE onward LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE onward_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'password';
GRANT SET ON PARAMETER "onward.clinic" TO onward;
CREATE DATABASE onward OWNER onward;
REVOKE ALL ON DATABASE onward FROM PUBLIC;
GRANT CONNECT ON DATABASE onward TO onward_app;
SQL
psql --username "$POSTGRES_USER" --dbname onward --set ON_ERROR_STOP=1 --file /leakproof.sql
