"""Answers for what went wrong here: what it is, and what to do."""

from __future__ import annotations

import secrets

from flask import Blueprint, current_app, request
from flask.wrappers import Response

from postventa.web.shopify import words
from postventa.web.shopify.page import note


def register(blueprint: Blueprint) -> None:
    """Make these the blueprint's error pages."""
    for status in (400, 404, 405, 413):
        blueprint.register_error_handler(status, lambda _error, status=status: note(status, words.UNPROVEN))
    blueprint.register_error_handler(500, our_fault)


def our_fault(_error: Exception) -> Response:
    """The exception itself was logged before this is called; the code helps to find it."""
    code = secrets.token_hex(4)
    current_app.logger.error("Shopify page failed: %s %s code=%s", request.method, request.endpoint, code)
    return note(500, words.OUR_FAULT, inside=True, code=code)
