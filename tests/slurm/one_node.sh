#!/usr/bin/env bash
# A real Slurm of one node for the tests, apart from any other on this machine.
#   one_node.sh start FOLDER PORT   FOLDER (in no private directory) gets its files; PORT and the next are used
#   one_node.sh stop FOLDER
# Then `export SLURM_CONF=FOLDER/slurm.conf`. Needs root, and the Debian packages slurm-wlm and munge.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

configure() {  # folder port
  # 16 processors and 2 GPUs are claimed whatever the machine has, so that tasks do not wait.
  # What is requeued waits until its credential has expired (cred_expire), two minutes by default.
  cat >"$1/slurm.conf" <<CONF
ClusterName=tests
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$2
SlurmdPort=$(($2 + 1))
AuthType=auth/munge
AuthInfo=socket=$1/munge.socket,cred_expire=10
SlurmUser=root
SlurmctldPidFile=$1/slurmctld.pid
SlurmdPidFile=$1/slurmd.pid
SlurmctldLogFile=$1/slurmctld.log
SlurmdLogFile=$1/slurmd.log
StateSaveLocation=$1/state
SlurmdSpoolDir=$1/spool
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=5,bf_interval=5
SlurmdParameters=config_overrides
GresTypes=gpu
JobCompType=jobcomp/none
ReturnToService=2
MinJobAge=600
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=16 RealMemory=16000 Gres=gpu:2 State=UNKNOWN
PartitionName=tests Nodes=$(hostname -s) Default=YES MaxTime=INFINITE State=UP
CONF
  echo "Name=gpu File=/dev/null,/dev/zero" >"$1/gres.conf"
}

start() {  # folder port
  mkdir -p "$1/state" "$1/spool"
  chmod 755 "$1"
  (umask 077; head -c 1024 /dev/urandom >"$1/munge.key")
  configure "$1" "$2"
  munged --key-file="$1/munge.key" --socket="$1/munge.socket" --pid-file="$1/munged.pid" \
    --log-file="$1/munged.log" --seed-file="$1/munged.seed"
  export SLURM_CONF=$1/slurm.conf
  slurmctld
  slurmd
  for _ in $(seq 60); do
    if sinfo --noheader --format=%T 2>/dev/null | grep -q idle; then return; fi
    sleep 0.5
  done
  echo "The node did not become idle:" >&2
  tail -n 5 "$1/slurmctld.log" "$1/slurmd.log" >&2
  stop "$1"
  exit 1
}

stop() {  # folder
  for name in slurmd slurmctld munged; do
    [ -f "$1/$name.pid" ] || continue
    pid=$(cat "$1/$name.pid")
    kill "$pid" 2>/dev/null || continue
    for _ in $(seq 100); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  done
}

case "${1:-}" in
  start) start "$2" "$3" ;;
  stop) stop "$2" ;;
  *) sed -n 2,5p "$0"; exit 2 ;;
esac
