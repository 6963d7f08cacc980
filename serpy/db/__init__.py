"""The `db` interface of SER, kept narrow: tables, statements, one thin driver per engine."""
