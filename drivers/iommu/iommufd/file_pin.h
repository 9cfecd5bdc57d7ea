/* SPDX-License-Identifier: GPL-2.0 */
/* Folios of a file, pinned for the long term; see file_pin.c */
#ifndef __IOMMUFD_FILE_PIN_H
#define __IOMMUFD_FILE_PIN_H

#include <linux/types.h>

struct file;
struct folio;

bool iopt_file_can_pin(struct file *file);
bool iopt_file_is_sealed(struct file *file);
long iopt_file_pin_folios(struct file *file, u64 start, u64 last,
			  struct folio **folios, unsigned int max,
			  unsigned long *offset);
int iopt_folio_add_pins(struct folio *folio, unsigned long npages);

#endif
