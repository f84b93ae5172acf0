# How the shell scripts speak; sourced by them.
say() { printf '%s\n' "$*"; }
fail() {
  printf '\n%s\n' "$*" >&2
  exit 1
}
# Runs a command silently; shows the end of what it said when it fails.
quietly() {
  local what=$1 log=var/log/install.log start=$SECONDS
  shift
  printf '  %s… ' "$what"
  mkdir -p var/log
  printf '\n## %s\n' "$*" >>"$log"
  if "$@" >>"$log" 2>&1 </dev/null; then
    printf 'listo (%s s)\n' "$((SECONDS - start))"
  else
    printf 'no se pudo\n'
    tail -n 25 "$log" >&2
    fail "Falló: $*. El registro entero está en $log."
  fi
}
