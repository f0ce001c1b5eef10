# Completion of opcua-session-manager for bash: source <(opcua-session-manager completion bash)
_opcua_session_manager() {
  # The words up to the cursor without their quotes: bash's own are cut at : and = too, and keep the quotes.
  local line=${COMP_LINE:0:COMP_POINT} word='' quote='' character='' begun=0 i
  local -a words=()
  for ((i = 0; i < ${#line}; i++)); do
    character=${line:i:1}
    if [[ $quote == "'" || $quote == '"' ]] && [[ $character == "$quote" ]]; then
      quote=''
    elif [[ $quote == "'" ]]; then
      word+=$character
    elif [[ $character == \\ ]]; then
      i=$((i + 1))
      word+=${line:i:1}
      begun=1
    elif [[ $quote == '"' ]]; then
      word+=$character
    elif [[ $character == "'" || $character == '"' ]]; then
      quote=$character
      begun=1
    elif [[ $character == [[:space:]] ]]; then
      if ((begun)); then
        words+=("$word")
      fi
      word=''
      begun=0
    else
      word+=$character
      begun=1
    fi
  done

  # What readline replaces is the part behind the last of COMP_WORDBREAKS that is not quoted; the rest stays as it is.
  local kept=''
  if [[ -z $quote ]]; then
    local raw=${line##*[[:space:]]} part
    part=${raw##*[:=]}
    if [[ $part != "$raw" && $COMP_WORDBREAKS == *[:=]* ]]; then
      part=${part//\\/}
      kept=${word:0:${#word}-${#part}}
    fi
  fi

  COMPREPLY=()
  local candidate
  while IFS=$'\t' read -r candidate _; do
    candidate=${candidate#"$kept"}
    if [[ -z $quote ]]; then
      printf -v candidate '%q' "$candidate"
    fi
    COMPREPLY+=("$candidate")
  done < <(command "${words[0]}" --complete "${words[@]:1}" "$word" 2>/dev/null </dev/null)
  # A path goes on.
  if [[ $word == /* && ${#COMPREPLY[@]} -gt 0 ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -o default -F _opcua_session_manager opcua-session-manager
