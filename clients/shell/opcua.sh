#!/bin/sh
# A client of opcua-session-manager for shells: POSIX sh, jq 1.6 or newer, and one of nc (with -U), ncat, socat.
#
#   opcua.sh read opc.tcp://plc1:4840 'ns=2;s=Speed'        as a program
#   . ./opcua.sh; opcua_read plc1 'ns=2;s=Speed'            as functions; each runs in a subshell and changes nothing
#
# `opcua.sh help` has the commands, README.md the rest. How it works: every command is one kept connection
# (docs/protocol.md, protocol 2) on which `hello` asks for Int64 and UInt64 as strings, because jq 1.6 computes with
# doubles; a value to write goes into the request as the text it is. Nothing secret is ever an argument of a process.

_opcua_usage() {
    cat <<'USAGE'
usage: opcua.sh COMMAND [OPTIONS] ...

  ping                                     is the daemon there
  list                                     its sessions
  open TARGET                              open a session, print its id
  close SESSION                            give it back
  read TARGET NODE...                      values, one a line
  write [--type TYPE] TARGET NODE VALUE    VALUE is JSON (42, true, [1,2], "42"), else text as it is; with a TYPE
                                           that is written as text (String, Guid, ...) 42 is text too
  browse TARGET [NODE]                     what a node refers to: node id, class, name (NODE: i=85, Objects)
  call TARGET OBJECT METHOD [TYPE VALUE]...  call a method, print its outputs, one a line
  history [--count N] TARGET NODE [FROM [TO]]
                                           what a variable was, in the last hour by default: time, value
  watch [--count N] [--interval MS] TARGET NODE...  changes as they come: node, value; `# ...` tells of losses
  query TARGET METHOD [JSON]...            any query method, its result as JSON

TARGET: opc.tcp://host:port/path, the name of a connection of the daemon's configuration, or a session's id.
--json (before TARGET) prints what the daemon said, one JSON text a line; Int64 and UInt64 are strings there.

environment: OPCUA_SOCKET_PATH (unix:///tmp/opcua-session-manager.sock), OPCUA_AUTH_TOKEN or OPCUA_AUTH_TOKEN_FILE,
             OPCUA_CONFIG (a session's config as JSON), OPCUA_TIMEOUT (30, seconds), OPCUA_NC (nc, ncat or socat)
exit code:   0 done; 1 the daemon was not reached, or said no; 2 used wrongly, nothing was done; 3 a bad status;
             4 nobody knows whether it was done: the answer did not come, or the daemon says so (outcome: unknown)
USAGE
}

# What all jq programs share. `answer(f)`: f of the answer's data; exit 1 or 4 with the daemon's error, 9 if there is no
# answer.
_opcua_jq='
def base64_of_hex:
  def digits: explode | map(if . >= 97 then . - 87 elif . >= 65 then . - 55 else . - 48 end);
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" as $letters
  | (digits) as $d
  | [range(0; $d | length; 6) as $i
     | ($d[$i:$i + 6]) as $six
     | ($six + [0, 0, 0, 0, 0, 0])[0:6] as $p
     | ([$p[0] * 4 + ($p[1] / 4 | floor), ($p[1] % 4) * 16 + $p[2], $p[3] * 4 + ($p[4] / 4 | floor),
         ($p[4] % 4) * 16 + $p[5]] | map($letters[. : . + 1])) as $four
     | if ($six | length) == 2 then $four[0:2] + ["=="]
       elif ($six | length) == 4 then $four[0:3] + ["="]
       else $four end
     | join("")]
  | join("");
def node:
  (if .nsu != null then "nsu=" + .nsu + ";" elif .ns != 0 then "ns=\(.ns);" else "" end)
  + (if .type == "string" then "s=" + .id elif .type == "guid" then "g=" + .id
     elif .type == "opaque" then "b=" + (.id | base64_of_hex) else "i=\(.id)" end);
def status: [recurse(if . >= 16 then . / 16 | floor else empty end) | . % 16 | "0123456789ABCDEF"[. : . + 1]]
  | reverse | join("") | "0x" + ("00000000" + .)[-8:];
def text: if type == "string" then . elif type == "array" or type == "object" then tojson else tostring end;
def bad: . >= 2147483648;
def fail($code): "opcua.sh: " + . + "\n" | halt_error($code);
def refused: (if .error.outcome == "unknown" then 4 else 1 end) as $code | "[" + (.error.type // "") + "] " + (.error.message // "")
  + (if .error.outcome then " (outcome: " + .error.outcome + ")" else "" end) | fail($code);
def answers: inputs | if .success == false then refused else . end | select(.id != 1);
def answer(f): [first(answers)] | if length == 0 then "" | halt_error(9) else .[0].data | f end;
'

_opcua_say() {
    printf 'opcua.sh: %s\n' "$*" >&2
}

_opcua_misused() {
    _opcua_say "$*; see opcua.sh help"
    exit 2
}

# The text as a JSON string. By standard input: arguments show in the process list.
_opcua_string() {
    printf '%s' "$1" | jq -Rs .
}

# Whether a text is one JSON value. jq takes more for JSON than the daemon does (007, +1, nan), so what is neither in
# quotes nor punctuation is looked at once more.
_opcua_is_json() {
    printf '%s' "$1" | jq -es 'length == 1' >/dev/null 2>&1 || return 1
    ! printf '%s' "$1" | tr '\r\n' '  ' | sed -e 's/\\\\//g' -e 's/\\"//g' -e 's/"[^"]*"//g' | tr ' \t,:[]{}' '\n' |
        grep -Evqx -e '|true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?'
}

# A value as JSON, on one line: what is JSON stays as it is, digit for digit, anything else is a string. $2: the type's
# number; what is written as text in JSON too is text unless it is in quotes or brackets.
_opcua_value() {
    case ${2:-null}:$1 in
        1[2-8]:[\"\[{]*) ;;
        1[2-8]:*)
            _opcua_string "$1"
            return
            ;;
    esac
    case $1 in
        [0-9.+-]*) # jq takes more for a number than JSON does
            if printf '%s' "$1" | tr '\n' x | grep -Eqx -e '-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?'; then
                printf '%s' "$1"
            else
                _opcua_string "$1"
            fi
            ;;
        *)
            if _opcua_is_json "$1"; then
                printf '%s' "$1" | tr '\r\n' '  '
            else
                _opcua_string "$1"
            fi
            ;;
    esac
}

_opcua_type() {
    case $1 in
        Boolean) echo 1 ;; SByte) echo 2 ;; Byte) echo 3 ;; Int16) echo 4 ;; UInt16) echo 5 ;; Int32) echo 6 ;;
        UInt32) echo 7 ;; Int64) echo 8 ;; UInt64) echo 9 ;; Float) echo 10 ;; Double) echo 11 ;; String) echo 12 ;;
        DateTime) echo 13 ;; Guid) echo 14 ;; ByteString) echo 15 ;; XmlElement) echo 16 ;; NodeId) echo 17 ;;
        ExpandedNodeId) echo 18 ;; StatusCode) echo 19 ;; QualifiedName) echo 20 ;; LocalizedText) echo 21 ;;
        ExtensionObject) echo 22 ;; DataValue) echo 23 ;; Variant) echo 24 ;;
        *) _opcua_misused "type: no such built-in type: $1" ;;
    esac
}

# The members that name a server: a URL with OPCUA_CONFIG, a session's id, or a connection's name.
_opcua_target() {
    case $1 in
        '') _opcua_misused 'target: missing' ;;
        opc.*://*)
            _opcua_settings=${OPCUA_CONFIG:-}
            [ -n "$_opcua_settings" ] || _opcua_settings='{}'
            printf '%s' "$_opcua_settings" | jq -es 'length == 1 and (.[0] | type) == "object"' >/dev/null 2>&1 ||
                _opcua_misused 'OPCUA_CONFIG: not a JSON object'
            printf '"endpointUrl":%s,"config":%s' "$(_opcua_string "$1")" \
                "$(printf '%s' "$_opcua_settings" | tr '\r\n' '  ')"
            ;;
        *[!0-9a-f]*) printf '"connection":%s' "$(_opcua_string "$1")" ;;
        *)
            if [ ${#1} -eq 32 ]; then
                printf '"sessionId":"%s"' "$1"
            else
                printf '"connection":"%s"' "$1"
            fi
            ;;
    esac
}

_opcua_hello() {
    if [ -n "${OPCUA_AUTH_TOKEN:-}" ]; then
        _opcua_token=$OPCUA_AUTH_TOKEN
    elif [ -n "${OPCUA_AUTH_TOKEN_FILE:-}" ]; then
        _opcua_token=$(cat -- "$OPCUA_AUTH_TOKEN_FILE") || return 1
        _opcua_token=${_opcua_token#"${_opcua_token%%[![:space:]]*}"}
        _opcua_token=${_opcua_token%"${_opcua_token##*[![:space:]]}"}
    else
        printf '%s' '{"id":1,"command":"hello","int64":"string"}'
        return
    fi
    printf '{"id":1,"command":"hello","int64":"string","authToken":%s}' "$(_opcua_string "$_opcua_token")"
}

# Becomes the program that carries bytes. $1: seconds without any after which it ends.
_opcua_carry() {
    _opcua_carrier=${OPCUA_NC:-}
    if [ -z "$_opcua_carrier" ]; then
        if command -v nc >/dev/null && nc -h 2>&1 | grep -q -e '-[A-Za-z0-9]*U'; then
            _opcua_carrier=nc
        elif command -v ncat >/dev/null; then
            _opcua_carrier=ncat
        else
            _opcua_carrier=socat
        fi
    fi
    if [ "$_opcua_carrier" = nc ] && nc -h 2>&1 | grep -qi '^ncat'; then
        _opcua_carrier=ncat
    fi
    _opcua_port=
    case $_opcua_socket in
        tcp://*)
            _opcua_host=${_opcua_socket#tcp://}
            _opcua_port=${_opcua_host##*:}
            _opcua_host=${_opcua_host%:*}
            _opcua_host=${_opcua_host#[[]}
            _opcua_host=${_opcua_host%[]]}
            ;;
        *) _opcua_host=${_opcua_socket#unix://} ;;
    esac
    case $_opcua_carrier:$_opcua_port in
        socat:) exec socat -T "$1" - "UNIX-CONNECT:$_opcua_host" ;;
        socat:*) exec socat -T "$1" - "TCP:$_opcua_host:$_opcua_port" ;;
        ncat:) exec ncat -i "${1}s" -U "$_opcua_host" ;;
        ncat:*) exec ncat -i "${1}s" "$_opcua_host" "$_opcua_port" ;;
        # -N: it ends when this shell is gone, however that came about.
        *:) exec "$_opcua_carrier" -N -w "$1" -U "$_opcua_host" ;;
        *) exec "$_opcua_carrier" -N -w "$1" "$_opcua_host" "$_opcua_port" ;;
    esac
}

_opcua_end() {
    if [ -n "${_opcua_pid:-}" ]; then
        kill "$_opcua_pid" 2>/dev/null
        wait "$_opcua_pid" 2>/dev/null
        _opcua_pid=
    fi
    [ -z "${_opcua_dir:-}" ] || rm -rf -- "$_opcua_dir"
    _opcua_dir=
}

# Sends the request and shows the answer. $1: the members of the request, as JSON without braces; $2: seconds of
# silence; $3: a jq program for all messages that come; then options of jq. Ends the shell that it runs in. With
# _opcua_changes=true the request may change something: what became of it is said, and known by the exit code.
_opcua_talk() {
    _opcua_members=$1
    _opcua_silence=$2
    _opcua_program=$3
    shift 3
    command -v jq >/dev/null || {
        _opcua_say 'jq is missing: install it'
        exit 1
    }
    _opcua_socket=${OPCUA_SOCKET_PATH:-unix:///tmp/opcua-session-manager.sock}
    case $_opcua_socket in
        /* | unix:///* | tcp://*:*) ;;
        *) _opcua_misused "OPCUA_SOCKET_PATH: got $_opcua_socket, expected unix:///path, /path or tcp://127.0.0.1:PORT" ;;
    esac
    # The daemon gives up a little earlier, and says what it knows.
    _opcua_limit=$(_opcua_limit) || exit 2
    _opcua_members="\"timeoutMs\":$((_opcua_limit * 1000 - 500)),$_opcua_members"
    _opcua_greeting=$(_opcua_hello) || exit 1
    _opcua_pid=
    _opcua_dir=$(mktemp -d "${TMPDIR:-/tmp}/opcua.XXXXXX") || exit 1
    trap _opcua_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
    mkfifo "$_opcua_dir/in" "$_opcua_dir/out" || exit 1
    (_opcua_carry "$_opcua_silence" <"$_opcua_dir/in" >"$_opcua_dir/out" 2>"$_opcua_dir/said") &
    _opcua_pid=$!
    exec 3>"$_opcua_dir/in" 4<"$_opcua_dir/out"
    (
        trap '' PIPE # nobody listens: the answer that does not come says so
        printf '%s\n{"id":2,%s}\n' "$_opcua_greeting" "$_opcua_members" >&3
    ) 2>/dev/null && _opcua_given=true || _opcua_given=false
    # In the background, because a shell that waits for one in front does not heed its traps.
    jq -n --unbuffered "$@" "$_opcua_jq$_opcua_program" <&4 4<&- 3>&- &
    wait $!
    _opcua_code=$?
    case $_opcua_code in
        0 | 1 | 3 | 4) exit "$_opcua_code" ;;
        9) ;;
        141) exit 0 ;; # whoever read the output has read enough
        *) # jq has said why
            "$_opcua_changes" && exit 4
            exit 1
            ;;
    esac
    exec 4<&-
    wait "$_opcua_pid"
    _opcua_pid=
    _opcua_reason=$(tr '\n' ' ' <"$_opcua_dir/said")
    # A carrier takes the request when it has a connection. What is still in the pipe, even its end alone, was not sent.
    exec 5<"$_opcua_dir/in" 3>&-
    if ! "$_opcua_given" || IFS= read -r _opcua_left <&5; then
        _opcua_say "No daemon is listening on $_opcua_socket (${_opcua_reason% }): start it with" \
            "\`opcua-session-manager --socket $_opcua_socket\`, or set OPCUA_SOCKET_PATH"
    else
        _opcua_code=1 _opcua_outcome=
        "$_opcua_changes" && _opcua_code=4 _opcua_outcome=' (outcome: unknown)'
        _opcua_say "The daemon on $_opcua_socket closed the connection, or said nothing for" \
            "$_opcua_silence s$_opcua_outcome"
        exit "$_opcua_code"
    fi
    exit 1
}

# Reads the options in front: --json, --type, --count, --interval. Sets _opcua_taken to how many words they are.
_opcua_options() {
    _opcua_json=false _opcua_as=null _opcua_count= _opcua_interval=500 _opcua_taken=0
    while [ $# -gt 0 ]; do
        case $1 in
            --json)
                _opcua_json=true
                shift
                _opcua_taken=$((_opcua_taken + 1))
                continue
                ;;
            --) _opcua_taken=$((_opcua_taken + 1)) && return ;;
            --type | --count | --interval)
                [ $# -ge 2 ] || _opcua_misused "$1: its value is missing"
                case $1 in
                    --type) _opcua_as=$(_opcua_type "$2") || exit 2 ;;
                    --count) _opcua_count=$(_opcua_number "$1" "$2") || exit 2 ;;
                    --interval) _opcua_interval=$(_opcua_number "$1" "$2") || exit 2 ;;
                esac
                shift 2
                _opcua_taken=$((_opcua_taken + 2))
                ;;
            -*) _opcua_misused "$1: no such option" ;;
            *) return ;;
        esac
    done
}

_opcua_number() {
    case $2 in
        '' | *[!0-9]*) _opcua_misused "$1: got $2, expected a whole number" ;;
    esac
    printf '%s' "$2"
}

# Each argument as a JSON string, in a list.
_opcua_strings() {
    jq -cn '$ARGS.positional' --args -- "$@"
}

_opcua_limit() {
    case ${OPCUA_TIMEOUT:-30} in
        0* | *[!0-9]* | ??????*) _opcua_misused "OPCUA_TIMEOUT: got $OPCUA_TIMEOUT, expected 1 to 86400 (seconds)" ;;
    esac
    printf '%s' "${OPCUA_TIMEOUT:-30}"
}

_opcua_do_ping() {
    _opcua_options "$@" && shift "$_opcua_taken"
    [ $# -eq 0 ] || _opcua_misused "ping: too many arguments"
    _opcua_talk '"command":"ping"' "$(_opcua_limit)" \
        'answer(if $json then tojson else "ok, \(.sessions // "?") sessions" end)' -r --argjson json "$_opcua_json"
}

_opcua_do_list() {
    _opcua_options "$@" && shift "$_opcua_taken"
    [ $# -eq 0 ] || _opcua_misused "list: too many arguments"
    _opcua_talk '"command":"list"' "$(_opcua_limit)" \
        'answer(if $json then tojson else .sessions[] | [.id, .state, .endpointUrl, .connection // "-"] | join("\t") end)' \
        -r --argjson json "$_opcua_json"
}

_opcua_do_open() {
    _opcua_options "$@" && shift "$_opcua_taken"
    [ $# -eq 1 ] || _opcua_misused 'open: TARGET is missing'
    _opcua_server=$(_opcua_target "$1") || exit 2
    _opcua_talk "\"command\":\"open\",$_opcua_server" "$(_opcua_limit)" \
        'answer(if $json then tojson else .sessionId end)' -r --argjson json "$_opcua_json"
}

_opcua_do_close() {
    [ $# -eq 1 ] || _opcua_misused 'close: SESSION is missing'
    _opcua_id=$(_opcua_string "$1")
    _opcua_talk "\"command\":\"close\",\"sessionId\":$_opcua_id" "$(_opcua_limit)" 'answer(empty)'
}

_opcua_do_read() {
    _opcua_options "$@" && shift "$_opcua_taken"
    [ $# -ge 2 ] || _opcua_misused 'read: TARGET and NODE are missing'
    _opcua_server=$(_opcua_target "$1") || exit 2
    shift
    _opcua_nodes=$(_opcua_strings "$@")
    _opcua_items=$(jq -cn '$ARGS.positional | map({nodeId: .})' --args -- "$@")
    # shellcheck disable=SC2016 # $json and $nodes are jq's
    _opcua_talk "\"command\":\"query\",$_opcua_server,\"method\":\"readMulti\",\"params\":[$_opcua_items]" \
        "$(_opcua_limit)" 'answer((.[] | if $json then tojson else .value | text end),
            ([range(length) as $i | .[$i].statusCode | select(bad) | $nodes[$i] + " has the status " + status]
             | if length > 0 then join("\nopcua.sh: ") | fail(3) else empty end))' \
        -r --argjson json "$_opcua_json" --argjson nodes "$_opcua_nodes"
}

_opcua_do_write() {
    _opcua_options "$@" && shift "$_opcua_taken"
    [ $# -eq 3 ] || _opcua_misused 'write: TARGET, NODE and VALUE are needed'
    _opcua_server=$(_opcua_target "$1") || exit 2
    _opcua_node=$(_opcua_string "$2")
    _opcua_written=$(_opcua_value "$3" "$_opcua_as")
    _opcua_changes=true
    _opcua_talk "\"command\":\"query\",$_opcua_server,\"method\":\"write\",\"params\":[$_opcua_node,$_opcua_written,$_opcua_as]" \
        "$(_opcua_limit)" 'answer((if $json then tojson else empty end),
            (select(bad) | "the write has the status " + status | fail(3)))' -r --argjson json "$_opcua_json"
}

_opcua_do_browse() {
    _opcua_options "$@" && shift "$_opcua_taken"
    [ $# -ge 1 ] && [ $# -le 2 ] || _opcua_misused 'browse: TARGET is missing'
    _opcua_server=$(_opcua_target "$1") || exit 2
    _opcua_node=$(_opcua_string "${2:-i=85}")
    _opcua_talk "\"command\":\"query\",$_opcua_server,\"method\":\"browseAll\",\"params\":[$_opcua_node]" \
        "$(_opcua_limit)" 'answer(.[] | if $json then tojson else
            [(.nodeId | node),
             ({"1": "Object", "2": "Variable", "4": "Method", "8": "ObjectType", "16": "VariableType",
               "32": "ReferenceType", "64": "DataType", "128": "View"}["\(.nodeClass)"] // "\(.nodeClass)"),
             (.browseName | if .ns == 0 then .name else "\(.ns):\(.name)" end)] | join("\t") end)' \
        -r --argjson json "$_opcua_json"
}

_opcua_do_call() {
    _opcua_options "$@" && shift "$_opcua_taken"
    [ $# -ge 3 ] && [ $(($# % 2)) -eq 1 ] || _opcua_misused 'call: TARGET, OBJECT, METHOD and pairs of TYPE and VALUE are needed'
    _opcua_server=$(_opcua_target "$1") || exit 2
    _opcua_object=$(_opcua_string "$2")
    _opcua_method=$(_opcua_string "$3")
    shift 3
    _opcua_inputs=
    while [ $# -gt 0 ]; do
        _opcua_as=$(_opcua_type "$1") || exit 2
        _opcua_inputs=$_opcua_inputs${_opcua_inputs:+,}"{\"type\":$_opcua_as,\"value\":$(_opcua_value "$2" "$_opcua_as")}"
        shift 2
    done
    _opcua_changes=true
    _opcua_talk "\"command\":\"query\",$_opcua_server,\"method\":\"call\",\"params\":[$_opcua_object,$_opcua_method,[$_opcua_inputs]]" \
        "$(_opcua_limit)" 'answer((if $json then tojson else .outputArguments[] | .value | text end),
            (.statusCode | select(bad) | "the call has the status " + status | fail(3)))' \
        -r --argjson json "$_opcua_json"
}

_opcua_do_history() {
    _opcua_options "$@" && shift "$_opcua_taken"
    [ $# -ge 2 ] && [ $# -le 4 ] || _opcua_misused 'history: TARGET and NODE are missing'
    _opcua_server=$(_opcua_target "$1") || exit 2
    _opcua_node=$(_opcua_string "$2")
    _opcua_to=null
    if [ -n "${3:-}" ]; then
        _opcua_from=$(_opcua_string "$3")
    else
        _opcua_from=$(jq -n 'now - 3600 | todate') _opcua_to=$(jq -n 'now + 1 | todate')
    fi
    [ -z "${4:-}" ] || _opcua_to=$(_opcua_string "$4")
    _opcua_talk "\"command\":\"query\",$_opcua_server,\"method\":\"historyReadRaw\",\"params\":[$_opcua_node,$_opcua_from,$_opcua_to,${_opcua_count:-1000}]" \
        "$(_opcua_limit)" 'answer((.[] | if $json then tojson else "\(.sourceTimestamp)\t\(.value | text)" end),
            ([.[] | select(.statusCode | bad)] | if length > 0 then "\(length) values have a bad status" | fail(3) else empty end))' \
        -r --argjson json "$_opcua_json"
}

_opcua_do_query() {
    [ $# -ge 2 ] || _opcua_misused 'query: TARGET and METHOD are missing'
    _opcua_server=$(_opcua_target "$1") || exit 2
    _opcua_method=$(_opcua_string "$2")
    case $2 in
        read | readMulti | browse | browseAll | browseRecursive | translateBrowsePaths | resolveNodeId | historyRead* | \
            getEndpoints | findServers | isConnected | getConnectionState) ;;
        *) _opcua_changes=true ;;
    esac
    shift 2
    _opcua_params=
    for _opcua_param; do
        _opcua_is_json "$_opcua_param" ||
            _opcua_misused "query: not JSON: $_opcua_param (a text is \"in quotes\")"
        _opcua_params=$_opcua_params${_opcua_params:+,}$(printf '%s' "$_opcua_param" | tr '\r\n' '  ')
    done
    _opcua_talk "\"command\":\"query\",$_opcua_server,\"method\":$_opcua_method,\"params\":[$_opcua_params]" \
        "$(_opcua_limit)" 'answer(.)' -c
}

_opcua_do_watch() {
    _opcua_options "$@" && shift "$_opcua_taken"
    [ $# -ge 2 ] || _opcua_misused 'watch: TARGET and NODE are missing'
    _opcua_server=$(_opcua_target "$1") || exit 2
    shift
    _opcua_nodes=$(_opcua_strings "$@")
    _opcua_items=$(jq -cn '[$ARGS.positional | to_entries[] | {nodeId: .value, clientHandle: .key, queueSize: 10}]' --args -- "$@")
    # Something comes every ten intervals at the latest, a keep-alive.
    _opcua_silence=$((30 + _opcua_interval * 30 / 1000))
    # shellcheck disable=SC2016 # $json, $nodes and $count are jq's
    _opcua_talk "\"command\":\"subscribe\",$_opcua_server,\"subscription\":{\"publishingInterval\":$_opcua_interval.0},\"items\":$_opcua_items" \
        "$_opcua_silence" '
        def lines: answers
          | if .event == null then
              [.data.items | range(length) as $i | .[$i].statusCode | select(bad) | "\($nodes[$i]) has the status \(status)"]
              | if length > 0 then join("\nopcua.sh: ") | fail(3) else empty end
            elif .event.type == "Notifications" then .event.notifications[]
              | if $json then {node: $nodes[.clientHandle]} + .dataValue | tojson
                else "\($nodes[.clientHandle])\t\(.dataValue.value | text)" end
            elif .event.type == "Overflow" then "# Overflow \(.event.dropped) messages were dropped"
            elif .event.type == "Gap" then "# Gap \(.event.from) \(.event.to) \(.event.reason)"
            elif .event.type == "State" then "# State \(.event.state) \(.event.reason // "")"
            elif .event.type == "End" then
              if .event.error == null then halt else {error: .event.error} | refused end
            else empty end;
        if $count == null then lines, ("" | halt_error(9)) else limit($count; lines, ("" | halt_error(9))) end' \
        -r --argjson json "$_opcua_json" --argjson nodes "$_opcua_nodes" --argjson count "${_opcua_count:-null}"
}

# As functions: a subshell each, so that nothing of the caller's is touched, its traps and options included.
opcua_ping() (set +e && _opcua_changes=false && _opcua_do_ping "$@")
opcua_list() (set +e && _opcua_changes=false && _opcua_do_list "$@")
opcua_open() (set +e && _opcua_changes=false && _opcua_do_open "$@")
opcua_close() (set +e && _opcua_changes=false && _opcua_do_close "$@")
opcua_read() (set +e && _opcua_changes=false && _opcua_do_read "$@")
opcua_write() (set +e && _opcua_changes=false && _opcua_do_write "$@")
opcua_browse() (set +e && _opcua_changes=false && _opcua_do_browse "$@")
opcua_call() (set +e && _opcua_changes=false && _opcua_do_call "$@")
opcua_history() (set +e && _opcua_changes=false && _opcua_do_history "$@")
opcua_watch() (set +e && _opcua_changes=false && _opcua_do_watch "$@")
opcua_query() (set +e && _opcua_changes=false && _opcua_do_query "$@")

# Whether this file is what runs, by whatever name, and not a script or a shell that has sourced it.
_opcua_is_run() {
    case ${ZSH_EVAL_CONTEXT:-} in
        *:file:*) return 1 ;;
    esac
    _opcua_self=$0
    [ -f "$_opcua_self" ] || _opcua_self=$(command -v -- "$_opcua_self") || return 1
    [ -r "$_opcua_self" ] || return 1
    { read -r _opcua_line && IFS= read -r _opcua_line; } <"$_opcua_self" 2>/dev/null || return 1
    [ "$_opcua_line" = '# A client of opcua-session-manager for shells: POSIX sh, jq 1.6 or newer, and one of nc (with -U), ncat, socat.' ]
}

if _opcua_is_run; then
    case ${1:-help} in
        ping | list | open | close | read | write | browse | call | history | query | watch)
            _opcua_changes=false
            _opcua_command=_opcua_do_$1
            shift
            "$_opcua_command" "$@"
            ;;
        help | -h | --help) _opcua_usage ;;
        *) _opcua_misused "$1: no such command" ;;
    esac
fi
