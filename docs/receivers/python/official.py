# pip install standardwebhooks
from standardwebhooks import Webhook


# `body` is the request's body in bytes, before anything parsed it. Raises if it is not to be
# believed: answer 400 to any exception, as a signature that is no base64 raises a ValueError.
def verify(secret: str, headers: dict[str, str], body: bytes) -> dict:
    return Webhook(secret).verify(body, headers)
