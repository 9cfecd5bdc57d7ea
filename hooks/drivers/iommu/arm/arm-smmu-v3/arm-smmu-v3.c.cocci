// SPDX-License-Identifier: GPL-2.0
//
// Connects nesting parents, nested domains and vIOMMUs to the SMMUv3 driver. The code is in
// arm-smmu-v3-nested.c and arm-smmu-v3-vsmmu*.c; with CONFIG_ARM_SMMU_V3_IOMMUFD=n the functions
// called here are empty.
// LINES: +87 -43

// Functions for the new files

@p_public_issue_cmdlist@
parameter list P;
@@
-static int arm_smmu_cmdq_issue_cmdlist(P)
+int __arm_smmu_cmdq_issue_cmdlist(P)
 { ... }

@p_public_get_cmdq@
parameter list P;
@@
-static struct arm_smmu_cmdq *
+struct arm_smmu_cmdq *
 arm_smmu_get_cmdq(P)
 { ... }

@p_public_find_master@
parameter list P;
@@
-static struct arm_smmu_master *
+struct arm_smmu_master *
 arm_smmu_find_master(P)
 { ... }

// A blocked device: its STE is not the one that its domain wants

@p_wanted_cfg@
symbol master, target;
@@
 arm_smmu_install_ste_for_dev(...)
 {
 	<+...
-	le64_to_cpu(target->data[0])
+	le64_to_cpu(arm_smmu_wanted_ste(master, target)->data[0])
 	...+>
 }

@p_wanted_eats@
symbol master, target;
@@
 arm_smmu_install_ste_for_dev(...)
 {
 	<+...
-	le64_to_cpu(target->data[1])
+	le64_to_cpu(arm_smmu_wanted_ste(master, target)->data[1])
 	...+>
 }

@p_public_install_ste@
parameter list P;
@@
-static void arm_smmu_install_ste_for_dev(P)
+void __arm_smmu_install_ste_for_dev(P)
 { ... }

@p_public_attach_prepare@
parameter list P;
@@
-static int arm_smmu_attach_prepare(P)
+int arm_smmu_attach_prepare(P)
 { ... }

@p_public_attach_commit@
parameter list P;
@@
-static void arm_smmu_attach_commit(P)
+void arm_smmu_attach_commit(P)
 { ... }

@p_public_abort_ste@
attribute name VISIBLE_IF_KUNIT;
@@
-VISIBLE_IF_KUNIT
 void arm_smmu_make_abort_ste(...)
 { ... }

@p_public_s2_ste@
attribute name VISIBLE_IF_KUNIT;
@@
-VISIBLE_IF_KUNIT
 void arm_smmu_make_s2_domain_ste(...)
 { ... }

@p_attach_state@
@@
-struct arm_smmu_attach_state { ... };

// An STE with both stages

@p_ste_used_s1@
symbol used_bits;
@@
 arm_smmu_get_ste_used(...)
 {
 	<+...
 	used_bits[2] |= cpu_to_le64(STRTAB_STE_2_S2VMID);
+	used_bits[1] |= cpu_to_le64(STRTAB_STE_1_MEV);
 	...+>
 }

@p_ste_used_s2@
symbol used_bits;
@@
 arm_smmu_get_ste_used(...)
 {
 	<+...
 	used_bits[3] |= cpu_to_le64(STRTAB_STE_3_S2TTB_MASK);
+	used_bits[1] |= cpu_to_le64(STRTAB_STE_1_S2FWB);
 	...+>
 }

@p_s2_ste@
symbol target, pgtbl_cfg;
expression E;
@@
 arm_smmu_make_s2_domain_ste(...)
 {
 	...
 	target->data[3] = E;
+
+	if (pgtbl_cfg->quirks & IO_PGTABLE_QUIRK_ARM_S2FWB)
+		target->data[1] |= cpu_to_le64(STRTAB_STE_1_S2FWB);
 }

// Nesting parents

@p_alloc_user_flags@
identifier PAGING_FLAGS;
typedef u32;
@@
 arm_smmu_domain_alloc_user(...)
 {
 	...
-	const u32 PAGING_FLAGS = IOMMU_HWPT_ALLOC_DIRTY_TRACKING;
+	const u32 PAGING_FLAGS = ARM_SMMU_HWPT_PAGING_FLAGS;
 	...
 }

@p_alloc_user_parent@
symbol smmu_domain, master, flags, ret;
@@
 arm_smmu_domain_alloc_user(...)
 {
 	<+...
+	ret = arm_smmu_nest_parent_init(smmu_domain, master->smmu, flags);
+	if (ret)
+		goto err_free;
 	smmu_domain->domain.type = IOMMU_DOMAIN_UNMANAGED;
 	...+>
 }

@p_finalise_quirks@
symbol fmt, pgtbl_cfg, smmu_domain;
@@
 arm_smmu_domain_finalise(...)
 {
 	<+...
+	pgtbl_cfg.quirks |= arm_smmu_nest_parent_quirks(smmu_domain, smmu);
 	fmt = ARM_64_LPAE_S2;
 	...+>
 }

@p_inv_range@
symbol cmd, iova, size, granule, smmu_domain;
@@
 arm_smmu_tlb_inv_range_domain(...)
 {
 	<+...
-	__arm_smmu_tlb_inv_range(&cmd, iova, size, granule, smmu_domain);
+	if (!arm_smmu_nest_parent_inv_all(smmu_domain, size, granule)) {
+		__arm_smmu_tlb_inv_range(&cmd, iova, size, granule, smmu_domain);
+		arm_smmu_nest_parent_inv_s1(smmu_domain);
+	}
 	...+>
 }

@p_atc_inv@
symbol master_domain, iova, size, cmd;
@@
 arm_smmu_atc_inv_domain(...)
 {
 	<+...
-	arm_smmu_atc_inv_to_cmd(master_domain->ssid, iova, size, &cmd);
+	if (arm_smmu_nested_translates(master_domain->domain))
+		arm_smmu_atc_inv_to_cmd(master_domain->ssid, 0, 0, &cmd);
+	else
+		arm_smmu_atc_inv_to_cmd(master_domain->ssid, iova, size, &cmd);
 	...+>
 }

// Devices that answer no ATC_INV

@p_atc_inv_blocked@
symbol master;
@@
 arm_smmu_atc_inv_domain(...)
 {
 	<+...
-	if (!master->ats_enabled)
+	if (!arm_smmu_takes_atc_inv(master))
 		continue;
 	...+>
 }

@p_public_atc_inv_domain@
parameter list P;
@@
-int arm_smmu_atc_inv_domain(P)
+int __arm_smmu_atc_inv_domain(P)
 { ... }

@p_public_atc_inv_master@
parameter list P;
@@
-static int arm_smmu_atc_inv_master(P)
+int __arm_smmu_atc_inv_master(P)
 { ... }

@p_cmdq_timeout@
symbol smmu, cmdq, ret;
@@
 __arm_smmu_cmdq_issue_cmdlist(...)
 {
 	<+...
 	if (ret) {
+		arm_smmu_note_cmdq_timeout(smmu, cmdq);
 		dev_err_ratelimited(...);
 	}
 	...+>
 }

@p_cmdq_error@
symbol smmu, cmdq, cons;
expression list ES;
@@
 __arm_smmu_cmdq_skip_err(...)
 {
 	<+...
 	dev_err(smmu->dev, "CMDQ error (cons 0x%08x): %s\n", ES);
+	arm_smmu_note_cmdq_error(smmu, cmdq, cons);
 	...+>
 }

// Masters of a nested domain are on the list of its parent

@p_domain_devices@
symbol domain;
@@
 to_smmu_domain_devices(...)
 {
 	...
+	if (domain->type == IOMMU_DOMAIN_NESTED)
+		return arm_smmu_nested_parent(domain);
 	if (<+... domain->type == IOMMU_DOMAIN_SVA ...+>)
 		return to_smmu_domain(domain);
 	...
 }

// EDITS: 2
@p_find_master_domain@
identifier D, M, S;
symbol master_domain;
@@
 arm_smmu_find_master_domain(struct arm_smmu_domain *D,
+			    struct iommu_domain *domain,
 			    struct arm_smmu_master *M, ioasid_t S)
 {
 	<+...
-	if (master_domain->master == M && master_domain->ssid == S)
+	if (arm_smmu_master_domain_is(master_domain, domain, M, S))
 		return master_domain;
 	...+>
 }

@p_find_master_domain_call@
expression E1, E2, E3;
symbol domain;
@@
-arm_smmu_find_master_domain(E1, E2, E3)
+arm_smmu_find_master_domain(E1, domain, E2, E3)

@p_prepare_begin@
symbol state, new_domain, smmu_domain;
statement S;
@@
+	arm_smmu_attach_begin(state, new_domain);
 	if (smmu_domain || state->cd_needs_ats) S

@p_commit_end@
symbol master, state;
@@
 arm_smmu_attach_commit(...)
 {
 	...
 	arm_smmu_remove_master_domain(master, state->old_domain, state->ssid);
+	arm_smmu_attach_end(state);
 	...
 }

@p_prepare_ats@
symbol state, master;
@@
 arm_smmu_attach_prepare(...)
 {
 	<+...
-	state->ats_enabled = arm_smmu_ats_supported(master);
+	state->ats_enabled = !state->disable_ats &&
+			     arm_smmu_ats_supported(master);
 	...+>
 }

@p_prepare_domain@
symbol state, master_domain, new_domain;
@@
 arm_smmu_attach_prepare(...)
 {
 	<+...
 	master_domain->ssid = state->ssid;
+	master_domain->domain = new_domain;
 	...+>
 }

@p_prepare_coherency@
symbol smmu_domain, master_domain, master, flags;
@@
 arm_smmu_attach_prepare(...)
 {
 	<+...
 	spin_lock_irqsave(&smmu_domain->devices_lock, flags);
+	if (!arm_smmu_domain_takes_master(smmu_domain, master)) {
+		spin_unlock_irqrestore(&smmu_domain->devices_lock, flags);
+		kfree(master_domain);
+		return -EINVAL;
+	}
 	...+>
 }

// Capabilities

@p_hw_probe@
symbol smmu;
@@
+	arm_smmu_viommu_hw_probe(smmu);
 	arm_smmu_device_iidr_probe(smmu);

// The errata of the MMU-700 end with r1p1

@p_mmu_700@
symbol smmu, variant, revision;
@@
 arm_smmu_device_iidr_probe(...)
 {
 	<+...
+	if (variant >= 1 && revision >= 1)
+		break;
 	smmu->features &= ~ARM_SMMU_FEAT_BTM;
 	...+>
 }

@p_capable@
symbol master, cap;
@@
 arm_smmu_capable(...)
 {
 	<+...
 	switch (cap) {
 	default:
-		return false;
+		return arm_smmu_viommu_capable(master, cap);
 	}
 	...+>
 }

@p_domain_ops@
symbol arm_smmu_iova_to_phys;
@@
 (const struct iommu_domain_ops) {
 	...,
 	.iova_to_phys = arm_smmu_iova_to_phys,
+	.enforce_cache_coherency = arm_smmu_enforce_cache_coherency,
 	...
 }

@p_ops@
symbol arm_smmu_ops, arm_smmu_capable;
@@
 struct iommu_ops arm_smmu_ops = {
 	...,
 	.capable = arm_smmu_capable,
+	.hw_info = arm_smmu_hw_info,
+	.viommu_ops = ARM_SMMU_VIOMMU_OPS,
 	...
 };

// Events of guests; a guest must not flood the log through the event queue

@p_event@
symbol ret, smmu, evt;
@@
 	ret = arm_smmu_handle_evt(smmu, evt);
+	ret = arm_vsmmu_forward_event(smmu, evt, ret);

@p_evtq_overflow@
expression E;
@@
 arm_smmu_evtq_thread(...)
 {
 	<+...
-	dev_err
+	dev_err_ratelimited
 	(E, "EVTQ overflow detected -- events lost\n");
 	...+>
 }

// The tree has a duplicate StreamID of a device once

// EDITS: 2
@p_duplicate_stream@
symbol master, new_stream;
identifier existing_master;
@@
 arm_smmu_insert_master(...)
 {
 	<+...
-	if (existing_master == master)
+	if (existing_master == master) {
+		RB_CLEAR_NODE(&new_stream->node);
 		continue;
+	}
 	...+>
 }

// EDITS: 2
@p_erase_stream@
expression node;
symbol smmu;
@@
-rb_erase(node, &smmu->streams)
+arm_smmu_erase_stream(smmu, node)

// Fields of a live STE that may change without an effect on DMA

@p_relax_diff@
symbol used_qword_diff, writer, entry, target, unused_update;
@@
 arm_smmu_write_entry(...)
 {
 	...
 	used_qword_diff = arm_smmu_entry_qword_diff(writer, entry, target, unused_update);
+	if (writer->ops->get_used == arm_smmu_get_ste_used)
+		used_qword_diff = arm_smmu_relax_diff(writer, used_qword_diff, target,
+						      unused_update);
 	...
 }

// TOPIC: cmdqv-kernel
// Device tree

@p_dt_probe@
symbol ret, smmu;
@@
 	parse_driver_options(smmu);
+	if (!ret)
+		ret = tegra264_smmu_of_probe(smmu);

// The implementation stops before the SMMU

// EDITS: 3
@p_disable@
identifier f != arm_smmu_gerror_handler;
symbol smmu;
@@
 f(...)
 {
 	<+...
+	arm_smmu_impl_device_disable(smmu);
 	arm_smmu_device_disable(smmu);
 	...+>
 }

@p_disable_reset@
symbol smmu, ret;
@@
 arm_smmu_device_reset(...)
 {
 	<+...
+	arm_smmu_impl_device_disable(smmu);
 	ret = arm_smmu_device_disable(smmu);
 	...+>
 }

// The handler of the SMMU's errors cannot wait

@p_disable_failed@
symbol smmu;
@@
 arm_smmu_gerror_handler(...)
 {
 	<+...
-	arm_smmu_device_disable(smmu);
+	arm_smmu_impl_device_failed(smmu, arm_smmu_device_disable);
 	...+>
 }

// An SMMU that has failed executes no command: a caller puts none into a queue, and does not wait for space there

@p_issue_to_failed@
symbol cmdq, llq, smmu;
@@
 __arm_smmu_cmdq_issue_cmdlist(...)
 {
 	...
+	if (arm_smmu_has_failed(smmu))
+		return -ETIMEDOUT;
 	llq.max_n_shift = cmdq->q.llq.max_n_shift;
 	...
 }

@p_full_and_failed@
symbol flags, llq, n, smmu, sync;
@@
 __arm_smmu_cmdq_issue_cmdlist(...)
 {
 	<+...
 	while (!queue_has_space(&llq, n + sync)) {
 		local_irq_restore(flags);
+		if (arm_smmu_is_failing(smmu))
+			return -ETIMEDOUT;
 		...
 	}
 	...+>
 }

// All parts of a batch and its CMD_SYNC go to one queue: no queue is chosen again after a part of
// the batch is sent without a CMD_SYNC

@p_batch_goes_on@
symbol smmu, cmds, cmd;
@@
 arm_smmu_cmdq_issue_cmdlist(smmu, cmds->cmdq, cmds->cmds, cmds->num, false);
-arm_smmu_cmdq_batch_init(smmu, cmds, cmd);
+cmds->num = 0;

// A CMD_SYNC for a queue that is polled by its index must not have an MSI address

@p_sync_msi@
symbol smmu, cmdq;
statement S;
@@
 arm_smmu_cmdq_build_sync_cmd(...)
 {
 	<+...
-	if (smmu->options & ARM_SMMU_OPT_MSIPOLL)
+	if ((smmu->options & ARM_SMMU_OPT_MSIPOLL) && !arm_smmu_cmdq_needs_busy_polling(smmu, cmdq))
 	S
 	...+>
 }
