#compdef opcua-session-manager
# Completion of opcua-session-manager for zsh: source <(opcua-session-manager completion zsh), after compinit
_opcua_session_manager() {
  local -a lines found
  lines=("${(@f)$(command "${(Q)words[1]}" --complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null </dev/null)}")
  found=("${(@)lines%%$'\t'*}")
  found=("${(@)found:#}")
  if (( ${#found} == 0 )); then
    _files
  elif [[ ${(Q)PREFIX} == /* ]]; then
    compadd -S '' -- "${found[@]}"
  else
    compadd -- "${found[@]}"
  fi
}
compdef _opcua_session_manager opcua-session-manager
