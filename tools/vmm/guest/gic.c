// SPDX-License-Identifier: GPL-2.0
/*
 * As much of a GICv3 driver as it takes to receive an edge on vCPU 0.
 */
#include "guest.h"

#define GICD_CTLR		0x0000
#define   GICD_CTLR_GRP1	(1 << 1)
#define   GICD_CTLR_ARE		(1 << 4)
#define GICD_IGROUPR		0x0080
#define GICD_ISENABLER		0x0100
#define GICD_ISPENDR		0x0200
#define GICD_IPRIORITYR		0x0400
#define GICD_ICFGR		0x0c00
#define GICD_IROUTER		0x6000

#define GICR_WAKER		0x0014
#define   GICR_WAKER_SLEEP	(1 << 1)
#define   GICR_WAKER_ASLEEP	(1 << 2)

#define SPI_FIRST		32
#define SPECIAL_FIRST		1020

static volatile unsigned int taken[SPECIAL_FIRST];

static void set_bits(unsigned int reg, u32 bits)
{
	u64 address = VMM_GIC_DIST + reg;

	write32(address, read32(address) | bits);
}

void gic_init(void)
{
	u64 waker = VMM_GIC_REDIST + GICR_WAKER;

	write32(VMM_GIC_DIST + GICD_CTLR, GICD_CTLR_GRP1 | GICD_CTLR_ARE);
	write32(waker, read32(waker) & ~GICR_WAKER_SLEEP);
	while (read32(waker) & GICR_WAKER_ASLEEP)
		;
	sysreg_write(s3_0_c12_c12_5, 7);	/* ICC_SRE_EL1 */
	sysreg_write(s3_0_c4_c6_0, 0xff);	/* ICC_PMR_EL1 */
	sysreg_write(s3_0_c12_c12_7, 1);	/* ICC_IGRPEN1_EL1 */
	asm volatile("msr daifclr, #2");
}

void gic_enable_edge(unsigned int spi)
{
	unsigned int id = SPI_FIRST + spi;

	set_bits(GICD_IGROUPR + id / 32 * 4, 1U << id % 32);
	set_bits(GICD_ICFGR + id / 16 * 4, 2U << 2 * (id % 16));
	write64(VMM_GIC_DIST + GICD_IROUTER + 8 * id, 0);
	set_bits(GICD_ISENABLER + id / 32 * 4, 1U << id % 32);
}

bool gic_pending(unsigned int spi)
{
	unsigned int id = SPI_FIRST + spi;

	return read32(VMM_GIC_DIST + GICD_ISPENDR + id / 32 * 4) >> id % 32 & 1;
}

unsigned int gic_taken(unsigned int spi)
{
	return taken[SPI_FIRST + spi];
}

/* From the vector of interrupts */
void gic_interrupt(void)
{
	u64 id = sysreg_read(s3_0_c12_c12_0);	/* ICC_IAR1_EL1 */

	if (id >= SPECIAL_FIRST)
		return;
	taken[id]++;
	sysreg_write(s3_0_c12_c12_1, id);	/* ICC_EOIR1_EL1 */
}
