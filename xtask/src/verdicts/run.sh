# Runs an engine in a container of its own: no network but loopback, no file of this machine but its libraries.
# usage: unshare -rnmpf --kill-child bash run.sh ROOT BINARY LOG WORKDIR ARGUMENT…   (variables come with the environment)
# Ends with 0 once the engine is ready, with 1 once it ended, with 3 after a time in which neither happened.
set -eu
root=$1 binary=$2 log=$3 workdir=$4
shift 4
ip link set lo up
for folder in usr lib lib64 dev; do
	[ -e "/$folder" ] || continue
	mkdir -p "$root/$folder"
	mount --rbind "/$folder" "$root/$folder"
done
mkdir -p "$root/proc" "$root/tmp"
mount -t proc proc "$root/proc"
touch "$root/engine"
mount --bind "$binary" "$root/engine"
chroot "$root" /usr/bin/env -C "$workdir" /engine "$@" >"$log" 2>&1 &
engine=$!
ready() {
	exec 3<>/dev/tcp/127.0.0.1/12345 || return 1
	printf 'GET /-/ready HTTP/1.0\r\n\r\n' >&3
	head -n 1 <&3 | grep -q ' 200 '
}
for _ in $(seq 300); do
	if ! kill -0 "$engine" 2>/dev/null; then exit 1; fi
	if (ready) 2>/dev/null; then exit 0; fi
	sleep 0.1
done
exit 3
