#!/usr/bin/env bash
# A SLURM of one node with accounting, on loopback, as root, without systemd: what the tests of
# hydra/launcher=submitit_slurm run on. Debian: slurm-wlm slurmdbd munge mariadb-server.
# Accounting matters: without it a killed job leaves its launcher waiting for ever.
set -euo pipefail
dir=${1:?usage: start-slurm.sh DIR}
host=$(hostname -s)
rm -rf "$dir" && mkdir -p "$dir"/{state,spool,log,db}
memory=$(($(awk '/MemTotal/ {print $2}' /proc/meminfo) / 1024 - 512))

chown mysql:mysql "$dir/db" && chmod 755 "$dir" "$dir/log"
mariadb-install-db --no-defaults --user=mysql --datadir="$dir/db" \
    --auth-root-authentication-method=socket >"$dir/log/install.log" 2>&1
mariadbd --no-defaults --user=mysql --datadir="$dir/db" --socket="$dir/db/my.sock" \
    --skip-networking --pid-file="$dir/db/my.pid" >"$dir/log/mariadb.log" 2>&1 &
for _ in $(seq 60); do
    mariadb-admin --no-defaults -uroot -S "$dir/db/my.sock" ping >/dev/null 2>&1 && break
    sleep 0.5
done
mariadb --no-defaults -uroot -S "$dir/db/my.sock" -e "
    CREATE DATABASE slurm_acct_db;
    CREATE USER slurm@localhost IDENTIFIED BY 'local';
    GRANT ALL ON slurm_acct_db.* TO slurm@localhost"

install -m 600 /dev/null "$dir/slurmdbd.conf"
cat >"$dir/slurmdbd.conf" <<EOF
AuthType=auth/munge
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=26819
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=slurm
StoragePass=local
StorageLoc=slurm_acct_db
LogFile=$dir/log/slurmdbd.log
PidFile=$dir/slurmdbd.pid
CommunicationParameters=NoInAddrAny
EOF
cat >"$dir/slurm.conf" <<EOF
ClusterName=local
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/linux
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=26819
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$memory State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
EOF
export SLURM_CONF=$dir/slurm.conf
install -d -o munge -g munge -m 0755 /run/munge
install -d -o munge -g munge -m 0700 /var/log/munge /var/lib/munge
munge -n >/dev/null 2>&1 || runuser -u munge -- /usr/sbin/munged --pid-file /run/munge/munged.pid
(cd "$dir" && MYSQL_UNIX_PORT="$dir/db/my.sock" slurmdbd)
for _ in $(seq 60); do
    sacctmgr -i -n list cluster >/dev/null 2>&1 && break
    sleep 0.5
done
sacctmgr -i add cluster local >/dev/null || true
slurmctld -c && slurmd -c
for _ in $(seq 60); do
    sinfo -h -o %T 2>/dev/null | grep -q idle && break
    sleep 0.5
done
sinfo
