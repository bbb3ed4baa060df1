#!/bin/bash
# virtual_m10.sh SHIM cmd... : a private mount namespace that looks like a UNIHIKER M10 to pinpong 0.6. Needs root. Nothing leaks to the host.
shim=$1; shift
SHIM=$shim exec unshare -m --propagation private bash -c '
set -e
U=$(mktemp -d); cp -a /sys/class/tty $U/ 2>/dev/null || true
mount -t tmpfs none /sys/class; mkdir -p /sys/class/gpio /sys/class/pwm/pwmchip2 /sys/class/tty
: > /sys/class/gpio/export; : > /sys/class/pwm/pwmchip2/export; : > /sys/class/pwm/pwmchip2/unexport
for p in 200 201 202 203 204 205 206 207 208 211 212 213 214 215 216 217 219 220 221 225 226 227 229 230 231 240 245 246 247; do mkdir /sys/class/gpio/gpio$p; echo in > /sys/class/gpio/gpio$p/direction; echo 0 > /sys/class/gpio/gpio$p/value; done
echo 1 > /sys/class/gpio/gpio219/value; echo 1 > /sys/class/gpio/gpio200/value
for c in 2 3 6 7 8 11 16 17 20 21 25 27; do mkdir /sys/class/pwm/pwmchip2/pwm$c; for f in period duty_cycle enable polarity; do echo 0 > /sys/class/pwm/pwmchip2/pwm$c/$f; done; done
mount -t tmpfs none /sys/bus; mkdir -p /sys/bus/iio/devices; for i in 2 3 4 5 6 7 8 9 10; do mkdir /sys/bus/iio/devices/iio:device$i; echo 0 > /sys/bus/iio/devices/iio:device$i/in_voltage0_raw; done
O=$(mktemp -d); mkdir -p $O/unihiker; echo 0.4.1 > $O/unihiker/Version; mkdir -p /opt; mount --bind $O /opt
D=$(mktemp -d); mount -t tmpfs none $D; cp -a /dev/null /dev/zero /dev/urandom /dev/random /dev/tty $D/; ln -s /proc/self/fd $D/fd; mkdir $D/shm $D/pts; mount --bind /dev/pts $D/pts; ln -s pts/ptmx $D/ptmx
printf "\0\0\0\0" > $D/pinpong_count; head -c 48 /dev/zero | tr "\0" "\1" > $D/pinpong_config; head -c 1500 /dev/zero > $D/icm20689; head -c 8 /dev/zero > $D/buzzer; : > $D/ws_2812; : > $D/dht; : > $D/sr04
mount --move $D /dev 2>/dev/null || mount --rbind $D /dev
LD_PRELOAD=$SHIM exec "$@"' _ "$@"
