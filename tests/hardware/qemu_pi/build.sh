#!/usr/bin/env bash
# build.sh FOLDER REQUIREMENT...: what a Raspberry Pi 3B in QEMU starts from, made of Debian's own packages for arm64 (nothing of
# them is run here) and of PyPI's wheels for that processor. Needs root, the network, and the programs that raspberry_pi.py names.
# Leaves kernel, pi3.dtb, initrd (with the modules) and card.img in the folder. Ends with 69 when a download fails.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1 && shift
mkdir -p "$folder" && cd "$folder"

# 1. Debian and a kernel; and a 32-bit Python, since a 64-bit kernel runs a 32-bit Raspberry Pi OS too
mirror=http://deb.debian.org/debian
debootstrap --foreign --arch=arm64 --variant=minbase --include=python3,busybox-static,linux-image-arm64 bookworm root $mirror || exit 69
debootstrap --foreign --arch=armhf --variant=minbase --include=python3 bookworm narrow $mirror || exit 69
unpack() { dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"; }
for package in root/var/cache/apt/archives/*.deb; do
  case $package in
    */linux-image-[0-9]*) dpkg-deb -x "$package" linux ;;
    *) unpack "$package" root ;;
  esac
done
rm -rf root/proc root/debootstrap root/var/cache/apt root/usr/share/{doc,locale,man}
mkdir -p root/proc root/srv/armhf
ln -s usr/lib root/srv/armhf/lib
mkdir -p root/srv/armhf/usr/lib
for package in narrow/var/cache/apt/archives/{libc6,libgcc-s1,zlib1g,libexpat1,{,lib}python3.11{,-minimal,-stdlib}}_*.deb; do
  [ ! -e "$package" ] || unpack "$package" root/srv/armhf
done

# 2. the virtual environment that a user would make; its wheels fit any Debian of that age
platforms=(--platform manylinux2014_aarch64)
for minor in {17..36}; do platforms+=(--platform "manylinux_2_${minor}_aarch64"); done
venv=root/opt/xmaker
mkdir -p $venv/bin $venv/lib/python3.11/site-packages
ln -s /usr/bin/python3 $venv/bin/python3
printf 'home = /usr/bin\ninclude-system-site-packages = true\nversion = 3.11.2\n' >$venv/pyvenv.cfg
"${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --target $venv/lib/python3.11/site-packages \
  --python-version 3.11 --only-binary=:all: "${platforms[@]}" "$@" || exit 69
printf '#!/bin/sh\nexec /opt/xmaker/bin/python3 -m xmaker "$@"\n' >root/usr/bin/xmaker
chmod +x root/usr/bin/xmaker
# Compiled here, if this is the same Python: there it takes a minute.
if "${PYTHON:-python3}" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
  "${PYTHON:-python3}" -m compileall -q -s root -p / root/usr/lib/python3.11
fi

# 3. the memory card
mkfs.ext4 -q -O ^has_journal -d root card.img 1G

# 4. the kernel, its modules, and the board's description as the Pi's firmware would complete it: with its revision, by which gpiozero
# knows the board, and without Bluetooth on the serial port that is our console
version=$(ls linux/lib/modules)
cp "linux/boot/vmlinuz-$version" kernel
cp "linux/usr/lib/linux-image-$version/broadcom/bcm2837-rpi-3-b.dtb" pi3.dtb
fdtput -c pi3.dtb /system
fdtput -t x pi3.dtb /system linux,revision 0xa02082
fdtput -r pi3.dtb /soc/serial@7e201000/bluetooth
depmod -b linux "$version"
mkdir -p early/bin early/modules
cp root/bin/busybox early/bin/
cp "$here/init" early/
for module in bcm2835 ext4 vivid; do modprobe -d linux -S "$version" --show-depends $module; done |
  awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
  while read -r file; do
    cp "$file" early/modules/
    basename "$file" >>early/modules/order
  done
(cd early && find . | cpio --quiet -o -H newc) >initrd

rm -rf root narrow linux early
