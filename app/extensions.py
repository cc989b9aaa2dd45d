"""The Flask extensions, made here and bound to an application in `create_app`."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

db = SQLAlchemy(metadata=metadata)
csrf = CSRFProtect()


def _network_of_caller() -> str:
    from app.limits import network  # noqa: PLC0415 - limits stand on the database, it on us.

    return network(get_remote_address())


limiter = Limiter(_network_of_caller)
