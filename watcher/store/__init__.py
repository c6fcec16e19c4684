"""The only place that talks SQL: tables, migrations, and one module of queries per table group."""
