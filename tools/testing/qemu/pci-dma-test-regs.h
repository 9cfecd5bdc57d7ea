/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers of the DMA test device, and the counters window behind it
 *
 * Shared with the programs inside the emulated machine, so it has plain
 * numbers only. Nothing here exists in hardware: the device is a tool for
 * tests, and BAR 2 shows the counters of the CMDQ-V model.
 */

#ifndef PCI_DMA_TEST_REGS_H
#define PCI_DMA_TEST_REGS_H

#define PCI_DMA_TEST_VENDOR_ID      0x1234
#define PCI_DMA_TEST_DEVICE_ID      0x1d4a

#define PCI_DMA_TEST_BAR_REGS       0
#define PCI_DMA_TEST_BAR_COUNTERS   2
#define PCI_DMA_TEST_BAR_MSIX       4
#define PCI_DMA_TEST_BAR_SIZE       0x10000     /* BAR 0 and BAR 2 */

/*
 * BAR 0. A register has 8 bytes; an access of 4 bytes at its address reaches
 * the low half.
 */
#define DMA_TEST_ID                 0x00        /* RO */
#define   DMA_TEST_ID_VALUE         0x444d4154ull
#define DMA_TEST_ADDR               0x08        /* DMA address */
#define DMA_TEST_DATA               0x10        /* to write, or just read */
#define DMA_TEST_COMMAND            0x18        /* WO: acts at once */
#define   DMA_TEST_READ             1           /* memory to DATA */
#define   DMA_TEST_WRITE            2           /* DATA to memory */
#define   DMA_TEST_SWAP             3           /* exchange DATA and memory */
#define   DMA_TEST_ATC_FILL         4           /* translate ADDR, keep it */
#define   DMA_TEST_ATC_READ         5           /* like READ, by the ATC */
#define   DMA_TEST_ATC_WRITE        6           /* like WRITE, the same way */
#define   DMA_TEST_ATC_DROP         7           /* drop all translations */
#define DMA_TEST_RESULT             0x20        /* RO: of the last COMMAND */
#define   DMA_TEST_OK               0
#define   DMA_TEST_FAULT            1           /* no such page, SMMU fault */
#define   DMA_TEST_DEVICE_ERROR     2           /* error of the target */
#define   DMA_TEST_NO_BUS_MASTER    3           /* PCI command register */
#define   DMA_TEST_BAD_COMMAND      4
#define   DMA_TEST_BAD_SIZE         5           /* SIZE, or ADDR misaligned */
#define   DMA_TEST_ATC_MISS         6           /* nothing kept for ADDR */
#define DMA_TEST_SIZE               0x28        /* 1, 2, 4 or 8; reset: 8 */
#define DMA_TEST_OKS                0x30        /* RO: commands that ended OK */
#define DMA_TEST_FAILURES           0x38        /* RO: commands that failed */
#define DMA_TEST_INTERRUPT          0x40        /* W: send vector 0; R: sent */
#define DMA_TEST_ATC_ENTRIES        0x48        /* RO: translations kept now */
#define DMA_TEST_ATC_INVALIDATED    0x50        /* RO: dropped by ATC_INV */
/*
 * W: physical address of a page of 4 KiB, and bit 0: 1 if no queue of CMDQ-V may
 * read it any more, 0 if it is in use again. R: number of such pages
 */
#define DMA_TEST_GIVEN_UP           0x58
#define   DMA_TEST_GIVEN_UP_ON      1ull
#define DMA_TEST_ATC_SILENT         0x60        /* no ATC_INV is answered */
#define   DMA_TEST_SILENT           1           /* until a reset */
#define   DMA_TEST_SILENT_FOR_GOOD  2
#define DMA_TEST_ATC_UNANSWERED     0x68        /* RO: ATC_INVs, also in reset, and
                                                   with ATS lost in one;
                                                   no reset clears it */
#define DMA_TEST_RESETS             0x70        /* RO: since power-on */
#define DMA_TEST_AT_SYNC            0x78        /* 1: READ at each CMD_SYNC that
                                                   its SMMU executes */
#define DMA_TEST_PASID              0x80        /* of ATC_FILL, READ, WRITE */
#define   DMA_TEST_PASID_VALID      0x100000    /* without it: no PASID */
#define   DMA_TEST_PASID_NUMBER     0x0fffff

/*
 * BAR 2, read-only 64-bit counters since power-on (8-byte reads; 4-byte reads
 * give a half). All zero without CMDQ-V in the machine. An access of these is
 * not counted.
 */
#define CMDQV_WIN_ID                0x0000
#define   CMDQV_WIN_ID_VALUE        0x32475654ull
#define CMDQV_WIN_VINTFS            0x0008
#define CMDQV_WIN_VCMDQS            0x0010
#define CMDQV_WIN_STRICT            0x0018      /* order rules broken */
#define CMDQV_WIN_STRICT_GUEST      0x0020      /* the same, by a guest */
#define CMDQV_WIN_INTERRUPTS        0x0028
#define CMDQV_WIN_INT_MASKED        0x0030
#define CMDQV_WIN_INT_LOST          0x0038
#define CMDQV_WIN_ERRORS            0x0040      /* all queues, all codes */
#define CMDQV_WIN_INIT_ERRORS       0x0048
#define CMDQV_WIN_COMMANDS          0x0050      /* all queues */
#define CMDQV_WIN_SYNCS             0x0058      /* all queues */
#define CMDQV_WIN_MAIN_COMMANDS     0x0060      /* the SMMU's own queue */
#define CMDQV_WIN_MAIN_SYNCS        0x0068
#define CMDQV_WIN_MAIN_ERRORS       0x0070
#define CMDQV_WIN_LAST_ATC_SID      0x0078      /* after replacement */
#define CMDQV_WIN_SMMU_READS        0x0080      /* SMMU registers */
#define CMDQV_WIN_SMMU_WRITES       0x0088
#define CMDQV_WIN_CONFIG_READS      0x0090      /* page at 0x00000 */
#define CMDQV_WIN_CONFIG_WRITES     0x0098
#define CMDQV_WIN_PHYS0_READS       0x00a0      /* page at 0x10000 */
#define CMDQV_WIN_PHYS0_WRITES      0x00a8
#define CMDQV_WIN_PHYS1_READS       0x00b0      /* page at 0x20000 */
#define CMDQV_WIN_PHYS1_WRITES      0x00b8
#define CMDQV_WIN_LATE_SYNCS        0x00c0      /* held by a fault knob */

/* Accesses of the pages of VINTF v */
#define CMDQV_WIN_VINTF(v)          (0x1000 + 0x20 * (v))
#define   CMDQV_WIN_PAGE0_READS     0x00
#define   CMDQV_WIN_PAGE0_WRITES    0x08
#define   CMDQV_WIN_PAGE1_READS     0x10
#define   CMDQV_WIN_PAGE1_WRITES    0x18

/* Order rules by number; the name is a string of at most 31 characters */
#define CMDQV_WIN_RULES             0x00f8      /* number of rules */
#define CMDQV_WIN_RULE(i)           (0x2000 + 8 * (i))
#define CMDQV_WIN_RULE_GUEST(i)     (0x2400 + 8 * (i))
#define CMDQV_WIN_RULE_NAME(i)      (0x3000 + 32 * (i))
#define CMDQV_WIN_MAX_RULES         128

/* The SMMU's own queue: commands by opcode 0x00 .. 0xff */
#define CMDQV_WIN_MAIN_OPCODE(op)   (0x4000 + 8 * (op))

/* Physical queue q */
#define CMDQV_WIN_QUEUE(q)          (0x8000 + 0x100 * (q))
#define   CMDQV_WIN_Q_COMMANDS      0x00
#define   CMDQV_WIN_Q_SYNCS         0x08        /* CMD_SYNC       0x46 */
#define   CMDQV_WIN_Q_TLBI_NH_VA    0x10        /* TLBI_NH_VA     0x12 */
#define   CMDQV_WIN_Q_TLBI_NH_ASID  0x18        /* TLBI_NH_ASID   0x11 */
#define   CMDQV_WIN_Q_TLBI_NH_ALL   0x20        /* TLBI_NH_ALL    0x10 */
#define   CMDQV_WIN_Q_TLBI_NH_VAA   0x28        /* TLBI_NH_VAA    0x13 */
#define   CMDQV_WIN_Q_TLBI_S12      0x30        /* TLBI_S12_VMALL 0x28 */
#define   CMDQV_WIN_Q_TLBI_S2_IPA   0x38        /* TLBI_S2_IPA    0x2a */
#define   CMDQV_WIN_Q_TLBI_ALL      0x40        /* TLBI_NSNH_ALL  0x30 */
#define   CMDQV_WIN_Q_ATC_INV       0x48        /* ATC_INV        0x40 */
#define   CMDQV_WIN_Q_CFGI_STE      0x50        /* CFGI_STE       0x03 */
#define   CMDQV_WIN_Q_CFGI_RANGE    0x58        /* CFGI_STE_RANGE 0x04 */
#define   CMDQV_WIN_Q_CFGI_CD       0x60        /* CFGI_CD        0x05 */
#define   CMDQV_WIN_Q_CFGI_CD_ALL   0x68        /* CFGI_CD_ALL    0x06 */
#define   CMDQV_WIN_Q_ERRORS        0x80        /* all codes */
#define   CMDQV_WIN_Q_ERROR(code)   (0x88 + 8 * (code)) /* code 0 .. 7 */

#endif
