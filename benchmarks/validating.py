"""What many would write first: FastAPI and pydantic, which validate the same batches and throw them away."""

from fastapi import FastAPI
from pydantic import BaseModel


class _Named(BaseModel):
    name: str | None = None
    version: str | None = None


class _Device(BaseModel):
    id: str | None = None
    manufacturer: str | None = None
    model: str | None = None


class _Context(BaseModel):
    ip: str | None = None
    locale: str | None = None
    app: _Named | None = None
    os: _Named | None = None
    device: _Device | None = None


class _Properties(BaseModel):
    path: str | None = None
    duration_ms: float | None = None


class Event(BaseModel):
    """As many declared fields as the example policy reads of such an event."""

    type: str
    event: str | None = None
    messageId: str | None = None  # noqa: N815 -- the vendor's name
    anonymousId: str | None = None  # noqa: N815 -- the vendor's name
    userId: str | None = None  # noqa: N815 -- the vendor's name
    properties: _Properties | None = None
    context: _Context | None = None


class Batch(BaseModel):
    """One body."""

    batch: list[Event]


app = FastAPI()


@app.post("/v1/batch")
async def batch(_body: Batch) -> dict[str, bool]:
    """It was valid."""
    return {"success": True}


@app.post("/v1/track")
async def track(_body: Event) -> dict[str, bool]:
    """It was valid."""
    return {"success": True}
