/* virtual_uno: an ATmega328P (Arduino Uno) running a real .hex in simavr.
 * UART0 <-> pty (path printed, optional symlink), pins observed/driven on a TCP line protocol.
 *   build: gcc -O2 -Wall virtual_uno.c -o virtual_uno -lsimavr -lelf -lutil -lpthread -lm   (apt: libsimavr-dev libelf-dev gcc)
 *   run:   ./virtual_uno firmware.hex --link /dev/ttyUSB99      (prints the TCP port that it took)
 * ctl lines (one per line, reply one line):
 *   d N          -> "d N ddr out"     direction (1=output) and port register bit of digital pin N
 *   i N 0|1      -> drive an external level on digital pin N
 *   a CH MV      -> put MV millivolts on ADC channel CH
 *   p N          -> "p N high_us period_us edges"  last measured pulse on pin N (edges counted in sim time)
 *   r ADDRHEX    -> "r ADDR VAL"      read one data-space register (e.g. OCR1A low 0x88)
 *   t            -> "t cycles sim_ms"
 *   q            -> quit
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>
#include <errno.h>
#include <pty.h>
#include <poll.h>
#include <time.h>
#include <termios.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_hex.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/avr_adc.h>

#define HZ 16000000ULL
static avr_t *avr;
static int mfd = -1;
static struct { int level; uint64_t rise, fall, prev_rise; double high_us, period_us; unsigned long edges; } pin[20];
static unsigned adc_mv[8];
static uint8_t rxq[4096]; static unsigned rxh, rxt; static int xon = 1;
static unsigned long rx_bytes, tx_bytes;

static void port_of(int n, char *port, int *bit) {
	if (n < 8) { *port = 'D'; *bit = n; } else if (n < 14) { *port = 'B'; *bit = n - 8; } else { *port = 'C'; *bit = n - 14; }
}
static void on_pin(avr_irq_t *irq, uint32_t value, void *p) {
	int n = (int)(long)p; value = !!value;
	if ((int)value == pin[n].level) return;
	pin[n].level = value; pin[n].edges++;
	uint64_t c = avr->cycle;
	if (value) { if (pin[n].rise) pin[n].period_us = (c - pin[n].rise) / 16.0; pin[n].rise = c; }
	else if (pin[n].rise) { pin[n].fall = c; pin[n].high_us = (c - pin[n].rise) / 16.0; }
}
static void on_adc(avr_irq_t *irq, uint32_t value, void *p) {
	union { avr_adc_mux_t m; uint32_t v; } u = { .v = value };
	if (u.m.kind == ADC_MUX_SINGLE && u.m.src < 8)
		avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0 + u.m.src), adc_mv[u.m.src]);
}
static void on_uart_out(avr_irq_t *irq, uint32_t value, void *p) {
	uint8_t b = value; tx_bytes++;
	if (write(mfd, &b, 1) < 0) { /* nobody listens */ }
}
static void flush_rx(void) {
	while (xon && rxh != rxt) {
		avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT), rxq[rxt]);
		rxt = (rxt + 1) % sizeof rxq; rx_bytes++;
	}
}
static void on_xon(avr_irq_t *irq, uint32_t v, void *p) { xon = 1; flush_rx(); }
static void on_xoff(avr_irq_t *irq, uint32_t v, void *p) { xon = 0; }
/* simavr 1.6 never raises a compare match for OCRnx==0, but DFRobot's firmware runs its soft PWM from TIMER1_COMPB
 * with OCR1B=0 in CTC mode (= once per OCR1A period). Mirror OCR1A into OCR1B while OCIE1B is on: same period, 1 tick early. */
static struct { avr_io_write_t c; void *param; } hooked[2], ocr1b_w; static const uint8_t hook_at[2] = { 0x88, 0x81 }; /* OCR1AL TCCR1B */
static void t1_hook(avr_t *a, avr_io_addr_t addr, uint8_t v, void *param) {
	int i = (int)(long)param; hooked[i].c(a, addr, v, hooked[i].param);
	if (a->data[0x6f] & 4) { a->data[0x8b] = a->data[0x89]; ocr1b_w.c(a, 0x8a, a->data[0x88], ocr1b_w.param); }
}
static void nolog(avr_t *a, const int l, const char *f, va_list v) { if (l <= 1) vfprintf(stderr, f, v); }

static void command(int fd, char *line, int *quit) {
	char out[128] = "?\n"; int n, v; unsigned x; char port; int bit;
	if (sscanf(line, "d %d", &n) == 1 && n >= 0 && n < 20) {
		avr_ioport_state_t st; port_of(n, &port, &bit);
		avr_ioctl(avr, AVR_IOCTL_IOPORT_GETSTATE(port), &st);
		snprintf(out, sizeof out, "d %d %d %d\n", n, (st.ddr >> bit) & 1, (st.port >> bit) & 1);
	} else if (sscanf(line, "i %d %d", &n, &v) == 2 && n >= 0 && n < 20) {
		port_of(n, &port, &bit);
		avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port), bit), v);
		snprintf(out, sizeof out, "ok\n");
	} else if (sscanf(line, "a %d %d", &n, &v) == 2 && n >= 0 && n < 8) {
		adc_mv[n] = v; snprintf(out, sizeof out, "ok\n");
	} else if (sscanf(line, "p %d", &n) == 1 && n >= 0 && n < 20) {
		snprintf(out, sizeof out, "p %d %.2f %.2f %lu\n", n, pin[n].high_us, pin[n].period_us, pin[n].edges);
	} else if (sscanf(line, "r %x", &x) == 1 && x < avr->ramend) {
		snprintf(out, sizeof out, "r %x %u\n", x, avr->data[x]);
	} else if (line[0] == 't') {
		snprintf(out, sizeof out, "t %llu %.1f rx=%lu tx=%lu\n", (unsigned long long)avr->cycle, avr->cycle / 16000.0, rx_bytes, tx_bytes);
	} else if (line[0] == 'q') { *quit = 1; snprintf(out, sizeof out, "bye\n"); }
	if (write(fd, out, strlen(out)) < 0) {}
}
int main(int argc, char **argv) {
	const char *fw = NULL, *link = NULL;
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--link")) link = argv[++i];
		else fw = argv[i];
	}
	if (!fw) { fprintf(stderr, "usage: virtual_uno fw.hex [--link PATH] [--ctl PORT]\n"); return 2; }
	avr_global_logger_set(nolog);
	avr = avr_make_mcu_by_name("atmega328p"); if (!avr) return 3;
	avr_init(avr); avr->frequency = HZ; avr->avcc = avr->aref = avr->vcc = 5000;
	uint32_t size, base; uint8_t *bin = read_ihex_file(fw, &size, &base);
	if (!bin) { fprintf(stderr, "cannot read %s\n", fw); return 4; }
	avr_loadcode(avr, bin, size, base); avr->pc = base; avr->codeend = avr->flashend; free(bin);
	uint32_t fl = 0; avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &fl);
	fl &= ~(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP); avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &fl);
	for (long n = 0; n < 20; n++) { char p; int b; port_of(n, &p, &b); avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(p), b), on_pin, (void *)n); }
	avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_OUT_TRIGGER), on_adc, NULL);
	avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_uart_out, NULL);
	avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), on_xon, NULL);
	avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), on_xoff, NULL);
	ocr1b_w.c = avr->io[AVR_DATA_TO_IO(0x8a)].w.c; ocr1b_w.param = avr->io[AVR_DATA_TO_IO(0x8a)].w.param;
	for (long i = 0; i < 2; i++) { typeof(&avr->io[0].w) w = &avr->io[AVR_DATA_TO_IO(hook_at[i])].w; hooked[i].c = w->c; hooked[i].param = w->param;
		if (w->c) { w->c = t1_hook; w->param = (void *)i; } else fprintf(stderr, "no handler at %x\n", hook_at[i]); }
	int sfd; char name[64]; struct termios tio; memset(&tio, 0, sizeof tio); cfmakeraw(&tio);
	if (openpty(&mfd, &sfd, name, &tio, NULL) < 0) { perror("openpty"); return 5; }
	fcntl(mfd, F_SETFL, O_NONBLOCK);
	if (link) { unlink(link); if (symlink(name, link) < 0) { perror("symlink"); return 6; } }
	int lfd = -1, cfd = -1; char lb[256]; unsigned ln = 0;
	lfd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }; socklen_t al = sizeof a;
	if (bind(lfd, (void *)&a, sizeof a) || listen(lfd, 1) || getsockname(lfd, (void *)&a, &al)) { perror("ctl"); return 7; }
	printf("%d\n", ntohs(a.sin_port)); fflush(stdout);
	struct timespec t0, t; clock_gettime(CLOCK_MONOTONIC, &t0); int quit = 0;
	while (!quit) {
		uint64_t target = avr->cycle + HZ / 1000;              /* run 1 ms of simulated time */
		while (avr->cycle < target) { int s = avr_run(avr); if (s == cpu_Done || s == cpu_Crashed) { fprintf(stderr, "cpu state %d\n", s); return 8; } }
		uint8_t buf[256]; ssize_t r;
		for (;;) { size_t room = (rxt - rxh - 1 + sizeof rxq) % sizeof rxq; if (!room) break; if (room > sizeof buf) room = sizeof buf;
			if ((r = read(mfd, buf, room)) <= 0) break;
			for (ssize_t i = 0; i < r; i++) { rxq[rxh] = buf[i]; rxh = (rxh + 1) % sizeof rxq; } }
		flush_rx();
		if (lfd >= 0) {
			int c = accept(lfd, NULL, NULL); if (c >= 0) { if (cfd >= 0) close(cfd); cfd = c; fcntl(cfd, F_SETFL, O_NONBLOCK); ln = 0; }
			if (cfd >= 0) { r = read(cfd, lb + ln, sizeof lb - 1 - ln);
				if (r == 0) { close(cfd); cfd = -1; }
				else if (r > 0) { ln += r; lb[ln] = 0; char *nl; while ((nl = strchr(lb, '\n'))) { *nl = 0; command(cfd, lb, &quit); ln -= nl + 1 - lb; memmove(lb, nl + 1, ln + 1); } }
			}
		}
		clock_gettime(CLOCK_MONOTONIC, &t);                     /* throttle to real time */
		int64_t wall_us = (t.tv_sec - t0.tv_sec) * 1000000LL + (t.tv_nsec - t0.tv_nsec) / 1000, sim_us = avr->cycle / 16;
		if (sim_us > wall_us + 500) usleep(sim_us - wall_us);
	}
	if (link) unlink(link);
	return 0;
}
