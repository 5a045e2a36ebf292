#!/bin/sh
# Runs once, when the database is made: an ordinary owner for the tables and the role that serves requests.
set -eu
psql --username "$POSTGRES_USER" --set ON_ERROR_STOP=1 --set password="$GOALARC_PASSWORD" <<'SQL'
CREATE ROLE goalarc_app NOLOGIN;
CREATE ROLE goalarc_sql NOLOGIN;
CREATE ROLE goalarc LOGIN PASSWORD :'password' IN ROLE goalarc_app, goalarc_sql;
CREATE DATABASE goalarc OWNER goalarc;
\connect goalarc
REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO goalarc, goalarc_app;
SQL
