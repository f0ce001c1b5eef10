#!/bin/sh
# What opcua.sh can do, on the nodes of the simulator: start both programs, then this one.
#
#   opcua-session-manager &
#   opcua-session-manager simulate &
#   sh example.sh [opc.tcp://127.0.0.1:4840/simulator]
set -eu
. "$(dirname "$0")/opcua.sh"
plc=${1:-opc.tcp://127.0.0.1:4840/simulator}

speed=$(opcua_read "$plc" 'ns=2;s=Scalars/Int32')
echo "Int32 is $speed"

opcua_write "$plc" 'ns=2;s=Scalars/UInt64' 18446744073709551615
echo "UInt64 is $(opcua_read "$plc" 'ns=2;s=Scalars/UInt64')"

if opcua_write "$plc" 'ns=2;s=Scalars/Byte' 256; then
    echo 'This does not happen'
else
    echo "The write was refused with exit code $?"
fi

echo "1.5 + 2.25 is $(opcua_call "$plc" 'ns=2;s=Methods' 'ns=2;s=Methods/Add' Double 1.5 Double 2.25)"

opcua_watch --count 2 --interval 200 "$plc" 'ns=2;s=Dynamic/Counter' | while IFS='	' read -r node value; do
    echo "$node is now $value"
done
