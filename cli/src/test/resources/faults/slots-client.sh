#!/usr/bin/env bash
# A script that wants one value again and again: it opens, reads and closes, each with a process and a connection of its
# own. It prints what came of it when its time is over.
#
#   slots-client.sh SOCKET URL USER SECONDS closes|stays
set -u
socket=$1 url=$2 user=$3 seconds=$4 manner=$5

ask() { printf '%s\n' "$1" | nc -U "$socket"; }
millis() { echo $(($(date +%s%N) / 1000000)); }

config='{"username":"'$user'","password":"secret","allowPlaintextPassword":true}'
served=0 budget=0 gone=0 other=0 slowest=0
end=$((SECONDS + seconds))
while [ "$SECONDS" -lt "$end" ]; do
  begun=$(millis)
  answer=$(ask '{"command":"open","endpointUrl":"'"$url"'","config":'"$config"'}')
  took=$(($(millis) - begun))
  [ "$took" -gt "$slowest" ] && slowest=$took
  case $answer in
    *'"sessionId":"'*)
      id=${answer#*'"sessionId":"'}
      id=${id%%'"'*}
      answer=$(ask '{"command":"query","sessionId":"'"$id"'","method":"read","params":["ns=2;s=Scalars/Int32"]}')
      case $answer in
        *'"statusCode":0'*) served=$((served + 1)) ;;
        # Somebody of the same user closed it in between, or it was idle and another one needed its place.
        *'"session_not_found"'*) gone=$((gone + 1)) ;;
        *) other=$((other + 1)) && echo "read: $answer" ;;
      esac
      if [ "$manner" = closes ]; then
        ask '{"command":"close","sessionId":"'"$id"'"}' >/dev/null
      else
        # It forgets to close, and does something else for a while.
        sleep 7
      fi
      ;;
    *'"session_budget"'*) budget=$((budget + 1)) ;;
    *) other=$((other + 1)) && echo "open: $answer" ;;
  esac
done
echo "served $served budget $budget gone $gone other $other slowest $slowest"
