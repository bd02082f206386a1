#!/bin/bash
{% for option in options %}
#SBATCH {{ option }}
{% endfor %}

# {{ job.purpose }}
# Written by `hpsearch slurm`, which writes it again whenever it submits.

job={{ '"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"' if job.array is not none else '$SLURM_JOB_ID' }}
told=  # the signal that asked this job to end: USR1 before the time limit, TERM from scancel
child=

pass_on() {
  told=$1
  [ -z "$child" ] || kill "-$1" "$child" 2>/dev/null
}
trap 'pass_on USR1' USR1
trap 'pass_on TERM' TERM

# What stopped early (exit status 3) continues in this job's next start, unless it was cancelled.
leave() {
  local status=$1
  if [ -n "$told" ] && [ "$status" -gt 128 ]; then status=3; fi
  if [ "$status" = 3 ] && [ "$told" != TERM ]; then
    if [ "${SLURM_RESTART_COUNT:-0}" -lt {{ settings.restarts }} ]; then
      echo "Stopped early; job $job is requeued, after ${SLURM_RESTART_COUNT:-0} of at most {{ settings.restarts }} restarts."
      scontrol requeue "$job"
    else
      echo "Stopped early; job $job has had its {{ settings.restarts }} restarts and is not requeued."
    fi
  fi
  exit "$status"
}

# In the background, because bash hears no signal while it waits for a program in the foreground.
run() {
  local status
  [ -z "$told" ] || leave 3
  "${hpsearch[@]}" "$@" &
  child=$!
  [ -z "$told" ] || pass_on "$told"
  while :; do
    wait "$child"
    status=$?
    kill -0 "$child" 2>/dev/null || break
  done
  child=
  [ "$status" = 0 ] || leave "$status"
}

# The setup file may name another program, as hpsearch=(apptainer exec image.sif hpsearch).
hpsearch=({{ settings.program | joined }})
{% for name, value in settings.environment.items() %}
export {{ name }}={{ value | quoted }}
{% endfor %}
{% if setup %}
source {{ setup | quoted }} || exit 1
{% endif %}

{% for command in job.commands %}
run {{ command | joined }}
{% endfor %}
