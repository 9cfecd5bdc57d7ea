// SPDX-License-Identifier: GPL-2.0
/*
 * Traffic through a network card; the content of a frame depends on its number:
 *
 *	frames ask INTERFACE COUNT	sends COUNT frames, waits for the answer to each
 *	frames answer INTERFACE		answers them until it is killed
 *
 * A frame is 1500 bytes: addresses, the EtherType for local experiments, its number, and bytes that follow
 * from the number. The answer has each of these bytes inverted. cases.py checks all of them on the wire.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ETHERTYPE	0x88b5
#define LENGTH		1500
/* The link comes up seconds after the interface; a frame without an answer is sent again */
#define TRIES		40
#define QUESTION	0x00
#define ANSWER		0xff

struct frame {
	uint8_t to[6], from[6];
	uint16_t type;
	uint16_t number[2];	/* high half first */
	uint8_t data[LENGTH - 18];
};

_Static_assert(sizeof(struct frame) == LENGTH, "no padding");

static void fill(struct frame *f, uint32_t number, uint8_t invert)
{
	memset(f->to, 0xff, sizeof(f->to));
	memset(f->from, invert ? 0x0a : 0x02, sizeof(f->from));
	f->type = htons(ETHERTYPE);
	f->number[0] = htons(number >> 16);
	f->number[1] = htons(number);
	for (unsigned int i = 0; i < sizeof(f->data); i++)
		f->data[i] = (uint8_t)(number * 7 + i * 13) ^ invert;
}

static bool is_frame(const struct frame *got, uint32_t number, uint8_t invert)
{
	struct frame want;

	fill(&want, number, invert);
	return !memcmp(got, &want, sizeof(want));
}

static int open_interface(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE),
	};
	const struct timeval timeout = { .tv_usec = 250000 };
	struct ifreq request = {};
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETHERTYPE));

	if (fd < 0)
		return -1;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFINDEX, &request))
		goto err;
	address.sll_ifindex = request.ifr_ifindex;
	if (ioctl(fd, SIOCGIFFLAGS, &request))
		goto err;
	request.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)))
		goto err;
	return fd;

err:
	close(fd);
	return -1;
}

static bool ask(int fd, uint32_t number)
{
	struct frame f, got;

	fill(&f, number, QUESTION);
	for (int i = 0; i < TRIES; i++) {
		if (send(fd, &f, sizeof(f), 0) != sizeof(f))
			usleep(250000);
		while (recv(fd, &got, sizeof(got), 0) == sizeof(got))
			if (is_frame(&got, number, ANSWER))
				return true;
	}
	return false;
}

static void answer(int fd)
{
	struct frame f;

	for (;;) {
		uint32_t number;

		if (recv(fd, &f, sizeof(f), 0) != sizeof(f))
			continue;
		number = (uint32_t)ntohs(f.number[0]) << 16 | ntohs(f.number[1]);
		if (!is_frame(&f, number, QUESTION))
			continue;
		fill(&f, number, ANSWER);
		send(fd, &f, sizeof(f), 0);
	}
}

int main(int argc, char **argv)
{
	bool asks = argc == 4 && !strcmp(argv[1], "ask");
	int fd;

	if (!asks && (argc != 3 || strcmp(argv[1], "answer"))) {
		fprintf(stderr, "usage: frames ask INTERFACE COUNT | frames answer INTERFACE\n");
		return 2;
	}
	fd = open_interface(argv[2]);
	if (fd < 0) {
		fprintf(stderr, "frames: %s: %s\n", argv[2], strerror(errno));
		return 1;
	}
	if (!asks)
		answer(fd);
	for (uint32_t i = 0; i < strtoul(argv[3], NULL, 10); i++)
		if (!ask(fd, i)) {
			fprintf(stderr, "frames: no answer to number %u\n", i);
			return 1;
		}
	return 0;
}
