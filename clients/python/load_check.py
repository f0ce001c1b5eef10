"""Counts the changes that reach a reader of the simulator's Produced variables. The test that runs this makes them.

Prints SUBSCRIBED when it listens, and when nothing more comes one line of JSON: how many changes came, how many are
missing between two values of the same variable, how many events told of losses, and the processor's time of this process.
The environment says how many variables (TEST_VARIABLES) and which client (TEST_CLIENT: blocking or asyncio).
"""

import asyncio
import json
import os
import time

from opcua_session_manager import AsyncClient, Client, Gap, Notifications, Overflow

URL = os.environ["TEST_ENDPOINT_URL"]
VARIABLES = int(os.environ.get("TEST_VARIABLES", "500"))
NODES = ["ns=2;s=Produced/%05d" % number for number in range(VARIABLES)]
ITEMS = [{"nodeId": node, "samplingInterval": 0.0, "queueSize": 1000} for node in NODES]
QUIET_SECONDS = 1.0


class Count:
    """Each variable rises by one, so a value that is missing shows."""

    def __init__(self):
        self.last = [None] * VARIABLES
        self.changes = self.lost = self.interruptions = 0
        self.first = self.began = self.ended = None

    def take(self, event):
        if isinstance(event, Notifications):
            last = self.last
            for handle, value in event.values():
                before = last[handle]
                if before is None:
                    self.first = value
                elif value != before + 1:
                    self.lost += value - before - 1
                last[handle] = value
            self.changes += len(event)
            self.ended = time.monotonic()
            self.began = self.began or self.ended
        elif isinstance(event, (Overflow, Gap)):
            self.interruptions += 1

    def is_complete(self, value):
        return self.first is not None and value > self.first and all(last == value for last in self.last)

    def show(self):
        print(
            json.dumps(
                {
                    "changes": self.changes,
                    "lost": self.lost,
                    "interruptions": self.interruptions,
                    "seconds": round(self.ended - self.began, 3),
                    "cpuSeconds": round(time.process_time(), 3),
                }
            ),
            flush=True,
        )


def blocking():
    count, before = Count(), 0
    with Client(URL) as client, client.subscribe(ITEMS, publishing_interval=50) as stream:
        assert all(item.status.is_good for item in stream.items)
        print("SUBSCRIBED", flush=True)
        while True:
            event = stream.next(QUIET_SECONDS)
            count.take(event)
            if isinstance(event, Notifications):
                continue
            now = client.read(NODES[0]).value
            if now == before and count.is_complete(now):
                return count
            before = now


async def asynchronous():
    count, before = Count(), 0
    async with AsyncClient(URL) as client:
        async with await client.subscribe(ITEMS, publishing_interval=50) as stream:
            print("SUBSCRIBED", flush=True)
            while True:
                event = await stream.next(QUIET_SECONDS)
                count.take(event)
                if isinstance(event, Notifications):
                    continue
                now = (await client.read(NODES[0])).value
                if now == before and count.is_complete(now):
                    return count
                before = now


if __name__ == "__main__":
    (asyncio.run(asynchronous()) if os.environ.get("TEST_CLIENT") == "asyncio" else blocking()).show()
