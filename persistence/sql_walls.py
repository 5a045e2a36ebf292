"""What stands around queries of SQL in the embedded database beside their role's missing rights.

Any role may call functions that change settings, take on other roles, run texts as statements or hold locks. The guard
lets no query call them; here PostgreSQL does not either. Only an administrator can take that right away, and only the
embedded database has one at hand: for others the guide names the statements.
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

# Whoever runs the server needs some of them; to name the roles takes the right from everybody else.
_WALLS = """
DO $$ DECLARE found regprocedure; BEGIN
    PERFORM pg_advisory_xact_lock(7311240915);
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'goalarc_sql') THEN
        CREATE ROLE goalarc_sql NOLOGIN NOSUPERUSER NOBYPASSRLS;
        EXECUTE 'GRANT goalarc_sql TO goalarc_app'
            || CASE WHEN current_setting('server_version_num')::int < 160000
               THEN '' ELSE ' WITH INHERIT FALSE, SET TRUE' END;
    END IF;
    IF NOT has_parameter_privilege('goalarc_app', 'temp_file_limit', 'SET') THEN
        BEGIN
            GRANT SET ON PARAMETER temp_file_limit TO goalarc_app;
        EXCEPTION WHEN unique_violation THEN NULL; -- granted just now, from another database: locks do not reach there
        END;
    END IF;
    FOR found IN SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
        AND (proname ~ '^(set_config|pg_notify|pg_sleep|lo_|lo(read|write)|pg_(try_)?advisory_|ts_stat|ts_rewrite)'
            OR proname ~ '^(query|table|schema|database|cursor)_to_xml' OR proname = 'pg_export_snapshot')
        AND has_function_privilege('goalarc_sql', oid, 'EXECUTE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', found);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO goalarc_app, goalarc_owner', found);
    END LOOP;
END $$
"""


async def put_up(admin_url: str) -> None:
    """Makes the role that SQL runs under where there is none, and takes from all but the server's own roles what no
    query needs. Does nothing where that has been done."""
    engine = create_async_engine(admin_url, poolclass=sa.pool.NullPool)
    async with engine.begin() as connection:
        await connection.exec_driver_sql(_WALLS)
