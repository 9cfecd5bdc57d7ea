// SPDX-License-Identifier: MIT OR GPL-2.0
//! The interface in Rust, by bindgen: a CMDQ-V whose kernel is this program. bindgen adds a test of the
//! layout of each structure. VIOMMU_RS is the path of its output.
#![allow(non_camel_case_types, non_upper_case_globals, dead_code, deref_nullptr)]

mod viommu {
    include!(env!("VIOMMU_RS"));
}

use std::os::raw::{c_int, c_void};
use viommu::*;

#[derive(Default)]
struct Kernel {
    queues: u32,
    mapped: bool,
    registers: [u32; 32],
}

unsafe extern "C" fn map(host: *mut c_void, _page0: *mut c_void) -> c_int {
    (*(host as *mut Kernel)).mapped = true;
    0
}

unsafe extern "C" fn unmap(host: *mut c_void) {
    (*(host as *mut Kernel)).mapped = false;
}

unsafe extern "C" fn alloc(kernel: *mut c_void, index: u32, addr: u64, length: u64, id: *mut u32) -> c_int {
    assert_eq!((index, addr, length), (0, 0x4000_0000, 4096));
    (*(kernel as *mut Kernel)).queues += 1;
    *id = 7;
    0
}

unsafe extern "C" fn destroy(kernel: *mut c_void, id: u32) -> c_int {
    assert_eq!(id, 7);
    (*(kernel as *mut Kernel)).queues -= 1;
    0
}

unsafe extern "C" fn read(kernel: *mut c_void, offset: u32) -> u32 {
    (*(kernel as *mut Kernel)).registers[offset as usize / 4]
}

unsafe extern "C" fn write(kernel: *mut c_void, offset: u32, value: u32) {
    (*(kernel as *mut Kernel)).registers[offset as usize / 4] = value;
}

#[test]
fn a_queue_lives() {
    let mut kernel = Kernel::default();
    let this = &mut kernel as *mut Kernel as *mut c_void;
    let host_ops = viommu_cmdqv_host_ops {
        size: std::mem::size_of::<viommu_cmdqv_host_ops>() as u32,
        reserved: 0,
        map_page0: Some(map),
        unmap_page0: Some(unmap),
        interrupt: None,
        error: None,
    };
    let kernel_ops = viommu_cmdqv_kernel_ops {
        size: std::mem::size_of::<viommu_cmdqv_kernel_ops>() as u32,
        reserved: 0,
        queue_alloc: Some(alloc),
        queue_destroy: Some(destroy),
        page0_read: Some(read),
        page0_write: Some(write),
    };
    let config = viommu_cmdqv_config {
        size: std::mem::size_of::<viommu_cmdqv_config>() as u32,
        max_log2size: VIOMMU_CMDQV_ANY_SIZE,
        host_ops: &host_ops,
        host: this,
        ctx: std::ptr::null_mut(),
        viommu: 0,
        reserved: 0,
        page0: this,
        page0_length: VIOMMU_CMDQV_PAGE_SIZE as u64,
        kernel_ops: &kernel_ops,
        kernel: this,
    };
    let mut cmdqv = std::ptr::null_mut();
    unsafe {
        assert_eq!(viommu_version(), VIOMMU_VERSION);
        assert_eq!(viommu_cmdqv_new(&config, &mut cmdqv), 0);
        for (offset, size, value) in [(0x1000, 4, 1), (0x200, 4, 1), (0x40000, 8, 0x4000_0008u64)] {
            assert_eq!(viommu_cmdqv_write(cmdqv, offset, size, value), 0);
        }
        assert_eq!(viommu_cmdqv_queue_exists(cmdqv, 0), 1);
        assert!((*(this as *mut Kernel)).mapped);
        assert_eq!(viommu_cmdqv_free(cmdqv), 0);
    }
    assert_eq!((kernel.queues, kernel.mapped), (0, false));
}
