// SPDX-License-Identifier: GPL-2.0
//
// Tells the IOMMU driver of each reset of a device. The calls nest. A reset turns ATS off, and not
// each caller restores the state of the device next: VFIO does so later. PASID must be on before ATS.
// LINES: +7 -0

@p_include@
@@
 #include <linux/bitfield.h>
+#include <linux/iommufd_viommu_driver.h>

@p_prepare@
symbol dev;
@@
 pci_dev_save_and_disable(...)
 {
 	...
+	iommu_device_reset_prepare(&dev->dev);
 	pci_set_power_state(dev, PCI_D0);
 	...
 }

@p_done@
symbol dev;
@@
 pci_dev_restore(...)
 {
 	...
 	pci_restore_state(dev);
+	iommu_device_reset_done(&dev->dev);
 	...
 }

@p_function@
symbol dev, rc, m, pci_reset_fn_methods;
@@
 __pci_reset_function_locked(...)
 {
 	<+...
+	iommu_device_reset_prepare(&dev->dev);
 	rc = pci_reset_fn_methods[m].reset_fn(dev, PCI_RESET_DO_RESET);
+	pci_restore_pasid_state(dev);
+	pci_restore_ats_state(dev);
+	iommu_device_reset_done(&dev->dev);
 	...+>
 }
