#!/bin/sh
# Tests of opcua.sh against a daemon and a simulator, found by OPCUA_SOCKET_PATH and TEST_ENDPOINT_URL. Prints what is
# wrong and ends with 1, else with 0.
set -u
cd "$(dirname "$0")" || exit 1
target=$TEST_ENDPOINT_URL
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
failures=0
tests=0

# What a command printed and its exit code are in $out, $err and $code.
run() {
    sh ./opcua.sh "$@" >"$folder/.out" 2>"$folder/.err" && code=0 || code=$?
    out=$(cat "$folder/.out" && printf .)
    out=${out%.}
    err=$(cat "$folder/.err")
}

check() { # what, expected, got
    tests=$((tests + 1))
    if [ "$2" != "$3" ]; then
        failures=$((failures + 1))
        printf 'FAILED %s\n  expected: %s\n  got:      %s\n  stderr:   %s\n' "$1" "$2" "$3" "$err" >&2
    fi
}

contains() { # what, part, text
    case $3 in
        *"$2"*) tests=$((tests + 1)) ;;
        *) check "$1" "... $2 ..." "$3" ;;
    esac
}

newline='
'

# Values of every type there and back: written one by one, read all at once.
set --
expected=
while IFS='|' read -r type value; do
    run write "$target" "ns=2;s=Scalars/$type" "$value"
    check "write of $type $value" 0 "$code"
    set -- "$@" "ns=2;s=Scalars/$type"
    expected=$expected$value$newline
done <<'VALUES'
Boolean|true
SByte|-128
Byte|255
UInt32|4294967295
Int64|-9223372036854775808
UInt64|18446744073709551615
Float|-Infinity
Double|0.1
DateTime|2026-05-15T10:30:00.1234567+00:00
Guid|72962b91-fa75-4ae6-8d28-b404dc7daf63
ByteString|AP8v+w==
StatusCode|2150891520
QualifiedName|{"ns":2,"name":"n"}
LocalizedText|{"locale":"de","text":"Förderband"}
NodeId|{"ns":2,"id":"a","type":"string"}
XmlElement|<a b='c'/>
String|007
VALUES
run read "$target" "$@"
check 'values' "$expected" "$out"
run write "$target" 'ns=2;s=Scalars/Int64' 9007199254740993
check 'a number beyond 2^53' 0 "$code"
run write "$target" 'ns=2;s=Scalars/Double' NaN
check 'a number that is none' 0 "$code"
run write "$target" 'ns=2;s=Scalars/String' '"42"'
check 'a text in quotes' 0 "$code"
run read "$target" 'ns=2;s=Scalars/Int64' 'ns=2;s=Scalars/Double' 'ns=2;s=Scalars/String'
check 'values that jq would spoil' "9007199254740993${newline}NaN${newline}42$newline" "$out"

# Texts that shells and JSON trip over.
for text in 'a "b" \c $d `e` '"'f' *" "two${newline}lines" 'ü 三 🚰' '' 'nan' '-nan' '1 2' '[1,' '--x'; do
    run write "$target" 'ns=2;s=Scalars/String' "$text"
    check "write of text $text" 0 "$code"
    run read "$target" 'ns=2;s=Scalars/String'
    check "text $text" "$text$newline" "$out"
done

run write "$target" 'ns=2;s=Arrays/UInt64' '[0, 9007199254740993,
  18446744073709551615]'
check 'write of an array' 0 "$code"
run read "$target" 'ns=2;s=Arrays/UInt64'
check 'an array' '["0","9007199254740993","18446744073709551615"]'"$newline" "$out"
run write --type Int64 "$target" 'ns=2;s=Scalars/Variant' 9007199254740993
run read --json "$target" 'ns=2;s=Scalars/Variant'
contains 'a type given' '"value":"9007199254740993","type":8' "$out"
run write "$target" 'ns=2;s=Structures/Mixed' '{"Color":1,"Level":20,"Alarms":0,"Temperature":1.5,"Serial":"S","Colors":[],"Permissions":{"Value":"AQI=","ValidBits":"AwI="}}'
check 'write of a structure' 0 "$code"
run read "$target" 'ns=2;s=Structures/Mixed'
contains 'a structure' '"Serial":"S"' "$out"

# Node ids of every kind, as browse prints them, are read.
run browse "$target" 'ns=2;s=Ids'
check 'browse' 0 "$code"
ids=$(printf '%s' "$out" | cut -f 1)
contains 'ids with quotes' 'ns=2;s=Ids/a b;c="d",三/{e}' "$ids"
contains 'opaque ids' 'ns=2;b=AP8v+w==' "$ids"
run read --json "$target" 'ns=2;b=AP8v+w==' 'ns=2;s=Ids/a b;c="d",三/{e}'
check 'ids of every kind' 0 "$code"
run read "$target" "ns=2;s=it's \$(no) \`node\` \"of\"${newline}ours"
check 'a node that is not there' 3 "$code"
contains 'its status' 'has the status 0x80340000' "$err"
run browse "$target"
contains 'browse of Objects' "ns=2;s=Simulator	Object	2:Simulator$newline" "$out"

run call "$target" 'ns=2;s=Methods' 'ns=2;s=Methods/Add' Double 1.5 Double 2.25
check 'call' "3.75$newline" "$out"
run call "$target" 'ns=2;s=Methods' 'ns=2;s=Methods/Echo' UInt64 18446744073709551615
check 'call with a big number' "18446744073709551615$newline" "$out"
run history --count 3 "$target" 'ns=2;s=History/Ramp' 2020-01-01T00:00:00Z 2099-01-01T00:00:00Z
check 'history' 3 "$(printf '%s' "$out" | wc -l | tr -d ' ')"
run history "$target" 'ns=2;s=History/Ramp'
check 'history of the last hour' 0 "$code"
run query "$target" readMulti '[{"nodeId":"i=2259"},{"nodeId":"i=2256","attributeId":4}]'
check 'query' '[0,"ServerStatus"]' "$(printf '%s' "$out" | jq -c '[.[0].value, .[1].value.text]')"

# What is a text by its type is one however it looks, and what jq alone takes for JSON is not.
for value in 42 true null -1.5; do
    run write --type String "$target" 'ns=2;s=Scalars/String' "$value"
    check "write of the text $value" 0 "$code"
    run read --json "$target" 'ns=2;s=Scalars/String'
    contains "the text $value" '"value":"'"$value"'","type":12' "$out"
done
run call "$target" 'ns=2;s=Methods' 'ns=2;s=Methods/Echo' String 42
check 'call with a text' "42$newline" "$out"
for value in '[007]' '[+1]' '[nan]' '{"a":01}'; do
    run write "$target" 'ns=2;s=Scalars/String' "$value"
    check "write of $value" 0 "$code"
    run read "$target" 'ns=2;s=Scalars/String'
    check "the text $value" "$value$newline" "$out"
    run query "$target" read "$value"
    check "no JSON: $value" 2 "$code"
done
run write --type String "$target" 'ns=2;s=Arrays/String' '["a \\\" [007","-1.50e3\\\\"]'
check 'an array of texts' 0 "$code"
run read "$target" 'ns=2;s=Arrays/String'
check 'the array of texts' '["a \\\" [007","-1.50e3\\\\"]'"$newline" "$out"

# By another name it is the same program, and sourced it is none.
cp opcua.sh "$folder/opcua" && ln -s "$PWD/opcua.sh" "$folder/plc.sh"
for program in opcua plc.sh; do
    check "run as $program" 2 "$(sh "$folder/$program" nix 2>/dev/null || echo $?)"
    check "found as $program" 2 "$(cd / && PATH=$folder:$PATH && sh "$program" nix 2>/dev/null || echo $?)"
done
check 'sourced' 'read ok' "$(sh -c '. ./opcua.sh && echo "$1 ok"' sh read 2>&1)"
rm "$folder/opcua" "$folder/plc.sh"

run ping
contains 'ping' 'ok, ' "$out"
run open "$target"
session=$out
check 'open' 33 "${#session}"
session=${session%"$newline"}
run read "$session" i=2259
check 'read by a session' "0$newline" "$out"
run list
contains 'list' "$session	Connected	$target" "$out"
run close "$session"
check 'close' 0 "$code"

OPCUA_CONFIG='{"sessionName": "a shell"}' run read "$target" i=2259
check 'read with a config' "0$newline" "$out"
run list --json
contains 'the config' '"sessionName":"a shell"' "$out"

run watch --count 2 --interval 100 "$target" 'ns=2;s=Dynamic/Counter'
check 'watch' '0 2' "$code $(printf '%s' "$out" | grep -c '^ns=2;s=Dynamic/Counter	[0-9]')"
run watch --count 1 "$target" 'ns=2;s=nothing'
check 'watch of a node that is not there' 3 "$code"

# Errors, each with its exit code and one line.
run write "$target" 'ns=2;s=Scalars/Byte' 300
check 'a value that does not fit' 1 "$code"
contains 'why' '[WriteTypeMismatchException] value: 300 does not fit Byte (0 to 255) (outcome: not_sent)' "$err"
run browse "$target" 'ns=2;s=nothing'
check 'a service that fails' 1 "$code"
contains 'why' '[ServiceException]' "$err"
run read nobody i=1
check 'no such connection' 1 "$code"
for wrong in 'read' 'read x' 'nix' 'write --type Nix x y z' 'watch --count x a b' 'call a b c Double' 'query x y i=1' 'read --nix a b'; do
    # shellcheck disable=SC2086 # words
    run $wrong
    check "used wrongly: $wrong" 2 "$code"
done
OPCUA_CONFIG=nonsense run read "$target" i=1
check 'a config that is none' 2 "$code"
OPCUA_SOCKET_PATH=$folder/none.sock run ping
check 'no daemon' 1 "$code"
contains 'the way out' "opcua-session-manager --socket $folder/none.sock" "$err"
check 'one line' 1 "$(printf '%s\n' "$err" | wc -l | tr -d ' ')"
for way in nc socat; do
    OPCUA_NC=$way OPCUA_SOCKET_PATH=$folder/none.sock run write "$target" i=1 1
    check "a write that was not sent, $way" 1 "$code"
    contains 'why' 'No daemon is listening' "$err"
    : | nc -lUN "$folder/fake.sock" >/dev/null & # takes the request and says nothing
    while ! [ -S "$folder/fake.sock" ]; do sleep 0.02; done
    OPCUA_TIMEOUT=1 OPCUA_NC=$way OPCUA_SOCKET_PATH=$folder/fake.sock run write "$target" i=1 1
    check "a write without an answer, $way" 4 "$code"
    contains 'its outcome' '(outcome: unknown)' "$err"
    wait
    rm -f "$folder/fake.sock"
done
OPCUA_TIMEOUT=1 run call "$target" 'ns=2;s=Methods' 'ns=2;s=Methods/Slow' UInt32 20000
check 'a call that takes too long' 4 "$code"
contains 'what the daemon says of it' '(outcome: unknown)' "$err"
OPCUA_TIMEOUT=soon run ping
check 'a time that is none' 2 "$code"
OPCUA_SOCKET_PATH=relative run ping
check 'a socket that is none' 2 "$code"

if [ -n "${OPCUA_AUTH_TOKEN:-}" ]; then
    token=$OPCUA_AUTH_TOKEN
    unset OPCUA_AUTH_TOKEN
    run ping
    check 'no token' 1 "$code"
    contains 'why' '[auth_failed]' "$err"
    OPCUA_AUTH_TOKEN=wrong run ping
    check 'a wrong token' 1 "$code"
    OPCUA_AUTH_TOKEN=$token run read "$target" i=2259
    check 'a token' "0$newline" "$out"
    printf ' %s \n\n' "$token" >"$folder/token"
    OPCUA_AUTH_TOKEN_FILE=$folder/token run read "$target" i=2259
    check 'a token of a file' "0$newline" "$out"
    OPCUA_AUTH_TOKEN_FILE=$folder/none run ping
    check 'no such file' 1 "$code"
fi

check 'nothing is left behind' '' "$(ls "$folder" | grep -v '^token$')"
if [ "$failures" -gt 0 ]; then
    echo "$failures of $tests checks failed" >&2
    exit 1
fi
echo "$tests checks"
