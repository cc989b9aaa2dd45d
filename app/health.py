"""Whether the process lives, whether it can serve, and its figures; on every host, for machines."""

import ipaddress
from functools import cache

from flask import Blueprint, Response, abort, jsonify, make_response, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from app import database, migration
from app.config import settings
from app.database import EVERYWHERE, named, read
from app.extensions import limiter

blueprint = Blueprint("health", __name__)
limiter.exempt(blueprint)

_REVISION = named("SELECT version_num FROM alembic_version", everywhere=True)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 as long as the process answers at all; touches nothing."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when requests can be served: the database answers and has the schema of this version.

    Else 503, naming the part that fails, with Retry-After.
    """
    failing = _failing()
    response = jsonify(status="failing" if failing else "ok", failing=failing)
    if failing:
        response.status_code = 503
        response.headers["Retry-After"] = "2"
    return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """The figures in Prometheus' text format, for callers on a private network only; else 404."""
    if not _is_private_caller():
        abort(404)
    response = make_response(generate_latest())
    response.content_type = CONTENT_TYPE_LATEST
    return response


def _failing() -> str | None:
    try:
        with read(EVERYWHERE) as session:
            database.ping(session)
    except SQLAlchemyError:
        return "database"
    return None if _has_schema() else "migrations"


def _has_schema() -> bool:
    """A revision that is not known here is newer: old and new versions run side by side."""
    try:
        with read(EVERYWHERE) as session:
            revision = session.execute(_REVISION).scalar()
    except SQLAlchemyError:
        return False
    return revision is not None and revision not in _outdated_revisions()


@cache
def _outdated_revisions() -> frozenset[str]:
    return migration.known() - {migration.newest()}


def _is_private_caller() -> bool:
    """By the peer's address. Through a proxy that is not configured every peer looks private, so
    forwarded requests count only with TRUSTED_PROXIES, which puts the real address there."""
    forwarded = {"X-Forwarded-For", "Forwarded"} & set(request.headers.keys())
    if forwarded and not settings().trusted_proxies:
        return False
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return address.is_private or address.is_loopback
