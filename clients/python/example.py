"""What the client can do, on the nodes of the simulator: start both programs, then this one.

opcua-session-manager &
opcua-session-manager simulate &
python3 example.py [opc.tcp://127.0.0.1:4840/simulator]
"""

import asyncio
import datetime
import sys

from opcua_session_manager import AsyncClient, BuiltinType, Client, Notifications, OpcUaError, Variant

URL = sys.argv[1] if len(sys.argv) > 1 else "opc.tcp://127.0.0.1:4840/simulator"


def blocking() -> None:
    with Client(URL) as plc:
        print("session", "reused" if plc.was_session_reused else "opened")

        value = plc.read("ns=2;s=Scalars/Int32").require_good()
        print("Int32 is", value.value, "of", value.source_timestamp)

        plc.write("ns=2;s=Scalars/UInt64", 2**64 - 1).require_good()
        print("UInt64 is", plc.read("ns=2;s=Scalars/UInt64").value)

        for reference in plc.browse_all("ns=2;s=Simulator")[:3]:
            print("below the simulator:", reference.node_id, reference.display_name)

        print("1.5 + 2.25 is", plc.call("ns=2;s=Methods", "ns=2;s=Methods/Add", [1.5, 2.25]).outputs[0])
        echo = plc.call("ns=2;s=Methods", "ns=2;s=Methods/Echo", [Variant(BuiltinType.INT64, 2**53 + 1)])
        print("Echo says", echo.outputs[0])

        now = datetime.datetime.now(datetime.timezone.utc)
        past = plc.history_read_raw("ns=2;s=History/Ramp", now - datetime.timedelta(days=1), now, count=2)
        print("History has", [value.value for value in past])

        try:
            plc.write("ns=2;s=Scalars/Byte", 256)
        except OpcUaError as error:
            print(error.type, "-", error, "-", error.outcome)

        with plc.subscribe(["ns=2;s=Dynamic/Counter"], publishing_interval=200) as stream:
            for count, change in enumerate(stream.changes(), 1):
                print("change", count, "of", change.node)
                if count == 2:
                    break


async def asynchronous() -> None:
    async with AsyncClient(URL) as plc:
        names = ["Boolean", "Double", "String"]
        values = await asyncio.gather(*(plc.read("ns=2;s=Scalars/" + name) for name in names))
        print("at once:", dict(zip(names, (value.value for value in values))))

        async with await plc.subscribe(["ns=2;s=Dynamic/Sine"], publishing_interval=200) as stream:
            async for event in stream:
                if isinstance(event, Notifications):
                    print("message", event.sequence_number, "brought", len(event))
                    break


try:
    blocking()
    asyncio.run(asynchronous())
except KeyboardInterrupt:
    sys.exit(130)
except OpcUaError as error:
    sys.exit("example.py: %s" % error)
