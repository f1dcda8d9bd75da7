import base64
import hashlib
import hmac
import json
import time


# `headers` by lower-case name; `body` is the request's body in bytes, before anything parsed it.
# Raises if it is not to be believed.
def verify(secret: str, headers: dict[str, str], body: bytes) -> dict:
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return check(secret, *[headers.get(name, "") for name in names], body)


# For an endpoint in `envelope` mode: everything is in the body.
def verify_envelope(secret: str, body: bytes) -> dict:
    sent = json.loads(body)
    names = ("webhook_id", "webhook_timestamp", "webhook_signature", "payload")
    *signed, payload = [str(sent.get(name, "")) for name in names]
    return check(secret, *signed, payload.encode())


def check(secret: str, id: str, timestamp: str, signature: str, payload: bytes) -> dict:
    if not (id and timestamp and signature and payload and timestamp.isdecimal()):
        raise ValueError("not a signed message")
    if abs(time.time() - int(timestamp)) > 300:
        raise ValueError("too old, or from the future")
    coded = secret.removeprefix("whsec_")
    key = secret.encode() if coded == secret else base64.b64decode(coded)
    if len(key) < 24:  # An empty one is everybody's.
        raise ValueError("no secret")
    mac = hmac.digest(key, f"{id}.{timestamp}.".encode() + payload, hashlib.sha256)
    expected = b"v1," + base64.b64encode(mac)
    if not any(hmac.compare_digest(expected, one.encode()) for one in signature.split(" ")):
        raise ValueError("not signed with this secret")
    return json.loads(payload)
