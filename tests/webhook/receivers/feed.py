# Feeds deliveries to an example: a JSON array in, a JSON array of sequences (or null) out.
import importlib
import json
import sys

receiver = importlib.import_module(sys.argv[1])


def outcome(delivery):
    secret, body = delivery["secret"], delivery["body"].encode()
    try:
        if delivery["headers"] is None:
            event = receiver.verify_envelope(secret, body)
        else:
            event = receiver.verify(secret, delivery["headers"], body)
        return event["data"]["sequence"]
    except (NameError, TypeError):
        raise
    except Exception:
        return None


print(json.dumps([outcome(delivery) for delivery in json.load(sys.stdin)]))
