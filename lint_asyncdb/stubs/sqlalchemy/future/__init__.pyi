from sqlalchemy.engine.base import Connection as Connection, Engine as Engine
from sqlalchemy.engine.create import create_engine as create_engine
from sqlalchemy.sql.expression import select as select
