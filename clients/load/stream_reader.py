"""Reads variables that each rise by one with the Python client, and says what is missing: a reader for load tests.

    python3 stream_reader.py VARIABLES ROUND

It prints READY when all of them are monitored, and ends when each has reached the value ROUND, with one line of JSON:
changes read, changes lost, interruptions told (Overflow, Gap). The daemon and the server are in OPCUA_SOCKET_PATH and
TEST_ENDPOINT_URL.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "python"))

from opcua_session_manager import Client, Gap, Notifications, Overflow  # noqa: E402


def main(variables: int, target: int) -> None:
    items = [
        {"nodeId": "ns=2;s=Produced/%05d" % number, "clientHandle": number, "queueSize": 1000}
        for number in range(variables)
    ]
    with Client(os.environ["TEST_ENDPOINT_URL"]) as client:
        with client.subscribe(items, publishing_interval=50.0) as stream:
            if any(item.status != 0 for item in stream.items):
                raise SystemExit("not every variable is monitored")
            print("READY", flush=True)
            print(json.dumps(read(stream, variables, target)), flush=True)


def read(stream, variables: int, target: int):
    last = [None] * variables
    behind = variables
    changes = lost = interruptions = 0
    for event in stream:
        if isinstance(event, (Overflow, Gap)):
            interruptions += 1
        elif isinstance(event, Notifications):
            for handle, value in event.values():
                before = last[handle]
                last[handle] = value
                if before is not None:
                    changes += 1
                    lost += abs(value - before - 1)
                if value >= target and (before is None or before < target):
                    behind -= 1
        if behind == 0:
            break
    return {"changes": changes, "lost": lost, "interruptions": interruptions}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
