/* LD_PRELOAD: answers pinpong 0.6.2's two ioctls on /dev/pinpong_config (the UNIHIKER kernel module's ABI). gcc -shared -fPIC -o m10_ioctl.so m10_ioctl.c -ldl
 * And those of a DHT (41.5 %, 23.25 °C) and of an ultrasonic sensor (300 cm). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <string.h>
int ioctl(int fd, unsigned long req, ...) {
	static int (*real)(int, unsigned long, ...); if (!real) real = dlsym(RTLD_NEXT, "ioctl");
	va_list ap; va_start(ap, req); void *p = va_arg(ap, void *); va_end(ap);
	if (req == 0x5201 || req == 16642 || req == 0x40044403 || req == 0x40045301) { char l[64], b[256]; snprintf(l, sizeof l, "/proc/self/fd/%d", fd); ssize_t n = readlink(l, b, 255);
		if (n > 0) { b[n] = 0; unsigned char *d = p;
			if (strstr(b, "/dht")) { d[0] = 41; d[1] = 50; d[2] = 23; d[3] = 25; return 0; }
			if (strstr(b, "/sr04")) { d[0] = 300 & 255; d[1] = 300 >> 8; return 0; }
			if (strstr(b, "pinpong_config")) { if (req == 0x5201) { d[0] = 1; d[1] = 1; } return 0; } } }
	return real(fd, req, p);
}
