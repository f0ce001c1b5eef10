# Completion of opcua-session-manager for fish: opcua-session-manager completion fish | source
function __opcua_session_manager_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct | string unescape)
    test (count $current) -eq 1; or set current (commandline -ct | string replace -ra '[\'"\\\\]' '')
    command $words[1] --complete $words[2..-1] "$current" 2>/dev/null </dev/null
end
complete -c opcua-session-manager -f -a '(__opcua_session_manager_complete)'
