# Completion of opcua-session-manager for bash: source <(opcua-session-manager completion bash)
_opcua_session_manager() {
  # The words up to the cursor without their quotes: bash's own are cut at : and = too, and keep the quotes. Of the last
  # one, readline replaces what is behind the last of COMP_WORDBREAKS that is not quoted, or behind the quote that is
  # open; the rest, kept, stays as it is.
  local line=${COMP_LINE:0:COMP_POINT} word='' kept='' outer='' quote='' character='' begun=0 i
  local -a words=()
  for ((i = 0; i < ${#line}; i++)); do
    character=${line:i:1}
    if [[ -n $quote && $character == "$quote" ]]; then
      quote=''
      kept=$outer
    elif [[ $quote == "'" ]]; then
      word+=$character
    elif [[ $character == \\ ]]; then
      i=$((i + 1))
      word+=${line:i:1}
      begun=1
    elif [[ -n $quote ]]; then
      word+=$character
    elif [[ $character == "'" || $character == '"' ]]; then
      quote=$character
      outer=$kept
      kept=$word
      begun=1
    elif [[ $character == [[:space:]] ]]; then
      if ((begun)); then
        words+=("$word")
      fi
      word=''
      kept=''
      begun=0
    else
      word+=$character
      begun=1
      if [[ $character == [:=] && $COMP_WORDBREAKS == *"$character"* ]]; then
        kept=$word
      fi
    fi
  done

  # What is inserted behind an open quote is inserted as it is. Names are a server's: none is offered there that would
  # close the quote or that the shell would run.
  local special=''
  case $quote in
    "'") special="'" ;;
    '"') special='\"$`!' ;;
  esac
  COMPREPLY=()
  local candidate
  while IFS=$'\t' read -r candidate _; do
    candidate=${candidate#"$kept"}
    if [[ -z $quote ]]; then
      printf -v candidate '%q' "$candidate"
    elif [[ $candidate == *["$special"]* ]]; then
      continue
    fi
    COMPREPLY+=("$candidate")
  done < <(command "${words[0]}" --complete "${words[@]:1}" "$word" 2>/dev/null </dev/null)
  # A path goes on.
  if [[ $word == /* && ${#COMPREPLY[@]} -gt 0 ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -o default -F _opcua_session_manager opcua-session-manager
