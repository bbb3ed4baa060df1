#!/bin/busybox sh
# The first program in the machine: a camera (the kernel's vivid), the host's files (changes stay here), and a shell on the serial line.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
stty -echo
for module in $(cat /modules/order); do
  options=
  [ "$module" = vivid.ko ] && options="n_devs=1 node_types=0x1 num_inputs=1 input_types=0"
  insmod "/modules/$module" $options
done
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose host /host
mount -t tmpfs none /changes
mkdir /changes/files /changes/work
mount -t overlay -o lowerdir=/host,upperdir=/changes/files,workdir=/changes/work none /root
mount -t proc proc /root/proc
mount -t sysfs sys /root/sys
mount -t devtmpfs dev /root/dev
echo "the machine is up"
PS1= chroot /root /usr/bin/env HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin sh
poweroff -f
