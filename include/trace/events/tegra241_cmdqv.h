/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of CMDQ-V: creation and destruction of VINTFs and queues, errors, and
 * events for the VMM.
 *
 * A queue is named by its VINTF and its logical number there. In a timeout, -1
 * as queue stands for the whole VINTF, and as VINTF for the whole CMDQ-V.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tegra241_cmdqv

#if !defined(_TRACE_TEGRA241_CMDQV_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_TEGRA241_CMDQV_H

#include <linux/device.h>
#include <linux/tracepoint.h>

TRACE_EVENT(tegra241_cmdqv_vintf_create,
	    TP_PROTO(struct device *dev, u16 vintf, u16 vmid, bool hyp_own),

	    TP_ARGS(dev, vintf, vmid, hyp_own),

	    TP_STRUCT__entry(__string(dev, dev_name(dev))
			     __field(u16, vintf)
			     __field(u16, vmid)
			     __field(bool, hyp_own)
	    ),

	    TP_fast_assign(__assign_str(dev);
			   __entry->vintf = vintf;
			   __entry->vmid = vmid;
			   __entry->hyp_own = hyp_own;
	    ),

	    TP_printk("%s vintf=%u vmid=%u hyp_own=%d", __get_str(dev),
		      __entry->vintf, __entry->vmid, __entry->hyp_own)
);

TRACE_EVENT(tegra241_cmdqv_vintf_destroy,
	    TP_PROTO(struct device *dev, u16 vintf, bool retired),

	    TP_ARGS(dev, vintf, retired),

	    TP_STRUCT__entry(__string(dev, dev_name(dev))
			     __field(u16, vintf)
			     __field(bool, retired)
	    ),

	    TP_fast_assign(__assign_str(dev);
			   __entry->vintf = vintf;
			   __entry->retired = retired;
	    ),

	    TP_printk("%s vintf=%u retired=%d", __get_str(dev), __entry->vintf,
		      __entry->retired)
);

TRACE_EVENT(tegra241_cmdqv_queue_create,
	    TP_PROTO(struct device *dev, u16 vintf, u16 lvcmdq, u16 vcmdq),

	    TP_ARGS(dev, vintf, lvcmdq, vcmdq),

	    TP_STRUCT__entry(__string(dev, dev_name(dev))
			     __field(u16, vintf)
			     __field(u16, lvcmdq)
			     __field(u16, vcmdq)
	    ),

	    TP_fast_assign(__assign_str(dev);
			   __entry->vintf = vintf;
			   __entry->lvcmdq = lvcmdq;
			   __entry->vcmdq = vcmdq;
	    ),

	    TP_printk("%s vintf=%u lvcmdq=%u vcmdq=%u", __get_str(dev),
		      __entry->vintf, __entry->lvcmdq, __entry->vcmdq)
);

TRACE_EVENT(tegra241_cmdqv_queue_destroy,
	    TP_PROTO(struct device *dev, u16 vintf, u16 lvcmdq, int ret),

	    TP_ARGS(dev, vintf, lvcmdq, ret),

	    TP_STRUCT__entry(__string(dev, dev_name(dev))
			     __field(u16, vintf)
			     __field(u16, lvcmdq)
			     __field(int, ret)
	    ),

	    TP_fast_assign(__assign_str(dev);
			   __entry->vintf = vintf;
			   __entry->lvcmdq = lvcmdq;
			   __entry->ret = ret;
	    ),

	    TP_printk("%s vintf=%u lvcmdq=%u ret=%d", __get_str(dev),
		      __entry->vintf, __entry->lvcmdq, __entry->ret)
);

TRACE_EVENT(tegra241_cmdqv_error,
	    TP_PROTO(struct device *dev, u16 vintf, u64 map0, u64 map1),

	    TP_ARGS(dev, vintf, map0, map1),

	    TP_STRUCT__entry(__string(dev, dev_name(dev))
			     __field(u16, vintf)
			     __field(u64, map0)
			     __field(u64, map1)
	    ),

	    TP_fast_assign(__assign_str(dev);
			   __entry->vintf = vintf;
			   __entry->map0 = map0;
			   __entry->map1 = map1;
	    ),

	    TP_printk("%s vintf=%u lvcmdq_map=%016llx:%016llx", __get_str(dev),
		      __entry->vintf, __entry->map1, __entry->map0)
);

TRACE_EVENT(tegra241_cmdqv_event,
	    TP_PROTO(struct device *dev, u16 vintf, int ret),

	    TP_ARGS(dev, vintf, ret),

	    TP_STRUCT__entry(__string(dev, dev_name(dev))
			     __field(u16, vintf)
			     __field(int, ret)
	    ),

	    TP_fast_assign(__assign_str(dev);
			   __entry->vintf = vintf;
			   __entry->ret = ret;
	    ),

	    TP_printk("%s vintf=%u ret=%d", __get_str(dev), __entry->vintf,
		      __entry->ret)
);

TRACE_EVENT(tegra241_cmdqv_timeout,
	    TP_PROTO(struct device *dev, int vintf, int lvcmdq, bool enable),

	    TP_ARGS(dev, vintf, lvcmdq, enable),

	    TP_STRUCT__entry(__string(dev, dev_name(dev))
			     __field(int, vintf)
			     __field(int, lvcmdq)
			     __field(bool, enable)
	    ),

	    TP_fast_assign(__assign_str(dev);
			   __entry->vintf = vintf;
			   __entry->lvcmdq = lvcmdq;
			   __entry->enable = enable;
	    ),

	    TP_printk("%s vintf=%d lvcmdq=%d %sable", __get_str(dev),
		      __entry->vintf, __entry->lvcmdq, __entry->enable ? "en" : "dis")
);

#endif

#include <trace/define_trace.h>
