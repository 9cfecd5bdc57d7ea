/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA CMDQ-V beside QEMU's SMMUv3: state and internal interface
 *
 * One CmdqvQueue has the registers of one physical queue. Both register views
 * reach it: the physical one by number, the logical one through the table of
 * the allocation map. Each value is stored once; error maps and STATUS words
 * are computed at a read.
 *
 *   tegra241-cmdqv-hw.c        the device: properties, realize, reset
 *   tegra241-cmdqv-aperture.c  which register an address means; global ones
 *   tegra241-cmdqv-ats.c       addresses that a device has translated itself
 *   tegra241-cmdqv-actor.c     host or guest
 *   tegra241-cmdqv-alloc.c     allocation map
 *   tegra241-cmdqv-alternatives.c  behaviour that is not known, both ways
 *   tegra241-cmdqv-vintf.c     VINTF registers: handshake, StreamID slots
 *   tegra241-cmdqv-queue.c     queue registers, handshake, engine
 *   tegra241-cmdqv-posted.c    writes that arrive later
 *   tegra241-cmdqv-async.c     what happens later, by a seed
 *   tegra241-cmdqv-status.c    handshakes: STATUS follows CONFIG
 *   tegra241-cmdqv-erratum.c   invalidations that have to be done twice
 *   tegra241-cmdqv-error.c     raising errors, the interrupt
 *   tegra241-cmdqv-cmd.c       execution of commands on the SMMU
 *   tegra241-cmdqv-mainq.c     watches the SMMU's own registers and queue
 *   tegra241-cmdqv-smmu.c      which SMMU an instance belongs to
 *   tegra241-cmdqv-strict.c    order rules and their counters
 *   tegra241-cmdqv-counters.c  other counters
 *   tegra241-cmdqv-given-up.c  memory that no queue may read any more
 *   tegra241-cmdqv-window.c    the counters for software in the machine
 *   tegra241-cmdqv-facts.c     answers that hardware has given
 *   tegra241-cmdqv-faults.c    fault knobs
 */

#ifndef TEGRA241_CMDQV_HW_H
#define TEGRA241_CMDQV_HW_H

#include "hw/arm/smmuv3.h"
#include "hw/arm/smmuv3-internal.h"
#include "hw/qdev-core.h"
#include "qemu/notify.h"
#include "qemu/queue.h"
#include "qemu/timer.h"
#include "qom/object.h"
#include "tegra241-cmdqv-regs.h"
#include "tegra241-cmdqv-strict.h"

#define TYPE_TEGRA241_CMDQV_HW "tegra241-cmdqv-hw"
OBJECT_DECLARE_SIMPLE_TYPE(CmdqvState, TEGRA241_CMDQV_HW)

/* CONS.ERR; the first four are the SMMU's own codes */
enum {
    CMDQV_ERR_NONE = SMMU_CERROR_NONE,
    CMDQV_ERR_ILL = SMMU_CERROR_ILL,
    CMDQV_ERR_ABT = SMMU_CERROR_ABT,
    CMDQV_ERR_ATC_SYNC = SMMU_CERROR_ATC_INV_SYNC,
    CMDQV_ERR_ACCESS,
    CMDQV_ERR_CODES = 8,
    /* Not in CONS.ERR: a CMD_SYNC that a knob makes late */
    CMDQV_LATE = CMDQV_ERR_CODES,
};

/* Rows of the table in tegra241-cmdqv-alternatives.c, sorted by name */
typedef enum CmdqvAlt {
    CMDQV_ALT_BASE_LIVE,
    CMDQV_ALT_BASE_ZERO,
    CMDQV_ALT_CONS_ERR,
    CMDQV_ALT_CONS_LIVE,
    CMDQV_ALT_CS,
    CMDQV_ALT_DISABLE,
    CMDQV_ALT_EARLY,
    CMDQV_ALT_GERROR,
    CMDQV_ALT_INT_MASK,
    CMDQV_ALT_LEVELS,
    CMDQV_ALT_MASKED_EDGE,
    CMDQV_ALT_OFF_LATE,
    CMDQV_ALT_ORDER,
    CMDQV_ALT_PHYSICAL,
    CMDQV_ALT_REFUSAL,
    CMDQV_ALT_RESERVED,
    CMDQV_ALT_SID_MISS,
    CMDQV_ALT_SIZE_LARGE,
    CMDQV_ALT_SLOT,
    CMDQV_ALT_SLOT_TWICE,
    CMDQV_ALT_SUPERSEDED,
    CMDQV_ALT_UNMAPPED,
    CMDQV_ALT_UNMAPPED_EDGE,
    CMDQV_ALT_UNREADABLE,
    CMDQV_ALT_VSID,
    CMDQV_ALT_WIDTH,
    CMDQV_ALTERNATIVES,
} CmdqvAlt;

typedef enum CmdqvLevel {
    CMDQV_LEVEL_GLOBAL,
    CMDQV_LEVEL_VINTF,
    CMDQV_LEVEL_VCMDQ,
    CMDQV_LEVELS,
} CmdqvLevel;

/* A write of the aperture */
typedef struct CmdqvWrite {
    hwaddr addr;
    uint64_t value;
    unsigned size;
    bool guest;                 /* by a processor in a guest */
} CmdqvWrite;

/* Writes that have not arrived, oldest first */
typedef struct CmdqvPosted {
    CmdqvState *s;
    CmdqvWrite *writes;
    unsigned len;
    QEMUTimer *timer;
} CmdqvPosted;

/* EN of a level, where STATUS has not followed it yet */
typedef struct CmdqvHandshake {
    CmdqvState *s;
    CmdqvLevel level;
    unsigned index;             /* of the VINTF or queue */
    bool on;                    /* STATUS will be this */
    bool last;                  /* as written */
    unsigned reads;             /* of STATUS, until it follows */
    QEMUTimer *timer;
} CmdqvHandshake;

/* The CMD_SYNC at CONS, if a knob lets it complete late */
typedef struct CmdqvLate {
    bool on;
    int64_t until;
    Cmd cmd;                    /* as it was fetched */
} CmdqvLate;

/* Commands that a queue has consumed, and whose effect is still to come */
typedef struct CmdqvEffects {
    CmdqvState *s;
    struct CmdqvQueue *q;       /* NULL: the SMMU's own */
    GArray *list;               /* of Cmd, oldest first */
    GArray *firsts;             /* commands that wait for being repeated */
    QEMUTimer *timer;
} CmdqvEffects;

typedef struct CmdqvQueue {
    CmdqvState *s;
    unsigned index;

    uint32_t alloc;             /* CMDQ_ALLOC_MAP(index) */
    unsigned vintf;             /* where it is mapped, or was */
    uint32_t cons;
    uint32_t prod;
    uint32_t config;
    uint32_t gerror;
    uint32_t gerrorn;
    uint64_t base;
    uint64_t cons_indx_base;

    bool enabled;               /* STATUS.ENABLED */
    hwaddr ring;                /* latched from BASE when enabled */
    unsigned log2size;

    bool atc_timed_out;         /* reported by the next CMD_SYNC */
    bool unflushed;             /* disabled, no SYNC of the main queue since */
    bool released;              /* off or flushed, no memory set since */
    bool unpolled;              /* CONFIG.EN changed, STATUS not read since */
    bool early;                 /* EN was set while a level above was off */
    CmdqvActor changed_by;      /* CONFIG.EN */
    QEMUTimer *timer;           /* the next commands */
    CmdqvLate late;
    CmdqvHandshake handshake;
    CmdqvEffects effects;
} CmdqvQueue;

/* The SMMU's own queue, if the SMMU does not run it (seed, some faults) */
typedef struct CmdqvMainq {
    bool held;                  /* PROD was written, and not all is consumed */
    uint32_t prod;              /* as written */
    bool atc_timed_out;         /* reported by the next CMD_SYNC */
    QEMUTimer *timer;
    CmdqvLate late;
    CmdqvEffects effects;
} CmdqvMainq;

typedef struct CmdqvVintf {
    uint32_t config;
    bool enabled;               /* STATUS.ENABLED */
    bool guest;                 /* last on without HYP_OWN */
    bool unpolled;
    bool left_on;               /* on since reset: an earlier kernel's */
    uint32_t sid_match[CMDQV_MAX_SIDS];
    uint32_t sid_replace[CMDQV_MAX_SIDS];
    uint16_t sid_replaced;      /* slots given a REPLACE since their MATCH */
    uint16_t sid_clearing;      /* slots whose MATCH was cleared, not REPLACE */
} CmdqvVintf;

typedef struct CmdqvFaults {
    bool enable_stuck[CMDQV_LEVELS];
    bool disable_stuck[CMDQV_LEVELS];
    int32_t vintf;              /* VINTF of the knobs, -1 all */
    int32_t vcmdq;              /* queue of the knobs, -1 all */
    uint32_t start_error;       /* CONS.ERR latched when a queue is enabled */
    uint32_t boot_error;        /* bit q: queue q comes out of reset in error */
    uint32_t boot_on;           /* bit q: queue q comes out of reset running */
    uint32_t fetch_abort;       /* so many of the next fetches */
    uint32_t illegal;           /* so many of the next commands */
    uint32_t sfm;               /* at this one of them the SMMU fails */
    uint32_t atc_timeout;       /* so many of the next ATC_INV */
    uint32_t main_atc_timeout;  /* the same in the SMMU's own queue */
    int32_t atc_timeout_sid;    /* physical StreamID, -1 any */
    uint32_t sync_late;         /* so many of the next CMD_SYNC */
    uint32_t main_sync_late;    /* the same in the SMMU's own queue */
    uint64_t sync_late_ns;      /* how late */
    bool sync_unanswered;       /* only behind an ATC_INV without answer */
    uint32_t irq_lost;          /* the next N interrupts */
    uint32_t irq_repeat;        /* extra edges per interrupt */
    uint32_t slow_ns;           /* time per command, 0 at once */
    uint32_t param;             /* shown instead of PARAM unless 0 */
    bool param_irq;             /* an edge whenever PARAM is read */
    uint32_t guest_enable;      /* so many of the next unmaps: EN just before */
    uint32_t guest_enable_base; /* so many of the next BASEs: the same */
    uint64_t vintf_err_map;     /* more bits in the map of VINTFs */
    uint64_t lvcmdq_err_map[2]; /* more bits in the maps of logical queues */
} CmdqvFaults;

/* Pages for counting: configuration, two physical, two per VINTF */
#define CMDQV_PAGES (3 + 2 * CMDQV_MAX_VINTFS)

typedef struct CmdqvAccesses {
    uint64_t reads;
    uint64_t writes;
} CmdqvAccesses;

typedef struct CmdqvQueueCounters {
    uint64_t opcodes[256];
    uint64_t commands;
    uint64_t errors[CMDQV_ERR_CODES];
} CmdqvQueueCounters;

typedef struct CmdqvCounters {
    CmdqvAccesses pages[CMDQV_PAGES];
    CmdqvAccesses smmu;
    CmdqvQueueCounters queues[CMDQV_MAX_VCMDQS];
    CmdqvQueueCounters mainq;
    uint64_t init_errors;
    uint64_t interrupts;
    uint64_t interrupts_masked;
    uint64_t interrupts_lost;
    uint64_t late_syncs;
    uint64_t last_atc_sid;      /* physical StreamID of the last ATC_INV */
} CmdqvCounters;

struct CmdqvState {
    DeviceState parent_obj;

    MemoryRegion aperture;
    MemoryRegion smmu_watch;
    SMMUv3State *smmu;
    QLIST_ENTRY(CmdqvState) next;
    CmdqvMainq mainq;
    uint64_t random;
    qemu_irq irq;
    QEMUTimer *irq_timer;
    uint32_t irqs_left;         /* edges that are still to come */
    Notifier exit;

    /* properties */
    PCIBus *primary_bus;
    uint64_t base_addr;
    uint32_t config_reset;
    uint32_t spi;
    uint8_t version;
    uint8_t log2_vintfs;
    uint8_t log2_vcmdqs;
    uint8_t log2_sids;
    bool ats;
    bool hyp_own;
    bool fwb;
    bool qtest_host;
    bool ril;
    uint32_t smmu_iidr;
    bool strict;
    bool allow_unmapped;
    bool poison;
    bool erratum;
    bool alt[CMDQV_ALTERNATIVES];
    uint64_t seed;
    char *facts;
    char *report;

    /* registers */
    uint32_t config;
    bool enabled;
    bool unpolled;
    uint64_t int_mask;
    bool smmu_off;              /* the SMMU or its queue was on, and is off */
    bool smmu_failed;           /* the SMMU is in its Service Failure Mode */
    CmdqvPosted posted;
    CmdqvHandshake handshake;
    uint64_t masked_edges;      /* VINTFs with an edge that waits (alt) */
    CmdqvVintf vintfs[CMDQV_MAX_VINTFS];
    CmdqvHandshake vintf_handshakes[CMDQV_MAX_VINTFS];
    CmdqvQueue queues[CMDQV_MAX_VCMDQS];
    /* Physical number of each logical queue, -1 for none */
    int16_t logical[CMDQV_MAX_VINTFS][CMDQV_MAX_LVCMDQS];

    CmdqvFaults faults;
    CmdqvCounters count;
    CmdqvStrict rules;
};

static inline unsigned cmdqv_num_vintfs(const CmdqvState *s)
{
    return 1u << s->log2_vintfs;
}

static inline unsigned cmdqv_num_vcmdqs(const CmdqvState *s)
{
    return 1u << s->log2_vcmdqs;
}

static inline unsigned cmdqv_num_sids(const CmdqvState *s)
{
    return 1u << s->log2_sids;
}

static inline bool cmdqv_vintf_hyp_own(const CmdqvState *s, unsigned v)
{
    return FIELD_EX32(s->vintfs[v].config, VINTF_CONFIG, HYP_OWN);
}

/* tegra241-cmdqv-actor.c */
bool cmdqv_accessed_by_guest(const CmdqvState *s, MemTxAttrs attrs);
CmdqvActor cmdqv_page0_actor(const CmdqvState *s, unsigned v, bool guest);
void cmdqv_actor_add_properties(Object *obj);

/* tegra241-cmdqv-aperture.c */
void cmdqv_aperture_apply(CmdqvState *s, const CmdqvWrite *w);
void cmdqv_aperture_init(CmdqvState *s);
bool cmdqv_busy(const CmdqvState *s);
void cmdqv_global_acknowledge(CmdqvState *s, bool on);

/* tegra241-cmdqv-alloc.c */
bool cmdqv_queue_mapped(const CmdqvQueue *q);
unsigned cmdqv_queue_vintf(const CmdqvQueue *q);
CmdqvQueue *cmdqv_logical_queue(CmdqvState *s, unsigned v, unsigned l);
unsigned cmdqv_vintf_mapped_queues(CmdqvState *s, unsigned v);
void cmdqv_alloc_write(CmdqvState *s, unsigned index, uint32_t value);
void cmdqv_alloc_reset(CmdqvState *s);

/* tegra241-cmdqv-ats.c */
bool cmdqv_ats_invalidate(const CmdqvState *s, Cmd *cmd);

/* tegra241-cmdqv-alternatives.c */
bool cmdqv_alt(const CmdqvState *s, CmdqvAlt which);
bool cmdqv_alternative_known(const char *property, const char *answer);
void cmdqv_alternatives_add_properties(Object *obj);

/* tegra241-cmdqv-vintf.c */
bool cmdqv_vintf_read(CmdqvState *s, unsigned v, hwaddr reg, unsigned size,
                      uint64_t *value);
bool cmdqv_vintf_write(CmdqvState *s, unsigned v, hwaddr reg, unsigned size,
                       uint64_t value);
void cmdqv_vintf_acknowledge(CmdqvState *s, unsigned v, bool on);
void cmdqv_vintf_change(CmdqvState *s, unsigned v, bool on);
void cmdqv_vintf_start(CmdqvState *s, unsigned v);
void cmdqv_vintf_stop(CmdqvState *s, unsigned v);
void cmdqv_vintf_leave_on(CmdqvState *s, unsigned v);
bool cmdqv_vintf_find_sid(CmdqvState *s, unsigned v, uint32_t sid,
                          uint32_t *replace);
uint64_t cmdqv_vintf_err_map(CmdqvState *s);
uint32_t cmdqv_vcmdq_err_map(CmdqvState *s, unsigned word);

/* tegra241-cmdqv-queue.c */
bool cmdqv_queue_read(CmdqvQueue *q, unsigned page, hwaddr reg, unsigned size,
                      uint64_t *value, CmdqvActor actor);
bool cmdqv_queue_write(CmdqvQueue *q, unsigned page, hwaddr reg,
                       unsigned size, uint64_t value, CmdqvActor actor);
uint32_t cmdqv_queue_errors(const CmdqvQueue *q);
CmdqvActor cmdqv_queue_enabler(const CmdqvQueue *q);
void cmdqv_queue_acknowledge(CmdqvQueue *q, bool on);
void cmdqv_queue_change(CmdqvQueue *q, bool on);
void cmdqv_queue_check_flushed(CmdqvQueue *q);
void cmdqv_queue_check_polled(CmdqvQueue *q, CmdqvActor actor,
                              const char *what);
void cmdqv_queue_guest_enable(CmdqvQueue *q);
void cmdqv_queue_leave_on(CmdqvQueue *q);
void cmdqv_queue_run(CmdqvQueue *q);
void cmdqv_queue_stop(CmdqvQueue *q);
void cmdqv_queue_stop_below(CmdqvQueue *q);
void cmdqv_queue_start_below(CmdqvQueue *q);
void cmdqv_queue_mapped_again(CmdqvQueue *q);
void cmdqv_queues_resume(CmdqvState *s);
void cmdqv_queue_init(CmdqvQueue *q, CmdqvState *s, unsigned index);
void cmdqv_queue_reset(CmdqvQueue *q);

/* tegra241-cmdqv-error.c */
void cmdqv_queue_raise(CmdqvQueue *q, uint32_t gerror_bits, unsigned code);
void cmdqv_pulse_irq(CmdqvState *s, const CmdqvQueue *q);
void cmdqv_int_mask_changed(CmdqvState *s);
void cmdqv_irq_init(CmdqvState *s);
void cmdqv_irq_reset(CmdqvState *s);

/* tegra241-cmdqv-async.c */
bool cmdqv_async(const CmdqvState *s);
bool cmdqv_async_now(CmdqvState *s);
unsigned cmdqv_async_burst(CmdqvState *s);
int64_t cmdqv_async_delay(CmdqvState *s);
int64_t cmdqv_async_status_delay(CmdqvState *s);
void cmdqv_async_reset(CmdqvState *s);
void cmdqv_poison(CmdqvState *s, hwaddr entry);
void cmdqv_effects_add(CmdqvEffects *e, const Cmd *cmd);
void cmdqv_effects_drain(CmdqvEffects *e);
void cmdqv_effects_init(CmdqvEffects *e, CmdqvState *s, CmdqvQueue *q);
void cmdqv_effects_reset(CmdqvEffects *e);

/* tegra241-cmdqv-posted.c */
void cmdqv_posted_flush(CmdqvPosted *p);
void cmdqv_posted_write(CmdqvPosted *p, const CmdqvWrite *w);
void cmdqv_posted_reset(CmdqvPosted *p);
void cmdqv_posted_init(CmdqvPosted *p, CmdqvState *s);

/* tegra241-cmdqv-status.c */
bool cmdqv_handshake_pending(const CmdqvHandshake *h);
bool cmdqv_handshake_read(CmdqvHandshake *h);
void cmdqv_handshake_wait(CmdqvHandshake *h, int64_t until);
void cmdqv_handshake(CmdqvHandshake *h, bool on);
void cmdqv_handshake_forget(CmdqvHandshake *h);
void cmdqv_handshake_init(CmdqvHandshake *h, CmdqvState *s, CmdqvLevel level,
                          unsigned index);

/* tegra241-cmdqv-erratum.c */
bool cmdqv_erratum_drops(CmdqvEffects *e, const Cmd *cmd);
void cmdqv_erratum_init(CmdqvEffects *e);
void cmdqv_erratum_reset(CmdqvEffects *e);
void cmdqv_erratum_sync(CmdqvEffects *e);

/* tegra241-cmdqv-cmd.c */
unsigned cmdqv_command_check(const CmdqvState *s, const Cmd *cmd);
void cmdqv_command_act(CmdqvState *s, CmdqvQueue *q, Cmd *cmd);
unsigned cmdqv_execute(CmdqvQueue *q, Cmd *cmd);

/* tegra241-cmdqv-mainq.c */
void cmdqv_mainq_fail(CmdqvState *s);
void cmdqv_mainq_reset(CmdqvState *s);
void cmdqv_mainq_watch(CmdqvState *s);

/* tegra241-cmdqv-smmu.c */
bool cmdqv_smmu_init(CmdqvState *s, Error **errp);
/* The instance of the SMMU of @dev, or NULL */
CmdqvState *cmdqv_of_device(PCIDevice *dev);

/* tegra241-cmdqv-counters.c */
void cmdqv_counters_add_properties(Object *obj);
char *cmdqv_counters_report(const CmdqvState *s);
uint64_t cmdqv_count_commands(const CmdqvState *s);
uint64_t cmdqv_count_errors(const CmdqvState *s);
uint64_t cmdqv_count_opcode(const CmdqvState *s, uint8_t opcode);
uint64_t cmdqv_queue_count_errors(const CmdqvQueueCounters *q);

/* tegra241-cmdqv-facts.c */
bool cmdqv_facts_load(CmdqvState *s, Error **errp);
const char *cmdqv_size_problem(unsigned log2_vintfs, unsigned log2_vcmdqs,
                               unsigned log2_sids);

/* tegra241-cmdqv-faults.c */
bool cmdqv_fault_acknowledge(CmdqvState *s, CmdqvLevel level, unsigned index,
                             bool enable);
bool cmdqv_fault_irq(const CmdqvState *s, const CmdqvQueue *q);
uint32_t cmdqv_fault_slow_ns(const CmdqvQueue *q);
bool cmdqv_fault_take(CmdqvState *s, uint32_t *budget, unsigned queue);
bool cmdqv_fault_sfm(CmdqvQueue *q);
bool cmdqv_fault_start_error(CmdqvQueue *q, unsigned *code);
bool cmdqv_fault_atc_timeout(CmdqvQueue *q, uint32_t sid);
bool cmdqv_fault_main_atc_timeout(CmdqvState *s, uint32_t sid);
bool cmdqv_fault_main_sync_late(CmdqvState *s);
bool cmdqv_fault_main_syncs_late(const CmdqvState *s);
bool cmdqv_fault_sync_late(CmdqvQueue *q);
bool cmdqv_late(const CmdqvLate *late);
void cmdqv_faults_reset(CmdqvState *s);
void cmdqv_faults_add_properties(Object *obj);

#endif
