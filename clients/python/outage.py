"""What both clients tell of a daemon that is killed under them and comes back. The test that runs this kills it.

Prints STREAMING when everything is under way, GONE when all of it has failed as it should, BACK when it goes on.
"""

import asyncio
import os
import threading
import time

import opcua_session_manager as ua
from opcua_session_manager import AsyncClient, BuiltinType, Client, Variant

URL = os.environ["TEST_ENDPOINT_URL"]
NODE = "ns=2;s=Dynamic/Counter"
SLOW = ("ns=2;s=Methods", "ns=2;s=Methods/Slow", [Variant(BuiltinType.UINT32, 4000)])


def expect(kind, use):
    try:
        use()
    except kind as failure:
        return failure
    raise AssertionError("%s was expected" % kind.__name__)


def slow_call(client, failures):
    failures.append(expect(ua.ConnectionLost, lambda: client.call(*SLOW)))


async def run():
    client, asynchronous = Client(URL).connect(), await AsyncClient(URL).connect()
    failures = []
    caller = threading.Thread(target=slow_call, args=(client, failures))
    with client.subscribe([NODE], publishing_interval=50) as stream:
        async with await asynchronous.subscribe([NODE], publishing_interval=50) as other:
            assert isinstance(stream.next(10), ua.Notifications)
            assert isinstance(await other.next(10), ua.Notifications)
            caller.start()
            task = asyncio.ensure_future(asynchronous.call(*SLOW))
            await asynchronous.ping()
            client.ping()
            print("STREAMING", flush=True)

            expect(ua.ConnectionLost, lambda: [None for event in stream])
            try:
                async for event in other:
                    pass
                raise AssertionError("the stream should have failed")
            except ua.ConnectionLost:
                pass
            try:
                await task
                raise AssertionError("the call should have failed")
            except ua.ConnectionLost as failure:
                failures.append(failure)
    caller.join(20)
    assert [failure.outcome for failure in failures] == ["unknown", "unknown"], failures
    expect(ua.DaemonNotRunning, lambda: client.read(NODE))
    expect(ua.DaemonNotRunning, lambda: client.write("ns=2;s=Scalars/Int32", 1))
    print("GONE", flush=True)

    end = time.monotonic() + 50
    while True:
        try:
            client.ping()
            break
        except ua.DaemonNotRunning:
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
    client.read(NODE).require_good()
    assert client.write("ns=2;s=Scalars/Int32", 1) == 0
    (await asynchronous.read(NODE)).require_good()
    await asynchronous.close()
    client.close()
    print("BACK", flush=True)


asyncio.run(run())
