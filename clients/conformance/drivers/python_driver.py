#!/usr/bin/env python3
"""The Python client as the conformance kit drives it: ``python_driver.py SOCKET`` (../README.md)."""

import asyncio
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "python"))
from opcua_session_manager import AsyncClient, Client, DataChange, Notifications, OpcUaError  # noqa: E402


def failure(error):
    members = {"type": error.type, "message": error.message, "code": error.code, "outcome": error.outcome}
    return {"success": False, "error": {name: value for name, value in members.items() if value is not None}}


def command_and_members(request):
    return request["command"], {name: value for name, value in request.items() if name != "command"}


def answer(client, request):
    try:
        return {"success": True, "data": client.command(*command_and_members(request))}
    except OpcUaError as error:
        return failure(error)


async def answers(path, requests):
    """Requests at the same time: what the asyncio client is for."""

    async def one(client, request):
        try:
            return {"success": True, "data": await client.command(*command_and_members(request))}
        except OpcUaError as error:
            return failure(error)

    async with AsyncClient(socket=path) as client:
        return await asyncio.gather(*(one(client, request) for request in requests))


def item(result):
    return {"statusCode": int(result.status), "monitoredItemId": result.monitored_item_id}


def event(message):
    return {
        "type": "Notifications",
        "subscriptionId": message.subscription_id,
        "sequenceNumber": message.sequence_number,
        "epoch": message.epoch,
        "publishTime": message.publish_time,
        "notifications": [
            {"type": "DataChange", "clientHandle": n.client_handle, "dataValue": n.data_value.raw}
            if isinstance(n, DataChange)
            else {"type": "Event", "clientHandle": n.client_handle}
            for n in message
        ],
    }


def stream(path, request, wanted):
    """The lines for a stream: what was granted, notifications, perhaps its end."""
    server = Client(request.get("endpointUrl"), request.get("config"), session_id=request.get("sessionId"), socket=path)
    with server:
        try:
            reader = server.subscribe(
                request.get("items", []), request.get("events", []), subscription=request.get("subscription")
            )
        except OpcUaError as error:
            yield failure(error)
            return
        with reader:
            granted = reader.granted
            yield {
                "success": True,
                "data": {
                    "subscriptionId": granted.subscription_id,
                    "revisedPublishingInterval": granted.revised_publishing_interval,
                    "revisedLifetimeCount": granted.revised_lifetime_count,
                    "revisedMaxKeepAliveCount": granted.revised_max_keep_alive_count,
                    "items": [item(result) for result in reader.items],
                    "events": [item(result) for result in reader.events],
                },
            }
            try:
                while wanted:
                    message = next(reader, None)
                    if message is None:
                        yield {"type": "End", "error": None}
                        return
                    if isinstance(message, Notifications):
                        wanted -= 1
                        yield event(message)
            except OpcUaError as error:
                yield {"type": "End", "error": failure(error)["error"]}


def main():
    path = sys.argv[1]
    client = Client(socket=path)
    for line in sys.stdin:
        request = json.loads(line)
        if isinstance(request, list):
            try:
                lines = [asyncio.run(answers(path, request))]
            except OpcUaError as error:
                lines = [[failure(error)] * len(request)]
        elif "take" in request:
            lines = stream(path, request, request.pop("take"))
        else:
            lines = [answer(client, request)]
        try:
            for one in lines:
                print(json.dumps(one), flush=True)
        except OpcUaError as error:
            print(json.dumps(failure(error)), flush=True)
    client.close()


main()
