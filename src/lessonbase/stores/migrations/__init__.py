"""Steps from an older schema to the newest one; Alembic is imported only when a base is behind."""

from pathlib import Path

from sqlalchemy import Engine, delete, insert

from lessonbase.stores.schema import META, SCHEMA


def upgrade(engine: Engine, found: str) -> None:
    """Bring a base from schema *found* (empty: no tables) to the newest, in one transaction."""
    from alembic.command import stamp
    from alembic.command import upgrade as alembic_upgrade
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.begin() as db:
        config.attributes["connection"] = db
        if found:
            stamp(config, found)
        alembic_upgrade(config, "head")
        db.execute(delete(META).where(META.c.name == "schema"))
        db.execute(insert(META), {"name": "schema", "value": SCHEMA})
