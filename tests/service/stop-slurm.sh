#!/usr/bin/env bash
# Ends what start-slurm.sh began in DIR.
dir=${1:?usage: stop-slurm.sh DIR}
for file in slurmd slurmctld slurmdbd db/my; do
    [ -s "$dir/$file.pid" ] && kill "$(cat "$dir/$file.pid")"
done
exit 0
